/*
 * private.h - the running border, as the files of this directory share it
 *
 * border.c  starts and stops everything, hears the network and the signals
 * reload.c  another configuration beside the one in force
 * manage.c  what the management socket asks
 */

#ifndef CORDON_PRIVATE_H
#define CORDON_PRIVATE_H

#include "call/call.h"
#include "control/control.h"
#include "net/loop.h"
#include "net/net.h"
#include "record/record.h"
#include "trunk/config_loader.h"

/* What a reload came to. */
struct reloaded {
	uint64_t number; /* of that reload; they count from 1 */
	bool good;
	struct problems problems;
};

struct border {
	char *file;
	struct config *config;
	struct loop *loop;
	struct net *net;
	struct record record;
	struct calls *calls;
	struct control *control;
	struct control_ops control_ops;
	struct config_loader *loader;
	struct problems found;   /* in what is being loaded */
	uint64_t reloads;        /* asked for */
	uint64_t reloading;      /* number of the one that runs, 0: none */
	struct reloaded last;
	uint64_t reloads_done, reloads_refused;
	struct loop_hook hook;
	struct timer drain_look;
	struct timer watchdog;
	struct timer second;
	uint64_t drain_deadline; /* monotonic ms; 0: not draining to the end */
	bool last_words;         /* all that there was to send has been sent */
	uint64_t started, loaded; /* us since 1970 */
	struct writer_figures figures; /* for who asks */
	char peer_text[ADDRESS_TEXT_MAX];
	char reason_text[64];
	char spared_text[512];
};

/* --- border.c --- */
uint64_t border_wall_clock(void); /* us since 1970 */
int64_t border_today(void);       /* days since 1970 */
/* To systemd, where it is there: "READY=1". */
void border_tell_supervisor(const char *state);
void border_log_problems(const struct problems *problems);
/* Where a trunk's messages go: for trunks_bind(), `arg` is the border. */
bool border_bind_trunk(void *arg, const struct config_trunk *trunk,
    struct trunk_binding *binding);
/* No new calls from now on. */
void border_drain(void *arg);

/* --- reload.c --- */
/* Begins a reload, or has one follow that which runs; returns its number. */
uint64_t reload_ask(void *arg);
/* False: that one is not over. The problems stay until the next is over. */
bool reload_result(void *arg, uint64_t number, bool *good,
    const struct problems **problems);
/* What was asked for has been read. */
void reload_on_loaded(void *arg, const struct parts *parts,
    struct net_profiles *profiles, struct problems *problems);

/* --- manage.c --- */
/* Opens the management socket, where one is configured. */
bool manage_start(struct border *border, struct problems *problems);
/* Tells those who follow the calls. */
void manage_on_call_event(
    void *arg, const char *what, const struct call_info *info);

#endif
