if FUZZERS
noinst_PROGRAMS += t/fuzz/pcap_fuzz
t_fuzz_pcap_fuzz_SOURCES = t/fuzz/pcap_fuzz.c t/fuzz/fuzz.h
t_fuzz_pcap_fuzz_LDFLAGS = $(FUZZ_LINK)
t_fuzz_pcap_fuzz_LDADD = $(SBC_LIBS)
endif
