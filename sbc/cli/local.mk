bin_PROGRAMS += cordon
cordon_SOURCES = sbc/cli/main.c
cordon_LDADD = $(SBC_LIBS)

sbc_libsbc_a_SOURCES += \
	sbc/cli/cli.c sbc/cli/cli.h \
	sbc/cli/client.c sbc/cli/client.h \
	sbc/cli/did.c \
	sbc/cli/field.c \
	sbc/cli/help.c \
	sbc/cli/offline.c \
	sbc/cli/print.c sbc/cli/print.h \
	sbc/cli/show.c \
	sbc/cli/table.c sbc/cli/table.h \
	sbc/cli/why.c
