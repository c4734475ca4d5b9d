lib_libcordon_a_SOURCES += \
	lib/identity/diversion.c lib/identity/diversion.h \
	lib/identity/diversion_private.h lib/identity/history.c \
	lib/identity/identity.c lib/identity/identity.h \
	lib/identity/privacy.c lib/identity/render.c
