UNIT_TESTS += t/unit/policy_test
t_unit_policy_test_SOURCES = t/unit/policy_test.c t/unit/unit.h
t_unit_policy_test_CFLAGS = $(UNIT_CFLAGS) -DSRCDIR=\"$(abs_top_srcdir)\"
t_unit_policy_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/rule_test
t_unit_rule_test_SOURCES = t/unit/rule_test.c t/unit/dir.c t/unit/dir.h \
	t/unit/rule_generate.c t/unit/rule_generate.h t/unit/unit.h
t_unit_rule_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_rule_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/hostile_test
t_unit_hostile_test_SOURCES = t/unit/hostile_test.c t/unit/unit.h
t_unit_hostile_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_hostile_test_LDADD = $(UNIT_LIBS)
EXTRA_DIST += t/unit/numbers.map
