lib_libcordon_a_SOURCES += lib/number/number.h
