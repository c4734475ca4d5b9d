# The completion knows the commands from the table of the command itself.
completionsdir = $(datadir)/bash-completion/completions
nodist_completions_DATA = contrib/completions/cordon
EXTRA_DIST += contrib/completions/cordon.bash.in
CLEANFILES += contrib/completions/cordon contrib/completions/cordon.words

contrib/completions/cordon: $(srcdir)/contrib/completions/cordon.bash.in cordon$(EXEEXT)
	$(AM_V_at)$(MKDIR_P) contrib/completions
	$(AM_V_at)./cordon$(EXEEXT) help --words >$@.words
	$(AM_V_GEN)$(SED) -e '/^@WORDS@$$/{r $@.words' -e 'd;}' \
		$(srcdir)/contrib/completions/cordon.bash.in >$@.tmp && mv $@.tmp $@

EXTRA_DIST += contrib/install-deps contrib/make-plans contrib/run-tests

EXTRA_DIST += contrib/run-demo \
	contrib/demo/callee.xml.in contrib/demo/caller.xml.in \
	contrib/demo/carrier.cfg.in contrib/demo/carrier-tls.cfg.in \
	contrib/demo/cordon.conf.in
