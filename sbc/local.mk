sbin_PROGRAMS += cordond
cordond_SOURCES = sbc/main.c sbc/border.c sbc/border.h sbc/counters.def
cordond_LDADD = $(SBC_LIBS)
