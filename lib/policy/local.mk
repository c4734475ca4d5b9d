lib_libcordon_a_SOURCES += \
	lib/policy/edit.c lib/policy/edit.h \
	lib/policy/guard.c lib/policy/guard.h \
	lib/policy/load.c \
	lib/policy/media.c lib/policy/media.h \
	lib/policy/passage.c lib/policy/passage.h \
	lib/policy/policy.c lib/policy/policy.h \
	lib/policy/rules.h lib/policy/rules_identity.c \
	lib/policy/rules_values.c lib/policy/settings.def
