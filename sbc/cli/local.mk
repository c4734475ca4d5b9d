bin_PROGRAMS += cordon
cordon_SOURCES = sbc/cli/main.c
cordon_LDADD = $(SBC_LIBS)

sbc_libsbc_a_SOURCES += \
	sbc/cli/arguments.c sbc/cli/arguments.h \
	sbc/cli/book.c sbc/cli/book.h \
	sbc/cli/check.c \
	sbc/cli/cli.c sbc/cli/cli.h \
	sbc/cli/client.c sbc/cli/client.h \
	sbc/cli/did.c \
	sbc/cli/compare.c sbc/cli/compare.h \
	sbc/cli/field.c \
	sbc/cli/help.c \
	sbc/cli/input.c sbc/cli/input.h \
	sbc/cli/offline.c sbc/cli/offline.h \
	sbc/cli/policies.c \
	sbc/cli/print.c sbc/cli/print.h \
	sbc/cli/replay.c sbc/cli/replay.h \
	sbc/cli/replay_judge.c sbc/cli/replay_print.c \
	sbc/cli/replay_sides.c \
	sbc/cli/show.c \
	sbc/cli/table.c sbc/cli/table.h \
	sbc/cli/trials.c \
	sbc/cli/trunks.c \
	sbc/cli/try.c \
	sbc/cli/why.c \
	sbc/cli/world.c sbc/cli/world.h
