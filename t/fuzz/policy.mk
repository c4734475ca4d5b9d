EXTRA_DIST += t/fuzz/policy.dict t/fuzz/identity.dict

if FUZZERS
noinst_PROGRAMS += t/fuzz/policy_fuzz t/fuzz/identity_fuzz
t_fuzz_policy_fuzz_SOURCES = t/fuzz/policy_fuzz.c
t_fuzz_policy_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_policy_fuzz_LDADD = $(LIB_LIBS)
t_fuzz_identity_fuzz_SOURCES = t/fuzz/identity_fuzz.c
t_fuzz_identity_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_identity_fuzz_LDADD = $(LIB_LIBS)
endif
