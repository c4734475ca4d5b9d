sbin_PROGRAMS += cordond
cordond_SOURCES = sbc/main.c sbc/border.c sbc/border.h sbc/private.h \
	sbc/manage.c sbc/reload.c sbc/counters.def
cordond_LDADD = $(SBC_LIBS)
