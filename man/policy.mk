# cordon-policy(5) is prose around the table of settings.
noinst_PROGRAMS += man/policy_page
man_policy_page_SOURCES = man/policy_page.c
man_policy_page_LDADD = $(LIB_LIBS)

nodist_man_MANS += man/cordon-policy.5
EXTRA_DIST += man/cordon-policy.5.in
CLEANFILES += man/cordon-policy.5 man/cordon-policy.5.settings \
	man/cordon-policy.5.rules man/cordon-policy.5.responses

man/cordon-policy.5: $(srcdir)/man/cordon-policy.5.in man/policy_page$(EXEEXT)
	$(AM_V_at)man/policy_page$(EXEEXT) >$@.settings
	$(AM_V_at)man/policy_page$(EXEEXT) rules >$@.rules
	$(AM_V_at)man/policy_page$(EXEEXT) responses >$@.responses
	$(AM_V_GEN)$(SED) -e '/^@SETTINGS@$$/{r $@.settings' -e 'd;}' \
		-e '/^@RULES@$$/{r $@.rules' -e 'd;}' \
		-e '/^@RESPONSES@$$/{r $@.responses' -e 'd;}' \
		-e 's|@sysconfdir''@|$(sysconfdir)|' \
		-e 's|@datadir''@|$(datadir)|' \
		$(srcdir)/man/cordon-policy.5.in >$@.tmp && mv $@.tmp $@
