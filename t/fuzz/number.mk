EXTRA_DIST += t/fuzz/number.dict

if FUZZERS
noinst_PROGRAMS += t/fuzz/number_fuzz
t_fuzz_number_fuzz_SOURCES = t/fuzz/number_fuzz.c t/fuzz/fuzz.h
t_fuzz_number_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_number_fuzz_LDADD = $(LIB_LIBS)
endif
