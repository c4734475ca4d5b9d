# libFuzzer targets: program t/fuzz/<name>_fuzz each, with seeds in t/fuzz/seeds/<name>/ and,
# where useful, a dictionary <name>.dict. Built with configure --enable-fuzzers CC=clang;
# run with BUILD=<build directory> t/fuzz/run SECONDS [NAME...]

EXTRA_DIST += t/fuzz/run t/fuzz/seeds
EXTRA_DIST += t/fuzz/sip.dict
EXTRA_DIST += t/fuzz/framer.dict t/fuzz/refer.dict
EXTRA_DIST += t/fuzz/sdp.dict t/fuzz/journal.dict
EXTRA_DIST += t/fuzz/config.dict t/fuzz/control.dict

if FUZZERS
# All of our own code is instrumented, so that the fuzzer sees its branches.
AM_CFLAGS += -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
AM_LDFLAGS += -fsanitize=address,undefined
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZ_TARGETS =

FUZZ_TARGETS += t/fuzz/sip_index_fuzz
t_fuzz_sip_index_fuzz_SOURCES = t/fuzz/sip_index_fuzz.c t/fuzz/fuzz.h
t_fuzz_sip_index_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_sip_index_fuzz_LDADD = $(LIB_LIBS)

FUZZ_TARGETS += t/fuzz/sip_oracle_fuzz
t_fuzz_sip_oracle_fuzz_SOURCES = t/fuzz/sip_oracle_fuzz.c t/fuzz/fuzz.h
t_fuzz_sip_oracle_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_sip_oracle_fuzz_LDADD = $(LIB_LIBS)

FUZZ_TARGETS += t/fuzz/sip_write_fuzz
t_fuzz_sip_write_fuzz_SOURCES = t/fuzz/sip_write_fuzz.c t/fuzz/fuzz.h
t_fuzz_sip_write_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_sip_write_fuzz_LDADD = $(LIB_LIBS)

FUZZ_TARGETS += t/fuzz/sip_grammar_fuzz
t_fuzz_sip_grammar_fuzz_SOURCES = t/fuzz/sip_grammar_fuzz.c t/fuzz/fuzz.h
t_fuzz_sip_grammar_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_sip_grammar_fuzz_LDADD = $(LIB_LIBS)

FUZZ_TARGETS += t/fuzz/refer_fuzz
t_fuzz_refer_fuzz_SOURCES = t/fuzz/refer_fuzz.c t/fuzz/fuzz.h
t_fuzz_refer_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_refer_fuzz_LDADD = $(LIB_LIBS)

FUZZ_TARGETS += t/fuzz/nameaddr_fuzz
t_fuzz_nameaddr_fuzz_SOURCES = t/fuzz/nameaddr_fuzz.c t/fuzz/fuzz.h
t_fuzz_nameaddr_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_nameaddr_fuzz_LDADD = $(LIB_LIBS)

FUZZ_TARGETS += t/fuzz/sdp_fuzz t/fuzz/journal_fuzz
t_fuzz_sdp_fuzz_SOURCES = t/fuzz/sdp_fuzz.c
t_fuzz_sdp_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_sdp_fuzz_LDADD = $(LIB_LIBS)
t_fuzz_journal_fuzz_SOURCES = t/fuzz/journal_fuzz.c
t_fuzz_journal_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_journal_fuzz_LDADD = $(LIB_LIBS)

FUZZ_TARGETS += t/fuzz/config_fuzz
t_fuzz_config_fuzz_SOURCES = t/fuzz/config.c
t_fuzz_config_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_config_fuzz_LDADD = $(LIB_LIBS)

FUZZ_TARGETS += t/fuzz/control_fuzz
t_fuzz_control_fuzz_SOURCES = t/fuzz/control_fuzz.c
t_fuzz_control_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_control_fuzz_LDADD = $(SBC_LIBS)

FUZZ_TARGETS += t/fuzz/framer_fuzz
t_fuzz_framer_fuzz_SOURCES = t/fuzz/framer_fuzz.c
t_fuzz_framer_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_framer_fuzz_LDADD = sbc/libsbc.a $(LIB_LIBS)

FUZZ_TARGETS += t/fuzz/ingress_fuzz
t_fuzz_ingress_fuzz_SOURCES = t/fuzz/ingress_fuzz.c t/fuzz/ingress_peer.c \
	t/fuzz/ingress_world.c t/fuzz/ingress.h t/fuzz/fuzz.h
t_fuzz_ingress_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_ingress_fuzz_LDADD = $(SBC_LIBS)

# The world and the peers of the replay tests, without their library: a check that
# does not hold ends the run.
if HAVE_CHECK
FUZZ_TARGETS += t/fuzz/dialog_fuzz
t_fuzz_dialog_fuzz_SOURCES = t/fuzz/dialog_fuzz.c t/fuzz/fuzz.h \
	t/replay/agents.c t/replay/call_world.c t/replay/wire.c
t_fuzz_dialog_fuzz_CFLAGS = $(AM_CFLAGS) $(UNIT_CFLAGS)
t_fuzz_dialog_fuzz_LDFLAGS = $(FUZZ_LINK) -Wl,--wrap=leg_step \
	-Wl,--wrap=transfer_step -Wl,--wrap=record_note
t_fuzz_dialog_fuzz_LDADD = $(SBC_LIBS)
endif

noinst_PROGRAMS += $(FUZZ_TARGETS)
endif

include t/fuzz/policy.mk
include t/fuzz/number.mk
include t/fuzz/inventory.mk
include t/fuzz/capture.mk
