UNIT_TESTS += t/unit/diagnosis_test
t_unit_diagnosis_test_SOURCES = t/unit/diagnosis_test.c t/unit/unit.h
t_unit_diagnosis_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_diagnosis_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/failure_test
t_unit_failure_test_SOURCES = t/unit/failure_test.c t/unit/unit.h
t_unit_failure_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_failure_test_LDADD = $(UNIT_LIBS)
