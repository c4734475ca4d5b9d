sbc_libsbc_a_SOURCES += \
	sbc/trunk/capability.c sbc/trunk/capability.h \
	sbc/trunk/codecs.c sbc/trunk/codecs.h \
	sbc/trunk/inventory_loader.c sbc/trunk/inventory_loader.h \
	sbc/trunk/rehearse.c sbc/trunk/rehearse.h \
	sbc/trunk/trunk.c sbc/trunk/trunk.h \
	sbc/trunk/watch.c sbc/trunk/watch.h sbc/trunk/watch_state.c
