# libFuzzer targets: one program each, t/fuzz/<name>.c with its seeds in t/fuzz/seeds/<name>/.
# Built with: configure --enable-fuzzers CC=clang. Run with: BUILD=. t/fuzz/run SECONDS [NAME...]

EXTRA_DIST += t/fuzz/run t/fuzz/seeds t/fuzz/sdp.dict t/fuzz/journal.dict

if FUZZERS
# All of our own code is instrumented, so that the fuzzer sees its branches.
AM_CFLAGS += -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
AM_LDFLAGS += -fsanitize=address,undefined
FUZZ_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZ_TARGETS =

FUZZ_TARGETS += t/fuzz/sdp_fuzz t/fuzz/journal_fuzz
t_fuzz_sdp_fuzz_SOURCES = t/fuzz/sdp_fuzz.c
t_fuzz_sdp_fuzz_LDFLAGS = $(FUZZ_LDFLAGS)
t_fuzz_sdp_fuzz_LDADD = $(LIB_LIBS)
t_fuzz_journal_fuzz_SOURCES = t/fuzz/journal_fuzz.c
t_fuzz_journal_fuzz_LDFLAGS = $(FUZZ_LDFLAGS)
t_fuzz_journal_fuzz_LDADD = $(LIB_LIBS)

noinst_PROGRAMS += $(FUZZ_TARGETS)
endif


if FUZZERS
FUZZ_TARGETS += t/fuzz/config_fuzz
t_fuzz_config_fuzz_SOURCES = t/fuzz/config.c
t_fuzz_config_fuzz_LDADD = $(LIB_LIBS)
t_fuzz_config_fuzz_LDFLAGS = $(FUZZ_LDFLAGS)
endif
EXTRA_DIST += t/fuzz/config.dict
