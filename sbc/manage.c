/*
 * manage.c - what the management socket asks of the running border
 */

#include "config.h"

#include "private.h"

#include "base/container.h"
#include "trunk/watch.h"

static void
call_to_control(const struct call_info *info, struct control_call *out)
{
	out->summary = info->summary;
	out->state = info->state;
	out->chain = info->chain;
}

void
manage_on_call_event(void *arg, const char *what, const struct call_info *info)
{
	struct border *border = arg;
	struct control_call call;

	if (border->control == NULL)
		return;
	call_to_control(info, &call);
	control_call_event(border->control, what, &call);
}

static void
tick(void *arg)
{
	struct border *border = arg;

	loop_tick(border->loop);
	record_set_time(&border->record, border_wall_clock());
}

static void
status(void *arg, struct control_status *out)
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
next_call(void *arg, uint32_t *at, struct control_call *out)
{
	struct border *border = arg;
	struct call_info info;

	if (!calls_next(border->calls, at, &info))
		return false;
	call_to_control(&info, out);
	return true;
}

static bool
find_call(void *arg, uint64_t id, struct control_call *out)
{
	struct border *border = arg;
	struct call_info info;

	if (!calls_find(border->calls, id, &info))
		return false;
	call_to_control(&info, out);
	return true;
}

static bool
next_trunk(void *arg, uint32_t *at, struct control_trunk *out)
{
	struct border *border = arg;
	const struct trunks *trunks = calls_trunks(border->calls);
	const struct trunk *trunk;
	struct net_path path;
	const struct watch_peer *best;
	struct text spared =
	    text_over(border->spared_text, sizeof(border->spared_text));

	if (*at >= trunks->n)
		return false;
	trunk = &trunks->list[(*at)++];
	best = watch_best(trunk);
	*out = (struct control_trunk){
		.name = trunk->name,
		.transport = net_transport_uri(trunk->transport),
		.state =
		    best == NULL ? "unwatched" : watch_state_name(best->state),
		.calls = trunk->state->calls,
		.calls_limit = trunk->config->max_calls,
		.calls_per_second = trunk->config->calls_per_second,
		.calls_in = trunk->state->calls_in,
		.calls_out = trunk->state->calls_out,
		.failed = trunk->state->failed,
		.refused = trunk->state->refused,
		.advanced = trunk->state->advanced,
		.trunk = trunk,
	};
	relief_add(&spared, &trunk->state->relief, loop_now(border->loop));
	out->spared = text_span(&spared);
	if (best != NULL) {
		struct text t = text_over(
		    border->reason_text, sizeof(border->reason_text));

		watch_add_reason(&t, best);
		out->reason = text_span(&t);
		out->since = best->since;
	}
	if (trunk_path(trunk, 0, &path))
		out->peer =
		    span_of(address_print(&path.remote, border->peer_text));
	return true;
}

/* The border, with what its writer has done so far. */
static struct border *
figures_of(struct border *border)
{
	if (border->record.writer != NULL)
		writer_get_figures(border->record.writer, &border->figures);
	return border;
}

static bool
next_counter(void *arg, uint32_t *at, struct control_counter *out)
{
	struct border *border = figures_of(arg);
	const struct calls_counters *c = calls_counters(border->calls);
	const struct transaction_counters *t =
	    transactions_counters(calls_transactions(border->calls));
	const struct net_counters *n = net_counters(border->net);
	const struct writer_figures *w = &border->figures;
	const struct border *b = border;
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
numbers(void *arg, struct control_numbers *out)
{
	struct border *border = arg;

	out->trunks = calls_trunks(border->calls);
	out->inventory = out->trunks->inventory;
	out->today = border_today();
}

static void
print_config(void *arg, FILE *out)
{
	struct border *border = arg;

	config_print(border->config, out);
}

bool
manage_start(struct border *border, struct problems *problems)
{
	border->control_ops = (struct control_ops){
		.arg = border,
		.tick = tick,
		.status = status,
		.next_call = next_call,
		.next_trunk = next_trunk,
		.next_counter = next_counter,
		.find_call = find_call,
		.numbers = numbers,
		.reload = reload_ask,
		.reload_result = reload_result,
		.drain = border_drain,
		.print_config = print_config,
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
