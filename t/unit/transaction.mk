UNIT_TESTS += t/unit/transaction_test
t_unit_transaction_test_SOURCES = t/unit/unit.h \
	t/replay/wire.c t/replay/wire.h \
	t/unit/transaction_client.c \
	t/unit/transaction_lossy.c \
	t/unit/transaction_match.c \
	t/unit/transaction_memory.c \
	t/unit/transaction_server.c \
	t/unit/transaction_test.c \
	t/unit/transaction_world.c t/unit/transaction_world.h
t_unit_transaction_test_CFLAGS = $(UNIT_CFLAGS)
t_unit_transaction_test_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=pool_alloc,--wrap=pool_dup
t_unit_transaction_test_LDADD = $(UNIT_LIBS)
