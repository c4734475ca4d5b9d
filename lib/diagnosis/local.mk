lib_libcordon_a_SOURCES += lib/diagnosis/diagnosis.h lib/diagnosis/journal.h
