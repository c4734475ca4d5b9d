/*
 * replay.c - cordon replay: captured INVITEs through old and new policies
 */

#include "cli/replay.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/container.h"
#include "base/hash.h"
#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/offline.h"
#include "trunk/route.h"

struct options {
	const char *old, *new, *config, *country, *pcap, *call;
	bool ring, in;
};

/* ---- one message ---- */

/* A table that forgets: retransmissions follow soon, or do not matter. */
static bool
is_repeated(struct replay *replay)
{
	const struct sip_view *view = &replay->view;
	const struct span parts[] = { view->call_id, view->from_tag,
		view->via.branch,
		span_make((const char *)&view->cseq, sizeof(view->cseq)) };
	uint64_t hash = hash_of(parts, ARRAY_LEN(parts)) | 1;
	uint64_t *row = replay->seen[hash >> 8 & (REPLAY_SEEN - 1)];
	unsigned i;

	for (i = 0; i < REPLAY_ROW; i++)
		if (row[i] == hash)
			return true;
	memmove(&row[1], &row[0], (REPLAY_ROW - 1) * sizeof(row[0]));
	row[0] = hash;
	return false;
}

/* A stream that we have opened comes from any port of ours. */
static bool
is_our_stream(const struct config *config, const struct capture_message *m)
{
	size_t i;

	for (i = 0; m->stream && i < config->listeners_n; i++)
		if (address_same_ip(&config->listeners[i].address, &m->from))
			return true;
	return false;
}

/* `name` is that of the trunk where the daemon has told it. */
static const struct trunk *
sender_of(struct replay *replay, const struct capture_message *m,
    const char *name)
{
	struct replay_figures *f = &replay->figures;
	const struct trunk *from = NULL;
	bool ours;

	if (replay->world.made_up)
		return &replay->world.trunks->list[0];
	if (name != NULL)
		from = trunk_find(replay->world.trunks, span_of(name));
	if (from != NULL)
		return from;
	from = world_sender(&replay->world, m, &ours);
	ours = ours ||
	    (from == NULL && is_our_stream(replay->world.config, m));
	f->ours += ours;
	f->unknown += from == NULL && !ours;
	return from;
}

static const struct trunk *
receiver_of(struct replay *replay, const struct trunk *from)
{
	const struct sip_uri *uri = &replay->view.uri;
	struct route_search search = { replay->world.trunks, from,
		span_empty(uri->user) ? replay->msg->uri : uri->user };
	struct route_place place = { 0 };
	const struct trunk *to = route_find(&search, &place);

	replay->figures.no_route += to == NULL;
	return to;
}

static void
rehearse_side(struct replay *replay, unsigned side, const struct trunk *from,
    const struct trunk *to)
{
	struct rehearsal *r = replay->side[side];
	const struct trunk *first = replay->world.trunks->list;

	book_clear(&replay->books[side]);
	r->from = from;
	r->to = to;
	r->in = replay->slots[side][from - first].in;
	r->out = replay->slots[side][to - first].out;
	rehearse(r, replay->msg, &replay->view);
}

static void
take_message(struct replay *replay, struct cli *cli,
    const struct capture_message *m, const char *name)
{
	struct replay_figures *f = &replay->figures;
	const struct trunk *from, *to;
	struct sip_fault fault;
	unsigned side;

	if (!span_starts(m->bytes, SPAN("INVITE ")))
		return;
	if (!rehearse_read(replay->msg, &replay->view, m->bytes, &fault)) {
		f->within += !span_empty(replay->view.to_tag);
		f->invalid += span_empty(replay->view.to_tag);
		return;
	}
	if (is_repeated(replay)) {
		f->repeated++;
		return;
	}
	from = sender_of(replay, m, name);
	to = from == NULL ? NULL : receiver_of(replay, from);
	if (to == NULL)
		return;
	for (side = 0; side < REPLAY_SIDES; side++)
		rehearse_side(replay, side, from, to);
	replay_judge(replay, m->packet);
	if (replay->wanted == NULL ||
	    span_find_span(replay->view.call_id, span_of(replay->wanted)) < 0)
		return;
	replay->found++;
	replay_print_call(cli, replay, m->packet);
}

/* ---- where they come from ---- */

static bool
complain(struct cli *cli, const char *name, const char *how, const char *why)
{
	char tail[CAPTURE_ERROR_MAX + 16];

	snprintf(tail, sizeof(tail), "%s: %s", how, why);
	arguments_complain(cli, "", name, tail);
	return false;
}

static bool
from_capture(struct replay *replay, struct cli *cli, const char *name)
{
	FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
	char error[CAPTURE_ERROR_MAX];
	struct capture_message m;
	struct capture *capture;

	if (file == NULL)
		return complain(cli, name, "", strerror(errno));
	capture = capture_open(file, error);
	if (capture == NULL)
		return complain(cli, name, "", error);
	while (capture_next(capture, &m))
		take_message(replay, cli, &m, NULL);
	replay->captured = true;
	capture_get_figures(capture, &replay->capture);
	if (capture_fault(capture) != NULL) {
		snprintf(replay->fault, sizeof(replay->fault), "%s",
		    capture_fault(capture));
		complain(cli, name, " ends early", replay->fault);
	}
	capture_close(capture);
	return true;
}

struct ring {
	struct replay *replay;
	struct cli *cli;
	unsigned char *bytes;
	size_t cap;
};

/* Room for `n` bytes that base64 makes. */
static bool
ring_reserve(struct ring *ring, size_t n)
{
	unsigned char *bytes;

	if (n <= ring->cap)
		return true;
	bytes = realloc(ring->bytes, n);
	if (bytes == NULL)
		return false;
	ring->bytes = bytes;
	ring->cap = n;
	return true;
}

static void
take_invite(void *arg, json_t *line, const char *text)
{
	struct ring *ring = arg;
	const char *base64 = field_string(line, "message");
	size_t n = strlen(base64), bytes = field_number(line, "bytes");
	struct capture_message m = {
		.time = field_time(line, "time"),
		.packet = field_number(line, "invite"),
		.stream = strcmp(field_string(line, "transport"), "tcp") == 0,
	};

	(void)text;
	if (field_string(line, "error")[0] != '\0') {
		arguments_complain(
		    ring->cli, "", field_string(line, "error"), "");
		return;
	}
	address_parse(span_of(field_string(line, "from")), 5060, &m.from);
	address_parse(span_of(field_string(line, "to")), 5060, &m.to);
	if (n > INT32_MAX || bytes > n || !ring_reserve(ring, n + 1) ||
	    EVP_DecodeBlock(ring->bytes, (const unsigned char *)base64,
		(int)n) < (int)bytes) {
		ring->replay->figures.invalid++;
		return;
	}
	m.bytes = span_make((const char *)ring->bytes, bytes);
	take_message(ring->replay, ring->cli, &m, field_string(line, "trunk"));
}

static bool
from_ring(struct replay *replay, struct cli *cli)
{
	const struct command *command = command_get(COMMAND_ID_INVITES);
	struct ring ring = { .replay = replay, .cli = cli };
	FILE *daemon = client_open(cli->socket, false, cli->err);
	enum client_end end;

	if (daemon == NULL)
		return false;
	end = client_ask(daemon, command->name, NULL, 0, true, take_invite,
	    &ring, cli->err);
	fclose(daemon);
	free(ring.bytes);
	return end == CLIENT_ANSWERED;
}

/* ---- the command ---- */

static bool
replay_init(struct replay *replay)
{
	uint8_t key[16];
	unsigned side;

	if (getrandom(key, sizeof(key), 0) == (ssize_t)sizeof(key))
		hash_seed(key);
	replay->msg = calloc(1, sizeof(*replay->msg));
	replay->seen = calloc(REPLAY_SEEN, sizeof(*replay->seen));
	for (side = 0; side < REPLAY_SIDES; side++) {
		struct rehearsal *r = calloc(1, sizeof(*r));

		replay->side[side] = r;
		if (r == NULL)
			return false;
		r->today = replay->world.today;
		r->journal = book_journal(&replay->books[side]);
		r->user_agent = span_of(replay->world.config->user_agent);
	}
	return replay->msg != NULL && replay->seen != NULL;
}

static void
replay_fini(struct replay *replay)
{
	unsigned side;

	for (side = 0; side < REPLAY_SIDES; side++) {
		free(replay->side[side]);
		book_fini(&replay->books[side]);
	}
	if (replay->world.trunks != NULL)
		replay_unload(replay);
	world_close(&replay->world);
	free(replay->msg);
	free(replay->seen);
	free(replay);
}

static uint64_t
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int
report(struct cli *cli, const struct replay *replay, uint64_t took)
{
	if (replay->wanted != NULL) {
		if (replay->found == 0)
			arguments_complain(cli, "no INVITE has \"",
			    replay->wanted, "\" in its Call-ID");
		return replay->found == 0 ? CLI_NO : CLI_YES;
	}
	if (cli->json)
		replay_dump(cli, replay);
	else
		replay_print(cli, replay, took);
	return replay->figures.changed == 0 ? CLI_YES : CLI_NO;
}

static bool
run_all(struct replay *replay, struct cli *cli, const struct options *o)
{
	if (!replay_init(replay)) {
		fputs("cordon: out of memory\n", cli->err);
		return false;
	}
	return replay_load(replay, cli, o->old, o->new, o->in) &&
	    (o->ring ? from_ring(replay, cli)
		     : from_capture(replay, cli, o->pcap));
}

static bool
has_all(struct cli *cli, const struct options *o)
{
	if (o->old != NULL && o->new != NULL && (o->pcap == NULL) == o->ring)
		return true;
	fputs("cordon: replay wants --old, --new, and either --pcap or "
	      "--ring\n", cli->err);
	return false;
}

int
replay_run(struct cli *cli, char **argv, int argc)
{
	struct options o = { 0 };
	const struct option_row rows[] = {
		{ "--old", &o.old, NULL },
		{ "--new", &o.new, NULL },
		{ "--config", &o.config, NULL },
		{ "--country", &o.country, NULL },
		{ "--pcap", &o.pcap, NULL },
		{ "--call", &o.call, NULL },
		{ "--ring", NULL, &o.ring },
		{ "--in", NULL, &o.in },
	};
	int n = arguments_take(cli, rows, ARRAY_LEN(rows), argv, argc, 0);
	struct replay *replay;
	int status = CLI_MISUSE;
	uint64_t begun;

	if (n < 0)
		return CLI_MISUSE;
	if (!has_all(cli, &o))
		return arguments_misused(cli, COMMAND_ID_REPLAY);
	replay = calloc(1, sizeof(*replay));
	if (replay == NULL)
		return CLI_MISUSE;
	replay->wanted = o.call;
	begun = microseconds();
	if (world_open(&replay->world, cli, o.config, o.country) &&
	    run_all(replay, cli, &o))
		status = report(cli, replay, microseconds() - begun);
	replay_fini(replay);
	return status;
}
