lib_libcordon_a_SOURCES += lib/policy/edit.h lib/policy/guard.h lib/policy/policy.h
