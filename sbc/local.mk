sbin_PROGRAMS += cordond
cordond_SOURCES = sbc/main.c
cordond_LDADD = $(SBC_LIBS)
