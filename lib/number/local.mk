lib_libcordon_a_SOURCES += \
	lib/number/number.c lib/number/number.h \
	lib/number/plan.c lib/number/plans.def
