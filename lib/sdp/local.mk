lib_libcordon_a_SOURCES += \
	lib/sdp/sdp.c lib/sdp/sdp.h \
	lib/sdp/sdp_codec.c lib/sdp/sdp_codec.h \
	lib/sdp/sdp_edit.c lib/sdp/sdp_edit.h \
	lib/sdp/sdp_hold.c \
	lib/sdp/sdp_make.c lib/sdp/sdp_make.h \
	lib/sdp/sdp_origin.c \
	lib/sdp/sdp_private.c \
	lib/sdp/sdp_target.h
