# Unit tests: one program a module, t/unit/<directory>_test.c, TAP on standard output.

if HAVE_CHECK
UNIT_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
UNIT_LIBS = $(SBC_LIBS) $(CHECK_LIBS)
UNIT_TESTS =

include t/unit/base.mk
include t/unit/sip.mk
include t/unit/sdp.mk
include t/unit/diagnosis.mk
include t/unit/config.mk
include t/unit/net.mk
include t/unit/transaction.mk
include t/unit/record.mk
include t/unit/number.mk
include t/unit/identity.mk
include t/unit/policy.mk
include t/unit/shipped.mk
include t/unit/call.mk
include t/unit/capture.mk
include t/unit/cli.mk

check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
