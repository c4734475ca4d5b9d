lib_libcordon_a_SOURCES += \
	lib/identity/identity.c lib/identity/identity.h \
	lib/identity/privacy.c lib/identity/render.c
