UNIT_TESTS += t/unit/sdp_test
t_unit_sdp_test_SOURCES = t/unit/sdp_test.c t/unit/unit.h
t_unit_sdp_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_sdp_test_LDADD = $(UNIT_LIBS)
