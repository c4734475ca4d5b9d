# make bench: the daemon beside its peers; BENCH='...' passes options on.

EXTRA_DIST += t/bench/README t/bench/bench t/bench/kamailio.cfg \
	t/bench/cordon.conf t/bench/chain.conf t/bench/policy.conf

bench: cordond t/peer/load t/peer/relay
	BUILD=. $(top_srcdir)/t/bench/bench $(BENCH)

.PHONY: bench
