UNIT_TESTS += t/unit/base_test
t_unit_base_test_SOURCES = t/unit/base_test.c t/unit/unit.h
t_unit_base_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_base_test_LDADD = $(UNIT_LIBS)
