/*
 * border.c - starting, draining and stopping; who calls whom
 */

#include "config.h"

#include "border.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/container.h"
#include "base/hash.h"
#include "private.h"
#include "record/log.h"

/* After the drain limit, BYEs get this long to be answered. */
#define LAST_WORDS   2000
#define DRAIN_LOOK   50
#define TIMER_F      64 /* T1 */
#define RANDOM_BLOCK 4096
#define SECOND       1000
#define SECOND_SLACK 256
#define WRITER_STOP  3000
#define MIB          1048576u
#define KIB          1024u

/* --- clocks and random --- */

uint64_t
border_wall_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

int64_t
border_today(void)
{
	return (int64_t)(border_wall_clock() / 1000000 / 86400);
}

/* The kernel's random in blocks: a system call for each tag would cost more
 * than the tag. Bytes are given out once. */
static void
random_bytes(void *buf, size_t n)
{
	static unsigned char block[RANDOM_BLOCK];
	static size_t left;
	unsigned char *at;

	if (left < n) {
		size_t got = 0;

		while (got < sizeof(block)) {
			ssize_t r =
			    getrandom(block + got, sizeof(block) - got, 0);

			if (r > 0)
				got += (size_t)r;
		}
		left = sizeof(block);
	}
	at = block + sizeof(block) - left;
	memcpy(buf, at, n);
	memset(at, 0, n);
	left -= n;
}

/* --- what the supervisor hears --- */

void
border_tell_supervisor(const char *state)
{
#ifdef HAVE_SYSTEMD
	sd_notify(0, state);
#else
	(void)state;
#endif
}

static uint64_t
watchdog_interval(void)
{
#ifdef HAVE_SYSTEMD
	uint64_t us;

	if (sd_watchdog_enabled(0, &us) > 0)
		return us / 2000;
#endif
	return 0;
}

static void
watchdog_expired(struct timer *timer)
{
	struct border *border = CONTAINER_OF(timer, struct border, watchdog);

	border_tell_supervisor("WATCHDOG=1");
	timer_start(loop_timers(border->loop), timer, watchdog_interval(),
	    watchdog_expired);
}

/* What the writer could not do is said while it lasts. */
static void
second_expired(struct timer *timer)
{
	struct border *border = CONTAINER_OF(timer, struct border, second);

	record_set_time(&border->record, border_wall_clock());
	record_check(&border->record);
	timer_start_slack(
	    loop_timers(border->loop), timer, SECOND, SECOND_SLACK,
	    second_expired);
}

/* --- from the network --- */

static void
on_receive(void *arg, const struct net_path *path, struct span bytes,
    uint32_t lag, enum net_fault fault)
{
	static const unsigned answers[] = {
		[NET_FAULT_NONE] = 0,
		[NET_FAULT_NO_LENGTH] = 400,
		[NET_FAULT_BAD_LENGTH] = 400,
		[NET_FAULT_TOO_LARGE] = 513,
	};
	struct border *border = arg;

	record_set_time(&border->record, border_wall_clock());
	calls_receive(border->calls, path, bytes, lag, answers[fault]);
}

static void
on_failed(void *arg, const struct net_path *path, int error, const char *reason)
{
	struct border *border = arg;
	char buf[ADDRESS_TEXT_MAX];

	if (error != 0)
		log_write(LOG_LEVEL_INFO, "net %s %s: %s",
		    net_transport_uri(path->transport),
		    address_print(&path->remote, buf), reason);
	if (path->connection != 0)
		calls_connection_lost(border->calls, path->connection, error);
	else
		calls_unreachable(border->calls, path, error);
}

static void
on_net_log(void *arg, enum net_log_level level, const char *text)
{
	static const enum log_level levels[] = {
		[NET_LOG_ERROR] = LOG_LEVEL_ERROR,
		[NET_LOG_WARNING] = LOG_LEVEL_WARNING,
		[NET_LOG_INFO] = LOG_LEVEL_INFO,
		[NET_LOG_DEBUG] = LOG_LEVEL_DEBUG,
	};

	(void)arg;
	log_write(levels[level], "net %s", text);
}

/* The network has something for the journal. At the start there is nobody yet
 * who could have used what is replaced. */
static void
on_net_note(void *arg, enum diagnostic diagnostic, struct span target,
    const char *text)
{
	struct border *border = arg;
	struct journal_entry entry = {
		.kind = JOURNAL_SYSTEM,
		.diagnostic = diagnostic,
		.target = target,
		.reason = span_of(text),
	};

	record_set_time(&border->record, border_wall_clock());
	if (border->calls != NULL)
		calls_note_system(border->calls, &entry);
}

static const struct net_ops net_callbacks = {
	.receive = on_receive,
	.failed = on_failed,
	.note = on_net_note,
	.log = on_net_log,
};

static bool
is_peer(void *arg, slab_handle connection, uint32_t tls)
{
	struct border *border = arg;

	return net_peer_is(border->net, connection, tls);
}

static void
peer_names(void *arg, slab_handle connection, struct text *out)
{
	struct border *border = arg;

	net_peer_add_names(border->net, connection, out);
}

static void
reuse(void *arg, slab_handle connection, const struct address *peer,
    uint32_t tls)
{
	struct border *border = arg;

	net_reuse(border->net, connection, peer, tls);
}

static void
hang_up(void *arg, slab_handle connection)
{
	struct border *border = arg;

	net_close_connection(border->net, connection);
}

bool
border_bind_trunk(void *arg, const struct config_trunk *trunk,
    struct trunk_binding *binding)
{
	struct border *border = arg;

	binding->listener =
	    net_listener_id(border->net, span_of(trunk->listener));
	binding->tcp_listener = trunk->tcp_listener[0] == '\0'
	    ? 0
	    : net_listener_id(border->net, span_of(trunk->tcp_listener));
	binding->tls = net_tls_id(border->net, span_of(trunk->name));
	binding->local = net_local(border->net, binding->listener);
	binding->tcp_local = net_local(border->net, binding->tcp_listener);
	binding->tcp_transport =
	    net_listener_transport(border->net, binding->tcp_listener);
	return binding->listener != 0;
}

/* --- configuration --- */

static void
log_problem(const struct problem *p)
{
	static const enum log_level levels[] = {
		[PROBLEM_WARNING] = LOG_LEVEL_WARNING,
		[PROBLEM_ERROR] = LOG_LEVEL_ERROR,
		[PROBLEM_NOTE] = LOG_LEVEL_INFO,
	};
	char line[16] = "";

	if (p->line > 0)
		snprintf(line, sizeof(line), ":%d", p->line);
	log_write(levels[p->level], "%s%s%s%s", p->file == NULL ? "" : p->file,
	    line, p->file == NULL ? "" : ": ",
	    p->text == NULL ? "out of memory" : p->text);
}

/* Errors first: the log's queue is bounded, too. */
void
border_log_problems(const struct problems *problems)
{
	size_t i;

	for (i = 0; i < problems->n; i++)
		if (problems->list[i].level == PROBLEM_ERROR)
			log_problem(&problems->list[i]);
	for (i = 0; i < problems->n; i++)
		if (problems->list[i].level != PROBLEM_ERROR)
			log_problem(&problems->list[i]);
}

bool
border_check(const char *file, struct problems *problems)
{
	struct config *config = config_load(file, problems);
	struct trunks *trunks = NULL;

	if (config != NULL)
		trunks =
		    trunks_create(config, NULL, 0, border_today(), problems);
	trunks_unref(trunks);
	config_unref(config);
	return trunks != NULL;
}

static void
on_hangup(void *arg, int signo)
{
	struct border *border = arg;

	(void)signo;
	reload_ask(border);
	if (border->record.writer != NULL)
		writer_reopen(border->record.writer);
}

/* --- the end --- */

static bool
all_over(const struct border *border)
{
	return calls_count(border->calls) == 0 &&
	    transactions_active(calls_transactions(border->calls)) == 0;
}

static void
end_all_calls(struct border *border)
{
	border->last_words = true;
	border->drain_deadline = loop_now(border->loop) + LAST_WORDS;
	calls_end_all(border->calls, END_DRAINING);
}

/* No call goes on: what still waits for an answer has no longer than Timer F,
 * and new requests, which are refused, do not prolong it. */
static void
shorten_drain(struct border *border)
{
	uint64_t deadline = loop_now(border->loop) +
	    TIMER_F * (uint64_t)border->config->sip.t1;

	border->last_words = true;
	if (deadline < border->drain_deadline)
		border->drain_deadline = deadline;
}

static void
look_at_drain(struct timer *timer)
{
	struct border *border = CONTAINER_OF(timer, struct border, drain_look);
	bool late = loop_now(border->loop) >= border->drain_deadline;

	if (!border->last_words && calls_going(border->calls) == 0)
		shorten_drain(border);
	if (all_over(border) || (late && border->last_words)) {
		loop_stop(border->loop);
		return;
	}
	if (late)
		end_all_calls(border);
	timer_start(
	    loop_timers(border->loop), timer, DRAIN_LOOK, look_at_drain);
}

void
border_drain(void *arg)
{
	struct border *border = arg;

	if (calls_draining(border->calls))
		return;
	log_write(LOG_LEVEL_INFO, "draining: %u calls in progress",
	    calls_count(border->calls));
	calls_drain(border->calls, true);
}

static void
on_terminate(void *arg, int signo)
{
	struct border *border = arg;

	(void)signo;
	if (border->drain_deadline != 0) {
		end_all_calls(border);
		return;
	}
	border_tell_supervisor("STOPPING=1");
	border_drain(border);
	border->drain_deadline =
	    loop_now(border->loop) + border->config->limits.drain;
	timer_start(loop_timers(border->loop), &border->drain_look, 1,
	    look_at_drain);
}

/* --- starting and stopping --- */

static bool
start_records(struct border *border, struct problems *problems)
{
	const struct config *config = border->config;
	struct writer_options options = {
		.journal_file = config->journal.file,
		.format = config->journal.format == CONFIG_JOURNAL_JSON
		    ? WRITER_JSON
		    : WRITER_TEXT,
		.queue = config->journal.queue,
		.log_file = config->log.file,
		.log_fd = 2,
	};
	int error =
	    log_open((enum log_level)config->log.level, config->log.file);

	if (error != 0) {
		problem_add(problems, PROBLEM_ERROR, border->file, 0,
		    "log file %s: %s", config->log.file, strerror(-error));
		return false;
	}
	border->record.writer = writer_start(&options);
	if (border->record.writer == NULL) {
		problem_add(problems, PROBLEM_ERROR, border->file, 0,
		    "journal %s: %s", config->journal.file, strerror(errno));
		return false;
	}
	log_attach(border->record.writer);
	border->record.memory =
	    memory_create((size_t)config->journal.memory * MIB);
	if (config->journal.invites > 0)
		border->record.recent =
		    recent_create((size_t)config->journal.invites * KIB);
	record_set_time(&border->record, border_wall_clock());
	return border->record.memory != NULL;
}

static bool
start_net(struct border *border, struct problems *problems)
{
	border->loop = loop_create();
	if (border->loop == NULL)
		return false;
	border->net = net_create(border->loop, &net_callbacks, border);
	return border->net != NULL &&
	    net_apply(border->net, border->config, problems);
}

static bool
start_calls(struct border *border, struct problems *problems)
{
	struct calls_deps deps = {
		.timers = loop_timers(border->loop),
		.wire = net_wire(border->net),
		.record = &border->record,
		.is_peer = is_peer,
		.is_peer_arg = border,
		.peer_names = peer_names,
		.reuse = reuse,
		.reuse_arg = border,
		.hang_up = hang_up,
		.hang_up_arg = border,
		.event = manage_on_call_event,
		.event_arg = border,
		.wall_clock = border_wall_clock,
		.random = random_bytes,
	};
	struct trunks *trunks = trunks_create(border->config, NULL,
	    loop_now(border->loop), border_today(), problems);

	if (trunks != NULL && trunks_bind(trunks, border_bind_trunk, border))
		border->calls = calls_create(&deps, trunks);
	trunks_unref(trunks);
	return border->calls != NULL;
}

static bool
start_loader(struct border *border)
{
	border->loader =
	    config_loader_create(border->loop, reload_on_loaded, border);
	return border->loader != NULL;
}

static void
end_of_turn(struct loop_hook *hook)
{
	struct border *border = CONTAINER_OF(hook, struct border, hook);

	calls_reap(border->calls);
}

static bool
start_loop(struct border *border)
{
	loop_add_hook(border->loop, &border->hook, end_of_turn);
	signal(SIGPIPE, SIG_IGN);
	if (watchdog_interval() != 0)
		timer_start(loop_timers(border->loop), &border->watchdog, 1,
		    watchdog_expired);
	timer_start(
	    loop_timers(border->loop), &border->second, SECOND, second_expired);
	return loop_add_signal(border->loop, SIGHUP, on_hangup, border) &&
	    loop_add_signal(border->loop, SIGTERM, on_terminate, border) &&
	    loop_add_signal(border->loop, SIGINT, on_terminate, border);
}

static bool
start_all(struct border *border, const char *file, struct problems *problems)
{
	uint8_t key[16];

	random_bytes(key, sizeof(key));
	hash_seed(key);
	border->started = border->loaded = border_wall_clock();
	border->file = strdup(file);
	border->config = config_load(file, problems);
	return border->file != NULL && border->config != NULL &&
	    start_records(border, problems) && start_net(border, problems) &&
	    start_calls(border, problems) && start_loader(border) &&
	    manage_start(border, problems) &&
	    start_loop(border);
}

struct border *
border_start(const char *file, struct problems *problems)
{
	struct border *border = calloc(1, sizeof(*border));

	if (border == NULL)
		return NULL;
	if (start_all(border, file, problems)) {
		border_log_problems(problems);
		log_write(LOG_LEVEL_INFO, "ready: %zu listeners, %zu trunks",
		    border->config->listeners_n, border->config->trunks_n);
		border_tell_supervisor("READY=1");
		return border;
	}
	if (problems->errors == 0)
		problem_add(problems, PROBLEM_ERROR, NULL, 0,
		    "cannot start: %s", strerror(errno));
	border_stop(border);
	return NULL;
}

int
border_run(struct border *border)
{
	return loop_run(border->loop);
}

/* What each layer still holds when it is told to go: all zero, or a leak. */
struct remains {
	unsigned calls, legs, transactions, timers, connections, descriptors;
};

static void
stop_calls(struct border *border, struct remains *r)
{
	if (border->calls == NULL)
		return;
	calls_reap(border->calls);
	r->calls = calls_count(border->calls);
	r->legs = calls_legs(border->calls);
	r->transactions =
	    transactions_active(calls_transactions(border->calls));
	calls_destroy(border->calls);
}

static void
stop_net(struct border *border, struct remains *r)
{
	if (border->loop == NULL)
		return;
	if (border->net != NULL)
		net_close(border->net);
	timer_stop(loop_timers(border->loop), &border->watchdog);
	timer_stop(loop_timers(border->loop), &border->second);
	timer_stop(loop_timers(border->loop), &border->drain_look);
	loop_remove_hook(border->loop, &border->hook);
	r->timers = loop_timers(border->loop)->running;
	if (border->net != NULL) {
		r->connections = net_connections(border->net);
		r->descriptors = net_descriptors(border->net);
	}
	net_destroy(border->net);
	loop_destroy(border->loop);
}

void
border_stop(struct border *border)
{
	struct remains r = { 0 };
	bool ran = border->calls != NULL;
	uint64_t left = 0;

	control_stop(border->control);
	config_loader_destroy(border->loader);
	stop_calls(border, &r);
	stop_net(border, &r);
	memory_destroy(border->record.memory);
	recent_destroy(border->record.recent);
	if (border->record.writer != NULL)
		left = writer_stop(border->record.writer, WRITER_STOP);
	log_attach(NULL);
	if (left > 0)
		log_write(LOG_LEVEL_ERROR,
		    "record: %llu journal entries and log lines were not "
		    "written", (unsigned long long)left);
	if (ran)
		log_write(LOG_LEVEL_INFO,
		    "leak-check calls=%u legs=%u transactions=%u timers=%u "
		    "connections=%u descriptors=%u",
		    r.calls, r.legs, r.transactions, r.timers, r.connections,
		    r.descriptors);
	log_close();
	config_unref(border->config);
	problems_fini(&border->found);
	problems_fini(&border->last.problems);
	free(border->file);
	free(border);
}
