#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "identity/identity.h"
#include "number/inventory.h"
#include "policy/policy.h"
#include "sip/view.h"
#include "unit.h"

#define POLICY(body) "policy = { name = \"test\";\n" body "};\n"

/* Everything that was journalled, a line an entry: "kind CODE
 * target|before|after rule". */
struct book {
	struct text text;
	char buf[16384];
	char codes[1024];
	unsigned rewrites;
};

static void
book_note(void *arg, const struct journal_entry *entry)
{
	struct book *book = arg;
	const char *code = diagnosis_get(entry->diagnostic)->code;

	text_addf(&book->text, "%s %s %.*s|%.*s|%.*s %.*s\n",
	    journal_kind_name(entry->kind), code, SPAN_ARG(entry->target),
	    SPAN_ARG(entry->before), SPAN_ARG(entry->after),
	    SPAN_ARG(entry->rule));
	if (book->codes[0] != '\0')
		strcat(book->codes, " ");
	strcat(book->codes, code);
	book->rewrites += entry->kind == JOURNAL_REWRITE;
}

static void
book_init(struct book *book)
{
	book->text = text_over(book->buf, sizeof(book->buf));
	book->codes[0] = '\0';
	book->rewrites = 0;
}

/* A call on its way from a PBX to a carrier, as the core would have it. */
struct fixture {
	char raw[8192];
	struct sip_message msg;
	struct sip_view view;
	struct sip_draft draft;
	struct policy_trunk pbx, carrier;
	struct policy_context ctx;
	struct policy_refusal refusal;
	struct book book;
	struct journal journal;
	char out[16384];
	struct text wire;
};

static const char sdp_private[] = "v=0\r\no=- 1 1 IN IP4 192.168.1.5\r\ns=-\r\n"
				  "c=IN IP4 192.168.1.5\r\nt=0 0\r\n"
				  "m=audio 10000 RTP/AVP 0\r\n";

static void
fixture_trunks(struct fixture *f)
{
	f->pbx = (struct policy_trunk){ .name = SPAN("pbx"),
		.host = SPAN("lan.example.com"),
		.media_direct = true,
		.plan = number_plan_find(SPAN("GB")) };
	f->carrier = (struct policy_trunk){ .name = SPAN("carrier"),
		.host = SPAN("sbc.example.com"),
		.media_direct = true,
		.plan = number_plan_find(SPAN("GB")) };
	ck_assert(address_parse_ip(SPAN("198.51.100.7"), &f->carrier.media));
	f->journal = (struct journal){ book_note, &f->book };
	book_init(&f->book);
}

static void
fixture_party(struct fixture *f, enum sip_header id, struct span received,
    const char *tag)
{
	size_t mark = sip_draft_mark(&f->draft);

	identity_add_retagged(&f->draft.scratch, received, span_of(tag));
	sip_draft_add(
	    &f->draft, id, sip_draft_keep(&f->draft, mark), SIP_OWNER_DIALOG);
}

/* What the core puts in: the dialog's fields, then what may be relayed. */
static void
fixture_draft(struct fixture *f, const struct policy *policy)
{
	unsigned i;

	if (f->msg.request)
		sip_draft_request(&f->draft, f->msg.method, f->msg.method_name,
		    f->msg.uri);
	else
		sip_draft_response(&f->draft, f->msg.status, f->msg.reason);
	sip_draft_add(&f->draft, SIP_VIA,
	    SPAN("SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKours"),
	    SIP_OWNER_DIALOG);
	sip_draft_add(
	    &f->draft, SIP_MAX_FORWARDS, SPAN("69"), SIP_OWNER_DIALOG);
	fixture_party(f, SIP_FROM, f->view.from, "ours");
	fixture_party(
	    f, SIP_TO, f->view.to, f->view.to_tag.n > 0 ? "theirs" : "");
	sip_draft_add(
	    &f->draft, SIP_CALL_ID, SPAN("ours@sbc"), SIP_OWNER_DIALOG);
	sip_draft_add(&f->draft, SIP_CSEQ, SPAN("1 INVITE"), SIP_OWNER_DIALOG);
	sip_draft_add(&f->draft, SIP_CONTACT, SPAN("<sip:198.51.100.7>"),
	    SIP_OWNER_DIALOG);
	sip_draft_add(
	    &f->draft, SIP_USER_AGENT, SPAN("cordon"), SIP_OWNER_OWN);
	for (i = 0; i < f->msg.lines_n; i++) {
		if (policy_relays(policy, &f->carrier, &f->msg.lines[i]))
			sip_draft_copy(&f->draft, &f->msg.lines[i]);
	}
	f->draft.body = f->msg.body;
	f->ctx = (struct policy_context){ .from = &f->pbx,
		.to = &f->carrier,
		.in_dialog = f->view.to_tag.n > 0 || !f->msg.request,
		.journal = &f->journal,
		.entry = { .call = 1, .leg = JOURNAL_CALLEE } };
	policy_begin(&f->ctx, &f->draft);
}

static void
fixture_parse(struct fixture *f)
{
	struct sip_fault fault;

	ck_assert(sip_index(&f->msg, span_of(f->raw), &fault));
	ck_assert(sip_view_read(&f->msg, &f->view, &fault));
}

/* `start` may be NULL: an INVITE to a number that needs nothing. */
static void
fixture_message(struct fixture *f, const char *start, const char *from,
    const char *to, const char *more, const char *body)
{
	snprintf(f->raw, sizeof(f->raw),
	    "%s\r\nVia: SIP/2.0/UDP 192.168.1.5;branch=z9hG4bK1\r\n"
	    "%s\r\nTo: %s\r\nCall-ID: 1@pbx\r\nCSeq: 1 INVITE\r\n"
	    "Contact: <sip:192.168.1.5>\r\nMax-Forwards: 70\r\n%s"
	    "Content-Length: %zu\r\n\r\n%s",
	    start == NULL ? "INVITE sip:+442079460001@sbc SIP/2.0" : start,
	    from, to, more, strlen(body), body);
	fixture_parse(f);
}

static struct policy *
policy_of(const char *text)
{
	struct problems problems;
	struct policy *policy;

	if (text == NULL)
		return policy_builtin();
	problems_init(&problems);
	policy = policy_load_text(text, "policies/test.conf", 0, &problems);
	problems_print(&problems, stderr);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(problems.n, 0);
	problems_fini(&problems);
	return policy;
}

/* Applies, applies again, checks, writes. */
static void
fixture_apply(struct fixture *f, const struct policy *policy,
    enum journal_stage stage)
{
	unsigned changes;
	const char *reason;

	ck_assert(
	    policy_apply(policy, stage, &f->ctx, &f->draft, &f->refusal));
	ck_assert_uint_eq(f->ctx.vetoes, 0);
	changes = f->ctx.changes;
	ck_assert_msg(changes == 0 || f->book.rewrites > 0, "unseen change");
	f->ctx.journal = NULL;
	ck_assert(
	    policy_apply(policy, stage, &f->ctx, &f->draft, &f->refusal));
	ck_assert_msg(f->ctx.changes == changes, "second application changed");
	ck_assert_msg(
	    guard_check(&f->ctx.guard, &f->draft, &reason), "%s", reason);
	f->wire = text_over(f->out, sizeof(f->out));
	ck_assert(sip_draft_write(&f->draft, &f->wire));
	text_cstr(&f->wire);
}

struct row {
	const char *name;
	const char *policy;
	const char *from;
	const char *more; /* header lines, each with its end */
	const char *want; /* whole header lines, without their ends, by \n */
	const char *absent; /* texts that must not be there, by \n */
	const char *codes; /* in order */
};

#define FROM "From: <sip:+442079460000@pbx>;tag=1"
#define ANON "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1"
#define ONE  POLICY("identity = { asserted_values = \"one\"; };\n")
#define RPID "Remote-Party-ID: "
#define FROM_OURS "From: <sip:+442079460000@pbx>;tag=ours"
#define PAI  "P-Asserted-Identity: "
#define PPI  "P-Preferred-Identity: "

#define DIVERT(how) POLICY("identity = { diversion = \"" how "\"; };")
#define MAP	    POLICY("identity = { asserted = \"map:" MAP_FILE "\"; };")
#define MAP_FILE    SRCDIR "/t/unit/numbers.map"
#define HISTORY_LINE                                                           \
	"History-Info: <sip:+442079460055@pbx>;index=1, "                      \
	"<sip:+442079460001@pbx;cause=408>;index=1.1;mp=1"
#define HISTORY HISTORY_LINE "\r\n"

#define FROM_161 POLICY("numbers = { in = [ \"from\" ]; area = \"161\"; };")

static const struct row rows[] = {
	{ "nothing to do", NULL, FROM, PAI "<sip:+442079460000@pbx>\r\n",
	    PAI "<sip:+442079460000@pbx>\nFrom: <sip:+442079460000@pbx>;tag=ours",
	    NULL, "" },

	/* ACS-01 */
	{ "mismatch is told", NULL, FROM, PAI "<sip:+441709@pbx>\r\n",
	    PAI "<sip:+441709@pbx>", NULL, "CLI-MISMATCH" },
	{ "mismatch, absent",
	    POLICY("identity = { asserted = \"absent\"; };"), FROM,
	    PAI "\"Fred\" <sip:+442079460009@pbx>\r\n", "From: <sip:+442079460000@pbx>;tag=ours",
	    "P-Asserted", "CLI-MISMATCH" },
	{ "mismatch, from", POLICY("identity = { asserted = \"from\"; };"),
	    FROM, PAI "\"Fred\" <sip:+442079460009@pbx>\r\n",
	    PAI "\"Fred\" <sip:+442079460000@pbx;user=phone>", "460009",
	    "CLI-MISMATCH" },
	{ "no mismatch by another form",
	    POLICY("identity = { asserted = \"from\"; };"),
	    "From: <sip:02079460000@pbx>;tag=1",
	    PAI "<sip:+442079460000@pbx>\r\n", PAI "<sip:+442079460000@pbx>",
	    NULL, "" },
	{ "from, asserted already, in one value where two are wanted",
	    POLICY("identity = { asserted = \"from\"; asserted_values = "
		   "\"sip-and-tel\"; };"),
	    FROM, PAI "<sip:+442079460000@pbx>\r\n",
	    PAI "<tel:+442079460000>", NULL,
	    "MSG-PAI-MALFORMED MSG-PAI-MALFORMED" },
	{ "from, nobody asserted",
	    POLICY("identity = { asserted = \"from\"; };"),
	    "From: \"Fred\" <sip:+442079460000@pbx>;tag=1", "",
	    PAI "\"Fred\" <sip:+442079460000@sbc.example.com;user=phone>",
	    NULL, "CLI-MISMATCH" },
	{ "from, two values of which one fits",
	    POLICY("identity = { asserted = \"from\"; };"), FROM,
	    PAI "<sip:+442079460000@pbx>, <tel:+442079460009>\r\n",
	    PAI "<sip:+442079460000@pbx;user=phone>", "460009",
	    "CLI-MISMATCH" },
	{ "from, anonymous stays asserted",
	    POLICY("identity = { asserted = \"from\"; };"), ANON,
	    PAI "<sip:+442079460009@pbx>\r\n", PAI "<sip:+442079460009@pbx>",
	    NULL, "CLI-ANONYMOUS" },
	{ "absent without mismatch",
	    POLICY("identity = { asserted = \"absent\"; };"), FROM,
	    PAI "<sip:+442079460000@pbx>\r\n" PAI "<tel:+442079460000>\r\n",
	    NULL, "P-Asserted", "SCRUB-PRIVATE-HDR SCRUB-PRIVATE-HDR" },
	{ "fixed, replaced",
	    POLICY("identity = { asserted = \"fixed:+442079460123\"; };"),
	    FROM, PAI "\"Fred\" <sip:+442079460000@pbx>\r\n",
	    PAI "\"Fred\" <sip:+442079460123@pbx;user=phone>", NULL,
	    "CLI-PAI-NOT-OWNED" },
	{ "fixed, added",
	    POLICY("identity = { asserted = \"fixed:+442079460123\"; };"),
	    FROM, "", PAI "<sip:+442079460123@sbc.example.com;user=phone>",
	    NULL, "CLI-NOT-OWNED" },
	{ "fixed, there already",
	    POLICY("identity = { asserted = \"fixed:+442079460123\"; };"),
	    FROM, PAI "<sip:+442079460123@pbx>\r\n",
	    PAI "<sip:+442079460123@pbx>", NULL, "" },
	{ "fixed, sip and tel",
	    POLICY("identity = { asserted = \"fixed:+442079460123\";"
		   "asserted_values = \"sip-and-tel\"; };"),
	    FROM, "",
	    PAI "<sip:+442079460123@sbc.example.com;user=phone>\n" PAI
		"<tel:+442079460123>",
	    NULL, "CLI-NOT-OWNED CLI-NOT-OWNED" },

	/* ACS-03 */
	{ "id is told", NULL, FROM,
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: id\r\n",
	    PAI "<sip:+442079460000@pbx>\nPrivacy: id", NULL,
	    "CLI-PRIVACY-ID" },
	{ "id honoured", POLICY("identity = { privacy = \"honour\"; };"), FROM,
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: id\r\n"
		"Remote-Party-ID: <sip:+442079460000@pbx>\r\n"
		"P-Preferred-Identity: <sip:+442079460000@pbx>\r\n",
	    "Privacy: id", "P-Asserted\nRemote-Party\nP-Preferred",
	    "CLI-PRIVACY-ID CLI-PRIVACY-ID CLI-PRIVACY-ID" },
	{ "honour without id", POLICY("identity = { privacy = \"honour\"; };"),
	    FROM, PAI "<sip:+442079460000@pbx>\r\nPrivacy: session\r\n",
	    PAI "<sip:+442079460000@pbx>\nPrivacy: session", NULL, "" },
	{ "user honoured", POLICY("identity = { privacy = \"honour\"; };"),
	    "From: \"Fred\" <sip:+442079460000@pbx>;tag=1;x=1",
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: user;critical\r\n"
		"Remote-Party-ID: <sip:+442079460000@pbx>\r\n"
		"Referred-By: <sip:+442079460000@pbx>\r\nSubject: Fred\r\n"
		"P-Charge-Info: <sip:+442079460000@pbx>\r\n",
	    "Privacy: user;critical\n"
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;x=1;tag=ours",
	    "+442079460000\nFred",
	    "CLI-PRIVACY-ID CLI-PRIVACY-ID CLI-PRIVACY-ID CLI-PRIVACY-ID "
	    "CLI-PRIVACY-ID CLI-PRIVACY-ID" },
	{ "id added", POLICY("identity = { privacy = \"add\"; };"), FROM,
	    PAI "<sip:+442079460000@pbx>\r\n",
	    "Privacy: id\n" PAI "<sip:+442079460000@pbx>", NULL,
	    "CLI-PRIVACY-ID" },
	{ "id added to others", POLICY("identity = { privacy = \"add\"; };"),
	    FROM, "Privacy: user, none; critical\r\n",
	    "Privacy: user;critical;id", "none", "CLI-PRIVACY-ID" },
	{ "id added to those of two fields",
	    POLICY("identity = { privacy = \"add\"; };"), FROM,
	    "Privacy: user\r\nPrivacy: none;history\r\n",
	    "Privacy: user;history;id", "none\nPrivacy: history",
	    "CLI-PRIVACY-ID CLI-PRIVACY-ID" },
	{ "id is there", POLICY("identity = { privacy = \"add\"; };"), FROM,
	    "Privacy: user\r\nPrivacy: id\r\n", "Privacy: user\nPrivacy: id",
	    NULL, "" },
	{ "real wish, id not dropped",
	    POLICY("identity = { privacy = \"drop-id\"; };"), ANON,
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: id\r\n",
	    PAI "<sip:+442079460000@pbx>\nPrivacy: id", NULL,
	    "CLI-PRIVACY-ID" },
	{ "id dropped", POLICY("identity = { privacy = \"drop-id\"; };"), FROM,
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: id\r\n",
	    PAI "<sip:+442079460000@pbx>", "Privacy:", "CLI-PRIVACY-ID" },
	{ "only id dropped", POLICY("identity = { privacy = \"drop-id\"; };"),
	    FROM, "Privacy: header ; id;critical\r\n",
	    "Privacy: header;critical", NULL, "CLI-PRIVACY-ID" },
	{ "critical alone says nothing",
	    POLICY("identity = { privacy = \"drop-id\"; };"), FROM,
	    "Privacy: id;critical\r\n", NULL, "Privacy:", "CLI-PRIVACY-ID" },
	{ "critical in a second field",
	    POLICY("identity = { privacy = \"drop-id\"; };"), FROM,
	    "Privacy: id\r\nPrivacy: critical\r\n", NULL, "Privacy:",
	    "CLI-PRIVACY-ID CLI-PRIVACY-ID" },

	/* SFB-06 */
	{ "coupled id, public From",
	    POLICY("identity = { privacy = \"drop-id-if-public\"; };"), FROM,
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: id\r\n",
	    PAI "<sip:+442079460000@pbx>", "Privacy:",
	    "CLI-PRIVACY-COUPLED" },
	{ "real wish, anonymous From",
	    POLICY("identity = { privacy = \"drop-id-if-public\"; };"), ANON,
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: id\r\n",
	    PAI "<sip:+442079460000@pbx>\nPrivacy: id\n"
		"From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    NULL, "" },
	{ "real wish, anonymous name",
	    POLICY("identity = { privacy = \"drop-id-if-public\"; };"),
	    "From: Anonymous <sip:+442079460000@pbx>;tag=1",
	    "Privacy: id\r\n", "Privacy: id", NULL, "" },
	{ "a name that is no number is not public",
	    POLICY("identity = { privacy = \"drop-id-if-public\"; };"),
	    "From: <sip:unavailable@pbx>;tag=1", "Privacy: id\r\n",
	    "Privacy: id", NULL, "" },
	{ "not coupled where more is asked for",
	    POLICY("identity = { privacy = \"drop-id-if-public\"; };"), FROM,
	    "Privacy: user;id\r\n", "Privacy: user;id", NULL, "" },
	{ "unavailable, drop-id",
	    POLICY("identity = { privacy = \"drop-id\"; };"),
	    "From: <sip:Unavailable@pbx>;tag=1", "Privacy: id\r\n",
	    "Privacy: id", NULL, "" },
	{ "who says Private in From says no more to an untrusted trunk",
	    POLICY("identity = { privacy = \"honour\"; };"),
	    "From: \"Private\" <sip:+442079460000@pbx>;tag=1",
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: id\r\n",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours\n"
	    "Privacy: id", "P-Asserted-Identity", "CLI-PRIVACY-ID CLI-PRIVACY-ID" },

	/* A wish that only Remote-Party-ID has. */
	{ "party hides, and goes on", NULL, FROM,
	    RPID "<sip:+442079460000@pbx>;privacy=full\r\n",
	    RPID "<sip:+442079460000@pbx>;privacy=full\n" FROM_OURS,
	    "Privacy:", "" },
	{ "party hides, and goes no further",
	    POLICY("identity = { remote_party = \"absent\"; privacy = "
		   "\"drop-id-if-public\"; };"), FROM,
	    PAI "<sip:+442079460000@pbx>\r\n"
	    RPID "<sip:+442079460000@pbx>;party=calling;privacy=full\r\n",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours\n"
	    PAI "<sip:+442079460000@pbx>\nPrivacy: id", "Remote-Party",
	    "CLI-PRIVACY-ID CLI-PRIVACY-ID CLI-RPID" },
	{ "party hides beside another wish, untrusted",
	    POLICY("identity = { privacy = \"honour\"; };"), FROM,
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: history\r\n"
	    RPID "<sip:+442079460000@pbx>;privacy=\"uri\"\r\n",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours\n"
	    "Privacy: history;id", "Remote-Party\nP-Asserted",
	    "CLI-PRIVACY-ID CLI-PRIVACY-ID CLI-PRIVACY-ID CLI-PRIVACY-ID" },
	{ "anonymous becomes a wish",
	    POLICY("identity = { anonymous_from = \"private\"; privacy = "
		   "\"drop-id-if-public\"; };"), ANON, "Privacy: session\r\n",
	    "Privacy: session;id", NULL, "CLI-ANONYMOUS" },
	{ "anonymous, and no wish",
	    POLICY("identity = { anonymous_from = \"private\"; };"), ANON,
	    "Privacy: none\r\n", "Privacy: none", NULL, "CLI-ANONYMOUS" },
	{ "not anonymous is no wish",
	    POLICY("identity = { anonymous_from = \"private\"; };"), FROM, "",
	    NULL, "Privacy:", "" },
	{ "party hides who is anonymous",
	    POLICY("identity = { anonymous_from = \"use-asserted\"; };"), ANON,
	    PAI "<sip:+442079460000@pbx>\r\n"
	    RPID "<sip:+442079460000@pbx>;privacy=full\r\n",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    NULL, "" },
	{ "party shows its name only not",
	    POLICY("identity = { remote_party = \"absent\"; };"), FROM,
	    RPID "<sip:+442079460000@pbx>;privacy=name\r\n", FROM_OURS,
	    "Privacy:", "CLI-RPID" },
	{ "the called party is not who calls",
	    POLICY("identity = { remote_party = \"from\"; };"), FROM,
	    RPID "<sip:+441@pbx>;party=called, <sip:+442@pbx>;party=calling\r\n",
	    RPID "<sip:+442079460000@pbx>;party=calling", "party=called",
	    "CLI-RPID" },
	{ "only the called party",
	    POLICY("identity = { remote_party = \"from\"; };"), FROM,
	    RPID "<sip:+441@pbx>;party=called\r\n", NULL, "Remote-Party",
	    "CLI-RPID" },
	{ "broken From is not public",
	    POLICY("identity = { privacy = \"drop-id-if-public\";"
		   "default_caller = \"+442079460123\"; };"),
	    "From: <;user=phone>;tag=1", "Privacy: id\r\n", "Privacy: id",
	    NULL, "MSG-FROM-MALFORMED" },

	/* SFB-07: the six variants of probe P1 */
	{ "literal source", NULL, FROM,
	    PAI "\"Fred Bloggs\"<>,tel:+442079460000\r\n",
	    PAI "\"Fred Bloggs\" "
		"<sip:+442079460000@sbc.example.com;user=phone>",
	    "tel:\n<>", "MSG-PAI-MALFORMED" },
	{ "real form", NULL, FROM,
	    PAI "\"Fred Bloggs\"<sip:fred@contoso.com>,tel:+442079460000\r\n",
	    PAI "\"Fred Bloggs\"<sip:fred@contoso.com>,tel:+442079460000",
	    NULL, "" },
	{ "real form, one value", ONE, FROM,
	    PAI "\"Fred Bloggs\"<sip:fred@contoso.com>,tel:+442079460000\r\n",
	    PAI "\"Fred Bloggs\" "
		"<sip:+442079460000@sbc.example.com;user=phone>",
	    "tel:\ncontoso", "MSG-PAI-MALFORMED" },
	{ "two lines, one value", ONE, FROM,
	    PAI "<sip:+442079460000@pbx>\r\n" PAI "<tel:+442079460000>\r\n",
	    PAI "<sip:+442079460000@pbx>", "tel:", "MSG-PAI-MALFORMED" },
	{ "folded", ONE, FROM,
	    PAI "\"Fred\"\r\n <sip:+442079460000@pbx>,\r\n"
		"\t<tel:+442079460000>\r\n",
	    PAI "\"Fred\" <sip:+442079460000@pbx>", "tel:",
	    "MSG-PAI-MALFORMED" },
	{ "three values", NULL, FROM,
	    PAI "<sip:+442079460000@pbx>, <sip:+442079460002@pbx>, "
		"<tel:+442079460003>\r\n",
	    PAI "<sip:+442079460000@pbx>\n" PAI "<tel:+442079460003>", "460002",
	    "MSG-PAI-MALFORMED MSG-PAI-MALFORMED" },
	{ "garbage", NULL, FROM, PAI "!!! %%, <sip:>, \"\r\n",
	    "From: <sip:+442079460000@pbx>;tag=ours", "P-Asserted",
	    "MSG-PAI-MALFORMED" },
	{ "empty", NULL, FROM, PAI "\r\n", NULL, "P-Asserted",
	    "MSG-PAI-MALFORMED" },
	{ "sip and tel made of one",
	    POLICY("identity = { asserted_values = \"sip-and-tel\"; };"), FROM,
	    PAI "<sip:+442079460000@pbx>\r\n",
	    PAI "<sip:+442079460000@pbx>\n" PAI "<tel:+442079460000>", NULL,
	    "MSG-PAI-MALFORMED" },
	{ "sip and tel of a name",
	    POLICY("identity = { asserted_values = \"sip-and-tel\"; };"),
	    "From: <sip:fred@pbx>;tag=1", PAI "<sip:fred@pbx>\r\n",
	    PAI "<sip:fred@pbx>", "tel:", "" },
	{ "tel only, one value", ONE, FROM, PAI "<tel:+442079460000>\r\n",
	    PAI "<sip:+442079460000@sbc.example.com;user=phone>", "tel:",
	    "MSG-PAI-MALFORMED" },

	/* SFB-08 */
	{ "From without scheme",
	    POLICY("identity = { default_caller = \"+442079460123\"; };"),
	    "FROM: \"Fred Bloggs\"<;user=phone>;epid=0D1;tag=1", "",
	    "From: \"Fred Bloggs\" "
	    "<sip:+442079460123@sbc.example.com;user=phone>;tag=ours",
	    "epid", "MSG-FROM-MALFORMED" },
	{ "From that hides, without scheme",
	    POLICY("identity = { default_caller = \"+442079460123\"; };"),
	    "FROM: Anonymous <;user=phone>;tag=1", "Privacy: id\r\n",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    "+442079460123", "MSG-FROM-MALFORMED" },
	{ "From with an empty parameter", NULL,
	    "FROM: <sip:02079460000@pbx;;user=phone>;tag=1;epid=0D1", "",
	    "From: <sip:02079460000@pbx;user=phone>;tag=ours", "epid",
	    "MSG-FROM-MALFORMED" },
	{ "From with the number as host", NULL,
	    "FROM: <sip:02079460000;;user=phone>;tag=1", "",
	    "From: <sip:02079460000@sbc.example.com;user=phone>;tag=ours",
	    NULL, "MSG-FROM-MALFORMED" },
	{ "From with private parameters", NULL,
	    "From: <sip:+442079460000@pbx>;ms-opaque=x;tag=1;x=y", "",
	    "From: <sip:+442079460000@pbx>;x=y;tag=ours", "ms-opaque",
	    "MSG-FROM-MALFORMED" },

	{ "From with another scheme", NULL,
	    "From: <urn:x:y>;;tag=1", "", "From: <urn:x:y>;tag=ours", NULL,
	    "MSG-FROM-MALFORMED" },

	/* TWI-09 */
	{ "RPID kept", NULL, FROM, "Remote-Party-ID: <sip:+441@pbx>\r\n",
	    "Remote-Party-ID: <sip:+441@pbx>", NULL, "" },
	{ "RPID absent", POLICY("identity = { remote_party = \"absent\"; };"),
	    FROM, "Remote-Party-ID: <sip:+442079460000@pbx>\r\n", NULL,
	    "Remote-Party", "CLI-RPID" },
	{ "RPID from", POLICY("identity = { remote_party = \"from\"; };"),
	    FROM,
	    "Remote-Party-ID: \"F\" <sip:+441@pbx>;party=calling;screen=yes\r\n"
	    "Remote-Party-ID: <sip:+442@pbx>\r\n",
	    "Remote-Party-ID: \"F\" "
	    "<sip:+442079460000@pbx>;party=calling;screen=yes",
	    "+442@", "CLI-RPID CLI-RPID" },
	{ "RPID from, the same",
	    POLICY("identity = { remote_party = \"from\"; };"), FROM,
	    "Remote-Party-ID: <sip:02079460000@pbx>;screen=yes\r\n",
	    "Remote-Party-ID: <sip:02079460000@pbx>;screen=yes", NULL, "" },
	{ "RPID from, anonymous",
	    POLICY("identity = { remote_party = \"from\"; };"), ANON,
	    "Remote-Party-ID: <sip:+441@pbx>\r\n", NULL, "Remote-Party",
	    "CLI-ANONYMOUS CLI-RPID" },

	/* SFB-09, BWC-33, TWI-07 */
	{ "numbers, each field",
	    POLICY("numbers = { in = [ \"from\", \"asserted\", \"diverting\","
		   "\"remote_party\", \"referred_by\", \"preferred\" ]; };"),
	    "From: <sip:02079460000@pbx>;tag=1",
	    PAI "\"0208\" <sip:02079460000@pbx;x=02079460000>, "
		"<tel:02079460000>\r\n"
		"Diversion: <sip:07912345678@pbx>;reason=no-answer\r\n"
		"Remote-Party-ID: <sip:442079460000@pbx>\r\n"
		"P-Preferred-Identity: <sip:0044(0)2079460000@pbx>\r\n"
		"Referred-By: <sip:02079460000;ext=12@pbx>\r\n",
	    "From: <sip:+442079460000@pbx>;tag=ours\n" PAI
	    "\"0208\" <sip:+442079460000@pbx;x=02079460000>, "
	    "<tel:+442079460000>\n"
	    "Diversion: <sip:+447912345678@pbx>;reason=no-answer\n"
	    "Remote-Party-ID: <sip:+442079460000@pbx>\n"
	    "P-Preferred-Identity: <sip:+442079460000@pbx>\n"
	    "Referred-By: <sip:+442079460000;ext=12@pbx>",
	    NULL,
	    "NUM-NATIONAL NUM-NATIONAL NUM-NATIONAL NUM-NOT-E164 CLI-FORMAT "
	    "NUM-NATIONAL NUM-NATIONAL" },
	{ "From without plus, NANP",
	    POLICY("numbers = { in = [ \"from\" ]; country = \"US\"; };"),
	    "From: <sip:5005551212@pbx>;tag=1", "",
	    "From: <sip:+15005551212@pbx>;tag=ours", NULL, "CLI-FORMAT" },
	{ "From without plus, NANP with 1",
	    POLICY("numbers = { in = [ \"from\" ]; country = \"US\"; };"),
	    "From: <sip:15005551212@pbx>;tag=1", "",
	    "From: <sip:+15005551212@pbx>;tag=ours", NULL, "CLI-FORMAT" },
	{ "From as it must be, NANP",
	    POLICY("numbers = { in = [ \"from\" ]; country = \"US\"; };"),
	    "From: <sip:+15005551212@pbx>;tag=1", "",
	    "From: <sip:+15005551212@pbx>;tag=ours", NULL, "" },
	{ "digits are not guessed",
	    POLICY("numbers = { in = [ \"from\" ]; };"),
	    "From: <sip:+4479123456789@pbx>;tag=1", "",
	    "From: <sip:+4479123456789@pbx>;tag=ours", NULL, "NUM-INVALID" },
	{ "tel with a context, dialled inside it",
	    POLICY("numbers = { in = [ \"preferred\" ]; };"), FROM,
	    PPI "<tel:02079460000;phone-context=+44>\r\n",
	    PPI "<tel:02079460000;phone-context=+44>", NULL, "NUM-INVALID" },
	{ "bare tel with a context of another area",
	    POLICY("numbers = { in = [ \"preferred\" ]; area = \"20\"; };"),
	    FROM, PPI "\"F\" <sip:f@pbx>, tel:79460002;phone-context=+44161\r\n",
	    PPI "\"F\" <sip:f@pbx>, tel:79460002;phone-context=+44161", NULL,
	    "NUM-INVALID" },
	{ "bare tel with its context",
	    POLICY("numbers = { in = [ \"preferred\" ]; area = \"161\"; };"),
	    FROM, PPI "tel:79460002;phone-context=+4420;ext=1\r\n",
	    PPI "tel:+442079460002;ext=1", NULL, "NUM-NATIONAL" },
	{ "tel with a context that makes it global",
	    POLICY("numbers = { in = [ \"referred_by\" ]; format = \"e164\"; "
		   "};"),
	    FROM,
	    "Referred-By: <tel:(20)7946-0000;ext=12;phone-context=+44;isub=1>\r\n",
	    "Referred-By: <tel:+442079460000;ext=12;isub=1>", "phone-context",
	    "NUM-NATIONAL" },
	{ "context that makes it global", FROM_161,
	    "From: <sip:79460000;phone-context=+4420@pbx>;tag=1", "",
	    "From: <sip:+442079460000@pbx>;tag=ours", NULL, "NUM-NATIONAL" },
	{ "context with separators, and an extension", FROM_161,
	    "From: <sip:7946-0000;ext=5;Phone-Context=+44(20):pw@pbx;user=phone>;tag=1", "",
	    "From: <sip:+442079460000;ext=5:pw@pbx;user=phone>;tag=ours", NULL, "NUM-NATIONAL" },
	{ "context of another country", FROM_161,
	    "From: <sip:123456789;phone-context=+33@pbx>;tag=1", "",
	    "From: <sip:+33123456789@pbx>;tag=ours", NULL, "NUM-NATIONAL" },
	{ "trunk prefix within a context", FROM_161,
	    "From: <sip:0123456789;phone-context=+33@pbx>;tag=1", "",
	    "From: <sip:0123456789;phone-context=+33@pbx>;tag=ours", NULL, "NUM-INVALID" },
	{ "trunk prefix within a context, of a length that is there", FROM_161,
	    "From: <sip:07946000;phone-context=+4420@pbx>;tag=1", "",
	    "From: <sip:07946000;phone-context=+4420@pbx>;tag=ours", NULL, "NUM-INVALID" },
	{ "context of Italy, where numbers begin with 0", FROM_161,
	    "From: <sip:0612345678;phone-context=+39@pbx>;tag=1", "",
	    "From: <sip:+390612345678@pbx>;tag=ours", NULL, "NUM-NATIONAL" },
	{ "context of a country without a plan", FROM_161,
	    "From: <sip:123456789;phone-context=+999@pbx>;tag=1", "",
	    "From: <sip:123456789;phone-context=+999@pbx>;tag=ours", NULL, "NUM-INVALID" },
	{ "context that is no prefix", FROM_161,
	    "From: <sip:8631234;phone-context=+1-914-555@pbx>;tag=1", "",
	    "From: <sip:8631234;phone-context=+1-914-555@pbx>;tag=ours", NULL, "NUM-INVALID" },
	{ "context that is a domain", FROM_161,
	    "From: <sip:02079460000;phone-context=example.com@pbx>;tag=1", "",
	    "From: <sip:02079460000;phone-context=example.com@pbx>;tag=ours", NULL, "" },
	{ "context that looks like an address", FROM_161,
	    "From: <sip:02079460000;phone-context=192.0.2.1@pbx>;tag=1", "",
	    "From: <sip:02079460000;phone-context=192.0.2.1@pbx>;tag=ours", NULL, "" },
	{ "empty context", FROM_161,
	    "From: <sip:02079460000;phone-context@pbx>;tag=1", "",
	    "From: <sip:02079460000;phone-context@pbx>;tag=ours", NULL, "" },
	{ "context behind the host", FROM_161,
	    "From: <sip:02079460000@pbx;phone-context=+4420>;tag=1", "",
	    "From: <sip:02079460000@pbx;phone-context=+4420>;tag=ours", NULL, "" },
	{ "short code in a country", FROM_161,
	    "From: <sip:116117;phone-context=+49@pbx>;tag=1", "",
	    "From: <sip:116117;phone-context=+49@pbx>;tag=ours", NULL, "" },
	{ "emergency number with a context", FROM_161,
	    "From: <sip:110;phone-context=+4930@pbx>;tag=1", "",
	    "From: <sip:110;phone-context=+4930@pbx>;tag=ours", NULL, "" },
	{ "name with a context", FROM_161,
	    "From: <sip:fred;phone-context=+44@pbx>;tag=1", "",
	    "From: <sip:fred;phone-context=+44@pbx>;tag=ours", NULL, "" },
	{ "global number with a context", FROM_161,
	    "From: <sip:+44-20-79460000;phone-context=+44@pbx>;tag=1", "",
	    "From: <sip:+442079460000@pbx>;tag=ours", NULL, "CLI-FORMAT" },
	{ "context that goes with the national form",
	    POLICY("numbers = { in = [ \"from\" ]; format = \"national\"; };"),
	    "From: <sip:79460000;phone-context=+4420@pbx>;tag=1", "",
	    "From: <sip:02079460000@pbx>;tag=ours", NULL, "CLI-FORMAT" },
	{ "national for a PBX",
	    POLICY("numbers = { in = [ \"from\" ]; format = \"national\"; };"),
	    FROM, "", "From: <sip:02079460000@pbx>;tag=ours", NULL,
	    "CLI-FORMAT" },
	{ "names stay",
	    POLICY("numbers = { in = [ \"from\" ]; };"),
	    "From: <sip:fred@pbx>;tag=1", "", "From: <sip:fred@pbx>;tag=ours",
	    NULL, "" },

	/* Hosts */
	{ "own host",
	    POLICY("identity = { host = \"own\"; };"),
	    "From: <sip:+442079460000@10.0.0.5:5080;user=phone>;tag=1",
	    PAI "<sip:+442079460000@pbx>, <tel:+442079460000>\r\n"
		"Diversion: <sip:+441@pbx>, <sip:+442@pbx>\r\n",
	    "From: <sip:+442079460000@sbc.example.com;user=phone>;tag=ours\n" PAI
	    "<sip:+442079460000@sbc.example.com>, <tel:+442079460000>\n"
	    "Diversion: <sip:+441@sbc.example.com>, <sip:+442@sbc.example.com>",
	    "@pbx",
	    "SCRUB-PRIVATE-HDR SCRUB-PRIVATE-HDR SCRUB-PRIVATE-HDR "
	    "SCRUB-PRIVATE-HDR" },
	{ "own host, anonymous", POLICY("identity = { host = \"own\"; };"),
	    ANON, "",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    NULL, "CLI-ANONYMOUS" },

	/* ACS-02 */
	{ "asserted instead of anonymous",
	    POLICY("identity = { anonymous_from = \"use-asserted\"; };"), ANON,
	    PAI "\"Fred\" <sip:+442079460000@pbx;user=phone>\r\n",
	    "From: \"Fred\" <sip:+442079460000@pbx;user=phone>;tag=ours\n" PAI
	    "\"Fred\" <sip:+442079460000@pbx;user=phone>", NULL,
	    "CLI-ANONYMOUS" },
	{ "asserted with the name Anonymous instead of anonymous",
	    POLICY("identity = { anonymous_from = \"use-asserted\"; };"), ANON,
	    PAI "\"Anonymous\" <sip:+442079460000@pbx;user=phone>\r\n",
	    "From: <sip:+442079460000@pbx;user=phone>;tag=ours", NULL,
	    "CLI-ANONYMOUS" },
	{ "asserted tel instead of anonymous",
	    POLICY("identity = { anonymous_from = \"use-asserted\"; };"), ANON,
	    PAI "<tel:+442079460000>\r\n",
	    "From: <sip:+442079460000@sbc.example.com;user=phone>;tag=ours",
	    NULL, "CLI-ANONYMOUS" },
	{ "nobody asserted, the default",
	    POLICY("identity = { anonymous_from = \"use-asserted\";"
		   "default_caller = \"+442079460123\"; };"), ANON, "",
	    "From: <sip:+442079460123@sbc.example.com;user=phone>;tag=ours",
	    NULL, "CLI-ANONYMOUS" },
	{ "nobody asserted, no default",
	    POLICY("identity = { anonymous_from = \"use-asserted\"; };"), ANON,
	    "", "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    NULL, "" },
	{ "the default instead of anonymous",
	    POLICY("identity = { anonymous_from = \"default\";"
		   "default_caller = \"+442079460123\"; };"), ANON,
	    PAI "<sip:+442079460000@pbx>\r\n",
	    "From: <sip:+442079460123@sbc.example.com;user=phone>;tag=ours",
	    NULL, "CLI-ANONYMOUS CLI-MISMATCH" },
	{ "anonymous by wish",
	    POLICY("identity = { anonymous_from = \"use-asserted\";"
		   "default_caller = \"+442079460123\"; };"), ANON,
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: id\r\n",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours\n"
	    "Privacy: id", "+442079460123", "CLI-PRIVACY-ID" },
	{ "not by the wish of another header",
	    POLICY("identity = { anonymous_from = \"use-asserted\"; };"), ANON,
	    PAI "<sip:+442079460000@pbx>\r\nPrivacy: critical\r\n",
	    "From: <sip:+442079460000@pbx>;tag=ours", "Anonymous",
	    "CLI-ANONYMOUS" },
	{ "asserted, which is not valid and of which nobody knows the owner",
	    POLICY("identity = { from = \"asserted\"; asserted = \"owned\";"
		   "invalid_ani = \"replace\";"
		   "default_caller = \"+442079460123\"; };"), FROM,
	    PAI "<sip:12@pbx>\r\n",
	    "From: <sip:+442079460123@pbx>;tag=ours\n" PAI
	    "<sip:+442079460123@pbx;user=phone>", NULL,
	    "CLI-MISMATCH CLI-ANI-INVALID" },
	{ "a loose quote hides a comma until it is mended", NULL, FROM,
	    PAI "n:\"<sip:+442079460000@pbx>;reason=a,b;x=1\r\n",
	    PAI "\"n:\\\"\" <sip:+442079460000@pbx>;x=1", ",b",
	    "MSG-PAI-MALFORMED" },
	{ "From made anonymous",
	    POLICY("identity = { from = \"anonymous\"; };"),
	    "From: \"Fred\" <sip:+442079460000@pbx;user=phone>;tag=1", "",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    "Fred", "CLI-PRIVACY-ID" },
	{ "a name beside an anonymous address",
	    POLICY("identity = { from = \"anonymous\"; };"),
	    "From: \"Fred\" <sip:anonymous@anonymous.invalid>;tag=1",
	    "Privacy: user\r\n",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    "Fred", "CLI-PRIVACY-ID" },

	/* ACS-04, SFB-10 */
	{ "diverted, kept", NULL, FROM, HISTORY, HISTORY_LINE,
	    "Diversion", "" },
	{ "diverted, as Diversion", DIVERT("diversion"), FROM, HISTORY,
	    "Diversion: <sip:+442079460055@sbc.example.com>"
	    ";reason=no-answer;counter=1;privacy=off\n"
	    "From: <sip:+442079460000@pbx>;tag=ours",
	    "History-Info", "CLI-DIVERTED CLI-DIVERTED" },
	{ "diverted, both", DIVERT("both"), FROM, HISTORY,
	    HISTORY_LINE "\n"
	    "Diversion: <sip:+442079460055@sbc.example.com>"
	    ";reason=no-answer;counter=1;privacy=off", NULL,
	    "CLI-DIVERTED" },
	{ "diverted, neither", DIVERT("absent"), FROM,
	    HISTORY "Diversion: <sip:1@pbx>\r\n", NULL,
	    "Diversion\nHistory-Info", "CLI-DIVERTED CLI-DIVERTED" },
	{ "Diversion stays as it is", DIVERT("diversion"), FROM,
	    "Diversion: <tel:+44201>;reason=away;x=y\r\n",
	    "Diversion: <tel:+44201>;reason=away;x=y", NULL, "" },
	{ "History-Info stays as it is", DIVERT("history-info"), FROM, HISTORY,
	    HISTORY_LINE, NULL, "" },
	{ "Diversion as History-Info", DIVERT("history-info"), FROM,
	    "Diversion: \"Bo\" <sip:+442079460002@pbx>;reason=user-busy;"
	    "privacy=full\r\n"
	    "Diversion: <sip:+442079460001@pbx>;reason=unconditional;"
	    "counter=2\r\n",
	    "History-Info: <sip:unknown@unknown.invalid>;index=1, "
	    "<sip:+442079460001@sbc.example.com;cause=404>;index=1.1;mp=1, "
	    "\"Bo\" <sip:+442079460002@sbc.example.com;cause=302"
	    "?Privacy=history>;index=1.1.1;mp=1.1, "
	    "<sip:+442079460001@sbc;cause=486>;index=1.1.1.1;mp=1.1.1",
	    "Diversion", "CLI-DIVERTED CLI-DIVERTED CLI-DIVERTED" },
	{ "nobody diverted", DIVERT("both"), FROM, "", NULL,
	    "Diversion\nHistory-Info", "" },
	{ "numbers and hosts of the chain",
	    POLICY("identity = { diversion = \"diversion\"; };"
		   "numbers = { in = [ \"diverting\" ]; };"),
	    FROM,
	    "History-Info: <sip:02079460055@10.0.0.1?Reason=SIP%3Bcause%3D486>"
	    ";index=1, <sip:1@x>;index=1.1\r\n",
	    "Diversion: <sip:+442079460055@sbc.example.com>"
	    ";reason=user-busy;counter=1;privacy=off", "10.0.0.1",
	    "CLI-DIVERTED CLI-DIVERTED NUM-NATIONAL" },
	{ "numbers in History-Info",
	    POLICY("identity = { host = \"own\"; };"
		   "numbers = { in = [ \"diverting\" ]; };"),
	    "From: <sip:+442079460000@sbc.example.com>;tag=1",
	    "History-Info: <sip:02079460055@pbx?Reason=SIP%3Bcause%3D486>"
	    ";index=1, <sip:07912345678@pbx>;index=1.1\r\n",
	    "History-Info: <sip:+442079460055@sbc.example.com"
	    "?Reason=SIP%3Bcause%3D486>;index=1, "
	    "<sip:+447912345678@sbc.example.com>;index=1.1", NULL,
	    "NUM-NATIONAL SCRUB-PRIVATE-HDR NUM-NATIONAL SCRUB-PRIVATE-HDR" },
	{ "who diverted is shown",
	    POLICY("identity = { diverted_from = \"diverting\"; };"),
	    "From: \"Fred\" <sip:+447912345678@pbx;user=phone>;tag=1", HISTORY,
	    "From: <sip:+442079460055@pbx;user=phone>;tag=ours\n" HISTORY_LINE,
	    "Fred", "CLI-DIVERTED" },
	{ "a context behind the host was the caller's, not the diverter's",
	    POLICY("identity = { diverted_from = \"diverting\"; };"),
	    "From: <sip:7946000@pbx;phone-context=bx;user=phone>;tag=1",
	    HISTORY, "From: <sip:+442079460055@pbx;user=phone>;tag=ours",
	    "phone-context", "CLI-DIVERTED" },
	{ "who diverted and hides is not shown",
	    POLICY("identity = { diverted_from = \"diverting\"; };"), FROM,
	    "Diversion: <sip:+442079460055@pbx>;privacy=full\r\n",
	    "From: <sip:+442079460000@pbx>;tag=ours", NULL, "" },
	{ "who diverted does not show who hides",
	    POLICY("identity = { diverted_from = \"diverting\"; };"), ANON,
	    HISTORY "Privacy: id\r\n",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    NULL, "" },
	{ "who diverted hides from whom we do not trust",
	    POLICY("identity = { privacy = \"honour\";"
		   "diversion = \"both\"; };"), FROM,
	    "Diversion: \"Bo\" <sip:+442079460002@pbx>;privacy=full, "
	    "<sip:+442079460001@pbx>;privacy=off;reason=away\r\n",
	    "Diversion: <sip:anonymous@anonymous.invalid>;privacy=full, "
	    "<sip:+442079460001@pbx>;privacy=off;reason=away\n"
	    "History-Info: <sip:+442079460001@sbc.example.com>;index=1, "
	    "<sip:anonymous@anonymous.invalid;cause=404>"
	    ";index=1.1;mp=1, "
	    "<sip:+442079460001@sbc;cause=404>;index=1.1.1;mp=1.1",
	    "+442079460002\nBo", "CLI-PRIVACY-ID CLI-DIVERTED" },
	{ "a history that hides",
	    POLICY("identity = { privacy = \"honour\"; };"), FROM,
	    HISTORY "Privacy: history\r\n",
	    "History-Info: <sip:anonymous@anonymous.invalid>"
	    ";index=1, <sip:+442079460001@pbx;cause=408>;index=1.1;mp=1",
	    "460055", "CLI-PRIVACY-ID" },
	{ "a charge and a referrer are kept", NULL, FROM,
	    "P-Charge-Info: <sip:+442079460055@pbx>;noa=3\r\n"
	    "Referred-By: <sip:+442079460056@pbx>\r\n",
	    "P-Charge-Info: <sip:+442079460055@pbx>;noa=3\n"
	    "Referred-By: <sip:+442079460056@pbx>", NULL, "" },

	/* SFB-04 */
	{ "mapped", MAP, FROM, "",
	    PAI "<sip:+442079460123@sbc.example.com;user=phone>\n"
	    "From: <sip:+442079460000@pbx>;tag=ours", NULL, "CLI-NOT-OWNED" },
	{ "mapped, another form", MAP, "From: <sip:02079460000@pbx>;tag=1",
	    PAI "\"Fred\" <sip:02079460000@pbx>\r\n",
	    PAI "\"Fred\" <sip:+442079460123@pbx;user=phone>", NULL,
	    "CLI-PAI-NOT-OWNED" },
	{ "not in the map", MAP, "From: <sip:+442079460009@pbx>;tag=1",
	    PAI "<sip:+442079460009@pbx>\r\n", PAI "<sip:+442079460009@pbx>",
	    NULL, "" },
	{ "not in the map, nobody asserted", MAP,
	    "From: <sip:+442079460009@pbx>;tag=1", "", NULL, "P-Asserted", "" },
	{ "nobody is mapped", MAP, ANON, "Privacy: id\r\n", NULL,
	    "P-Asserted", "" },

	{ "a diverter who is anonymous is not named either",
	    POLICY("identity = { diversion = \"both\"; "
		   "privacy = \"honour\"; };"),
	    FROM,
	    "Diversion: \"Fred\" <sip:anonymous@pbx>;reason=no-answer\r\n"
	    "Diversion: \"Anonymous\" <sip:+442079460055@pbx>\r\n",
	    "Diversion: <sip:anonymous@anonymous.invalid>;reason=no-answer\n"
	    "Diversion: <sip:anonymous@anonymous.invalid>\n"
	    "History-Info: <sip:anonymous@anonymous.invalid>"
	    ";index=1, <sip:anonymous@anonymous.invalid;cause=404>"
	    ";index=1.1;mp=1, "
	    "<sip:+442079460001@sbc;cause=408>;index=1.1.1;mp=1.1",
	    "Fred\n460055",
	    "CLI-PRIVACY-ID CLI-PRIVACY-ID CLI-DIVERTED" },
	{ "a wish of the message hides who diverted",
	    DIVERT("both"), FROM,
	    "Privacy: history\r\nDiversion: <sip:+442079460055@pbx>\r\n",
	    "Diversion: <sip:+442079460055@pbx>\n"
	    "History-Info: <sip:+442079460055@sbc.example.com?Privacy=history>"
	    ";index=1, <sip:+442079460001@sbc;cause=404>;index=1.1;mp=1",
	    NULL, "CLI-DIVERTED" },
	{ "who only counts keeps no host",
	    POLICY("identity = { diversion = \"history-info\"; "
		   "host = \"own\"; };"),
	    FROM, "Diversion: <sip:+442079460055@pbx>;counter=2\r\n",
	    "History-Info: <sip:unknown@unknown.invalid>;index=1, "
	    "<sip:+442079460055@sbc.example.com;cause=404>;index=1.1;mp=1, "
	    "<sip:+442079460001@sbc;cause=404>;index=1.1.1;mp=1.1",
	    "Diversion", "CLI-DIVERTED CLI-DIVERTED SCRUB-PRIVATE-HDR" },
	/* RFC 7544 section 3.4. */
	{ "Diversion goes on where History-Info ends",
	    DIVERT("history-info"), FROM,
	    "Diversion: <sip:+442079460056@pbx>;reason=user-busy, "
	    "<sip:+442079460055@pbx>;reason=unconditional\r\n"
	    "History-Info: <sip:proxy.pbx>;index=1\r\n"
	    "History-Info: <sip:02079460055@pbx>;index=1.1;rc=1, "
	    "<sip:02079460056@pbx;cause=302>;index=1.1.1;mp=1.1\r\n",
	    "History-Info: <sip:proxy.pbx>;index=1, "
	    "<sip:02079460055@pbx>;index=1.1;rc=1, "
	    "<sip:02079460056@pbx;cause=302>;index=1.1.1;mp=1.1, "
	    "<sip:+442079460001@sbc;cause=486>;index=1.1.1.1;mp=1.1.1",
	    "Diversion", "CLI-DIVERTED CLI-DIVERTED CLI-DIVERTED" },
	{ "where all hide, so does where History-Info ended",
	    POLICY("identity = { diversion = \"both\"; "
		   "privacy = \"honour\"; };"), FROM,
	    "Privacy: history\r\n"
	    "Diversion: <sip:+442079460056@pbx>, <sip:+442079460055@pbx>\r\n"
	    "History-Info: <sip:+442079460055@pbx>;index=1, "
	    "<sip:+442079460058@pbx;cause=404>;index=1.1;mp=1\r\n",
	    "History-Info: <sip:anonymous@anonymous.invalid>;index=1, "
	    "<sip:anonymous@anonymous.invalid;cause=404>;index=1.1;mp=1, "
	    "<sip:+442079460001@sbc;cause=404>;index=1.1.1;mp=1.1",
	    "460055\n460056\n460058",
	    "CLI-PRIVACY-ID CLI-PRIVACY-ID CLI-PRIVACY-ID CLI-DIVERTED" },
	/* The forms are those of a tel and of a sip URI. */
	{ "one number in two forms is one user",
	    POLICY("identity = { diversion = \"both\"; };"
		   "numbers = { format = \"national\"; "
		   "in = [ \"diverting\" ]; };"),
	    FROM, "Diversion: <tel:+442079460055>;reason=away\r\n",
	    "Diversion: <tel:+442079460055>;reason=away\n"
	    "History-Info: <sip:02079460055@sbc.example.com;user=phone>"
	    ";index=1, <sip:+442079460001@sbc;cause=404>;index=1.1;mp=1",
	    NULL, "CLI-DIVERTED CLI-FORMAT" },
	{ "somebody in .invalid hides like others",
	    POLICY("identity = { privacy = \"honour\"; host = \"own\"; };"),
	    "From: <sip:+442079460000@sbc.example.com>;tag=1",
	    "Privacy: history\r\n"
	    "History-Info: <sip:bo@pbx.invalid>;index=1, "
	    "<sip:+442079460001@sbc;cause=408>;index=1.1;mp=1\r\n",
	    "History-Info: <sip:anonymous@anonymous.invalid>;index=1, "
	    "<sip:+442079460001@sbc.example.com;cause=408>;index=1.1;mp=1",
	    NULL, "CLI-PRIVACY-ID SCRUB-PRIVATE-HDR" },

	/* RFC 8224 */
	{ "broken signature",
	    POLICY("identity = { host = \"own\"; };"), FROM,
	    "Identity: abc;info=<https://x>\r\n",
	    "Identity: abc;info=<https://x>", NULL,
	    "SCRUB-PRIVATE-HDR CLI-IDENTITY-BROKEN" },

	{ "a signature without its Date",
	    POLICY("rules = ( { set = \"Date\";"
		   " value = \"Sat, 21 Nov 2026 10:00:00 GMT\"; diagnostic ="
		   " \"MSG-FROM-MALFORMED\"; } );"), FROM,
	    "Identity: abc;info=<https://x>\r\n",
	    "Identity: abc;info=<https://x>\n"
	    "Date: Sat, 21 Nov 2026 10:00:00 GMT", NULL,
	    "MSG-FROM-MALFORMED CLI-IDENTITY-BROKEN" },

	/* SFB-16 */
	{ "headers by name",
	    POLICY("headers = { relay = [ \"X-Cust*\" ]; absent = "
		   "[ \"User-*\", \"Subject\" ]; };"),
	    FROM,
	    "X-Customer: 1\r\nX-Other: 2\r\nSubject: s\r\n"
	    "User-to-User: 3\r\nReason: Q.850;cause=16\r\n",
	    "X-Customer: 1\nReason: Q.850;cause=16",
	    "X-Other\nSubject\nUser-", "SCRUB-PRIVATE-HDR" },
};

static void
assert_lines(const char *where, const char *lines, bool want)
{
	char copy[2048], line[1400];
	char *p, *save = NULL;

	if (lines == NULL)
		return;
	snprintf(copy, sizeof(copy), "%s", lines);
	for (p = strtok_r(copy, "\n", &save); p != NULL;
	     p = strtok_r(NULL, "\n", &save)) {
		snprintf(line, sizeof(line), want ? "\r\n%s\r\n" : "%s", p);
		ck_assert_msg((strstr(where, line) != NULL) == want,
		    "%s \"%s\" in:\n%s", want ? "missing" : "unwanted", p,
		    where);
	}
}

START_TEST(rendered)
{
	const struct row *row = &rows[_i];
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(row->policy);

	fixture_trunks(f);
	fixture_message(
	    f, NULL, row->from, "<sip:+442079460001@sbc>", row->more, "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	assert_lines(f->out, row->want, true);
	assert_lines(f->out, row->absent, false);
	ck_assert_msg(strcmp(f->book.codes, row->codes) == 0,
	    "%s: journal \"%s\", expected \"%s\"\n%s%s", row->name,
	    f->book.codes, row->codes, f->book.buf, f->out);
	policy_unref(policy);
	free(f);
}
END_TEST

/* What a policy says is done on arrival too; the built-in waits for
 * departure. */
START_TEST(rendered_on_arrival)
{
	const struct row *row = &rows[_i];
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(row->policy);

	fixture_trunks(f);
	f->pbx.host = f->carrier.host;
	fixture_message(
	    f, NULL, row->from, "<sip:+442079460001@sbc>", row->more, "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_IN);
	if (row->policy == NULL) {
		ck_assert_uint_eq(f->ctx.changes, 0);
		ck_assert_str_eq(f->book.codes, "");
	} else {
		ck_assert_str_eq(f->book.codes, row->codes);
		assert_lines(f->out, row->want, true);
		assert_lines(f->out, row->absent, false);
	}
	policy_unref(policy);
	free(f);
}
END_TEST

#define NUMBERS_ALL                                                            \
	POLICY("numbers = { in = [ \"request\", \"to\", \"from\" ]; };\n")

/* TWI-06, SFB-09: the dialled number; emergency and codes are left alone. */
static const struct {
	const char *dialled;
	const char *sent;
	const char *codes;
} dialled[] = {
	{ "00442079460000", "+442079460000", "NUM-NOT-E164 NUM-NOT-E164" },
	{ "02079460000", "+442079460000", "NUM-NOT-E164 NUM-NOT-E164" },
	{ "(0)2079460000", "+442079460000", "NUM-NOT-E164 NUM-NOT-E164" },
	{ "+442079460000", "+442079460000", "" },
	{ "02079460000;ext=9", "+442079460000;ext=9",
	    "NUM-NOT-E164 NUM-NOT-E164" },
	{ "999", "999", "" },
	{ "112", "112", "" },
	{ "*31", "*31", "" },
	{ "1471", "1471", "" },
	{ "alice", "alice", "" },
	{ "0207946", "0207946", "NUM-INVALID NUM-INVALID" },
};

START_TEST(dialled_numbers)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(NUMBERS_ALL);
	char start[128], to[128], want[256];

	fixture_trunks(f);
	snprintf(start, sizeof(start), "INVITE sip:%s@sbc;x=1 SIP/2.0",
	    dialled[_i].dialled);
	snprintf(to, sizeof(to), "<sip:%s@sbc>", dialled[_i].dialled);
	fixture_message(f, start, FROM, to, "", "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	snprintf(want, sizeof(want), "INVITE sip:%s@sbc;x=1 SIP/2.0\r\n",
	    dialled[_i].sent);
	ck_assert_msg(strncmp(f->out, want, strlen(want)) == 0, "%s", f->out);
	snprintf(want, sizeof(want), "To: <sip:%s@sbc>", dialled[_i].sent);
	assert_lines(f->out, want, true);
	ck_assert_str_eq(f->book.codes, dialled[_i].codes);
	policy_unref(policy);
	free(f);
}
END_TEST

/* The plan is that of whoever wrote the number. */
START_TEST(plan_of_the_sender)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(NUMBERS_ALL);

	fixture_trunks(f);
	f->carrier.plan = number_plan_find(SPAN("US"));
	fixture_message(f, "INVITE sip:02079460000@sbc SIP/2.0", FROM,
	    "<sip:02079460000@sbc>", "", "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	assert_lines(f->out, "To: <sip:+442079460000@sbc>", true);

	book_init(&f->book);
	f->pbx.plan = NULL;
	fixture_message(f, "INVITE sip:5005551212@sbc SIP/2.0", FROM,
	    "<sip:5005551212@sbc>", "", "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	assert_lines(f->out, "To: <sip:+15005551212@sbc>", true);
	ck_assert_ptr_nonnull(strstr(f->book.buf,
	    "rewrite NUM-NOT-E164 Request-URI|sip:5005551212@sbc|"
	    "sip:+15005551212@sbc policies/test.conf:2\n"));
	policy_unref(policy);
	free(f);
}
END_TEST

/* TWI-03 */
START_TEST(domain)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fixture_trunks(f);
	f->carrier.domain = SPAN("t.pstn.example.net");
	fixture_message(f, "INVITE sip:+442079460000@192.0.2.1:5062 SIP/2.0",
	    FROM, "<sip:+442079460000@192.0.2.1:5062;user=phone>", "", "");
	fixture_draft(f, policy_builtin());
	fixture_apply(f, policy_builtin(), STAGE_OUT);
	ck_assert_int_eq(strncmp(f->out,
			     "INVITE sip:+442079460000@t.pstn.example.net ", 44),
	    0);
	assert_lines(f->out,
	    "To: <sip:+442079460000@t.pstn.example.net;user=phone>", true);
	ck_assert_str_eq(
	    f->book.codes, "RTE-WRONG-RURI-HOST RTE-WRONG-RURI-HOST");
	free(f);
}
END_TEST

/* RFC 7544 section 5: the last entry of History-Info is the Request-URI,
 * whichever rule made that what it is. */
static const struct {
	const char *policy, *more, *want;
} targets[] = {
	{ DIVERT("history-info"), "Diversion: <sip:+442079460055@pbx>\r\n",
	    "History-Info: <sip:+442079460055@sbc.example.com>;index=1, "
	    "<sip:02079460000@t.pstn.example.net;cause=404>;index=1.1;mp=1" },
	{ DIVERT("both"), "Diversion: <sip:unknown@unknown.invalid>\r\n",
	    "History-Info: <sip:unknown@unknown.invalid>;index=1, "
	    "<sip:02079460000@t.pstn.example.net;cause=404>;index=1.1;mp=1" },
	/* A name that is not one, as a quoted string of the peer's. */
	{ DIVERT("both"),
	    "Diversion: tel:+442079460-Info: <sip:unknown@unknown.invalid>\r\n",
	    "History-Info: <sip:unknown@unknown.invalid>;index=1, "
	    "<sip:02079460000@t.pstn.example.net;cause=404>;index=1.1;mp=1" },
	{ POLICY("identity = { diversion = \"both\"; host = \"own\"; };"
		 "numbers = { in = [ \"request\" ]; };"),
	    "Diversion: <sip:1@pbx>\r\n",
	    "History-Info: <sip:1@sbc.example.com>;index=1, "
	    "<sip:+442079460000@t.pstn.example.net;cause=404>;index=1.1;mp=1" },
	{ POLICY("identity = { diversion = \"both\"; host = \"own\"; };"
		 "rules = ( { id = \"user\"; set = \"request.param(user)\"; "
		 "value = \"phone\"; diagnostic = \"NUM-NOT-E164\"; } );"),
	    "Diversion: <sip:1@pbx>\r\n",
	    "History-Info: <sip:1@sbc.example.com>;index=1, "
	    "<sip:02079460000@t.pstn.example.net;user=phone;cause=404>"
	    ";index=1.1;mp=1" },
	/* As it came, and in the peer's own words. */
	{ POLICY("identity = { diversion = \"history-info\"; host = \"own\"; };"
		 "numbers = { in = [ \"request\" ]; };"),
	    "History-Info: <sip:1@pbx>;index=1\r\n"
	    "History-Info: <sip:02079460000@10.0.0.1;cause=302>;mp=1;index=1.1\r\n",
	    "History-Info: <sip:1@sbc.example.com>;index=1\n"
	    "History-Info: <sip:+442079460000@t.pstn.example.net;cause=302>"
	    ";mp=1;index=1.1" },
	{ POLICY("identity = { diversion = \"history-info\"; host = \"own\"; };"
		 "numbers = { in = [ \"request\" ]; };"),
	    "History-Info: <sip:1@pbx>;index=1, "
	    "<sip:02079460009@10.0.0.1;cause=302>;index=1.1;mp=1\r\n",
	    "History-Info: <sip:1@sbc.example.com>;index=1, "
	    "<sip:02079460009@sbc.example.com;cause=302>;index=1.1;mp=1" },
};

START_TEST(history_ends_with_the_request_uri)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(targets[_i].policy);

	fixture_trunks(f);
	f->carrier.domain = SPAN("t.pstn.example.net");
	fixture_message(f, "INVITE sip:02079460000@10.0.0.1 SIP/2.0", FROM,
	    "<sip:02079460000@10.0.0.1>", targets[_i].more, "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	assert_lines(f->out, targets[_i].want, true);
	policy_unref(policy);
	free(f);
}
END_TEST

START_TEST(from_is_refused)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fixture_trunks(f);
	fixture_message(f, NULL, "From: <;user=phone>;tag=1",
	    "<sip:+442079460000@sbc>", "", "");
	fixture_draft(f, policy_builtin());
	ck_assert(!policy_apply(policy_builtin(), STAGE_OUT, &f->ctx,
	    &f->draft, &f->refusal));
	ck_assert_uint_eq(f->refusal.status, 400);
	ck_assert_int_eq(f->refusal.diagnostic, DIAG_MSG_FROM_MALFORMED);
	ck_assert_str_eq(f->book.codes, "MSG-FROM-MALFORMED");
	free(f);
}
END_TEST

/* Within a dialog From, To and Request-URI are what they were. */
START_TEST(dialog_is_left_alone)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(POLICY(
	    "identity = { host = \"own\"; asserted = \"fixed:+442079460123\"; };"
	    "numbers = { in = [ \"request\", \"to\", \"from\", \"asserted\" ]; };"));

	fixture_trunks(f);
	f->carrier.domain = SPAN("t.pstn.example.net");
	fixture_message(f, "INVITE sip:02079460000@10.0.0.1 SIP/2.0",
	    "From: <sip:02079460009@pbx;;x=1>;tag=1",
	    "<sip:02079460000@sbc>;tag=2", "", "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	ck_assert_uint_eq(f->ctx.changes, 0);
	ck_assert_str_eq(f->book.codes, "");

	fixture_message(f, "INVITE sip:02079460000@10.0.0.1 SIP/2.0",
	    "From: <sip:02079460009@pbx;;x=1>;tag=1",
	    "<sip:02079460000@sbc>;tag=2",
	    PAI "\"F\" <sip:02079460009@pbx>\r\n", "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	assert_lines(f->out,
	    "From: <sip:02079460009@pbx;;x=1>;tag=ours\n" PAI
	    "\"F\" <sip:+442079460123@sbc.example.com;user=phone>",
	    true);
	policy_unref(policy);
	free(f);
}
END_TEST

static const struct {
	const char *policy;
	const char *want, *absent, *codes;
} responses[] = {
	{ NULL, PAI "<sip:+441@pbx>\nPrivacy: id", NULL, "" },
	{ POLICY("identity = { asserted = \"fixed:+442079460123\"; };"),
	    "Privacy: id", "P-Asserted", "SCRUB-PRIVATE-HDR" },
	{ POLICY("identity = { asserted = \"from\"; };"), "Privacy: id",
	    "P-Asserted", "SCRUB-PRIVATE-HDR" },
	{ POLICY("identity = { privacy = \"drop-id-if-public\"; };"),
	    PAI "<sip:+441@pbx>\nPrivacy: id", NULL, "" },
};

START_TEST(response_identity)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(responses[_i].policy);

	fixture_trunks(f);
	fixture_message(f, "SIP/2.0 200 OK", FROM,
	    "<sip:+442079460000@sbc>;tag=2",
	    PAI "<sip:+441@pbx>\r\nPrivacy: id\r\n", "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	assert_lines(f->out, responses[_i].want, true);
	assert_lines(f->out, responses[_i].absent, false);
	ck_assert_str_eq(f->book.codes, responses[_i].codes);
	policy_unref(policy);
	free(f);
}
END_TEST

/* ---- owned numbers ---- */

/* What the daemon makes of an inventory and a day. */
static bool
is_owned(void *arg, struct span e164)
{
	return inventory_owns(arg, SPAN("acme"), e164, 20778, NULL) ==
	       INVENTORY_OWNED;
}

static void
why_not_owned(void *arg, struct span e164, struct text *t)
{
	(void)arg;
	text_addf(t, "+%.*s is not ours", SPAN_ARG(e164));
}

static struct inventory *
owned_numbers(void)
{
	struct problems problems;
	struct inventory *inventory;

	problems_init(&problems);
	inventory = inventory_load_text(
	    SPAN("+442079460000..+442079460099\n"
		 "+442079460050 expires=2026-11-20\n"
		 "+442079460060 verified=no\n"
		 "+442079460100-99 owner=other\n"
		 "+776831784016\n"
		 "+15555550100\n"
		 "+15125550100\n"),
	    "acme.numbers", 0, &problems);
	ck_assert_ptr_nonnull(inventory);
	problems_fini(&problems);
	return inventory;
}

#define OWNED   "asserted = \"owned\"; "
#define DEFAULT "default_caller = \"+442079460099\"; "
#define ID(x)   POLICY("identity = { " x " };\n")
#define MOBILE  "From: \"Mo\" <sip:+447700900123@pbx>;tag=1"
#define MOBILE_OUT "From: \"Mo\" <sip:+447700900123@pbx>;tag=ours"
#define BY(user) "Diversion: <sip:" user "@pbx>;reason=unconditional\r\n"
#define FROM_IS(user) "From: \"Mo\" <sip:" user "@pbx>;tag=1"
#define FROM_OUT(user) "From: \"Mo\" <sip:" user "@pbx>;tag=ours"
#define SHOW_ASSERTED "anonymous_from = \"use-asserted\"; "
#define OURS_ADDED PAI "<sip:+442079460099@sbc.example.com;user=phone>"
#define DIVERTER_ADDED PAI "<sip:+442079460007@sbc.example.com;user=phone>"

static const struct row owned_rows[] = {
	/* SFB-04 */
	{ "nobody asserted, From not owned", ID(OWNED DEFAULT), MOBILE, "",
	    OURS_ADDED "\n" MOBILE_OUT, NULL, "CLI-NOT-OWNED" },
	{ "nobody asserted, From owned", ID(OWNED DEFAULT), FROM, "", NULL,
	    "P-Asserted", "" },
	{ "From owned by another form", ID(OWNED DEFAULT),
	    FROM_IS("02079460001"), "", FROM_OUT("02079460001"), "P-Asserted",
	    "" },
	/* RFC 3966 section 5.1.5. */
	{ "From local to its area", ID(OWNED DEFAULT),
	    FROM_IS("79460001;phone-context=+4420"), "",
	    FROM_OUT("79460001;phone-context=+4420"), "P-Asserted", "" },
	{ "From local to another area", ID("from = \"owned\"; " DEFAULT),
	    FROM_IS("776831784016;phone-context=+44161"), "",
	    FROM_OUT("+442079460099"), "776831784016", "CLI-NOT-OWNED" },
	{ "From local to a domain", ID(OWNED DEFAULT),
	    FROM_IS("02079460001;phone-context=pbx.example.com"), "",
	    OURS_ADDED, NULL, "CLI-NOT-OWNED" },
	{ "From in a context behind the host", ID(OWNED DEFAULT),
	    "From: <sip:02079460001@pbx;phone-context=+44161>;tag=1", "",
	    OURS_ADDED, NULL, "CLI-NOT-OWNED" },
	{ "a context behind the host goes with its number",
	    ID("from = \"owned\"; " DEFAULT),
	    "From: <sip:02079460001@pbx;phone-context=+44161>;tag=1", "",
	    "From: <sip:+442079460099@pbx>;tag=ours", "phone-context",
	    "CLI-NOT-OWNED" },
	{ "tel From in a context is replaced",
	    ID("from = \"owned\"; " DEFAULT),
	    "From: <tel:79460001;phone-context=+44161>;tag=1", "",
	    "From: <tel:+442079460099>;tag=ours", "phone-context",
	    "CLI-NOT-OWNED" },
	{ "who diverted is of another area", ID(OWNED DEFAULT), MOBILE,
	    "Diversion: <tel:776831784016;phone-context=+44161>\r\n",
	    OURS_ADDED, PAI "<sip:+776", "CLI-NOT-OWNED" },
	{ "who diverted is of our area", ID(OWNED DEFAULT), MOBILE,
	    "Diversion: <tel:79460007;phone-context=+4420>\r\n",
	    DIVERTER_ADDED, NULL, "CLI-NOT-OWNED" },
	{ "asserted is of another area", ID(OWNED DEFAULT), FROM,
	    PAI "<tel:776831784016;phone-context=+44161>\r\n",
	    OURS_ADDED, "tel:", "CLI-PAI-NOT-OWNED" },
	{ "a caller in his context is asserted", ID("asserted = \"from\"; "),
	    FROM_IS("1234;phone-context=+4420"), PAI "<sip:1234@pbx>\r\n",
	    PAI "\"Mo\" <sip:1234;phone-context=+4420@pbx;user=phone>", NULL,
	    "CLI-MISMATCH" },
	{ "From of another owner", ID(OWNED DEFAULT), FROM_IS("+442079460101"),
	    "", OURS_ADDED, NULL, "CLI-NOT-OWNED" },
	{ "From expired", ID(OWNED DEFAULT), FROM_IS("+442079460050"), "",
	    OURS_ADDED, NULL, "CLI-NOT-OWNED" },
	{ "From not verified", ID(OWNED DEFAULT), FROM_IS("+442079460060"), "",
	    OURS_ADDED, NULL, "CLI-NOT-OWNED" },
	{ "the diverting number goes first", ID(OWNED DEFAULT), MOBILE,
	    BY("02079460007"), DIVERTER_ADDED "\n" MOBILE_OUT, "460099",
	    "CLI-NOT-OWNED" },
	{ "the latest diverting number that is owned", ID(OWNED DEFAULT),
	    MOBILE,
	    BY("+441709000000") "Diversion: <sip:02079460007@pbx>, "
				"<sip:02079460008@pbx>\r\n",
	    DIVERTER_ADDED, "<sip:+442079460008", "CLI-NOT-OWNED" },
	{ "diverting by history", ID(OWNED DEFAULT), MOBILE,
	    "History-Info: <sip:+442079460006@pbx>;index=1, "
	    "<sip:+442079460007@pbx>;index=1.1\r\n"
	    "History-Info: <sip:+442079460008@pbx>;index=1.2\r\n",
	    DIVERTER_ADDED, NULL, "CLI-NOT-OWNED" },
	{ "nobody stands in", ID(OWNED), MOBILE, "", MOBILE_OUT, "P-Asserted",
	    "CLI-NOT-OWNED" },
	{ "a name is not owned", ID(OWNED DEFAULT), FROM_IS("alice"), "",
	    OURS_ADDED, NULL, "CLI-NOT-OWNED" },
	{ "who is hidden is not named", ID(OWNED DEFAULT), ANON, "", NULL,
	    "P-Asserted", "CLI-ANONYMOUS" },
	{ "unless by what is hidden too", ID(OWNED DEFAULT), ANON,
	    "Privacy: id\r\n", OURS_ADDED "\nPrivacy: id", NULL,
	    "CLI-NOT-OWNED" },
	{ "sip and tel", ID(OWNED DEFAULT "asserted_values = \"sip-and-tel\"; "),
	    MOBILE, "", OURS_ADDED "\n" PAI "<tel:+442079460099>", NULL,
	    "CLI-NOT-OWNED CLI-NOT-OWNED" },

	/* SFB-05 */
	{ "asserted not owned", ID(OWNED DEFAULT), MOBILE,
	    PAI "\"Fred\" <sip:+447700900123@pbx>\r\n",
	    PAI "\"Fred\" <sip:+442079460099@pbx;user=phone>\n" MOBILE_OUT,
	    "<sip:+447700900123@pbx;user", "CLI-PAI-NOT-OWNED" },
	{ "asserted owned", ID(OWNED DEFAULT), MOBILE,
	    PAI "\"Fred\" <sip:02079460001@pbx>\r\n",
	    PAI "\"Fred\" <sip:02079460001@pbx>\n" MOBILE_OUT, NULL, "" },
	{ "asserted owned, two values", ID(OWNED DEFAULT), MOBILE,
	    PAI "<sip:+442079460001@pbx>, <tel:+442079460001>\r\n",
	    PAI "<sip:+442079460001@pbx>, <tel:+442079460001>", NULL, "" },
	{ "two values, neither owned", ID(OWNED DEFAULT), MOBILE,
	    PAI "<sip:+447700900123@pbx>, <tel:+447700900123>\r\n",
	    PAI "<sip:+442079460099@pbx;user=phone>\n" PAI
		"<tel:+442079460099>",
	    PAI "<sip:+447", "CLI-PAI-NOT-OWNED CLI-PAI-NOT-OWNED" },
	{ "two values, one wanted",
	    ID(OWNED DEFAULT "asserted_values = \"one\"; "), MOBILE,
	    PAI "<sip:+447700900123@pbx>, <tel:+447700900123>\r\n",
	    PAI "<sip:+442079460099@pbx;user=phone>", "tel:",
	    "CLI-PAI-NOT-OWNED" },
	{ "two values, one owned", ID(OWNED DEFAULT), MOBILE,
	    PAI "<sip:+447700900123@pbx>, <tel:+442079460001>\r\n",
	    PAI "<sip:+442079460001@pbx;user=phone>\n" PAI
		"<tel:+442079460001>",
	    "460099", "CLI-PAI-NOT-OWNED CLI-PAI-NOT-OWNED" },
	{ "nobody asserted by a broken value", ID(OWNED DEFAULT), MOBILE,
	    PAI "\"Fred\" <>\r\n",
	    PAI "\"Fred\" <sip:+442079460099@sbc.example.com;user=phone>",
	    NULL, "CLI-NOT-OWNED" },
	{ "a broken value, From owned", ID(OWNED DEFAULT), FROM,
	    PAI "\"Fred\" <>\r\n", NULL, "P-Asserted",
	    "MSG-PAI-MALFORMED" },
	{ "a broken value beside one that is owned", ID(OWNED DEFAULT), MOBILE,
	    PAI "\"Fred\" <>, <tel:+442079460001>\r\n",
	    PAI "\"Fred\" <sip:+442079460001@sbc.example.com;user=phone>",
	    NULL, "MSG-PAI-MALFORMED" },
	{ "asserted for who is hidden", ID(OWNED DEFAULT), ANON,
	    PAI "<sip:+447700900123@pbx>\r\nPrivacy: id\r\n",
	    PAI "<sip:+442079460099@pbx;user=phone>\nPrivacy: id", NULL,
	    "CLI-PRIVACY-ID CLI-PAI-NOT-OWNED" },
	{ "asserted not owned, nobody stands in", ID(OWNED), MOBILE,
	    PAI "<sip:+447700900123@pbx>\r\n",
	    PAI "<sip:+447700900123@pbx>", NULL, "CLI-PAI-NOT-OWNED" },
	{ "the trunk's default caller", ID(OWNED), MOBILE,
	    PAI "<sip:+447700900123@pbx>\r\nSubject: trunk\r\n",
	    PAI "<sip:+442079460098@pbx;user=phone>", NULL,
	    "CLI-PAI-NOT-OWNED" },

	/* TWI-08 */
	{ "From kept", ID("from = \"keep\"; " DEFAULT), MOBILE, "",
	    MOBILE_OUT, NULL, "" },
	{ "From owned", ID("from = \"owned\"; " DEFAULT),
	    FROM_IS("02079460001"), "", FROM_OUT("02079460001"), NULL, "" },
	{ "From not owned", ID("from = \"owned\"; " DEFAULT), MOBILE, "",
	    FROM_OUT("+442079460099"), NULL, "CLI-NOT-OWNED" },
	{ "From not owned, diverted", ID("from = \"owned\"; " DEFAULT), MOBILE,
	    BY("02079460007") PAI "<sip:+442079460001@pbx>\r\n",
	    FROM_OUT("+442079460007"), NULL, "CLI-NOT-OWNED CLI-MISMATCH" },
	{ "From not owned, asserted is", ID("from = \"owned\"; " DEFAULT),
	    MOBILE, PAI "<sip:02079460001@pbx>\r\n",
	    FROM_OUT("+442079460001"), NULL, "CLI-NOT-OWNED" },
	{ "From not owned, nobody stands in", ID("from = \"owned\"; "),
	    MOBILE, "", MOBILE_OUT, NULL, "CLI-NOT-OWNED" },
	{ "From anonymous", ID("from = \"owned\"; " DEFAULT), ANON, "",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    NULL, "CLI-ANONYMOUS" },
	{ "From always the default", ID("from = \"default\"; " DEFAULT), FROM,
	    "", "From: <sip:+442079460099@pbx>;tag=ours", NULL,
	    "CLI-NOT-OWNED" },
	{ "From is the default", ID("from = \"default\"; " DEFAULT),
	    FROM_IS("02079460099"), "", FROM_OUT("02079460099"), NULL, "" },
	{ "default, anonymous", ID("from = \"default\"; " DEFAULT), ANON, "",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    NULL, "CLI-ANONYMOUS" },
	{ "From and asserted", ID("from = \"owned\"; " OWNED DEFAULT), MOBILE,
	    PAI "<sip:+447700900123@pbx>\r\n",
	    FROM_OUT("+442079460099") "\n" PAI
		"<sip:+442079460099@pbx;user=phone>",
	    NULL, "CLI-NOT-OWNED CLI-PAI-NOT-OWNED" },

	/* RFC 3966: a local number is one with its context only. */
	{ "tel with a context becomes sip",
	    POLICY("identity = { asserted_values = \"one\"; };"
		   "numbers = { in = [ \"asserted\" ]; };"), MOBILE,
	    PAI "<tel:79460000;phone-context=+4420>\r\n",
	    PAI "<sip:+442079460000@sbc.example.com;user=phone>", NULL,
	    "CLI-MISMATCH MSG-PAI-MALFORMED NUM-NATIONAL" },
	{ "tel with an extension becomes sip",
	    ID("asserted_values = \"one\"; "), MOBILE,
	    PAI "<tel:+442079460001;ext=12>\r\n",
	    PAI "<sip:+442079460001;ext=12@sbc.example.com;user=phone>", NULL,
	    "CLI-MISMATCH MSG-PAI-MALFORMED" },
	{ "tel with a parameter that no user part holds",
	    ID("asserted_values = \"one\"; "), MOBILE,
	    PAI "<tel:+442079460001;x=[1]>\r\n",
	    PAI "<sip:+442079460001;x=%5B1%5D@sbc.example.com;user=phone>", NULL,
	    "CLI-MISMATCH MSG-PAI-MALFORMED" },
	{ "tel with an extension instead of anonymous",
	    ID(SHOW_ASSERTED), ANON, PAI "<tel:+442079460001;ext=12>\r\n",
	    "From: <sip:+442079460001;ext=12@sbc.example.com;user=phone>"
	    ";tag=ours", NULL, "CLI-ANONYMOUS" },

	/* SFB-04: From shows whom the trunk will assert. */
	{ "From asserted", ID("from = \"asserted\"; "), MOBILE,
	    PAI "<sip:+442079460001@pbx>\r\n",
	    FROM_OUT("+442079460001") "\n" PAI "<sip:+442079460001@pbx>", NULL,
	    "CLI-MISMATCH" },
	{ "From asserted, by a tel value",
	    ID("from = \"asserted\"; asserted = \"absent\"; "), MOBILE,
	    PAI "<tel:+442079460001;ext=1>\r\n", FROM_OUT("+442079460001"),
	    "P-Asserted", "CLI-MISMATCH SCRUB-PRIVATE-HDR" },
	{ "From asserted already", ID("from = \"asserted\"; "),
	    FROM_IS("02079460001"), PAI "<sip:+442079460001@pbx>\r\n",
	    FROM_OUT("02079460001"), NULL, "" },
	{ "From asserted, nobody is", ID("from = \"asserted\"; " DEFAULT),
	    MOBILE, "", MOBILE_OUT, NULL, "" },
	{ "From asserted, by a name", ID("from = \"asserted\"; "), MOBILE,
	    PAI "<sip:alice@pbx>\r\n", MOBILE_OUT, NULL, "CLI-MISMATCH" },
	{ "From asserted, which is to be hidden", ID("from = \"asserted\"; "),
	    MOBILE, PAI "<sip:+442079460001@pbx>\r\nPrivacy: id\r\n",
	    MOBILE_OUT, NULL, "CLI-PRIVACY-ID CLI-MISMATCH" },
	{ "From asserted, a caller who is to be hidden",
	    ID("from = \"asserted\"; "), MOBILE,
	    PAI "<sip:+442079460001@pbx>\r\nPrivacy: user\r\n", MOBILE_OUT,
	    NULL, "CLI-MISMATCH" },
	{ "From asserted, anonymous", ID("from = \"asserted\"; "), ANON,
	    PAI "<sip:+442079460001@pbx>\r\n",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours",
	    NULL, "CLI-ANONYMOUS" },
	{ "From asserted, by what will be",
	    ID("from = \"asserted\"; asserted = \"fixed:+442079460002\";"),
	    MOBILE, PAI "<sip:+442079460001@pbx>\r\n",
	    FROM_OUT("+442079460002") "\n" PAI
	    "<sip:+442079460002@pbx;user=phone>",
	    NULL, "CLI-MISMATCH CLI-PAI-NOT-OWNED" },
	{ "From asserted, by what would be added",
	    ID("from = \"asserted\"; " OWNED DEFAULT), MOBILE, "",
	    FROM_OUT("+442079460099"), "P-Asserted", "CLI-MISMATCH" },
	{ "From asserted, whoever diverted",
	    ID("from = \"asserted\"; diverted_from = \"diverting\"; "),
	    MOBILE, PAI "<sip:+442079460001@pbx>\r\n" BY("02079460007"),
	    FROM_OUT("+442079460001"), NULL, "CLI-MISMATCH" },

	{ "invalid, and what stands in is owned but of no plan",
	    ID("invalid_ani = \"replace\"; " DEFAULT), FROM_IS("12"),
	    BY("776831784016"), FROM_OUT("776831784016"), "+7768",
	    "CLI-ANI-INVALID" },

	/* ACS-02: From shows whom the trunk will assert. */
	{ "anonymous, asserted by the diverting number",
	    ID(SHOW_ASSERTED OWNED), ANON,
	    PAI "<sip:+447700900123@pbx>\r\n" BY("02079460007"),
	    "From: <sip:+442079460007@pbx;user=phone>;tag=ours\n" PAI
	    "<sip:+442079460007@pbx;user=phone>",
	    NULL, "CLI-ANONYMOUS CLI-PAI-NOT-OWNED" },
	{ "broken and anonymous, asserted by the diverting number",
	    ID(SHOW_ASSERTED OWNED), "From: \"Anonymous\" <s>;tag=1",
	    PAI "<sip:+447700900123@pbx>\r\n" BY("02079460007"),
	    "From: <sip:+442079460007@pbx;user=phone>;tag=ours\n" PAI
	    "<sip:+442079460007@pbx;user=phone>",
	    NULL, "MSG-FROM-MALFORMED CLI-ANONYMOUS CLI-PAI-NOT-OWNED" },
	{ "anonymous, the second value is owned", ID(SHOW_ASSERTED OWNED),
	    ANON, PAI "<sip:+447700900123@pbx>, <tel:+442079460001>\r\n",
	    "From: <sip:+442079460001@pbx;user=phone>;tag=ours\n" PAI
	    "<sip:+442079460001@pbx;user=phone>",
	    "+447700900123",
	    "CLI-ANONYMOUS CLI-PAI-NOT-OWNED CLI-PAI-NOT-OWNED" },
	{ "anonymous, owned but of no plan", ID(SHOW_ASSERTED OWNED), ANON,
	    PAI "<sip:+447700900123@pbx>, <sip:776831784016;x=1@pbx>\r\n",
	    "From: <sip:776831784016@pbx;user=phone>;tag=ours\n" PAI
	    "<sip:776831784016@pbx;user=phone>", NULL,
	    "CLI-ANONYMOUS CLI-PAI-NOT-OWNED" },
	{ "anonymous, asserted is fixed",
	    ID(SHOW_ASSERTED "asserted = \"fixed:+442079460002\";"), ANON,
	    PAI "<sip:+447700900123@pbx>\r\n",
	    "From: <sip:+442079460002@pbx;user=phone>;tag=ours\n" PAI
	    "<sip:+442079460002@pbx;user=phone>",
	    NULL, "CLI-ANONYMOUS CLI-PAI-NOT-OWNED" },
	{ "anonymous, fixed is not owned",
	    ID(SHOW_ASSERTED "asserted = \"fixed:+441709000000\";"), ANON,
	    PAI "<sip:+447700900123@pbx>\r\n",
	    "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=ours\n"
	    PAI "<sip:+441709000000@pbx;user=phone>",
	    NULL, "CLI-PAI-NOT-OWNED" },
	{ "anonymous, the asserted number is not valid",
	    ID(SHOW_ASSERTED "invalid_ani = \"replace\"; "), ANON,
	    PAI "<sip:12@pbx>\r\n" BY("02079460007"),
	    "From: <sip:+442079460007@pbx;user=phone>;tag=ours\n" PAI
	    "<sip:+442079460007@pbx;user=phone>",
	    NULL, "CLI-ANONYMOUS CLI-ANI-INVALID" },
	{ "anonymous, asserted with an escaped plus",
	    POLICY("identity = { " SHOW_ASSERTED OWNED " };"
		   "numbers = { in = [ \"asserted\" ]; };"), ANON,
	    PAI "<sip:%2B442079460001@pbx>\r\n",
	    "From: <sip:%2B442079460001@pbx>;tag=ours\n" PAI
	    "<sip:+442079460001@pbx>", NULL, "CLI-ANONYMOUS CLI-FORMAT" },
	{ "From not owned, asserted is fixed",
	    ID("from = \"owned\"; asserted = \"fixed:+442079460002\";"),
	    MOBILE, "",
	    FROM_OUT("+442079460002") "\n" PAI
	    "<sip:+442079460002@sbc.example.com;user=phone>",
	    NULL, "CLI-NOT-OWNED CLI-NOT-OWNED" },
	{ "From not owned, asserted is mapped",
	    ID("from = \"owned\"; asserted = \"map:" MAP_FILE "\";"),
	    FROM_IS("+441709000001"), "",
	    FROM_OUT("+442079460003") "\n" PAI
	    "<sip:+442079460003@sbc.example.com;user=phone>",
	    NULL, "CLI-NOT-OWNED CLI-NOT-OWNED" },

	/* BWC-26 */
	{ "invalid, not asked", NULL, FROM_IS("0000000000"), "",
	    FROM_OUT("0000000000"), NULL, "" },
	{ "invalid, pass", ID("invalid_ani = \"pass\"; " DEFAULT),
	    FROM_IS("0000000000"), "", FROM_OUT("0000000000"), NULL,
	    "CLI-ANI-INVALID" },
	{ "invalid, replaced", ID("invalid_ani = \"replace\"; " DEFAULT),
	    FROM_IS("0000000000"), "", FROM_OUT("+442079460099"), NULL,
	    "CLI-ANI-INVALID" },
	{ "an extension", ID("invalid_ani = \"replace\"; " DEFAULT),
	    FROM_IS("12"), "", FROM_OUT("+442079460099"), NULL,
	    "CLI-ANI-INVALID" },
	{ "area 555", ID("invalid_ani = \"replace\"; " DEFAULT),
	    FROM_IS("+15551230000"), "", FROM_OUT("+442079460099"), NULL,
	    "CLI-ANI-INVALID" },
	{ "area 555 that is owned", ID("invalid_ani = \"replace\"; " DEFAULT),
	    FROM_IS("+15555550100"), "", FROM_OUT("+15555550100"), NULL, "" },
	{ "exchange 555", ID("invalid_ani = \"replace\"; " DEFAULT),
	    FROM_IS("+15125550100"), "", FROM_OUT("+15125550100"), NULL, "" },
	{ "valid", ID("invalid_ani = \"replace\"; " DEFAULT), MOBILE, "",
	    MOBILE_OUT, NULL, "" },
	{ "a name is no number", ID("invalid_ani = \"replace\"; " DEFAULT),
	    FROM_IS("alice"), "", FROM_OUT("alice"), NULL, "" },
	{ "invalid, by the diverting number",
	    ID("invalid_ani = \"replace\"; " DEFAULT), FROM_IS("12"),
	    BY("02079460007"), FROM_OUT("+442079460007"), NULL,
	    "CLI-ANI-INVALID" },
	{ "asserted invalid", ID("invalid_ani = \"replace\"; " DEFAULT), FROM,
	    PAI "\"F\" <sip:12@pbx>\r\n",
	    PAI "\"F\" <sip:+442079460099@pbx;user=phone>", NULL,
	    "CLI-ANI-INVALID" },
	{ "asserted invalid, beside a broken value",
	    ID("invalid_ani = \"replace\"; " DEFAULT), FROM,
	    PAI "<sip:441@pbx>, <x>\r\n",
	    PAI "<sip:+442079460099@pbx;user=phone>", "441@",
	    "CLI-ANI-INVALID CLI-ANI-INVALID" },
	{ "asserted invalid, and only that is wanted",
	    ID("invalid_ani = \"replace\"; asserted_values = \"one\"; "
	       DEFAULT), FROM,
	    PAI "<sip:441@pbx>, <tel:+447700900123>\r\n",
	    PAI "<sip:+442079460099@pbx;user=phone>", "tel:",
	    "CLI-ANI-INVALID" },
	{ "valid, reject", ID("invalid_ani = \"reject\"; "), MOBILE,
	    PAI "<sip:12@pbx>, <tel:+447700900123>\r\n", MOBILE_OUT, NULL,
	    "" },
};

static void
know_owned(struct fixture *f, struct inventory *inventory)
{
	f->ctx.owns = is_owned;
	f->ctx.why_not = why_not_owned;
	f->ctx.owns_arg = inventory;
}

START_TEST(owned)
{
	const struct row *row = &owned_rows[_i];
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(row->policy);
	struct inventory *inventory = owned_numbers();

	fixture_trunks(f);
	if (strstr(row->name, "the trunk's") != NULL)
		f->carrier.default_caller = SPAN("+442079460098");
	fixture_message(
	    f, NULL, row->from, "<sip:+442079460001@sbc>", row->more, "");
	fixture_draft(f, policy);
	know_owned(f, inventory);
	fixture_apply(f, policy, STAGE_OUT);
	assert_lines(f->out, row->want, true);
	assert_lines(f->out, row->absent, false);
	ck_assert_msg(strcmp(f->book.codes, row->codes) == 0,
	    "%s: journal \"%s\", expected \"%s\"\n%s%s", row->name,
	    f->book.codes, row->codes, f->book.buf, f->out);
	inventory_unref(inventory);
	policy_unref(policy);
	free(f);
}
END_TEST

/* KAZ-06, KAZ-07: what the carrier writes elsewhere. */
static const struct {
	const char *uri, *to, *more, *places;
	const char *sent; /* Request-URI */
	const char *codes;
} called[] = {
	{ "sip:+442079460001@sbc", "+442079460002", "", "\"to\"",
	    "sip:+442079460001@sbc", "" },
	{ "sip:02079460001@sbc", "trunk1", "", "\"to\"",
	    "sip:02079460001@sbc", "" },
	{ "sip:trunk1@sbc;x=1", "+442079460002", "", "\"to\"",
	    "sip:+442079460002@sbc;x=1", "NUM-ELSEWHERE" },
	{ "sip:10.0.0.1:5060", "02079460002", "", "\"to\"",
	    "sip:+442079460002@10.0.0.1:5060", "NUM-ELSEWHERE" },
	{ "sip:[::1]", "02079460002", "", "\"to\"",
	    "sip:+442079460002@[::1]", "NUM-ELSEWHERE" },
	{ "tel:+441709000000", "02079460002", "", "\"to\"",
	    "tel:+442079460002", "NUM-ELSEWHERE" },
	{ "sip:+442079460150@sbc", "trunk1",
	    "P-Called-Party-ID: <sip:+442079460003@carrier>\r\n",
	    "\"p_called_party_id\"", "sip:+442079460003@sbc",
	    "NUM-ELSEWHERE" },
	{ "sip:trunk1@sbc", "trunk1",
	    "History-Info: <sip:+441709@x>;index=1, "
	    "<sip:+442079460004@x>;index=1.1\r\n",
	    "\"to\", \"history_info\"", "sip:+442079460004@sbc",
	    "NUM-ELSEWHERE" },
	{ "sip:trunk1@sbc", "trunk1",
	    "Diversion: <sip:+442079460005@x>;reason=unconditional\r\n",
	    "\"diversion\"", "sip:+442079460005@sbc", "NUM-ELSEWHERE" },
	{ "sip:trunk1@sbc", "+442079460002",
	    "Diversion: <sip:+442079460005@x>;reason=unconditional\r\n",
	    "\"diversion\", \"to\"", "sip:+442079460002@sbc",
	    "NUM-ELSEWHERE" },
	{ "sip:+442079460150@sbc", "+442079460151", "", "\"to\"",
	    "sip:+442079460150@sbc", "RTE-DID-UNKNOWN" },
	{ "sip:trunk1@sbc", "+442079460050", "", "\"to\"", "sip:trunk1@sbc",
	    "RTE-DID-UNKNOWN" },
	{ "sip:112@sbc", "+442079460002", "", "\"to\"", "sip:112@sbc", "" },
	/* RFC 3966 section 5.1.5. */
	{ "sip:79460001;phone-context=+4420@sbc", "trunk1", "", "\"to\"",
	    "sip:79460001;phone-context=+4420@sbc", "" },
	{ "sip:trunk1@sbc", "776831784016;phone-context=+44161", "",
	    "\"to\"", "sip:trunk1@sbc", "RTE-DID-UNKNOWN" },
	{ "sip:trunk1@sbc", "79460002;phone-context=+4420", "", "\"to\"",
	    "sip:+442079460002@sbc", "NUM-ELSEWHERE" },
	/* What was the other number's goes with it. */
	{ "sip:79460001;phone-context=+44161:pw@sbc;user=phone",
	    "+442079460002", "", "\"to\"",
	    "sip:+442079460002:pw@sbc;user=phone", "NUM-ELSEWHERE" },
	{ "tel:79460001;phone-context=+44161", "+442079460002", "", "\"to\"",
	    "tel:+442079460002", "NUM-ELSEWHERE" },
};

START_TEST(called_elsewhere)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct inventory *inventory = owned_numbers();
	struct policy *policy;
	char text[256], start[128], to[64], want[160];

	snprintf(text, sizeof(text),
	    "policy = { name = \"t\"; numbers = { called_from = [ %s ]; }; };",
	    called[_i].places);
	policy = policy_of(text);
	snprintf(start, sizeof(start), "INVITE %s SIP/2.0", called[_i].uri);
	snprintf(to, sizeof(to), "<sip:%s@sbc>", called[_i].to);
	snprintf(want, sizeof(want), "INVITE %s SIP/2.0\r\n", called[_i].sent);
	fixture_trunks(f);
	fixture_message(f, start, FROM, to, called[_i].more, "");
	fixture_draft(f, policy);
	f->ctx.received = &f->msg;
	know_owned(f, inventory);
	fixture_apply(f, policy, STAGE_IN);
	ck_assert_msg(
	    strncmp(f->out, want, strlen(want)) == 0, "not %s%s", want, f->out);
	snprintf(want, sizeof(want), "To: %s", to);
	assert_lines(f->out, want, true);
	ck_assert_str_eq(f->book.codes, called[_i].codes);
	inventory_unref(inventory);
	policy_unref(policy);
	free(f);
}
END_TEST

/* Without an inventory, and for an emergency, all stays. */
START_TEST(owned_is_not_known)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy =
	    policy_of(ID("from = \"owned\"; " OWNED DEFAULT));
	struct inventory *inventory = owned_numbers();

	fixture_trunks(f);
	fixture_message(f,
	    _i == 0 ? NULL : "INVITE sip:999@sbc SIP/2.0", MOBILE,
	    "<sip:+442079460001@sbc>", PAI "<sip:+447700900123@pbx>\r\n", "");
	fixture_draft(f, policy);
	if (_i != 0)
		know_owned(f, inventory);
	fixture_apply(f, policy, STAGE_OUT);
	ck_assert_uint_eq(f->ctx.changes, 0);
	assert_lines(
	    f->out, MOBILE_OUT "\n" PAI "<sip:+447700900123@pbx>", true);
	inventory_unref(inventory);
	policy_unref(policy);
	free(f);
}
END_TEST

/* Later, and in responses, nothing is made up: what is not owned goes. */
START_TEST(owned_later)
{
	static const struct {
		const char *start, *asserted, *want, *absent, *codes;
	} later[] = {
		{ "INVITE sip:+442079460001@sbc SIP/2.0", "+447700900123",
		    MOBILE_OUT, "P-Asserted", "CLI-PAI-NOT-OWNED" },
		{ "INVITE sip:+442079460001@sbc SIP/2.0", "+442079460001",
		    PAI "<sip:+442079460001@pbx>\n" MOBILE_OUT, NULL, "" },
		{ "SIP/2.0 200 OK", "+447700900123", MOBILE_OUT, "P-Asserted",
		    "CLI-PAI-NOT-OWNED" },
		{ "SIP/2.0 200 OK", "+442079460001",
		    PAI "<sip:+442079460001@pbx>", NULL, "" },
	};
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy =
	    policy_of(ID("from = \"owned\"; " OWNED DEFAULT));
	struct inventory *inventory = owned_numbers();
	char more[80];

	snprintf(more, sizeof(more), PAI "<sip:%s@pbx>\r\n",
	    later[_i].asserted);
	fixture_trunks(f);
	fixture_message(f, later[_i].start, MOBILE,
	    "<sip:+442079460001@sbc>;tag=2", more, "");
	fixture_draft(f, policy);
	know_owned(f, inventory);
	fixture_apply(f, policy, STAGE_OUT);
	assert_lines(f->out, later[_i].want, true);
	assert_lines(f->out, later[_i].absent, false);
	ck_assert_str_eq(f->book.codes, later[_i].codes);
	inventory_unref(inventory);
	policy_unref(policy);
	free(f);
}
END_TEST

/* BWC-26: refused here, unless it is an emergency. */
START_TEST(invalid_is_refused)
{
	static const struct {
		const char *start, *from, *more;
		bool refused;
	} tried[] = {
		{ NULL, FROM_IS("0000000000"), "", true },
		{ NULL, FROM_IS("12"), "", true },
		{ NULL, FROM_IS("+15551230000"), "", true },
		{ NULL, MOBILE, PAI "<sip:0000@pbx>\r\n", true },
		{ NULL, MOBILE, "", false },
		{ NULL, ANON, "", false },
		{ "INVITE sip:999@sbc SIP/2.0", FROM_IS("12"), "", false },
	};
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(ID("invalid_ani = \"reject\"; "));

	fixture_trunks(f);
	fixture_message(f, tried[_i].start, tried[_i].from,
	    "<sip:+442079460001@sbc>", tried[_i].more, "");
	fixture_draft(f, policy);
	ck_assert(policy_apply(policy, STAGE_OUT, &f->ctx, &f->draft,
		      &f->refusal) == !tried[_i].refused);
	if (tried[_i].refused) {
		ck_assert_uint_eq(f->refusal.status, 403);
		ck_assert_int_eq(f->refusal.diagnostic, DIAG_CLI_ANI_INVALID);
		ck_assert_str_eq(f->book.codes, "CLI-ANI-INVALID");
	}
	policy_unref(policy);
	free(f);
}
END_TEST

START_TEST(owned_is_wanted)
{
	struct policy *policy = policy_of(ID(OWNED));

	ck_assert(policy_wants_owned(policy));
	policy_unref(policy);
	policy = policy_of(ID("from = \"owned\"; "));
	ck_assert(policy_wants_owned(policy));
	policy_unref(policy);
	policy = policy_of(POLICY("rules = ( { when = { owned = \"!from\"; }; "
				  "absent = \"X-A\"; diagnostic = "
				  "\"CLI-NOT-OWNED\"; } );\n"));
	ck_assert(policy_wants_owned(policy));
	policy_unref(policy);
	policy = policy_of(ID("from = \"default\"; " DEFAULT));
	ck_assert(!policy_wants_owned(policy));
	policy_unref(policy);
	ck_assert(!policy_wants_owned(policy_builtin()));
}
END_TEST

/* TWI-26: in requests and in responses. */
static const char *const sdp_starts[] = {
	"INVITE sip:+442079460001@sbc SIP/2.0", "SIP/2.0 200 OK",
	"SIP/2.0 183 Session Progress"
};

START_TEST(sdp_is_public)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct edit_seen seen = { 0 };

	fixture_trunks(f);
	fixture_message(f, sdp_starts[_i], FROM, "<sip:+442079460001@sbc>;tag=2",
	    "Content-Type: application/sdp\r\n", sdp_private);
	fixture_draft(f, policy_builtin());
	f->ctx.seen = &seen;
	fixture_apply(f, policy_builtin(), STAGE_OUT);
	assert_lines(f->out,
	    "o=- 1 1 IN IP4 198.51.100.7\nc=IN IP4 198.51.100.7", true);
	assert_lines(f->out, "192.168", false);
	ck_assert_str_eq(f->book.codes, "MED-SDP-PRIVATE MED-SDP-PRIVATE");
	ck_assert_ptr_nonnull(
	    strstr(f->book.buf, "builtin:private_addresses"));

	/* The same again in the next message of the call is no news. */
	f->ctx.journal = &f->journal;
	fixture_message(f, sdp_starts[_i], FROM, "<sip:+442079460001@sbc>;tag=2",
	    "Content-Type: application/sdp\r\n", sdp_private);
	fixture_draft(f, policy_builtin());
	f->ctx.seen = &seen;
	book_init(&f->book);
	ck_assert(policy_apply(policy_builtin(), STAGE_OUT, &f->ctx, &f->draft,
	    &f->refusal));
	ck_assert_uint_eq(f->ctx.changes, 1);
	ck_assert_str_eq(f->book.codes, "");
	free(f);
}
END_TEST

START_TEST(sdp_is_kept)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy =
	    policy_of(POLICY("media = { private_addresses = \"keep\"; };"));

	fixture_trunks(f);
	fixture_message(f, NULL, FROM, "<sip:+442079460001@sbc>",
	    "Content-Type: application/sdp\r\n", sdp_private);
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	ck_assert_uint_eq(f->ctx.changes, 0);

	f->carrier.media_direct = false;
	fixture_draft(f, policy_builtin());
	f->carrier.media_direct = false;
	fixture_apply(f, policy_builtin(), STAGE_OUT);
	ck_assert_uint_eq(f->ctx.changes, 0);
	policy_unref(policy);
	free(f);
}
END_TEST

START_TEST(sdp_in_multipart)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char body[1024];

	fixture_trunks(f);
	snprintf(body, sizeof(body),
	    "--b\r\nContent-Type: text/plain\r\n\r\n192.168.1.5\r\n"
	    "--b\r\nContent-Type: application/sdp\r\n\r\n%s\r\n--b--\r\n",
	    sdp_private);
	fixture_message(f, NULL, FROM, "<sip:+442079460001@sbc>",
	    "Content-Type: multipart/mixed;boundary=b\r\n", body);
	fixture_draft(f, policy_builtin());
	fixture_apply(f, policy_builtin(), STAGE_OUT);
	assert_lines(f->out,
	    "c=IN IP4 198.51.100.7\n192.168.1.5\n--b--", true);
	free(f);
}
END_TEST

START_TEST(scrubbed_headers_are_told)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct config_strings relay = { (char *[]){ (char *)"X-Keep*" }, 1 };

	fixture_trunks(f);
	f->carrier.relay_headers = &relay;
	fixture_message(f, NULL, FROM, "<sip:+442079460001@sbc>",
	    "ms-diagnostics: 1\r\nX-A: 2\r\nx-a: 3\r\nX-Keep-1: 4\r\n"
	    "P-Charging-Vector: v\r\nSubject: s\r\n",
	    "");
	fixture_draft(f, policy_builtin());
	policy_scrub(policy_builtin(), &f->ctx, &f->msg);
	ck_assert_str_eq(f->book.codes, "SCRUB-PRIVATE-HDR");
	ck_assert_ptr_nonnull(strstr(f->book.buf,
	    "headers|ms-diagnostics, X-A, P-Charging-Vector|"));
	fixture_apply(f, policy_builtin(), STAGE_OUT);
	assert_lines(f->out, "X-Keep-1: 4\nSubject: s", true);
	assert_lines(f->out, "ms-diag\nX-A\nP-Charging", false);
	free(f);
}
END_TEST

/* RFC 8224: what is signed and does not go on breaks the signature that
 * does. */
START_TEST(signed_date_that_is_scrubbed_is_told)
{
	static const struct {
		const char *settings, *more, *codes;
	} dates[] = {
		{ "", "Identity: abc\r\nDate: now\r\n", "" },
		{ "absent = [ \"Date\" ];", "Identity: abc\r\n", "" },
		{ "absent = [ \"Date\" ];", "Date: now\r\n",
		    "SCRUB-PRIVATE-HDR" },
		{ "absent = [ \"Date\", \"Identity\" ];",
		    "Identity: abc\r\nDate: now\r\n", "SCRUB-PRIVATE-HDR" },
		{ "absent = [ \"Date\" ];",
		    "Identity: abc\r\nDate: now\r\n",
		    "SCRUB-PRIVATE-HDR CLI-IDENTITY-BROKEN" },
	};
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy;
	char text[256];

	snprintf(text, sizeof(text), "policy = { name = \"t\"; headers = { %s "
	    "}; };", dates[_i].settings);
	policy = policy_of(text);
	fixture_trunks(f);
	fixture_message(f, NULL, FROM, "<sip:+442079460001@sbc>", dates[_i].more,
	    "");
	fixture_draft(f, policy);
	policy_scrub(policy, &f->ctx, &f->msg);
	ck_assert_str_eq(f->book.codes, dates[_i].codes);
	policy_unref(policy);
	free(f);
}
END_TEST

static const struct {
	const char *start, *more;
	enum policy_call kind;
} kinds[] = {
	{ NULL, "", POLICY_CALL_DIRECT },
	{ NULL, "Diversion: <sip:1@x>\r\n", POLICY_CALL_DIVERTED },
	{ NULL, "History-Info: <sip:1@x>;index=1\r\n", POLICY_CALL_DIRECT },
	{ NULL, "History-Info: <sip:1@x>;index=1, <sip:2@x>;index=1.1\r\n",
	    POLICY_CALL_DIVERTED },
	{ NULL, "History-Info: <sip:1@x>;index=1\r\n"
		"History-Info: <sip:1@192.0.2.1>;index=1.1;rc=1\r\n",
	    POLICY_CALL_DIRECT },
	{ NULL, "History-Info: <sip:1@x>;index=1, <sip:1@y>;index=1.1\r\n",
	    POLICY_CALL_DIRECT },
	{ NULL, "History-Info: <sip:1@x>;index=1, <sip:2@y>;index=1.1;np=1\r\n",
	    POLICY_CALL_DIRECT },
	{ "INVITE sip:1@x;cause=302 SIP/2.0", "", POLICY_CALL_DIVERTED },
	{ "INVITE sip:1@x;cause=487 SIP/2.0", "", POLICY_CALL_DIVERTED },
	{ "INVITE sip:1@x;cause=200 SIP/2.0", "", POLICY_CALL_DIRECT },
	{ "INVITE sip:1@x;cause=x SIP/2.0", "", POLICY_CALL_DIRECT },
	{ "INVITE sip:1@x;cause=302 SIP/2.0", "Referred-By: <sip:1@x>\r\n",
	    POLICY_CALL_TRANSFERRED },
	{ NULL, "Replaces: 1;to-tag=1;from-tag=2\r\n",
	    POLICY_CALL_TRANSFERRED },
	{ NULL, "Referred-By: <sip:1@x>\r\n", POLICY_CALL_TRANSFERRED },
	{ "INVITE sip:112@x SIP/2.0", "Referred-By: <sip:1@x>\r\n",
	    POLICY_CALL_EMERGENCY },
	{ "INVITE urn:service:sos SIP/2.0", "", POLICY_CALL_EMERGENCY },
};

START_TEST(call_kinds)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fixture_message(f, kinds[_i].start, FROM, "<sip:1@x>", kinds[_i].more,
	    "");
	ck_assert_int_eq(policy_call_kind(&f->msg, NULL), kinds[_i].kind);
	free(f);
}
END_TEST

/* --- what a caller wishes --- */

static bool
owns_all_but_one(void *arg, struct span e164)
{
	(void)arg;
	return !span_eq(e164, SPAN("442079460055"));
}

/* Whoever answers an emergency call is told who calls, whatever the caller wishes
 * otherwise. */
START_TEST(emergency_hides_nobody)
{
	static const char *const wished[] = { "Privacy: id\r\n",
		"Privacy: user;id\r\n", "Privacy: id;critical\r\n" };
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy =
	    policy_of(POLICY("identity = { privacy = \"honour\"; };"));
	char more[160];

	snprintf(more, sizeof(more), PAI "<sip:+442079460000@pbx>\r\n%s",
	    wished[_i]);
	fixture_trunks(f);
	fixture_message(f, "INVITE sip:999@sbc SIP/2.0", FROM,
	    "<sip:+442079460001@sbc>", more, "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	ck_assert_uint_eq(f->ctx.changes, 0);
	assert_lines(f->out, PAI "<sip:+442079460000@pbx>", true);
	policy_unref(policy);
	free(f);
}
END_TEST

/* ACS-02, reject: only where nobody wished it, and never an emergency. */
static const struct {
	const char *start, *from, *more;
	unsigned status; /* 0: it goes on */
} rejects[] = {
	{ NULL, ANON, "", 433 },
	{ NULL, ANON, PAI "<sip:+442079460000@pbx>\r\n", 433 },
	{ NULL, ANON, "Privacy: id\r\n", 0 },
	{ NULL, ANON, "Privacy: user\r\n", 0 },
	{ NULL, ANON, "Privacy: critical\r\n", 433 },
	{ NULL, FROM, "", 0 },
	{ "INVITE sip:999@sbc SIP/2.0", ANON, "", 0 },
};

START_TEST(anonymous_rejected)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy =
	    policy_of(POLICY("identity = { anonymous_from = \"reject\"; };"));
	bool refused = rejects[_i].status != 0;

	fixture_trunks(f);
	fixture_message(f, rejects[_i].start, rejects[_i].from,
	    "<sip:+442079460001@sbc>", rejects[_i].more, "");
	fixture_draft(f, policy);
	ck_assert(policy_apply(policy, STAGE_OUT, &f->ctx, &f->draft,
		      &f->refusal) != refused);
	ck_assert_uint_eq(f->ctx.changes, 0);
	if (refused) {
		ck_assert_uint_eq(f->refusal.status, rejects[_i].status);
		ck_assert_int_eq(f->refusal.diagnostic, DIAG_CLI_ANONYMOUS);
		ck_assert_str_eq(f->book.codes, "CLI-ANONYMOUS");
	}
	policy_unref(policy);
	free(f);
}
END_TEST

static const char *const froms[] = { "keep", "anonymous", "owned", "asserted",
	"default" };
static const char *const anonymous_froms[] = { "keep", "use-asserted",
	"default", "reject", "private" };
static const char *const privacies[] = { "keep", "honour", "drop-id",
	"drop-id-if-public", "add" };
static const char *const asserteds[] = { "as-received", "absent", "from",
	"fixed:+442079460123", "map:" MAP_FILE, "owned" };
static const char *const remote_parties[] = { "keep", "absent", "from" };
static const char *const diverted_froms[] = { "original", "diverting" };
static const char *const diversions[] = { "keep", "diversion", "history-info",
	"both", "absent" };

struct wish {
	const char *from, *more;
	const char *keeps; /* a token of Privacy that must stay */
};

static const struct wish wishes[] = {
	{ ANON, "Privacy: id\r\n", "id" },
	{ ANON, "Privacy: user;id;critical\r\n", "id" },
	{ ANON, "Privacy: user\r\n", "user" },
	{ "From: <sip:anonymous@anonymous.invalid>;tag=1",
	    "Privacy: header;id\r\n", "id" },
	{ "From: \"Anonymous\" <sip:+442079460000@pbx>;tag=1",
	    "Privacy: id\r\n", "id" },
	{ "From: <sip:restricted@pbx>;tag=1", "Privacy: id\r\n", "id" },
	{ "From: \"Private \" <sip:+442079460000@pbx>;tag=1",
	    "Privacy: \"id\"\r\n", "id" },
};

#define CHOICES                                                                \
	(ARRAY_LEN(froms) * ARRAY_LEN(anonymous_froms) *                       \
	    ARRAY_LEN(privacies) * ARRAY_LEN(asserteds) *                      \
	    ARRAY_LEN(remote_parties) * ARRAY_LEN(diverted_froms) *            \
	    ARRAY_LEN(diversions))

static const char *
pick(const char *const *words, size_t n, unsigned *i)
{
	const char *word = words[*i % n];

	*i /= (unsigned)n;
	return word;
}

#define PICK(words) pick((words), ARRAY_LEN(words), &i)

/* The i-th of all policies that the settings of who calls make. */
static struct policy *
policy_nth(unsigned i)
{
	const char *from = PICK(froms), *anonymous = PICK(anonymous_froms);
	const char *privacy = PICK(privacies), *asserted = PICK(asserteds);
	const char *remote = PICK(remote_parties);
	const char *diverted = PICK(diverted_froms);
	const char *diversion = PICK(diversions);
	char text[1024];

	snprintf(text, sizeof(text),
	    "policy = { name = \"w\"; identity = { from = \"%s\";"
	    " anonymous_from = \"%s\"; privacy = \"%s\"; asserted = \"%s\";"
	    " remote_party = \"%s\"; diverted_from = \"%s\";"
	    " diversion = \"%s\"; default_caller = \"+442079460123\"; }; };",
	    from, anonymous, privacy, asserted, remote, diverted, diversion);
	return policy_of(text);
}

static void
assert_wish_kept(const struct fixture *f, const struct wish *wish)
{
	struct nameaddr from;
	const char *privacy = strstr(f->out, "\r\nPrivacy: ");

	nameaddr_parse(sip_draft_value(&f->draft, SIP_FROM), &from);
	ck_assert_msg(identity_is_anonymous(&from), "%s", f->out);
	ck_assert_msg(privacy != NULL && strstr(privacy, wish->keeps) != NULL,
	    "%s", f->out);
}

/* A real wish for privacy survives each combination of settings. */
START_TEST(wishes_survive)
{
	const struct wish *wish = &wishes[_i];
	struct fixture *f = calloc(1, sizeof(*f));
	char more[512];
	unsigned i;

	snprintf(more, sizeof(more),
	    PAI "<sip:+442079460000@pbx>\r\n"
	    "Remote-Party-ID: <sip:+442079460000@pbx>\r\n" HISTORY "%s",
	    wish->more);
	for (i = 0; i < CHOICES; i += 5) {
		struct policy *policy = policy_nth(i);

		fixture_trunks(f);
		fixture_message(f, NULL, wish->from,
		    "<sip:+442079460001@sbc>", more, "");
		fixture_draft(f, policy);
		f->ctx.owns = i % 2 == 0 ? owns_all_but_one : NULL;
		fixture_apply(f, policy, STAGE_OUT);
		assert_wish_kept(f, wish);
		policy_unref(policy);
	}
	free(f);
}
END_TEST

/* The same for a caller who hides nothing: no setting makes up a wish, but the
 * two that say so. */
START_TEST(nobody_hides_unasked)
{
	struct fixture *f = calloc(1, sizeof(*f));
	unsigned i;

	for (i = 0; i < CHOICES; i += 11) {
		struct policy *policy = policy_nth(i);
		bool hides = i % ARRAY_LEN(froms) == 1;

		fixture_trunks(f);
		fixture_message(f, NULL, FROM, "<sip:+442079460001@sbc>",
		    PAI "<sip:+442079460000@pbx>\r\n" HISTORY, "");
		fixture_draft(f, policy);
		f->ctx.owns = i % 2 == 0 ? owns_all_but_one : NULL;
		fixture_apply(f, policy, STAGE_OUT);
		ck_assert((strstr(f->out, "anonymous.invalid") != NULL) == hides);
		policy_unref(policy);
	}
	free(f);
}
END_TEST

/* Who diverted is shown only where the trunk owns that number. */
START_TEST(diverter_must_be_owned)
{
	static const char more[] =
	    "Diversion: <sip:02079460055@pbx>, <sip:02079460044@pbx>\r\n";
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(
	    POLICY("identity = { diverted_from = \"diverting\"; };"));

	fixture_trunks(f);
	fixture_message(f, NULL, FROM, "<sip:+442079460001@sbc>", more, "");
	fixture_draft(f, policy);
	f->ctx.owns = owns_all_but_one;
	fixture_apply(f, policy, STAGE_OUT);
	assert_lines(f->out, "From: <sip:02079460044@pbx>;tag=ours", true);
	policy_unref(policy);
	free(f);
}
END_TEST

/* However often its values change, a field takes room once: a hundred entries
 * of which each loses its user, or its number and its host. */
START_TEST(long_history)
{
	static const char *const texts[] = {
		POLICY("identity = { privacy = \"honour\"; };"),
		POLICY("identity = { host = \"own\"; };"
		       "numbers = { in = [ \"diverting\" ]; };")
	};
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(texts[_i]);
	char more[7000];
	struct text t = text_over(more, sizeof(more) - 1);
	int i;

	TEXT_LIT(&t, "Privacy: history\r\nHistory-Info: ");
	for (i = 0; i < 100; i++)
		text_addf(&t, "<sip:020794600%02d@pbx>;index=%d,", i, i);
	TEXT_LIT(&t, "<sip:1@sbc>;index=100\r\n");
	ck_assert(!t.overflow);
	fixture_trunks(f);
	fixture_message(f, NULL, FROM, "<sip:1@sbc>", text_cstr(&t), "");
	fixture_draft(f, policy);
	f->ctx.journal = NULL;
	ck_assert(policy_apply(
	    policy, STAGE_OUT, &f->ctx, &f->draft, &f->refusal));
	ck_assert(!f->draft.overflow);
	f->wire = text_over(f->out, sizeof(f->out));
	ck_assert(sip_draft_write(&f->draft, &f->wire));
	ck_assert_ptr_null(strstr(text_cstr(&f->wire), "<sip:020794600"));
	ck_assert_ptr_nonnull(strstr(f->out, ";index=99,<sip:1@sbc"));
	policy_unref(policy);
	free(f);
}
END_TEST

/* RFC 4458: who diverted is in the Request-URI. */
START_TEST(diverted_by_request_uri)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_of(DIVERT("both"));

	fixture_trunks(f);
	fixture_message(f,
	    "INVITE sip:vm@sbc;target=sip%3A%2B442079460055%40pbx;cause=486 "
	    "SIP/2.0", FROM, "<sip:vm@sbc>", "", "");
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	assert_lines(f->out,
	    "Diversion: <sip:+442079460055@sbc.example.com>"
	    ";reason=user-busy;counter=1;privacy=off\n"
	    "History-Info: <sip:+442079460055@sbc.example.com>;index=1, "
	    "<sip:vm@sbc;cause=486>;index=1.1;mp=1", true);
	policy_unref(policy);
	free(f);
}
END_TEST

/* Each attempt is refused by the invariant that it breaks, and by name. */
static const struct {
	const char *invariant;
	bool in_dialog;
	const char *dialled;
	struct guard_change change;
} breaches[] = {
	{ "dialog-field", false, "1",
	    { .verb = GUARD_REMOVE, .id = SIP_VIA, .name = SPAN("Via") } },
	{ "dialog-field", false, "1",
	    { .verb = GUARD_SET, .id = SIP_CONTACT, .name = SPAN("Contact"),
		.after = SPAN("<sip:evil>") } },
	{ "dialog-field", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_CONTACT, .name = SPAN("Contact"),
		.after = SPAN("<sip:second>") } },
	{ "dialog-field", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_RECORD_ROUTE,
		.name = SPAN("Record-Route"), .after = SPAN("<sip:x;lr>") } },
	{ "dialog-field", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_ROUTE, .name = SPAN("Route"),
		.after = SPAN("<sip:x;lr>") } },
	{ "dialog-field", false, "1",
	    { .verb = GUARD_SET, .id = SIP_CALL_ID, .name = SPAN("Call-ID"),
		.after = SPAN("x") } },
	{ "dialog-field", false, "1",
	    { .verb = GUARD_SET, .id = SIP_CSEQ, .name = SPAN("CSeq"),
		.after = SPAN("2 INVITE") } },
	{ "dialog-field", false, "1",
	    { .verb = GUARD_REMOVE, .id = SIP_MAX_FORWARDS,
		.name = SPAN("Max-Forwards") } },
	{ "dialog-field", false, "1",
	    { .verb = GUARD_SET, .id = SIP_REQUIRE, .name = SPAN("Require"),
		.owner = SIP_OWNER_DIALOG, .after = SPAN("x") } },
	{ "content-length", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_CONTENT_LENGTH,
		.name = SPAN("Content-Length"), .after = SPAN("0") } },
	{ "one", false, "1",
	    { .verb = GUARD_REMOVE, .id = SIP_FROM, .name = SPAN("From") } },
	{ "one", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_TO, .name = SPAN("To"),
		.after = SPAN("<sip:2@x>") } },
	{ "one", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_DATE, .name = SPAN("Date"),
		.after = SPAN("now") } },
	{ "tag", false, "1",
	    { .verb = GUARD_SET, .id = SIP_FROM, .name = SPAN("From"),
		.after = SPAN("<sip:1@x>;tag=other") } },
	{ "tag", false, "1",
	    { .verb = GUARD_SET, .id = SIP_FROM, .name = SPAN("From"),
		.after = SPAN("\";tag=ours\" <sip:1@x>") } },
	{ "tag", false, "1",
	    { .verb = GUARD_SET, .id = SIP_TO, .name = SPAN("To"),
		.after = SPAN("<sip:1@x>;tag=new") } },
	{ "dialog-party", true, "1",
	    { .verb = GUARD_SET, .id = SIP_FROM, .name = SPAN("From"),
		.after = SPAN("<sip:other@x>;tag=ours") } },
	{ "dialog-uri", true, "1",
	    { .verb = GUARD_REQUEST_URI, .after = SPAN("sip:public@x") } },
	{ "uri-form", false, "1",
	    { .verb = GUARD_REQUEST_URI, .after = SPAN("sip:a b@x") } },
	{ "uri-form", false, "1",
	    { .verb = GUARD_REQUEST_URI, .after = SPAN("02079460000") } },
	{ "bytes", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_SUBJECT, .name = SPAN("Subject"),
		.after = SPAN("a\r\nVia: x") } },
	{ "bytes", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_SUBJECT, .name = SPAN("Subject"),
		.after = SPAN("a\nb") } },
	{ "bytes", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_SUBJECT, .name = SPAN("Subject"),
		.after = SPAN("a\0b") } },
	{ "bytes", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_SUBJECT, .name = SPAN("Subject"),
		.after = SPAN("a\xc0\x8a" "b") } },
	{ "bytes", false, "1",
	    { .verb = GUARD_ADD, .id = SIP_OTHER_HEADER, .name = SPAN("X: y"),
		.after = SPAN("a") } },
	{ "emergency", false, "999",
	    { .verb = GUARD_REQUEST_URI,
		.after = SPAN("sip:+44999@sbc") } },
	{ "media-lines", false, "1",
	    { .verb = GUARD_BODY,
		.after = SPAN("v=0\r\nm=video 1 RTP/AVP 0\r\n") } },
	{ "media-lines", false, "1",
	    { .verb = GUARD_BODY,
		.after = SPAN("v=0\r\nm=audio 1 RTP/AVP 0\r\n"
			      "m=audio 2 RTP/AVP 0\r\n") } },
	{ "media-lines", false, "1", { .verb = GUARD_BODY } },
};

static void
fixture_guarded(struct fixture *f, const char *number, bool in_dialog)
{
	char start[64];

	fixture_trunks(f);
	snprintf(start, sizeof(start), "INVITE sip:%s@sbc SIP/2.0", number);
	fixture_message(f, start, FROM,
	    in_dialog ? "<sip:1@x>;tag=2" : "<sip:1@x>",
	    "Date: Sat, 21 Nov 2026 10:00:00 GMT\r\n"
	    "Content-Type: application/sdp\r\n",
	    sdp_private);
	fixture_draft(f, policy_builtin());
}

static const char *
invariant_text(const char *name)
{
	size_t i;

	for (i = 0; guard_invariant_name(i) != NULL; i++) {
		if (strcmp(guard_invariant_name(i), name) == 0)
			return guard_invariant_text(i);
	}
	return "no such invariant";
}

START_TEST(breach_is_refused)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *broken;

	fixture_guarded(f, breaches[_i].dialled, breaches[_i].in_dialog);
	broken = guard_judge(&f->ctx.guard, &f->draft, &breaches[_i].change);
	ck_assert_ptr_nonnull(broken);
	ck_assert_str_eq(broken, invariant_text(breaches[_i].invariant));
	free(f);
}
END_TEST

START_TEST(every_invariant_is_broken_once)
{
	size_t i, k;

	for (i = 0; guard_invariant_name(i) != NULL; i++) {
		for (k = 0; k < ARRAY_LEN(breaches); k++) {
			if (strcmp(breaches[k].invariant,
				guard_invariant_name(i)) == 0)
				break;
		}
		ck_assert_msg(k < ARRAY_LEN(breaches), "%s is not tested",
		    guard_invariant_name(i));
	}
}
END_TEST

static const struct guard_change allowed[] = {
	{ .verb = GUARD_SET, .id = SIP_FROM, .name = SPAN("From"),
	    .owner = SIP_OWNER_DIALOG,
	    .after = SPAN("\"B\" <sip:2@y>;x=1;tag=ours") },
	{ .verb = GUARD_SET, .id = SIP_TO, .name = SPAN("To"),
	    .owner = SIP_OWNER_DIALOG, .after = SPAN("<sip:2@y>") },
	{ .verb = GUARD_ADD, .id = SIP_SUBJECT, .name = SPAN("Subject"),
	    .after = SPAN("Gr\xc3\xbc\xc3\x9f" "e, Latin-1 \xfc too\t.") },
	{ .verb = GUARD_REMOVE, .id = SIP_USER_AGENT,
	    .name = SPAN("User-Agent"), .owner = SIP_OWNER_OWN },
	{ .verb = GUARD_REQUEST_URI, .after = SPAN("sip:+442@other;x=1") },
	{ .verb = GUARD_BODY,
	    .after = SPAN("v=0\r\nm=audio 0 RTP/SAVP 8\r\n") },
};

START_TEST(change_is_allowed)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *broken;

	fixture_guarded(f, "1", false);
	broken = guard_judge(&f->ctx.guard, &f->draft, &allowed[_i]);
	ck_assert_msg(broken == NULL, "%s", broken);
	free(f);
}
END_TEST

/* An edit that breaks an invariant is told, and leaves the draft as it is. */
START_TEST(veto_is_told)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct edit_why why = { DIAG_SCRUB_PRIVATE_HDR, SPAN("x.conf:7"),
		SPAN_NONE };
	struct edit edit;
	int at;

	fixture_guarded(f, "999", false);
	edit = (struct edit){ .draft = &f->draft,
		.guard = &f->ctx.guard,
		.journal = &f->journal };
	at = sip_draft_find(&f->draft, SIP_CALL_ID, 0);
	ck_assert(!edit_set(&edit, at, SPAN("other"), &why));
	ck_assert_span(f->draft.fields[at].value, "ours@sbc");
	ck_assert(!edit_remove(&edit, at, &why));
	ck_assert(!edit_add(&edit, SIP_VIA, SPAN("Via"), SPAN("x"), &why));
	ck_assert(!edit_request_uri(&edit, SPAN("sip:1@x"), &why));
	ck_assert_span(f->draft.uri, "sip:999@sbc");
	ck_assert(!edit_body(&edit, SPAN("v=0\r\n"), NULL, 0, &why));
	ck_assert_uint_eq(edit.vetoes, 5);
	ck_assert_uint_eq(edit.changes, 0);
	ck_assert_str_eq(f->book.codes,
	    "POL-VETOED POL-VETOED POL-VETOED POL-VETOED POL-VETOED");
	ck_assert_ptr_nonnull(strstr(f->book.buf,
	    "veto POL-VETOED Call-ID|ours@sbc|other x.conf:7\n"));
	free(f);
}
END_TEST

START_TEST(edit_without_change_is_silent)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct edit_why why = { DIAG_SCRUB_PRIVATE_HDR, SPAN("x.conf:7"),
		SPAN_NONE };
	struct edit edit;

	fixture_guarded(f, "1", false);
	edit = (struct edit){ .draft = &f->draft,
		.guard = &f->ctx.guard,
		.journal = &f->journal };
	ck_assert(edit_set(&edit, sip_draft_find(&f->draft, SIP_DATE, 0),
	    SPAN("Sat, 21 Nov 2026 10:00:00 GMT"), &why));
	ck_assert(edit_request_uri(&edit, SPAN("sip:1@sbc"), &why));
	ck_assert(edit_body(&edit, f->draft.body, NULL, 0, &why));
	ck_assert_uint_eq(edit.changes, 0);
	ck_assert_str_eq(f->book.codes, "");
	ck_assert(edit_add(&edit, SIP_OTHER_HEADER, SPAN("X-A"), SPAN("1"),
	    &why));
	ck_assert(edit_add(&edit, SIP_DIVERSION, SPAN("Diversion"),
	    SPAN("<sip:1@x>"), &why));
	ck_assert(edit_add(&edit, SIP_DIVERSION, SPAN("Diversion"),
	    SPAN("<sip:2@x>"), &why));
	ck_assert_ptr_nonnull(
	    strstr(f->book.buf, "Diversion[1]||<sip:2@x> x.conf:7\n"));
	free(f);
}
END_TEST

/* What slipped past the gate is seen before sending. */
static void
break_call_id(struct sip_draft *d)
{
	d->fields[sip_draft_find(d, SIP_CALL_ID, 0)].value = SPAN("x");
}

static void
break_via(struct sip_draft *d)
{
	sip_draft_remove(d, (unsigned)sip_draft_find(d, SIP_VIA, 0));
}

static void
break_contact(struct sip_draft *d)
{
	sip_draft_add(d, SIP_CONTACT, SPAN("<sip:x>"), SIP_OWNER_POLICY);
}

static void
break_from(struct sip_draft *d)
{
	sip_draft_add(d, SIP_FROM, SPAN("<sip:x>;tag=ours"), SIP_OWNER_POLICY);
}

static void
break_tag(struct sip_draft *d)
{
	d->fields[sip_draft_find(d, SIP_FROM, 0)].value =
	    SPAN("<sip:x>;tag=x");
}

static void
break_once(struct sip_draft *d)
{
	sip_draft_add(d, SIP_DATE, SPAN("x"), SIP_OWNER_POLICY);
}

static void
break_bytes(struct sip_draft *d)
{
	sip_draft_add(d, SIP_SUBJECT, SPAN("x\ny"), SIP_OWNER_POLICY);
}

static void
break_emergency(struct sip_draft *d)
{
	d->uri = SPAN("sip:1@x");
}

static void
break_body(struct sip_draft *d)
{
	d->body = SPAN("v=0\r\n");
}

static void
break_overflow(struct sip_draft *d)
{
	d->overflow = true;
}

static void (*const breaks[])(struct sip_draft *) = { break_call_id, break_via,
	break_contact, break_from, break_tag, break_once, break_bytes,
	break_emergency, break_body, break_overflow };

START_TEST(last_look)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *reason;

	fixture_guarded(f, "999", false);
	ck_assert(guard_check(&f->ctx.guard, &f->draft, &reason));
	ck_assert_ptr_null(reason);
	breaks[_i](&f->draft);
	ck_assert(!guard_check(&f->ctx.guard, &f->draft, &reason));
	ck_assert_ptr_nonnull(reason);
	free(f);
}
END_TEST

START_TEST(ack_keeps_its_target)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *reason;

	fixture_guarded(f, "1", true);
	f->draft.uri = SPAN("sip:1@public.example.com");
	ck_assert(!guard_check(&f->ctx.guard, &f->draft, &reason));
	free(f);
}
END_TEST

static const struct {
	const char *text;
	int line;
	const char *says;
} bad_files[] = {
	{ POLICY("identity = { asserted = \"map:\"; };"), 2,
	    "name of a file must follow" },
	{ POLICY("identity = { asserted = \"map:/no/such.map\"; };"), 2,
	    "the map /no/such.map: No such file or directory" },
	{ "policy = { name = \"x\"; };\nfoo = 1;\n", 2,
	    "unknown setting \"foo\"" },
	{ "polici = { name = \"x\"; };\n", 1, "did you mean \"policy\"?" },
	{ "policy = {\n name = \"x\";\n titel = \"y\";\n};\n", 3,
	    "unknown setting \"titel\"; did you mean \"title\"?" },
	{ "policy = {\n name = \"x\";\n identitty = { };\n};\n", 3,
	    "did you mean \"identity\"?" },
	{ POLICY("identity = { asserted = \"abscent\"; };"), 2,
	    "unknown asserted \"abscent\"; did you mean \"absent\"?" },
	{ POLICY("identity = {\n privacy = 1; };"), 3,
	    "privacy wants a string in double quotes" },
	{ POLICY("identity = \"keep\";"), 2, "identity wants a group: { ... }" },
	{ POLICY("identity = { asserted = \"fixed:02079460000\"; };"), 2,
	    "a valid E.164 number with + must follow \"fixed:\"" },
	{ POLICY("identity = { default_caller = \"+44\"; };"), 2,
	    "default_caller wants a valid E.164 number with +" },
	{ POLICY("numbers = { in = [ \"fromm\" ]; };"), 2,
	    "unknown in \"fromm\"; did you mean \"from\"?" },
	{ POLICY("numbers = { in = \"from\"; };"), 2, "in wants a list" },
	{ POLICY("numbers = { in = [ 1 ]; };"), 2, "in wants strings" },
	{ POLICY("numbers = { in = [ \"from\" ]; country = \"UK\"; };"), 2,
	    "unknown country \"UK\"" },
	{ POLICY("numbers = { in = [ \"from\" ]; area = \"020\"; };"), 2,
	    "area wants one to six digits" },
	{ POLICY("numbers = { format = \"national\"; };"), 0,
	    "numbers.format does nothing without numbers.in" },
	{ POLICY("as_of = \"2026-02-30\";"), 2, "as_of wants a day" },
	{ POLICY("as_of = \"2026-02-03\"; expires = \"2026-02-01\";"), 0,
	    "expires is before as_of" },
	{ POLICY("headers = { absent = [ \"Via\" ]; };"), 2,
	    "Via belongs to the transaction or the dialog" },
	{ POLICY("headers = { relay = [ \"user-agent\" ]; };"), 2,
	    "user-agent is made anew on each side, and never passes" },
	{ POLICY("headers = { relay = [ \"X:\" ]; };"), 2,
	    "\"X:\" is not the name of a header" },
	{ POLICY("ruls = ( );"), 2,
	    "unknown setting \"ruls\"; did you mean \"rules\"?" },
	{ POLICY("rules = { };"), 2, "rules wants a list of groups" },
	{ "policy = { };\n", 0, "policy has no name" },
	{ "\n", 0, "there is no policy = { ... }" },
	{ "policy = {\n\n name = ; };\n", 3, "syntax error" },
};

START_TEST(bad_file_is_refused)
{
	struct problems problems;
	size_t i;
	bool found = false;

	problems_init(&problems);
	ck_assert_ptr_null(policy_load_text(
	    bad_files[_i].text, "x.conf", 0, &problems));
	ck_assert_uint_gt(problems.errors, 0);
	for (i = 0; i < problems.n; i++) {
		ck_assert_str_eq(problems.list[i].file, "x.conf");
		found |= problems.list[i].line == bad_files[_i].line &&
		    strstr(problems.list[i].text, bad_files[_i].says) != NULL;
	}
	if (!found)
		problems_print(&problems, stderr);
	ck_assert_msg(found, "%d: %s", bad_files[_i].line, bad_files[_i].says);
	problems_fini(&problems);
}
END_TEST

START_TEST(all_problems_at_once)
{
	struct problems problems;

	problems_init(&problems);
	ck_assert_ptr_null(policy_load_text(
	    "policy = {\n a = 1;\n b = 2;\n identity = { c = 3; };\n};\n",
	    "x.conf", 0, &problems));
	ck_assert_uint_eq(problems.errors, 4);
	problems_fini(&problems);
}
END_TEST

START_TEST(expired_file_is_used)
{
	struct problems problems;
	struct policy *policy;

	problems_init(&problems);
	policy = policy_load_text(
	    POLICY("as_of = \"1970-01-05\"; expires = \"1970-01-10\";"),
	    "x.conf", 10, &problems);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(problems.n, 1);
	ck_assert_int_eq(problems.list[0].level, PROBLEM_WARNING);
	problems_fini(&problems);
	ck_assert_ptr_eq(policy_ref(policy), policy);
	policy_unref(policy);
	ck_assert_str_eq(policy_name(policy), "test");
	ck_assert_str_eq(policy_file(policy), "x.conf");
	policy_unref(policy);
	policy_unref(NULL);
	policy_unref(policy_builtin());
	ck_assert_str_eq(policy_name(policy_builtin()), "builtin");
}
END_TEST

/* The files that are installed load, without a warning. */
static const char *const shipped[] = { "carrier-e164.conf",
	"pbx-default.conf" };

static struct policy *
policy_shipped(const char *name)
{
	struct problems problems;
	struct policy *policy;
	char file[512];

	snprintf(file, sizeof(file), "%s/policies/%s", SRCDIR, name);
	problems_init(&problems);
	policy = policy_load(file, 20000, &problems);
	problems_print(&problems, stderr);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(problems.n, 0);
	problems_fini(&problems);
	return policy;
}

START_TEST(shipped_file_loads)
{
	policy_unref(policy_shipped(shipped[_i]));
}
END_TEST

START_TEST(file_that_is_not_there)
{
	struct problems problems;

	problems_init(&problems);
	ck_assert_ptr_null(policy_load("/nonexistent/x.conf", 0, &problems));
	ck_assert_uint_eq(problems.errors, 1);
	problems_fini(&problems);
}
END_TEST

/* The call of the bench: from the PBX as it comes to what the carrier wants. */
START_TEST(carrier_e164)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct policy *policy = policy_shipped("carrier-e164.conf");

	fixture_trunks(f);
	fixture_message(f, "INVITE sip:02079460001@sbc SIP/2.0",
	    "From: \"Fred\" <sip:02079460000@10.0.0.5>;tag=1;epid=2",
	    "<sip:02079460001@sbc>",
	    PAI "\"Fred\"<>,tel:+442079460000\r\nPrivacy: id\r\n"
		"Remote-Party-ID: <sip:2001@pbx>\r\n"
		"Diversion: <sip:02079460009@pbx>;reason=unconditional\r\n"
		"Content-Type: application/sdp\r\n",
	    sdp_private);
	fixture_draft(f, policy);
	fixture_apply(f, policy, STAGE_OUT);
	ck_assert_int_eq(
	    strncmp(f->out, "INVITE sip:+442079460001@sbc ", 29), 0);
	assert_lines(f->out,
	    "From: \"Fred\" <sip:+442079460000@sbc.example.com>;tag=ours\n" PAI
	    "\"Fred\" <sip:+442079460000@sbc.example.com;user=phone>\n"
	    "To: <sip:+442079460001@sbc>\n"
	    "Diversion: "
	    "<sip:+442079460009@sbc.example.com>;reason=unconditional\n"
	    "c=IN IP4 198.51.100.7",
	    true);
	assert_lines(f->out, "Remote-Party\nPrivacy:\nepid", false);
	policy_unref(policy);
	free(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("policy");
	TCase *tc = tcase_create("policy");

	tcase_add_loop_test(tc, rendered, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(tc, rendered_on_arrival, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(tc, dialled_numbers, 0, ARRAY_LEN(dialled));
	tcase_add_test(tc, plan_of_the_sender);
	tcase_add_test(tc, domain);
	tcase_add_loop_test(
	    tc, history_ends_with_the_request_uri, 0, ARRAY_LEN(targets));
	tcase_add_test(tc, from_is_refused);
	tcase_add_test(tc, dialog_is_left_alone);
	tcase_add_loop_test(tc, response_identity, 0, ARRAY_LEN(responses));
	tcase_add_loop_test(tc, owned, 0, ARRAY_LEN(owned_rows));
	tcase_add_loop_test(tc, called_elsewhere, 0, ARRAY_LEN(called));
	tcase_add_loop_test(tc, owned_is_not_known, 0, 2);
	tcase_add_loop_test(tc, owned_later, 0, 4);
	tcase_add_loop_test(tc, invalid_is_refused, 0, 7);
	tcase_add_test(tc, owned_is_wanted);
	tcase_add_loop_test(tc, sdp_is_public, 0, ARRAY_LEN(sdp_starts));
	tcase_add_test(tc, sdp_is_kept);
	tcase_add_test(tc, sdp_in_multipart);
	tcase_add_test(tc, scrubbed_headers_are_told);
	tcase_add_loop_test(tc, signed_date_that_is_scrubbed_is_told, 0, 5);
	tcase_add_loop_test(tc, emergency_hides_nobody, 0, 3);
	tcase_add_loop_test(tc, anonymous_rejected, 0, ARRAY_LEN(rejects));
	tcase_add_loop_test(tc, wishes_survive, 0, ARRAY_LEN(wishes));
	tcase_add_test(tc, nobody_hides_unasked);
	tcase_add_test(tc, diverter_must_be_owned);
	tcase_add_loop_test(tc, long_history, 0, 2);
	tcase_add_test(tc, diverted_by_request_uri);
	tcase_add_loop_test(tc, call_kinds, 0, ARRAY_LEN(kinds));
	tcase_add_loop_test(tc, breach_is_refused, 0, ARRAY_LEN(breaches));
	tcase_add_test(tc, every_invariant_is_broken_once);
	tcase_add_loop_test(tc, change_is_allowed, 0, ARRAY_LEN(allowed));
	tcase_add_test(tc, veto_is_told);
	tcase_add_test(tc, edit_without_change_is_silent);
	tcase_add_loop_test(tc, last_look, 0, ARRAY_LEN(breaks));
	tcase_add_test(tc, ack_keeps_its_target);
	tcase_add_loop_test(tc, bad_file_is_refused, 0, ARRAY_LEN(bad_files));
	tcase_add_test(tc, all_problems_at_once);
	tcase_add_test(tc, expired_file_is_used);
	tcase_add_loop_test(tc, shipped_file_loads, 0, ARRAY_LEN(shipped));
	tcase_add_test(tc, file_that_is_not_there);
	tcase_add_test(tc, carrier_e164);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
