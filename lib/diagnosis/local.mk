lib_libcordon_a_SOURCES += \
	lib/diagnosis/catalogue.def \
	lib/diagnosis/cause.c lib/diagnosis/cause.h lib/diagnosis/causes.def \
	lib/diagnosis/diagnosis.c lib/diagnosis/diagnosis.h \
	lib/diagnosis/drop.c lib/diagnosis/drop.h \
	lib/diagnosis/failure.c lib/diagnosis/failure.h \
	lib/diagnosis/journal.c lib/diagnosis/journal.h \
	lib/diagnosis/secret.c lib/diagnosis/secret.h \
	lib/diagnosis/trail.c lib/diagnosis/trail.h
