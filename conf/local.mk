examplesdir = $(docdir)/examples
dist_examples_DATA = conf/cordon.conf conf/cordon-full.conf

# For those who change the table of options: the committed file is made again.
update-full-conf: lib/config/options-print$(EXEEXT)
	$(AM_V_GEN)lib/config/options-print$(EXEEXT) full \
		>$(top_srcdir)/conf/cordon-full.conf
.PHONY: update-full-conf
