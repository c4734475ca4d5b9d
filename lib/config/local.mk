lib_libcordon_a_SOURCES += \
	lib/config/certificate.c \
	lib/config/check.c lib/config/check.h \
	lib/config/compare.c \
	lib/config/config.c lib/config/config.h \
	lib/config/duration.c lib/config/duration.h \
	lib/config/file.c lib/config/file.h \
	lib/config/form.c lib/config/form.h \
	lib/config/options.c lib/config/options.h \
	lib/config/overlap.c lib/config/overlap.h \
	lib/config/print.c \
	lib/config/source.c lib/config/source.h \
	lib/config/syntax.c lib/config/syntax.h \
	lib/config/value.c lib/config/value.h

# Prints the table of options for the manual and for cordon-full.conf.
noinst_PROGRAMS += lib/config/options-print
lib_config_options_print_SOURCES = lib/config/options-print.c
lib_config_options_print_LDADD = $(LIB_LIBS)
