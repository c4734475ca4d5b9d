lib_libcordon_a_SOURCES += lib/config/config.h
