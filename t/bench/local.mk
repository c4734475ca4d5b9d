# make bench: the daemon beside its peers; BENCH='...' passes options on.

EXTRA_DIST += t/bench/README t/bench/bench t/bench/kamailio.cfg \
	t/bench/cordon.conf t/bench/chain.conf t/bench/policy.conf \
	t/bench/rules.conf t/bench/rules-trunks.conf t/bench/rules.numbers

# No test: built with them, so that it goes on to build.
check_PROGRAMS += t/bench/rules
t_bench_rules_SOURCES = t/bench/rules.c
t_bench_rules_LDADD = $(SBC_LIBS)

bench: cordond t/peer/load t/peer/relay t/bench/rules$(EXEEXT)
	BUILD=. $(top_srcdir)/t/bench/bench $(BENCH)

.PHONY: bench
