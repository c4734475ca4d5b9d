lib_libcordon_a_SOURCES += \
	lib/diagnosis/catalogue.def \
	lib/diagnosis/cause.c lib/diagnosis/cause.h lib/diagnosis/causes.def \
	lib/diagnosis/diagnosis.c lib/diagnosis/diagnosis.h \
	lib/diagnosis/journal.c lib/diagnosis/journal.h
