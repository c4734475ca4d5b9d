UNIT_TESTS += t/unit/number_test
t_unit_number_test_SOURCES = t/unit/number_test.c t/unit/number_table.h \
	t/unit/unit.h
t_unit_number_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_number_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/inventory_test
t_unit_inventory_test_SOURCES = t/unit/inventory_test.c t/unit/dir.c t/unit/dir.h \
	t/unit/unit.h
t_unit_inventory_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_inventory_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/loader_test
t_unit_loader_test_SOURCES = t/unit/loader_test.c t/unit/dir.c t/unit/dir.h \
	t/unit/unit.h
t_unit_loader_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_loader_test_LDADD = $(UNIT_LIBS)

# No test by itself: t/lint/plans.sh asks it.
check_PROGRAMS += t/unit/number_read
t_unit_number_read_SOURCES = t/unit/number_read.c
t_unit_number_read_LDADD = $(LIB_LIBS)
