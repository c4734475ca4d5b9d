# Replay tests: the real call core on a clock and a wire of the test's own.

if HAVE_CHECK
# leg_step() and transfer_step() are counted cell by cell, entries of no call are kept.
REPLAY_WRAP = $(AM_LDFLAGS) -Wl,--wrap=leg_step \
	-Wl,--wrap=transfer_step -Wl,--wrap=record_note
REPLAY_LIBS = t/replay/libreplay.a $(UNIT_LIBS)
REPLAY_TESTS =

check_LIBRARIES = t/replay/libreplay.a
t_replay_libreplay_a_SOURCES = t/replay/call_world.c t/replay/call_world.h \
	t/replay/wire.c t/replay/wire.h t/replay/transfer_world.c \
	t/replay/transfer_world.h t/replay/agents.c t/replay/agents.h \
	t/unit/unit.h
t_replay_libreplay_a_CFLAGS = $(UNIT_CFLAGS)

REPLAY_TESTS += t/replay/call_basic_test
t_replay_call_basic_test_SOURCES = t/replay/call_basic_test.c
t_replay_call_basic_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_basic_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_basic_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_advance_test
t_replay_call_advance_test_SOURCES = t/replay/call_advance_test.c
t_replay_call_advance_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_advance_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_advance_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_transfer_test
t_replay_call_transfer_test_SOURCES = t/replay/call_transfer_test.c
t_replay_call_transfer_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_transfer_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_transfer_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_target_test
t_replay_call_target_test_SOURCES = t/replay/call_target_test.c
t_replay_call_target_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_target_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_target_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_cancel_test
t_replay_call_cancel_test_SOURCES = t/replay/call_cancel_test.c
t_replay_call_cancel_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_cancel_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_cancel_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_bye_test
t_replay_call_bye_test_SOURCES = t/replay/call_bye_test.c
t_replay_call_bye_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_bye_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_bye_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_callee_test
t_replay_call_callee_test_SOURCES = t/replay/call_callee_test.c
t_replay_call_callee_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_callee_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_callee_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_inside_test
t_replay_call_inside_test_SOURCES = t/replay/call_inside_test.c
t_replay_call_inside_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_inside_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_inside_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_dialog_test
t_replay_call_dialog_test_SOURCES = t/replay/call_dialog_test.c
t_replay_call_dialog_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_dialog_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_dialog_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_refuse_test
t_replay_call_refuse_test_SOURCES = t/replay/call_refuse_test.c
t_replay_call_refuse_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_refuse_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_refuse_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_change_test
t_replay_call_change_test_SOURCES = t/replay/call_change_test.c
t_replay_call_change_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_change_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_change_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_reason_test
t_replay_call_reason_test_SOURCES = t/replay/call_reason_test.c
t_replay_call_reason_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_reason_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_reason_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_again_test
t_replay_call_again_test_SOURCES = t/replay/call_again_test.c
t_replay_call_again_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_again_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_again_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_watch_test
t_replay_call_watch_test_SOURCES = t/replay/call_watch_test.c
t_replay_call_watch_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_watch_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_watch_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_evidence_test
t_replay_call_evidence_test_SOURCES = t/replay/call_evidence_test.c
t_replay_call_evidence_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_evidence_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_evidence_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_early_test
t_replay_call_early_test_SOURCES = t/replay/call_early_test.c
t_replay_call_early_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_early_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_early_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_prack_test
t_replay_call_prack_test_SOURCES = t/replay/call_prack_test.c
t_replay_call_prack_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_prack_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_prack_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_refresh_test
t_replay_call_refresh_test_SOURCES = t/replay/call_refresh_test.c
t_replay_call_refresh_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_refresh_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_refresh_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_redirect_test
t_replay_call_redirect_test_SOURCES = t/replay/call_redirect_test.c
t_replay_call_redirect_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_redirect_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_redirect_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_crossing_test
t_replay_call_crossing_test_SOURCES = t/replay/call_crossing_test.c
t_replay_call_crossing_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_crossing_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_crossing_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_pickup_test
t_replay_call_pickup_test_SOURCES = t/replay/call_pickup_test.c
t_replay_call_pickup_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_pickup_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_pickup_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_join_test
t_replay_call_join_test_SOURCES = t/replay/call_join_test.c
t_replay_call_join_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_join_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_join_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_orderings_test
t_replay_call_orderings_test_SOURCES = t/replay/call_orderings_test.c
t_replay_call_orderings_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_orderings_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_orderings_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_offer_test
t_replay_call_offer_test_SOURCES = t/replay/call_offer_test.c
t_replay_call_offer_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_offer_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_offer_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_convert_test
t_replay_call_convert_test_SOURCES = t/replay/call_convert_test.c
t_replay_call_convert_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_convert_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_convert_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_reinvite_test
t_replay_call_reinvite_test_SOURCES = t/replay/call_reinvite_test.c
t_replay_call_reinvite_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_reinvite_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_reinvite_test_LDADD = $(REPLAY_LIBS)

REPLAY_TESTS += t/replay/call_cells_test
t_replay_call_cells_test_SOURCES = t/replay/call_cells_test.c
t_replay_call_cells_test_CFLAGS = $(UNIT_CFLAGS)
t_replay_call_cells_test_LDFLAGS = $(REPLAY_WRAP)
t_replay_call_cells_test_LDADD = $(REPLAY_LIBS)

check_PROGRAMS += $(REPLAY_TESTS)
TESTS += $(REPLAY_TESTS)
endif
