UNIT_TESTS += t/unit/identity_test
t_unit_identity_test_SOURCES = t/unit/identity_test.c t/unit/unit.h
t_unit_identity_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_identity_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/diversion_test
t_unit_diversion_test_SOURCES = t/unit/diversion_test.c t/unit/unit.h
t_unit_diversion_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_diversion_test_LDADD = $(UNIT_LIBS)
