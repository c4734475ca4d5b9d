UNIT_TESTS += t/unit/net_test
t_unit_net_test_SOURCES = t/unit/net_test.c t/unit/net_rig.c t/unit/net_rig.h \
	t/unit/unit.h
t_unit_net_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_net_test_LDADD = $(UNIT_LIBS)

UNIT_TESTS += t/unit/net_tls_test
t_unit_net_tls_test_SOURCES = t/unit/net_tls_test.c t/unit/net_rig.c \
	t/unit/net_rig.h t/unit/net_cert.c t/unit/net_cert.h t/unit/unit.h
t_unit_net_tls_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_net_tls_test_LDADD = $(UNIT_LIBS)
