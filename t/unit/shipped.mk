UNIT_TESTS += t/unit/shipped_test
t_unit_shipped_test_SOURCES = t/unit/shipped_test.c t/unit/unit.h
t_unit_shipped_test_CFLAGS = $(UNIT_CFLAGS) -DSRCDIR=\"$(abs_top_srcdir)\"
t_unit_shipped_test_LDADD = $(UNIT_LIBS)
