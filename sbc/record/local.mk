sbc_libsbc_a_SOURCES += \
	sbc/record/log.h \
	sbc/record/memory.h \
	sbc/record/record.h \
	sbc/record/writer.h
