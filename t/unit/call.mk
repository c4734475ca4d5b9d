UNIT_TESTS += t/unit/relief_test
t_unit_relief_test_SOURCES = t/unit/relief_test.c t/unit/unit.h
t_unit_relief_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_relief_test_LDADD = $(UNIT_LIBS)
