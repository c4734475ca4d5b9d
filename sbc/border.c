/*
 * border.c - starting, reloading, draining and stopping; who calls whom
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
#include "call/call.h"
#include "control/control.h"
#include "net/loop.h"
#include "net/net.h"
#include "record/log.h"
#include "record/record.h"
#include "trunk/inventory_loader.h"

/* After the drain limit, BYEs get this long to be answered. */
#define LAST_WORDS   2000
#define DRAIN_LOOK   50
#define RANDOM_BLOCK 4096
#define SECOND       1000
#define SECOND_SLACK 256
#define WRITER_STOP  3000
#define MIB          1048576u
#define KIB          1024u

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
	struct inventory_loader *loader;
	struct config *next;     /* checked, waits for its inventory */
	struct problems found;   /* in it */
	uint64_t reloads;        /* asked for */
	uint64_t reloading;      /* number of the one that runs, 0: none */
	struct reloaded last;
	struct loop_hook hook;
	struct timer drain_look;
	struct timer watchdog;
	struct timer second;
	uint64_t drain_deadline; /* monotonic ms; 0: not draining to the end */
	bool last_words;         /* every call has been told to end */
	uint64_t started, loaded; /* us since 1970 */
	char peer_text[ADDRESS_TEXT_MAX];
};

/* --- clocks and random --- */

static uint64_t
wall_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int64_t
today(void)
{
	return (int64_t)(wall_clock() / 1000000 / 86400);
}

/* The kernel's random in blocks: a system call for each tag would cost more than
 * the tag. Bytes are given out once. */
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

static void
tell_supervisor(const char *state)
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

	tell_supervisor("WATCHDOG=1");
	timer_start(loop_timers(border->loop), timer, watchdog_interval(),
	    watchdog_expired);
}

/* What the writer could not do is said while it lasts. */
static void
second_expired(struct timer *timer)
{
	struct border *border = CONTAINER_OF(timer, struct border, second);

	record_set_time(&border->record, wall_clock());
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

	record_set_time(&border->record, wall_clock());
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

/* The network has something for the journal. At the start there is nobody yet who
 * could have used what is replaced. */
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

	record_set_time(&border->record, wall_clock());
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
reuse(void *arg, slab_handle connection, const struct address *peer,
    uint32_t tls)
{
	struct border *border = arg;

	net_reuse(border->net, connection, peer, tls);
}

static void
call_to_control(const struct call_info *info, struct control_call *out)
{
	out->summary = info->summary;
	out->state = info->state;
	out->chain = info->chain;
}

static void
on_call_event(void *arg, const char *what, const struct call_info *info)
{
	struct border *border = arg;
	struct control_call call;

	if (border->control == NULL)
		return;
	call_to_control(info, &call);
	control_call_event(border->control, what, &call);
}

static bool
bind_trunk(void *arg, const struct config_trunk *trunk,
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
	return binding->listener != 0;
}

/* --- configuration --- */

static void
log_problems(const struct problems *problems)
{
	size_t i;

	for (i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];
		char line[16] = "";

		if (p->line > 0)
			snprintf(line, sizeof(line), ":%d", p->line);
		log_write(p->level == PROBLEM_ERROR ? LOG_LEVEL_ERROR
						    : LOG_LEVEL_WARNING,
		    "%s%s: %s", p->file == NULL ? "-" : p->file, line,
		    p->text == NULL ? "out of memory" : p->text);
	}
}

bool
border_check(const char *file, struct problems *problems)
{
	struct config *config = config_load(file, problems);
	struct trunks *trunks = NULL;

	if (config != NULL)
		trunks = trunks_create(config, NULL, 0, today(), problems);
	trunks_unref(trunks);
	config_unref(config);
	return trunks != NULL;
}

static void
note_reload(struct border *border, enum diagnostic diagnostic, const char *text)
{
	struct journal_entry entry = {
		.kind = JOURNAL_SYSTEM,
		.diagnostic = diagnostic,
		.target = SPAN("configuration"),
		.after = span_of(border->file),
		.reason = span_of(text),
	};

	record_set_time(&border->record, wall_clock());
	calls_note_system(border->calls, &entry);
}

/* The network side first: it changes everything or nothing. */
static bool
put_in_force(struct border *border, struct config *config,
    struct inventory *inventory, struct problems *problems)
{
	struct trunks *trunks = trunks_create_with(config, inventory,
	    calls_trunks(border->calls), loop_now(border->loop), today(),
	    problems);
	bool good = trunks != NULL && problems->errors == 0 &&
	    net_apply(border->net, config, problems) &&
	    trunks_bind(trunks, bind_trunk, border);

	if (good)
		calls_set_trunks(border->calls, trunks);
	trunks_unref(trunks);
	return good;
}

static void
use_next(struct border *border)
{
	struct config *config = border->next;

	log_problems(&border->found);
	config_unref(border->config);
	border->config = config;
	border->loaded = wall_clock();
	log_set_level((enum log_level)config->log.level);
	note_reload(border, DIAG_CFG_RELOADED,
	    "new calls use it; calls in progress keep what they began with");
	log_write(LOG_LEVEL_INFO, "reloaded %s", border->file);
}

/* The first error, by which somebody finds the others in the log. */
static void
refuse_next(struct border *border)
{
	const struct problems *found = &border->found;
	const struct problem *p;
	char text[512];
	size_t i;

	for (i = 0; i < found->n; i++)
		if (found->list[i].level == PROBLEM_ERROR)
			break;
	p = i < found->n ? &found->list[i] : NULL;
	snprintf(text, sizeof(text),
	    "the configuration before stays; %zu error%s, the first in "
	    "%s:%d: %s",
	    found->errors, found->errors == 1 ? "" : "s",
	    p == NULL || p->file == NULL ? border->file : p->file,
	    p == NULL ? 0 : p->line,
	    p == NULL || p->text == NULL ? "out of memory" : p->text);
	config_unref(border->next);
	log_problems(&border->found);
	note_reload(border, DIAG_CFG_REFUSED, text);
}

static void reload_begin(struct border *border);

/* A new snapshot beside the old one; a bad file changes nothing. */
static void
reload_end(struct border *border, struct inventory *inventory)
{
	bool good = border->next != NULL &&
	    put_in_force(border, border->next, inventory, &border->found);

	if (good)
		use_next(border);
	else
		refuse_next(border);
	border->next = NULL;
	problems_fini(&border->last.problems);
	border->last = (struct reloaded){ border->reloading, good,
		border->found };
	problems_init(&border->found);
	border->reloading = 0;
	control_wake(border->control);
	if (border->reloads > border->last.number)
		reload_begin(border);
	else
		tell_supervisor("READY=1");
}

static void
on_inventory(void *arg, struct inventory *inventory, struct problems *problems)
{
	struct border *border = arg;

	problems_move(&border->found, problems);
	reload_end(border, inventory);
	inventory_unref(inventory);
}

static void
reload_begin(struct border *border)
{
	int error = 0;

	tell_supervisor("RELOADING=1");
	border->reloading = border->reloads;
	border->next = config_load(border->file, &border->found);
	if (border->next != NULL)
		config_keep_fixed(border->config, border->next, &border->found);
	if (border->next == NULL || border->next->inventory.n == 0) {
		reload_end(border, NULL);
		return;
	}
	error = inventory_loader_start(
	    border->loader, &border->next->inventory, today());
	if (error == 0)
		return;
	problem_add(&border->found, PROBLEM_ERROR, border->file, 0,
	    "the inventory cannot be loaded: %s", strerror(-error));
	reload_end(border, NULL);
}

static uint64_t
reload(void *arg)
{
	struct border *border = arg;

	border->reloads++;
	if (border->reloading == 0)
		reload_begin(border);
	return border->reloads;
}

static bool
reload_result(void *arg, uint64_t number, bool *good,
    const struct problems **problems)
{
	struct border *border = arg;

	if (border->last.number < number)
		return false;
	*good = border->last.good;
	*problems = &border->last.problems;
	return true;
}

static void
on_hangup(void *arg, int signo)
{
	struct border *border = arg;

	(void)signo;
	reload(border);
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

static void
look_at_drain(struct timer *timer)
{
	struct border *border = CONTAINER_OF(timer, struct border, drain_look);
	bool late = loop_now(border->loop) >= border->drain_deadline;

	if (all_over(border) || (late && border->last_words)) {
		loop_stop(border->loop);
		return;
	}
	if (late)
		end_all_calls(border);
	timer_start(loop_timers(border->loop), timer, DRAIN_LOOK, look_at_drain);
}

static void
drain(void *arg)
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
	tell_supervisor("STOPPING=1");
	drain(border);
	border->drain_deadline =
	    loop_now(border->loop) + border->config->limits.drain;
	timer_start(loop_timers(border->loop), &border->drain_look, 1,
	    look_at_drain);
}

/* --- for the management socket --- */

static void
control_tick(void *arg)
{
	struct border *border = arg;

	loop_tick(border->loop);
	record_set_time(&border->record, wall_clock());
}

static void
control_status(void *arg, struct control_status *out)
{
	struct border *border = arg;
	const struct calls_counters *c = calls_counters(border->calls);

	*out = (struct control_status){
		.version = PACKAGE_VERSION,
		.started = border->started,
		.loaded = border->loaded,
		.draining = calls_draining(border->calls),
		.lag = loop_lag_ms(border->loop),
		.calls = calls_count(border->calls),
		.calls_limit = border->config->limits.calls,
		.calls_total = c->calls,
		.calls_answered = c->answered,
		.calls_failed = c->failed,
	};
}

static bool
control_next_call(void *arg, uint32_t *at, struct control_call *out)
{
	struct border *border = arg;
	struct call_info info;

	if (!calls_next(border->calls, at, &info))
		return false;
	call_to_control(&info, out);
	return true;
}

static bool
control_find_call(void *arg, uint64_t id, struct control_call *out)
{
	struct border *border = arg;
	struct call_info info;

	if (!calls_find(border->calls, id, &info))
		return false;
	call_to_control(&info, out);
	return true;
}

static bool
control_next_trunk(void *arg, uint32_t *at, struct control_trunk *out)
{
	struct border *border = arg;
	const struct trunks *trunks = calls_trunks(border->calls);
	const struct trunk *trunk;
	struct net_path path;

	if (*at >= trunks->n)
		return false;
	trunk = &trunks->list[(*at)++];
	*out = (struct control_trunk){
		.name = trunk->name,
		.transport = net_transport_uri(trunk->transport),
		.state = "unwatched",
		.calls = trunk->state->calls,
		.calls_limit = trunk->config->max_calls,
		.calls_per_second = trunk->config->calls_per_second,
		.calls_in = trunk->state->calls_in,
		.calls_out = trunk->state->calls_out,
		.refused = trunk->state->refused,
	};
	if (trunk_path(trunk, 0, &path))
		out->peer =
		    span_of(address_print(&path.remote, border->peer_text));
	return true;
}

static bool
control_next_counter(void *arg, uint32_t *at, struct control_counter *out)
{
	struct border *border = arg;
	const struct calls_counters *c = calls_counters(border->calls);
	const struct transaction_counters *t =
	    transactions_counters(calls_transactions(border->calls));
	const struct net_counters *n = net_counters(border->net);
	const struct control_counter list[] = {
#define COUNTER(name, from, member, help) { name, from->member, help },
#include "counters.def"
#undef COUNTER
	};

	if (*at >= ARRAY_LEN(list))
		return false;
	*out = list[(*at)++];
	return true;
}

static void
control_numbers(void *arg, struct control_numbers *out)
{
	struct border *border = arg;

	out->trunks = calls_trunks(border->calls);
	out->inventory = out->trunks->inventory;
	out->today = today();
}

static void
control_print_config(void *arg, FILE *out)
{
	struct border *border = arg;

	config_print(border->config, out);
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
	int error = log_open((enum log_level)config->log.level, config->log.file);

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
	record_set_time(&border->record, wall_clock());
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
		.reuse = reuse,
		.reuse_arg = border,
		.event = on_call_event,
		.event_arg = border,
		.wall_clock = wall_clock,
		.random = random_bytes,
	};
	struct trunks *trunks = trunks_create(border->config, NULL,
	    loop_now(border->loop), today(), problems);

	if (trunks != NULL && trunks_bind(trunks, bind_trunk, border))
		border->calls = calls_create(&deps, trunks);
	trunks_unref(trunks);
	return border->calls != NULL;
}

static bool
start_loader(struct border *border)
{
	border->loader =
	    inventory_loader_create(border->loop, on_inventory, border);
	return border->loader != NULL;
}

static bool
start_control(struct border *border, struct problems *problems)
{
	border->control_ops = (struct control_ops){
		.arg = border,
		.tick = control_tick,
		.status = control_status,
		.next_call = control_next_call,
		.next_trunk = control_next_trunk,
		.next_counter = control_next_counter,
		.find_call = control_find_call,
		.numbers = control_numbers,
		.reload = reload,
		.reload_result = reload_result,
		.drain = drain,
		.print_config = control_print_config,
		.memory = border->record.memory,
		.recent = border->record.recent,
		.writer = border->record.writer,
	};
	if (border->config->control.socket[0] == '\0')
		return true;
	border->control = control_start(loop_base(border->loop),
	    border->config->control.socket, &border->control_ops, problems);
	return border->control != NULL;
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
	border->started = border->loaded = wall_clock();
	border->file = strdup(file);
	border->config = config_load(file, problems);
	return border->file != NULL && border->config != NULL &&
	    start_records(border, problems) && start_net(border, problems) &&
	    start_calls(border, problems) && start_loader(border) &&
	    start_control(border, problems) &&
	    start_loop(border);
}

struct border *
border_start(const char *file, struct problems *problems)
{
	struct border *border = calloc(1, sizeof(*border));

	if (border == NULL)
		return NULL;
	if (start_all(border, file, problems)) {
		log_problems(problems);
		log_write(LOG_LEVEL_INFO, "ready: %zu listeners, %zu trunks",
		    border->config->listeners_n, border->config->trunks_n);
		tell_supervisor("READY=1");
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

	control_stop(border->control);
	inventory_loader_destroy(border->loader);
	stop_calls(border, &r);
	stop_net(border, &r);
	memory_destroy(border->record.memory);
	recent_destroy(border->record.recent);
	if (ran)
		log_write(LOG_LEVEL_INFO,
		    "leak-check calls=%u legs=%u transactions=%u timers=%u "
		    "connections=%u descriptors=%u",
		    r.calls, r.legs, r.transactions, r.timers, r.connections,
		    r.descriptors);
	log_attach(NULL);
	if (border->record.writer != NULL)
		writer_stop(border->record.writer, WRITER_STOP);
	log_close();
	config_unref(border->next);
	config_unref(border->config);
	problems_fini(&border->found);
	problems_fini(&border->last.problems);
	free(border->file);
	free(border);
}
