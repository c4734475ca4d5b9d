lib_libcordon_a_SOURCES += lib/sip/headers.def lib/sip/methods.def lib/sip/message.h lib/sip/view.h lib/sip/value.h lib/sip/uri.h lib/sip/nameaddr.h lib/sip/draft.h lib/sip/grammar.h lib/sip/mime.h
