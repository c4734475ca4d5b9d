UNIT_TESTS += t/unit/sip_test
t_unit_sip_test_SOURCES = t/unit/sip_test.c t/unit/unit.h
t_unit_sip_test_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS=\"$(abs_top_srcdir)/t/fuzz/seeds\"
t_unit_sip_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_sip_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/refer_test
t_unit_refer_test_SOURCES = t/unit/refer_test.c t/unit/unit.h
t_unit_refer_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_refer_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/capability_test
t_unit_capability_test_SOURCES = t/unit/capability_test.c t/unit/unit.h
t_unit_capability_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_capability_test_LDADD = $(UNIT_LIBS)
