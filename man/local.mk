# cordon-diagnostics(7) is made from the catalogue.
noinst_PROGRAMS += man/diagnostics_page
man_diagnostics_page_SOURCES = man/diagnostics_page.c
man_diagnostics_page_LDADD = lib/libcordon.a

nodist_man_MANS += man/cordon-diagnostics.7
CLEANFILES += man/cordon-diagnostics.7

man/cordon-diagnostics.7: man/diagnostics_page$(EXEEXT)
	$(AM_V_GEN)man/diagnostics_page$(EXEEXT) >$@.tmp && mv $@.tmp $@
