lib_libcordon_a_SOURCES += \
	lib/sip/headers.def lib/sip/methods.def \
	lib/sip/chars.c lib/sip/chars.h \
	lib/sip/draft.c lib/sip/draft.h \
	lib/sip/grammar.c lib/sip/grammar.h \
	lib/sip/message.c lib/sip/message.h \
	lib/sip/mime.c lib/sip/mime.h \
	lib/sip/nameaddr.c lib/sip/nameaddr.h \
	lib/sip/reason.c \
	lib/sip/sanity.c \
	lib/sip/uri.c lib/sip/uri.h \
	lib/sip/value.c lib/sip/value.h \
	lib/sip/view.c lib/sip/view.h
