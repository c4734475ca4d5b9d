sbc_libsbc_a_SOURCES += sbc/net/wire.c sbc/net/wire.h
sbc_libsbc_a_SOURCES += sbc/net/loop.h sbc/net/net.h
