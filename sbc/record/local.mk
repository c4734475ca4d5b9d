sbc_libsbc_a_SOURCES += \
	sbc/record/log.c sbc/record/log.h \
	sbc/record/memory.c sbc/record/memory.h \
	sbc/record/recent.c sbc/record/recent.h \
	sbc/record/record.c sbc/record/record.h \
	sbc/record/ring.c sbc/record/ring.h \
	sbc/record/writer.c sbc/record/writer.h
