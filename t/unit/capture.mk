UNIT_TESTS += t/unit/capture_test
t_unit_capture_test_SOURCES = t/unit/capture_test.c t/unit/pcap_make.c \
	t/unit/pcap_make.h t/unit/unit.h
t_unit_capture_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_capture_test_LDADD = $(UNIT_LIBS)
