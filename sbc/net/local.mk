sbc_libsbc_a_SOURCES += sbc/net/wire.c sbc/net/wire.h
sbc_libsbc_a_SOURCES += sbc/net/loop.h sbc/net/net.h
sbc_libsbc_a_SOURCES += sbc/net/thread.c sbc/net/thread.h
sbc_libsbc_a_SOURCES += sbc/net/loop.c sbc/net/net.c sbc/net/private.h \
	sbc/net/udp.c sbc/net/datagrams.c sbc/net/tcp.c sbc/net/stream.c \
	sbc/net/profiles.c sbc/net/profiles.h sbc/net/framer.c sbc/net/framer.h sbc/net/tls.c sbc/net/tls.h
