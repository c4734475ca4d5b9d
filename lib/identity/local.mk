lib_libcordon_a_SOURCES += lib/identity/identity.h
