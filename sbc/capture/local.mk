sbc_libsbc_a_SOURCES += \
	sbc/capture/capture.c sbc/capture/capture.h \
	sbc/capture/datagram.c sbc/capture/datagram.h \
	sbc/capture/segment.c sbc/capture/segment.h
