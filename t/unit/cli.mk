UNIT_TESTS += t/unit/cli_test
t_unit_cli_test_SOURCES = t/unit/cli_test.c t/unit/dir.c t/unit/dir.h \
	t/unit/pcap_make.c \
	t/unit/pcap_make.h t/unit/unit.h
t_unit_cli_test_CFLAGS = $(UNIT_CFLAGS) -DSRCDIR=\"$(abs_top_srcdir)\"
t_unit_cli_test_LDADD = $(UNIT_LIBS)
