# libFuzzer targets: one program each, t/fuzz/<name>.c with its seeds in t/fuzz/seeds/<name>/.
# Built with: configure --enable-fuzzers CC=clang. Run with: BUILD=. t/fuzz/run SECONDS [NAME...]

EXTRA_DIST += t/fuzz/run t/fuzz/seeds

if FUZZERS
# All of our own code is instrumented, so that the fuzzer sees its branches.
AM_CFLAGS += -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
AM_LDFLAGS += -fsanitize=address,undefined
FUZZ_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZ_TARGETS =

noinst_PROGRAMS += $(FUZZ_TARGETS)
endif
