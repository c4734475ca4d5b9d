lib_libcordon_a_SOURCES += \
	lib/base/address.c lib/base/address.h \
	lib/base/bucket.c lib/base/bucket.h \
	lib/base/container.h \
	lib/base/day.c lib/base/day.h \
	lib/base/hash.c lib/base/hash.h \
	lib/base/pool.c lib/base/pool.h \
	lib/base/problem.c lib/base/problem.h \
	lib/base/slab.c lib/base/slab.h \
	lib/base/span.c lib/base/span.h \
	lib/base/text.c lib/base/text.h \
	lib/base/timer.c lib/base/timer.h
