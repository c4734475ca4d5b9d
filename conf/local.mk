examplesdir = $(docdir)/examples
dist_examples_DATA = conf/cordon.conf conf/cordon-full.conf

# For those who change the table of options: the committed file is made again.
update-full-conf: lib/config/options-print$(EXEEXT)
	$(AM_V_GEN)lib/config/options-print$(EXEEXT) full \
		>$(top_srcdir)/conf/cordon-full.conf
.PHONY: update-full-conf

# The service: unit, user and directories.
EXTRA_DIST += conf/cordond.service.in conf/cordon.sysusers conf/cordon.tmpfiles
CLEANFILES += conf/cordond.service
if HAVE_UNITDIR
nodist_unit_DATA = conf/cordond.service

conf/cordond.service: conf/cordond.service.in Makefile
	$(AM_V_GEN)mkdir -p conf && $(SED) \
		-e 's,[@]sbindir[@],$(sbindir),g' \
		-e 's,[@]sysconfdir[@],$(sysconfdir),g' \
		$(top_srcdir)/conf/cordond.service.in >$@

install-data-hook:
	$(MKDIR_P) $(DESTDIR)$(prefix)/lib/sysusers.d $(DESTDIR)$(prefix)/lib/tmpfiles.d
	$(INSTALL_DATA) $(srcdir)/conf/cordon.sysusers \
		$(DESTDIR)$(prefix)/lib/sysusers.d/cordon.conf
	$(INSTALL_DATA) $(srcdir)/conf/cordon.tmpfiles \
		$(DESTDIR)$(prefix)/lib/tmpfiles.d/cordon.conf

uninstall-hook:
	rm -f $(DESTDIR)$(prefix)/lib/sysusers.d/cordon.conf \
		$(DESTDIR)$(prefix)/lib/tmpfiles.d/cordon.conf
endif
