/*
 * policy.c - one policy applied to one draft, in the order of the stages
 */

#include "policy/policy.h"

#include "identity/diversion.h"
#include "policy/media.h"
#include "policy/rule.h"
#include "policy/rules.h"
#include "sip/value.h"

void
policy_trunk_init(struct policy_trunk *facts, const struct config_trunk *trunk)
{
	facts->name = span_of(trunk->name);
	facts->host =
	    span_of(trunk->fqdn[0] != '\0' ? trunk->fqdn : trunk->advertise);
	facts->domain = span_of(trunk->domain);
	facts->media = trunk->media;
	facts->media_direct = trunk->media_mode == CONFIG_MEDIA_DIRECT;
	facts->plan = number_plan_find(span_of(trunk->country));
	facts->area = span_of(trunk->area);
	facts->default_caller = span_of(trunk->default_caller);
	facts->relay_headers = &trunk->relay_headers;
}

static bool
rules_want_owned(const struct rule_set *rules)
{
	unsigned i;

	for (i = 0; i < rules->n; i++) {
		if (rules->list[i].when.owned_n > 0)
			return true;
	}
	return false;
}

bool
policy_wants_owned(const struct policy *policy)
{
	return rules_want_owned(&policy->rules) ||
	       policy->choice[SETTING_ASSERTED] == ASSERTED_OWNED ||
	       policy->choice[SETTING_FROM] == FROM_OWNED ||
	       policy_gives(policy, SETTING_CALLED_FROM);
}

bool
policy_has_rules(const struct policy *policy)
{
	return policy->rules.n > 0;
}

enum policy_call
policy_call_kind(
    const struct sip_message *invite, const struct number_plan *plan)
{
	struct sip_uri uri = { 0 };

	if (sip_uri_parse(invite->uri, &uri) &&
	    number_uri_is_emergency(plan, &uri))
		return POLICY_CALL_EMERGENCY;
	if (sip_has(invite, SIP_REFERRED_BY) || sip_has(invite, SIP_REPLACES))
		return POLICY_CALL_TRANSFERRED;
	return diversion_is_told(invite) ? POLICY_CALL_DIVERTED
					 : POLICY_CALL_DIRECT;
}

static bool
trunk_relays(const struct policy_trunk *to, struct span name)
{
	size_t i;

	if (to == NULL || to->relay_headers == NULL)
		return false;
	for (i = 0; i < to->relay_headers->n; i++) {
		if (span_imatch(name, span_of(to->relay_headers->list[i])))
			return true;
	}
	return false;
}

static const char *const call_names[] = { "direct", "diverted", "transferred",
	"emergency" };

const char *
policy_call_name(enum policy_call call)
{
	return call_names[call];
}

const char *
policy_call_phrase(enum policy_call call)
{
	static const char *const phrases[] = {
		[POLICY_CALL_DIRECT] = "a direct call",
		[POLICY_CALL_DIVERTED] = "a diverted call",
		[POLICY_CALL_TRANSFERRED] = "a transferred call",
		[POLICY_CALL_EMERGENCY] = "an emergency call",
	};

	return phrases[call];
}

enum policy_transfer
policy_transfer(const struct policy *out)
{
	return out == NULL ? POLICY_TRANSFER_AS_CONFIGURED
			   : (enum policy_transfer)out->choice[SETTING_TRANSFER];
}

static bool
lets_pass(const struct policy *out, const struct policy_trunk *to,
    const struct sip_line *line, bool usual)
{
	struct span name = line->id == SIP_OTHER_HEADER
			       ? line->name
			       : sip_header_span(line->id);

	if (policy_lists_header(out, SETTING_ABSENT, name))
		return false;
	return usual || policy_lists_header(out, SETTING_RELAY, name) ||
	       trunk_relays(to, name);
}

bool
policy_relays(const struct policy *out, const struct policy_trunk *to,
    const struct sip_line *line)
{
	unsigned flags = sip_header_flags(line->id);

	return (flags & SIP_FLAG_OURS) == 0 &&
	       lets_pass(out, to, line, (flags & SIP_FLAG_RELAY) != 0);
}

static struct edit
edit_of(const struct policy_context *ctx, enum journal_stage stage,
    const struct policy_trunk *trunk, struct sip_draft *draft)
{
	struct edit edit = { .draft = draft,
		.guard = &ctx->guard,
		.journal = ctx->journal,
		.entry = ctx->entry,
		.seen = ctx->seen };

	edit.entry.stage = stage;
	if (trunk != NULL)
		edit.entry.trunk = trunk->name;
	return edit;
}

#define SCRUB_MAX 1024

/* Names that somebody sent and that go no further; each once, while they
 * fit. */
static void
scrub_name(struct text *t, struct span name)
{
	size_t mark = t->len;
	struct span rest = text_span(t);

	while (rest.n > 0) {
		if (span_ieq(span_trim(span_cut(rest, ',', &rest)), name))
			return;
	}
	if (mark > 0)
		TEXT_LIT(t, ", ");
	text_add(t, name);
	if (!t->overflow)
		return;
	t->len = mark;
	t->overflow = false;
}

/* RFC 8224: a signature covers Date, too; it goes on, and Date does not. */
static void
note_signed_date(struct edit *edit, const struct policy *out,
    const struct policy_trunk *to, const struct sip_message *msg)
{
	const struct sip_line *signature = sip_find(msg, SIP_IDENTITY);
	const struct sip_line *date = sip_find(msg, SIP_DATE);
	struct edit_why why = { DIAG_CLI_IDENTITY_BROKEN,
		policy_rule(out, SETTING_ABSENT), SPAN_NONE };

	if (signature != NULL && date != NULL &&
	    !policy_relays(out, to, date) && policy_relays(out, to, signature))
		edit_note(edit, SPAN("Identity"), signature->value, &why);
}

void
policy_scrub(const struct policy *out, struct policy_context *ctx,
    const struct sip_message *msg)
{
	char buf[SCRUB_MAX];
	struct text names = text_over(buf, sizeof(buf));
	struct edit edit = edit_of(ctx, STAGE_OUT, ctx->to, NULL);
	struct edit_why why = { DIAG_SCRUB_PRIVATE_HDR,
		policy_gives(out, SETTING_ABSENT)
		    ? policy_rule(out, SETTING_ABSENT)
		    : policy_rule(out, SETTING_RELAY),
		SPAN("these headers go no further") };
	unsigned i;

	for (i = 0; i < msg->lines_n; i++) {
		const struct sip_line *line = &msg->lines[i];

		if (!(sip_header_flags(line->id) & SIP_FLAG_OURS) &&
		    !policy_relays(out, ctx->to, line))
			scrub_name(&names, line->name);
	}
	if (names.len > 0)
		edit_note(&edit, SPAN("headers"), text_span(&names), &why);
	note_signed_date(&edit, out, ctx->to, msg);
}

/* By whose numbers an emergency is told. */
static const struct number_plan *
plan_of_caller(const struct policy_context *ctx)
{
	if (ctx->from != NULL && ctx->from->plan != NULL)
		return ctx->from->plan;
	return ctx->to == NULL ? NULL : ctx->to->plan;
}

void
policy_begin(struct policy_context *ctx, const struct sip_draft *draft)
{
	guard_begin(&ctx->guard, draft, ctx->in_dialog || !draft->request,
	    plan_of_caller(ctx));
	if (ctx->call == POLICY_CALL_EMERGENCY)
		ctx->guard.emergency = true;
	ctx->response = NULL;
	ctx->changes = 0;
	ctx->vetoes = 0;
}

#define HEARD_MAX 256

void
policy_hear_refusal(const struct policy *policy, struct policy_context *ctx,
    unsigned status, struct span phrase)
{
	struct edit edit = edit_of(ctx, STAGE_IN, ctx->from, NULL);
	const struct policy_response *response;
	char buf[HEARD_MAX];
	struct text heard = text_over(buf, sizeof(buf));
	struct edit_why why;

	if (ctx->response != NULL)
		return;
	response = policy_response_find(policy, status, phrase);
	if (response == NULL)
		return;
	ctx->response = response;
	text_add_u64(&heard, status);
	TEXT_LIT(&heard, " ");
	text_add(&heard,
	    span_make(phrase.p,
		phrase.n < HEARD_MAX - 8 ? phrase.n : HEARD_MAX - 8));
	why = (struct edit_why){ response->diagnostic, response->rule,
		response->reason };
	edit_note(&edit, SPAN("response"), text_span(&heard), &why);
}

void
policy_hear(const struct policy *policy, struct policy_context *ctx,
    const struct sip_draft *draft)
{
	if (!draft->request && ctx->method == SIP_METHOD_INVITE)
		policy_hear_refusal(policy, ctx, draft->status, draft->reason);
}

struct span
apply_splice(struct apply *apply, int field, struct span old, struct span text,
    const struct edit_why *why)
{
	struct sip_draft *draft = apply->draft;
	struct span value = draft->fields[field].value, spliced;
	size_t mark = sip_draft_mark(draft);

	text_add(&draft->scratch, span_between(value.p, old.p));
	text_add(&draft->scratch, text);
	text_add(&draft->scratch, span_between(span_end(old), span_end(value)));
	spliced = sip_draft_keep(draft, mark);
	return edit_set(&apply->edit, field, spliced, why) ? spliced : value;
}

struct span
apply_splice_more(struct apply *apply, struct apply_room *room, int field,
    struct span old, struct span text, const struct edit_why *why)
{
	struct text *scratch = &apply->draft->scratch;
	size_t mark = sip_draft_mark(apply->draft);
	struct span now = apply_splice(apply, field, old, text, why);

	if (now.p != scratch->buf + mark)
		return now;
	if (!room->taken) {
		room->taken = true;
		room->mark = mark;
		return now;
	}
	memmove(scratch->buf + room->mark, now.p, now.n);
	now.p = scratch->buf + room->mark;
	scratch->len = room->mark + now.n;
	apply->draft->fields[field].value = now;
	return now;
}

void
apply_splice_uri(struct apply *apply, struct span old, struct span text,
    const struct edit_why *why)
{
	struct sip_draft *draft = apply->draft;
	struct span uri = draft->uri;
	size_t mark = sip_draft_mark(draft);

	text_add(&draft->scratch, span_between(uri.p, old.p));
	text_add(&draft->scratch, text);
	text_add(&draft->scratch, span_between(span_end(old), span_end(uri)));
	edit_request_uri(&apply->edit, sip_draft_keep(draft, mark), why);
}

void
apply_remove_all(
    struct apply *apply, enum sip_header id, const struct edit_why *why)
{
	int at = 0;

	while ((at = sip_draft_find(apply->draft, id, (unsigned)at)) >= 0) {
		if (!edit_remove(&apply->edit, at, why))
			at++;
	}
}

static void
remove_listed(struct apply *apply)
{
	const struct policy *policy = apply->policy;
	struct edit_why why = { DIAG_SCRUB_PRIVATE_HDR,
		policy_rule(policy, SETTING_ABSENT), SPAN_NONE };
	unsigned i = 0;

	if (policy->list[SETTING_ABSENT].n == 0)
		return;
	while (i < apply->draft->fields_n) {
		const struct sip_field *field = &apply->draft->fields[i];

		if (guard_owns_header(field->id) ||
		    !policy_lists_header(policy, SETTING_ABSENT, field->name) ||
		    !edit_remove(&apply->edit, (int)i, &why))
			i++;
	}
}

/* Does the draft have anything that the rules of identity and numbers look at? */
static bool
has_identity(const struct sip_draft *draft)
{
	unsigned i;

	for (i = 0; i < draft->fields_n; i++) {
		switch (draft->fields[i].id) {
		case SIP_P_ASSERTED_IDENTITY:
		case SIP_P_PREFERRED_IDENTITY:
		case SIP_REMOTE_PARTY_ID:
		case SIP_DIVERSION:
		case SIP_HISTORY_INFO:
		case SIP_PRIVACY:
		case SIP_REFERRED_BY:
		case SIP_REFER_TO:
			return true;
		default:
			break;
		}
	}
	return false;
}

/* At the stage of arrival only what the file says; what every trunk gets comes
 * at the stage of departure. */
static bool
group_applies(const struct apply *apply, enum setting first, enum setting last)
{
	uint64_t bits = ((uint64_t)2 << last) - ((uint64_t)1 << first);

	return apply->edit.entry.stage == STAGE_OUT ||
	       (apply->policy->given & bits) != 0;
}

enum policy_call
apply_call(const struct apply *apply)
{
	return apply->edit.guard->emergency ? POLICY_CALL_EMERGENCY
					    : apply->ctx->call;
}

/* Of what goes to the trunk, as it stands. An offer inside a dialog is only
 * told about: to refuse it would end nothing and mend nothing. */
static bool
check_srtp(struct apply *apply, struct policy_refusal *refusal)
{
	const struct sip_draft *draft = apply->draft;
	enum media_srtp wanted =
		(enum media_srtp)apply->policy->choice[SETTING_SRTP];
	bool first = !apply->edit.guard->in_dialog;

	if (draft->body.n == 0 || !draft->request ||
	    (draft->method != SIP_METHOD_INVITE &&
		draft->method != SIP_METHOD_UPDATE) ||
	    apply->edit.entry.stage != STAGE_OUT)
		return true;
	return media_check_srtp(&apply->edit, wanted,
	    first && apply_call(apply) != POLICY_CALL_EMERGENCY,
	    policy_rule(apply->policy, SETTING_SRTP), refusal);
}

void
apply_plans(struct apply *apply)
{
	const struct policy *policy = apply->policy;
	const struct policy_trunk *from = apply->ctx->from,
				  *to = apply->ctx->to;
	const struct number_plan *out = to == NULL ? NULL : to->plan;

	if (apply->plans_chosen)
		return;
	apply->plans_chosen = true;
	apply->read = from == NULL || from->plan == NULL ? out : from->plan;
	apply->write = out == NULL ? apply->read : out;
	apply->area = from == NULL ? SPAN_NONE : from->area;
	if (apply->area.n == 0 && to != NULL && apply->read == out)
		apply->area = to->area;
	if (policy->plan != NULL)
		apply->read = apply->write = policy->plan;
	if (policy_gives(policy, SETTING_AREA))
		apply->area = policy_text(policy, SETTING_AREA);
}

struct span
apply_host_wanted(const struct apply *apply)
{
	switch (apply->trunk == NULL ? HOST_KEEP
				     : apply->policy->choice[SETTING_HOST]) {
	case HOST_OWN:
		return apply->trunk->host;
	case HOST_DOMAIN:
		return apply->trunk->domain;
	default:
		return SPAN_NONE;
	}
}

/* Only for the first INVITE: what follows shows nothing new. */
static bool
is_predicted(const struct apply *apply)
{
	return policy_gives(apply->policy, SETTING_ORDER) &&
	       apply->edit.entry.stage == STAGE_OUT &&
	       !apply->edit.guard->in_dialog && apply->draft->request &&
	       apply->draft->method == SIP_METHOD_INVITE &&
	       apply->edit.journal != NULL;
}

#define PREDICTION_MAX 192

/* Before all rewriting, and as it goes out. */
static void
predict(struct apply *apply)
{
	char was[PREDICTION_MAX], is[PREDICTION_MAX];
	struct text before = text_over(was, sizeof(was));
	struct text after = text_over(is, sizeof(is));
	struct edit_why why = { DIAG_CLI_SIMULATE,
		policy_rule(apply->policy, SETTING_ORDER), SPAN_NONE };
	struct identity id;

	if (apply->ctx->received != NULL) {
		identity_read(
		    apply->ctx->received, &apply->draft->names, &id);
		presentation_add(apply, &id, &before);
	}
	identity_read_draft(apply->draft, &id);
	presentation_add(apply, &id, &after);
	edit_note_both(&apply->edit, SPAN("presentation"), text_span(&before),
	    text_span(&after), &why);
}

/* Where the call goes is settled first: others are told of it. */
static void
settle_target(struct apply *apply)
{
	rules_target(apply);
	rules_called(apply);
	rules_dialled(apply);
	if (apply->edit.entry.stage == STAGE_OUT)
		rules_domain(apply);
}

static bool
apply_rules(struct apply *apply, struct policy_refusal *refusal)
{
	bool first = !apply->edit.guard->in_dialog;

	remove_listed(apply);
	if (first || has_identity(apply->draft)) {
		apply_plans(apply);
		identity_read_draft(apply->draft, &apply->id);
		if (first)
			settle_target(apply);
		if (group_applies(
			apply, SETTING_ASSERTED, SETTING_DEFAULT_CALLER)) {
			rules_hide_diverting(apply);
			if (first && !rules_from(apply, refusal))
				return false;
			rules_identity(apply);
		}
		rules_values(apply);
	}
	if (apply->draft->body.n > 0 && apply->edit.entry.stage == STAGE_OUT &&
	    apply->policy->choice[SETTING_PRIVATE] == PRIVATE_REPLACE)
		media_replace_private(&apply->edit, apply->trunk,
		    policy_rule(apply->policy, SETTING_PRIVATE));
	if (apply->draft->body.n > 0 && apply->edit.entry.stage == STAGE_OUT &&
	    apply->policy->list[SETTING_CODECS].n > 0)
		media_keep_codecs(&apply->edit,
		    apply->policy->list[SETTING_CODECS].list,
		    apply->policy->list[SETTING_CODECS].n,
		    policy_rule(apply->policy, SETTING_CODECS));
	if (apply->policy->rules.n > 0)
		rules_free(apply);
	rules_retarget(apply);
	if (is_predicted(apply))
		predict(apply);
	return check_srtp(apply, refusal);
}

bool
policy_apply(const struct policy *policy, enum journal_stage stage,
    struct policy_context *ctx, struct sip_draft *draft,
    struct policy_refusal *refusal)
{
	struct owned_known known;
	struct apply apply;
	bool ok;

	if (stage == STAGE_IN && policy->builtin)
		return true;
	apply.policy = policy;
	apply.ctx = ctx;
	apply.trunk = stage == STAGE_IN ? ctx->from : ctx->to;
	apply.draft = draft;
	apply.plans_chosen = false;
	apply.known = &known;
	known.n = 0;
	apply.mapped = SPAN_NONE;
	apply.target = SPAN_NONE;
	apply.edit = edit_of(ctx, stage, apply.trunk, draft);
	ok = apply_rules(&apply, refusal);
	ctx->changes += apply.edit.changes;
	ctx->vetoes += apply.edit.vetoes;
	return ok;
}
