UNIT_TESTS += t/unit/config_test
t_unit_config_test_SOURCES = t/unit/config_test.c t/unit/dir.c t/unit/dir.h \
	t/unit/config_cases.c \
	t/unit/config_cases.h t/unit/config_pem.c t/unit/config_pem.h t/unit/unit.h
t_unit_config_test_CFLAGS = $(UNIT_CFLAGS) -Wno-missing-field-initializers \
	-DTOP_SRCDIR=\"$(abs_top_srcdir)\"
t_unit_config_test_LDADD = $(UNIT_LIBS)
