lib_libcordon_a_SOURCES += \
	lib/sip/headers.def lib/sip/methods.def \
	lib/sip/option_tags.def \
	lib/sip/capability.c lib/sip/capability.h \
	lib/sip/chars.c lib/sip/chars.h \
	lib/sip/draft.c lib/sip/draft.h \
	lib/sip/grammar.c lib/sip/grammar.h \
	lib/sip/message.c lib/sip/message.h \
	lib/sip/mime.c lib/sip/mime.h \
	lib/sip/nameaddr.c lib/sip/nameaddr.h \
	lib/sip/reason.c \
	lib/sip/refer.c lib/sip/refer.h \
	lib/sip/reliable.c lib/sip/reliable.h \
	lib/sip/replaces.c lib/sip/replaces.h \
	lib/sip/sanity.c \
	lib/sip/session_timer.c lib/sip/session_timer.h \
	lib/sip/sipfrag.c lib/sip/sipfrag.h \
	lib/sip/subscription.c lib/sip/subscription.h \
	lib/sip/uri.c lib/sip/uri.h \
	lib/sip/value.c lib/sip/value.h \
	lib/sip/view.c lib/sip/view.h
