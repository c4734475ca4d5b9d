#include "cli/replay.h"

#include <stdio.h>

struct judge {
	struct replay *replay;
	struct text what; /* for people: "Privacy lost, +CLI-ANONYMOUS" */
	bool differs;
	bool cut; /* `what` lacks some of it */
};

static void
say(struct judge *judge, const char *name, const char *how)
{
	struct text *t = &judge->what;
	size_t mark = t->len;

	judge->differs = true;
	text_addf(t, "%s%s%s%s", mark == 0 ? "" : ", ", name,
	    how[0] == '\0' ? "" : " ", how);
	if (!t->overflow)
		return;
	t->len = mark;
	t->overflow = false;
	judge->cut = true;
}

/* The row of that name; the last one is of all that is too much. */
static struct replay_header *
header_get(struct replay_figures *f, struct span name)
{
	struct replay_header *row;
	size_t i;

	if (name.n >= REPLAY_NAME)
		name.n = REPLAY_NAME - 1;
	for (i = 0; i < f->headers_n; i++)
		if (span_ieq(span_of(f->headers[i].name), name))
			return &f->headers[i];
	if (f->headers_n == REPLAY_HEADERS)
		return &f->headers[REPLAY_HEADERS - 1];
	if (f->headers_n == REPLAY_HEADERS - 1)
		name = SPAN(REPLAY_OTHERS);
	row = &f->headers[f->headers_n++];
	memcpy(row->name, name.p, name.n);
	return row;
}

static bool
is_named(const struct sip_field *a, const struct sip_field *b)
{
	return a->id == b->id &&
	    (a->id != SIP_OTHER_HEADER || span_ieq(a->name, b->name));
}

/* The fields of a draft that have no partner in the other one yet. */
struct alone {
	const struct sip_draft *draft;
	bool paired[SIP_DRAFT_FIELDS];
};

/* A field of that name, and of that value when it has to
 * be the same; NULL: none. */
static const struct sip_field *
alone_take(struct alone *alone, const struct sip_field *like, bool same)
{
	unsigned i;

	for (i = 0; i < alone->draft->fields_n; i++) {
		const struct sip_field *field = &alone->draft->fields[i];

		if (alone->paired[i] || !is_named(field, like) ||
		    (same && !span_eq(field->value, like->value)))
			continue;
		alone->paired[i] = true;
		return field;
	}
	return NULL;
}

/* One that is NULL is not there. */
static void
judge_pair(struct judge *judge, const struct sip_field *old,
    const struct sip_field *new)
{
	struct replay_header *row = header_get(
	    &judge->replay->figures, old == NULL ? new->name : old->name);

	row->changed += old != NULL && new != NULL;
	row->gained += old == NULL;
	row->lost += new == NULL;
	say(judge, row->name,
	    old == NULL         ? "gained"
		: new == NULL ? "lost"
			      : "changed");
}

/* What is the same on both sides goes first: of two values of which the first
 * is lost, the other has not changed. */
static void
judge_fields(struct judge *judge, const struct sip_draft *old,
    const struct sip_draft *new)
{
	struct alone gained = { .draft = new }, lost = { .draft = old };
	unsigned i;

	for (i = 0; i < old->fields_n; i++)
		lost.paired[i] =
		    alone_take(&gained, &old->fields[i], true) != NULL;
	for (i = 0; i < old->fields_n; i++)
		if (!lost.paired[i])
			judge_pair(judge, &old->fields[i],
			    alone_take(&gained, &old->fields[i], false));
	for (i = 0; i < new->fields_n; i++)
		if (!gained.paired[i])
			judge_pair(judge, NULL, &new->fields[i]);
}

static void
judge_span(
    struct judge *judge, const char *name, struct span old, struct span new)
{
	if (span_eq(old, new))
		return;
	header_get(&judge->replay->figures, span_of(name))->changed++;
	say(judge, name, "changed");
}

static void
judge_messages(struct judge *judge)
{
	const struct rehearsal *old = judge->replay->side[REPLAY_OLD];
	const struct rehearsal *new = judge->replay->side[REPLAY_NEW];

	if (old->leaves != new->leaves)
		say(judge, new->leaves ? "refused no more" : "refused", "");
	else if (!old->leaves && old->refusal.status != new->refusal.status)
		say(judge, "status of the refusal", "changed");
	if (!old->leaves || !new->leaves || span_eq(old->wire, new->wire))
		return;
	judge_span(judge, "Request-URI", old->draft.uri, new->draft.uri);
	judge_fields(judge, &old->draft, &new->draft);
	judge_span(judge, "body", old->draft.body, new->draft.body);
	if (!judge->differs)
		say(judge, "order of headers", "changed");
}

/* Which codes its journal has: a bit each. */
struct codes {
	bool has[DIAGNOSTICS];
};

static void
codes_read(struct codes *codes, const struct book *book,
    const struct rehearsal *rehearsal)
{
	struct journal_entry entry;
	size_t at = 0;

	*codes = (struct codes){ 0 };
	while (book_next(book, &at, &entry))
		codes->has[entry.diagnostic] = true;
	if (!rehearsal->leaves)
		codes->has[rehearsal->refusal.diagnostic] = true;
}

static void
judge_codes(struct judge *judge)
{
	struct replay *replay = judge->replay;
	struct codes codes[REPLAY_SIDES];
	unsigned i, side;
	char name[64];

	for (side = 0; side < REPLAY_SIDES; side++)
		codes_read(&codes[side], &replay->books[side],
		    replay->side[side]);
	for (i = 1; i < DIAGNOSTICS; i++) {
		for (side = 0; side < REPLAY_SIDES; side++)
			replay->figures.codes[side][i] += codes[side].has[i];
		if (codes[REPLAY_OLD].has[i] == codes[REPLAY_NEW].has[i])
			continue;
		snprintf(name, sizeof(name), "%c%s",
		    codes[REPLAY_NEW].has[i] ? '+' : '-',
		    diagnosis_get((enum diagnostic)i)->code);
		say(judge, name, "");
	}
}

static void
keep_call(struct judge *judge, uint64_t packet)
{
	const struct replay *replay = judge->replay;
	struct replay_figures *f = &judge->replay->figures;
	const struct rehearsal *new = replay->side[REPLAY_NEW];
	struct replay_call *call;

	if (f->shown_n == REPLAY_SHOWN)
		return;
	call = &f->shown[f->shown_n++];
	*call = (struct replay_call){
		.packet = packet,
		.from = new->from,
		.to = new->to,
		.kind = new->kind,
	};
	snprintf(call->call_id, sizeof(call->call_id), "%.*s",
	    SPAN_ARG(span_up_to(replay->view.call_id, 120)));
	snprintf(call->what, sizeof(call->what), "%s%s",
	    text_cstr(&judge->what), judge->cut ? ", ..." : "");
}

bool
replay_judge(struct replay *replay, uint64_t packet)
{
	struct replay_figures *f = &replay->figures;
	enum policy_call kind = replay->side[REPLAY_NEW]->kind;
	char buf[240];
	struct judge judge = { .replay = replay,
		.what = text_over(buf, sizeof(buf)) };
	unsigned side;

	judge_messages(&judge);
	judge_codes(&judge);
	f->invites++;
	f->kinds[kind]++;
	for (side = 0; side < REPLAY_SIDES; side++) {
		f->refused[side] += !replay->side[side]->leaves;
		f->vetoes[side] += replay->side[side]->vetoes;
	}
	if (!judge.differs)
		return false;
	f->changed++;
	f->kinds_changed[kind]++;
	keep_call(&judge, packet);
	return true;
}
