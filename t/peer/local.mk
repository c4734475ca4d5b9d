# Actors: what the tests and the bench put on both sides of the daemon.

noinst_PROGRAMS += t/peer/load t/peer/relay

t_peer_load_SOURCES = t/peer/load.c t/peer/load.h t/peer/load_call.c \
	t/peer/load_callee.c t/peer/load_caller.c t/peer/load_message.c \
	t/peer/datagrams.c t/peer/datagrams.h
t_peer_load_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t
t_peer_load_LDADD = lib/libcordon.a

t_peer_relay_SOURCES = t/peer/relay.c t/peer/datagrams.c t/peer/datagrams.h
t_peer_relay_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t
t_peer_relay_LDADD = lib/libcordon.a
