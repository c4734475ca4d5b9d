UNIT_TESTS += t/unit/record_test
t_unit_record_test_SOURCES = t/unit/record_test.c t/unit/dir.c t/unit/dir.h \
	t/unit/unit.h
t_unit_record_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_record_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/control_test
t_unit_control_test_SOURCES = t/unit/control_test.c t/unit/unit.h
t_unit_control_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_control_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/recent_test
t_unit_recent_test_SOURCES = t/unit/recent_test.c t/unit/unit.h
t_unit_recent_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_recent_test_LDADD = $(UNIT_LIBS)
