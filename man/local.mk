# cordon-diagnostics(7) is made from the catalogue.
noinst_PROGRAMS += man/diagnostics_page
man_diagnostics_page_SOURCES = man/diagnostics_page.c
man_diagnostics_page_LDADD = lib/libcordon.a

nodist_man_MANS += man/cordon-diagnostics.7
CLEANFILES += man/cordon-diagnostics.7

man/cordon-diagnostics.7: man/diagnostics_page$(EXEEXT)
	$(AM_V_GEN)man/diagnostics_page$(EXEEXT) >$@.tmp && mv $@.tmp $@

# cordon.conf(5) is prose around the table of options.
nodist_man_MANS += man/cordon.conf.5
EXTRA_DIST += man/cordon.conf.5.in
CLEANFILES += man/cordon.conf.5 man/cordon.conf.5.options

man/cordon.conf.5: $(srcdir)/man/cordon.conf.5.in lib/config/options-print$(EXEEXT)
	$(AM_V_at)lib/config/options-print$(EXEEXT) mdoc >$@.options
	$(AM_V_GEN)$(SED) -e '/^@OPTIONS@$$/{r $@.options' -e 'd;}' \
		-e 's|@sysconfdir''@|$(sysconfdir)|' \
		-e 's|@datadir''@|$(datadir)|' -e 's|@docdir''@|$(docdir)|' \
		$(srcdir)/man/cordon.conf.5.in >$@.tmp && mv $@.tmp $@

# cordond(8) names the places that configure was told.
nodist_man_MANS += man/cordond.8
EXTRA_DIST += man/cordond.8.in
CLEANFILES += man/cordond.8

man/cordond.8: $(srcdir)/man/cordond.8.in Makefile
	$(AM_V_GEN)$(MKDIR_P) man && $(SED) \
		-e 's|@sysconfdir''@|$(sysconfdir)|g' \
		-e 's|@datadir''@|$(datadir)|g' \
		-e 's|@runstatedir''@|$(runstatedir)|g' \
		$(srcdir)/man/cordond.8.in >$@.tmp && mv $@.tmp $@

# cordon(1) is prose around the table of commands.
nodist_man_MANS += man/cordon.1
EXTRA_DIST += man/cordon.1.in
CLEANFILES += man/cordon.1 man/cordon.1.commands

man/cordon.1: $(srcdir)/man/cordon.1.in cordon$(EXEEXT)
	$(AM_V_at)./cordon$(EXEEXT) help --mdoc >$@.commands
	$(AM_V_GEN)$(SED) -e '/^@COMMANDS@$$/{r $@.commands' -e 'd;}' \
		-e 's|@sysconfdir''@|$(sysconfdir)|' \
		-e 's|@runstatedir''@|$(runstatedir)|' \
		$(srcdir)/man/cordon.1.in >$@.tmp && mv $@.tmp $@
include man/policy.mk
