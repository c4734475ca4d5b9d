sbc_libsbc_a_SOURCES += sbc/trunk/trunk.c sbc/trunk/trunk.h
