sbc_libsbc_a_SOURCES += \
	sbc/call/advance.c sbc/call/attempt.c sbc/call/choose.c sbc/call/convert.c sbc/call/offer.c sbc/call/join.c sbc/call/refer.c \
	sbc/call/replaces.c sbc/call/session.c sbc/call/target.c \
	sbc/call/transfer.c sbc/call/transfer_step.c sbc/call/transfer.h \
	sbc/call/transfer_events.def sbc/call/transfer_states.def \
	sbc/call/call.c sbc/call/call.h sbc/call/private.h \
	sbc/call/callee.c sbc/call/caller.c sbc/call/calls.c \
	sbc/call/compose.c sbc/call/dialog.c sbc/call/evidence.c \
	sbc/call/early.c sbc/call/early_offer.c sbc/call/exchange.c sbc/call/extension.c \
	sbc/call/hangup.c sbc/call/ingress.c sbc/call/interval.c \
	sbc/call/leg.c sbc/call/refresh.c sbc/call/restate.c \
	sbc/call/notes.c sbc/call/parties.c sbc/call/reason.c sbc/call/refuse.c \
	sbc/call/redirect.c sbc/call/redirect.h \
	sbc/call/redirect_contact.c sbc/call/redirect_invite.c \
	sbc/call/reliable.c \
	sbc/call/request.c sbc/call/update.c \
	sbc/call/end_reasons.def sbc/call/leg_events.def \
	sbc/call/leg_states.def sbc/call/methods.def
