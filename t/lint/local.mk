# House rules as tests: TAP on standard output, like the others.

LINTS = t/lint/catalogue.sh t/lint/documented.sh t/lint/includes.sh t/lint/ladders.sh \
	t/lint/plans.sh t/lint/prefix.sh t/lint/rows.sh t/lint/shape.sh \
	t/lint/state.sh
TESTS += $(LINTS)
EXTRA_DIST += $(LINTS) t/lint/tap.sh t/lint/plan-examples.py

lint: all
	@for script in $(LINTS); do \
		srcdir=$(abs_top_srcdir) builddir=. $(top_srcdir)/$$script \
			|| failed=1; \
	done; test -z "$$failed"

.PHONY: lint
