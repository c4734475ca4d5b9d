EXTRA_DIST += t/fuzz/inventory.dict

if FUZZERS
noinst_PROGRAMS += t/fuzz/inventory_fuzz
t_fuzz_inventory_fuzz_SOURCES = t/fuzz/inventory_fuzz.c t/fuzz/fuzz.h
t_fuzz_inventory_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_inventory_fuzz_LDADD = $(LIB_LIBS)
endif
