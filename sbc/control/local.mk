sbc_libsbc_a_SOURCES += \
	sbc/control/answer.c sbc/control/answer.h \
	sbc/control/command.c sbc/control/command.h \
	sbc/control/commands.def \
	sbc/control/did.c sbc/control/did.h \
	sbc/control/control.c sbc/control/control.h \
	sbc/control/peers.c sbc/control/peers.h \
	sbc/control/request.c sbc/control/request.h
