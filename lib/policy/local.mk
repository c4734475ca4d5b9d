lib_libcordon_a_SOURCES += \
	lib/policy/describe.c lib/policy/describe.h \
	lib/policy/edit.c lib/policy/edit.h \
	lib/policy/guard.c lib/policy/guard.h \
	lib/policy/load.c \
	lib/policy/loader.c lib/policy/loader.h lib/policy/manual.c \
	lib/policy/media.c lib/policy/media.h \
	lib/policy/passage.c lib/policy/passage.h \
	lib/policy/policy.c lib/policy/policy.h \
	lib/policy/presentation.c lib/policy/responses.c lib/policy/srtp.c \
	lib/policy/rule.h lib/policy/rule_apply.c \
	lib/policy/rule_check.c lib/policy/rule_condition.c \
	lib/policy/rule_load.c lib/policy/rule_pattern.c \
	lib/policy/rule_sdp.c lib/policy/rule_target.c \
	lib/policy/rule_template.c lib/policy/rule_value.c \
	lib/policy/rules.h lib/policy/rules_called.c lib/policy/rules_identity.c \
	lib/policy/rules_diversion.c lib/policy/rules_owned.c \
	lib/policy/rules_shown.c lib/policy/rules_values.c \
	lib/policy/setting.c lib/policy/setting.h lib/policy/settings.def \
	lib/policy/trial.c lib/policy/trial.h lib/policy/trial_load.c \
	lib/policy/trial_message.c lib/policy/trial_private.h
