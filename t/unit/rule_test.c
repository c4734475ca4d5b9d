/*
 * rule_test.c - free rules of policy files: each verb, target,
 * condition and variable by a policy whose own test must hold, and
 * must not hold without rules
 */

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/container.h"
#include "dir.h"
#include "policy/policy.h"
#include "policy/trial.h"
#include "rule_generate.h"
#include "unit.h"

#define D " diagnostic = \"CLI-DIVERTED\"; "
#define FACTS                                                                  \
	"trunk = { name = \"carrier\"; domain = \"sip.example.net\";"          \
	" country = \"GB\"; area = \"20\"; transport = \"tls\"; };"            \
	" other = { name = \"pbx\"; country = \"GB\"; };"
#define SDP                                                                    \
	"\n\nv=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\n"  \
	"m=audio 10000 RTP/AVP 0 8 101\na=rtpmap:0 PCMU/8000\na=ptime:20\n"    \
	"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n"

/* A policy with these rules and one test. */
static void
write_policy(char *buf, size_t size, const char *rules, const char *given,
    const char *more, const char *expect)
{
	char message[4096], *out = message;

	for (; *given != '\0'; given++) {
		if (*given == '"' || *given == '\\')
			*out++ = '\\';
		*out++ = *given;
	}
	*out = '\0';
	snprintf(buf, size,
	    "policy = {\n name = \"test\";\n"
	    " headers = { relay = [ \"X-*\" ]; };\n"
	    " diagnostics = ( { code = \"MY-CODE\"; title = \"t\"; sentence = "
	    "\"s\"; } );\n rules = ( %s );\n"
	    " tests = ( { name = \"t\"; %s %s given = \"%s\"; expect = { %s }; } "
	    ");\n};\n",
	    rules, strncmp(more, "trunk", 5) == 0 ? "" : FACTS, more, message,
	    expect);
}

static bool
loads(const char *text, struct problems *problems)
{
	struct policy *policy;

	problems_init(problems);
	policy = policy_load_text(text, "policies/x.conf", 0, problems);
	policy_unref(policy);
	return policy != NULL;
}

static void
must_load(const char *text)
{
	struct problems problems;
	bool good = loads(text, &problems);

	if (!good)
		problems_print(&problems, stderr);
	ck_assert_msg(good, "%s", text);
	problems_fini(&problems);
}

#define ESCAPED                                                                \
	"INVITE sip:1@b\n"                                                     \
	"From: \"A \\\"L\\\" \\\\o\" <sip:1@a>;tag=x\n"                           \
	"Diversion: <sip:3@a>;reason=\"a \\\"b\\\"\""

static const struct {
	const char *rules;
	const char *given;
	const char *more;
	const char *expect;
} works[] = {
	/* absent */
	{ "{ absent = \"X-A\";" D "}", "INVITE sip:1@b\nX-A: 1\nX-B: 2", "",
	    "absent = \"X-A\"; values = \"X-B: 2\";" },
	{ "{ absent = [ \"X-*\", \"Subject\" ];" D "}",
	    "INVITE sip:1@b\nX-A: 1\nX-B: 2\nSubject: s\nx-c: 3", "",
	    "absent = [ \"X-A\", \"X-B\", \"X-C\", \"Subject\" ];" },
	{ "{ absent = \"P-Asserted-Identity[1]\";" D "}",
	    "INVITE sip:1@b\nP-Asserted-Identity: <sip:1@a>, <tel:+441>", "",
	    "values = \"P-Asserted-Identity: <sip:1@a>\";" },
	{ "{ absent = \"Diversion[1]\";" D "}",
	    "INVITE sip:1@b\nDiversion: <sip:1@a>\nDiversion: <sip:2@a>, "
	    "<sip:3@a>",
	    "", "values = \"Diversion: <sip:1@a>\"; absent = \"Diversion[1]\";" },
	{ "{ absent = \"Diversion\"; match = \"@a>\";" D "}",
	    "INVITE sip:1@b\nDiversion: <sip:1@a>, <sip:2@b>, <sip:3@a>\n"
	    "Diversion: <sip:4@a>",
	    "", "values = \"Diversion: <sip:2@b>\"; absent = \"Diversion[1]\";" },
	{ "{ absent = \"From.display\";" D "}",
	    "INVITE sip:1@b\nFrom: \"Fred\" <sip:1@a>;tag=x", "",
	    "values = \"From: <sip:1@a>\";" },
	{ "{ absent = \"From.uri.param(user)\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:1@a;x=1;user=phone;y>", "",
	    "values = \"From: <sip:1@a;x=1;y>\";" },
	{ "{ absent = \"Diversion.param(reason)\";" D "}",
	    "INVITE sip:1@b\nDiversion: <sip:1@a>;reason=unknown;counter=1", "",
	    "values = \"Diversion: <sip:1@a>;counter=1\";" },
	{ "{ absent = \"From.uri.port\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:1@a:5080;user=phone>", "",
	    "values = \"From: <sip:1@a;user=phone>\";" },
	{ "{ on = \"INVITE\"; absent = \"request.param(user)\";" D "}",
	    "INVITE sip:1@b;user=phone", "",
	    "request = \"sip:1@sip.example.net\";" },

	/* SFB-12: there already */
	{ "{ ensure = \"Subject\"; value = \"x\";" D "}",
	    "INVITE sip:1@b\nSubject: s", "",
	    "unchanged = \"Subject\"; journal = \"POL-NOT-IDEMPOTENT\"; "
	    "journal_absent = \"CLI-DIVERTED\";" },
	{ "{ append = \"X-L\"; value = \"B\";" D "}",
	    "INVITE sip:1@b\nX-L: a, b", "",
	    "unchanged = \"X-L\"; journal = \"POL-NOT-IDEMPOTENT\"; "
	    "journal_absent = \"CLI-DIVERTED\";" },

	/* set */
	{ "{ set = \"Subject\"; value = \"new\";" D "}",
	    "INVITE sip:1@b\nSubject: old", "", "values = \"Subject: new\";" },
	{ "{ set = \"X-New\"; value = \"new\";" D "}", "INVITE sip:1@b", "",
	    "values = \"X-New: new\";" },
	{ "{ set = \"P-Asserted-Identity\"; value = \"<sip:9@a>\";" D "}",
	    "INVITE sip:1@b\nP-Asserted-Identity: <sip:1@a>\n"
	    "P-Asserted-Identity: <tel:+441>",
	    "",
	    "values = \"P-Asserted-Identity: <sip:9@a>\"; absent = "
	    "\"P-Asserted-Identity[1]\";" },
	{ "{ set = \"P-Asserted-Identity[1]\"; value = \"<tel:+442>\";" D "}",
	    "INVITE sip:1@b\nP-Asserted-Identity: <sip:1@a>, <tel:+441>", "",
	    "values = \"P-Asserted-Identity: <sip:1@a>, <tel:+442>\";" },
	{ "{ set = \"P-Asserted-Identity[1]\"; value = \"<tel:+442>\";" D "}",
	    "INVITE sip:1@b\nP-Asserted-Identity: <sip:1@a>", "",
	    "values = [ \"P-Asserted-Identity: <sip:1@a>\", "
	    "\"P-Asserted-Identity[1]: <tel:+442>\" ];" },
	{ "{ set = \"From\"; value = \"<sip:2@a>\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:1@a>;tag=x", "",
	    "values = [ \"From: <sip:2@a>\", \"From.param(tag): ours\" ];" },
	{ "{ set = \"From.uri.user\"; value = \"2\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:1;ext=3:pw@a:5070;p>;q=1", "",
	    "values = \"From: <sip:2;ext=3:pw@a:5070;p>;q=1\";" },
	{ "{ set = \"From.uri.user\"; value = \"2\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:a>", "", "values = \"From: <sip:2@a>\";" },
	{ "{ set = \"From.uri.host\"; value = \"${trunk.host}\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:1@[2001:db8::1]:5070;p>", "",
	    "values = \"From: <sip:1@sbc.example.com:5070;p>\";" },
	{ "{ set = \"From.uri.port\"; value = \"5062\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:1@a;p>", "",
	    "values = \"From: <sip:1@a:5062;p>\";" },
	{ "{ set = \"From.uri.param(user)\"; value = \"phone\";" D "}",
	    "INVITE sip:1@b\nFrom: sip:1@a;q=1", "",
	    "values = \"From: <sip:1@a;user=phone>;q=1\";" },
	{ "{ set = [ \"From.uri.param(lr)\", \"From.param(x)\" ]; value = \"\";" D
	  "}",
	    "INVITE sip:1@b\nFrom: sip:1@a;x=2", "",
	    "values = \"From: <sip:1@a;lr>;x\"; journal_absent = \"POL-*\";" },
	{ "{ set = \"request.param(lr)\"; value = \" \"; on = \"INVITE\";" D "}",
	    "INVITE sip:1@b;user=phone", "",
	    "request = \"sip:1@sip.example.net;user=phone;lr\"; "
	    "journal_absent = \"POL-*\";" },
	{ "{ ensure = [ \"Diversion.uri.param(lr)\", \"Diversion.param(x)\" ]; "
	  "value = \"\";" D "}",
	    "INVITE sip:1@b\nDiversion: <sip:1@a;lr=on>, <sip:2@a;user=phone>;x=1",
	    "",
	    "values = \"Diversion: <sip:1@a;lr=on>;x, "
	    "<sip:2@a;user=phone;lr>;x=1\";" },
	/* What is escaped stays escaped once. */
	{ "{ set = \"Diversion.display\"; value = \"${header.From.display}\";" D
	  "}",
	    ESCAPED, "",
	    "values = \"Diversion.display: A \\\\\\\"L\\\\\\\" \\\\\\\\o\";" },
	{ "{ replace = \"From.display\"; match = \"^A\"; value = \"B\";" D "}",
	    ESCAPED, "",
	    "values = \"From.display: B \\\\\\\"L\\\\\\\" \\\\\\\\o\";" },
	{ "{ set = \"From.display\"; value = \"A \\\"L\\\" \\\\\";" D "}",
	    ESCAPED, "",
	    "values = \"From.display: A \\\\\\\"L\\\\\\\" \\\\\\\\\";" },
	{ "{ replace = \"Diversion.param(reason)\"; match = \"^a\"; value = "
	  "\"c\";" D "}",
	    ESCAPED, "",
	    "values = \"Diversion: <sip:3@a>;reason=\\\"c "
	    "\\\\\\\"b\\\\\\\"\\\"\";" },
	{ "{ set = \"From.display\"; value = \"Fred & Co\";" D "}",
	    "INVITE sip:1@b\nFrom: sip:1@a", "",
	    "values = \"From: \\\"Fred & Co\\\" <sip:1@a>\";" },
	{ "{ set = \"Diversion.param(reason)\"; value = \"user busy\";" D "}",
	    "INVITE sip:1@b\nDiversion: <sip:1@a>;reason=x, <sip:2@a>", "",
	    "values = \"Diversion: <sip:1@a>;reason=\\\"user busy\\\", "
	    "<sip:2@a>;reason=\\\"user busy\\\"\";" },
	{ "{ set = \"From.uri\"; value = \"tel:+441\";" D "}",
	    "INVITE sip:1@b\nFrom: \"F\" <sip:1@a>;q=1", "",
	    "values = \"From: \\\"F\\\" <tel:+441>;q=1\";" },
	{ "{ set = \"P-Asserted-Identity.uri.user\"; value = \"+442\";" D "}",
	    "INVITE sip:1@b\nP-Asserted-Identity: <sip:1@a>, <tel:+441>", "",
	    "values = \"P-Asserted-Identity: <sip:+442@a>, <tel:+442>\";" },
	{ "{ set = \"request.host\"; value = \"h.example\"; on = \"INVITE\";" D
	  "}",
	    "INVITE sip:1@b", "trunk = { };",
	    "request = \"sip:1@h.example:5060\";" },
	{ "{ set = [ \"request.port\", \"To.uri.port\" ]; value = \"5070\"; on "
	  "= \"INVITE\";" D "}",
	    "INVITE sip:1@192.0.2.9:5062\nTo: <sip:1@192.0.2.9:5062>", "",
	    "request = \"sip:1@sip.example.net:5070\"; values = \"To: "
	    "<sip:1@sip.example.net:5070>\"; journal_absent = \"POL-*\";" },
	{ "{ set = \"request\"; value = \"sip:5@h.example\"; when = { call = "
	  "\"direct\"; };" D "}",
	    "INVITE sip:1@b", "trunk = { };",
	    "request = \"sip:5@h.example\";" },
	{ "{ set = \"X-*\"; value = \"gone\"; match = \"secret\";" D "}",
	    "INVITE sip:1@b\nX-A: a secret\nX-B: b", "",
	    "values = [ \"X-A: gone\", \"X-B: b\" ];" },

	/* ensure, append */
	{ "{ ensure = \"Subject\"; value = \"new\";" D "}", "INVITE sip:1@b",
	    "", "values = \"Subject: new\";" },
	{ "{ ensure = \"From.uri.param(user)\"; value = \"phone\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:1@a>", "",
	    "values = \"From: <sip:1@a;user=phone>\";" },
	{ "{ append = \"Supported\"; value = \"timer\";" D "}",
	    "INVITE sip:1@b", "", "values = \"Supported[0]: timer\";" },
	{ "{ append = \"X-L\"; value = \"b\";" D "}",
	    "INVITE sip:1@b\nX-L: a, c", "", "values = \"X-L: a, c, b\";" },
	/* A quote without its pair would have it, too. */
	{ "{ append = \"X-L\"; value = \"b\";" D "}",
	    "INVITE sip:1@b\nX-L: a, \"c", "",
	    "values = [ \"X-L[1]: \\\"c\", \"X-L[2]: b\" ];" },

	/* replace */
	{ "{ replace = \"From.uri.user\"; match = \"^0([1-9][0-9]*)$\"; value "
	  "= \"+44${capture.1}\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:02079460000@a>", "",
	    "values = \"From: <sip:+442079460000@a>\";" },
	{ "{ replace = \"Subject\"; match = \"b(?<x>.)\"; value = "
	  "\"[${capture.x}|${capture.0}]\"; when = { matches = { target = "
	  "\"Subject\"; match = \"!\\\\[\"; }; };" D "}",
	    "INVITE sip:1@b\nSubject: abcd", "",
	    "values = \"Subject: a[c|bc]d\";" },
	{ "{ replace = \"request.user\"; match = \"^0044([0-9]{10})$\"; value "
	  "= \"+44${capture.1}\";" D "}",
	    "INVITE sip:00442079460000@b", "",
	    "request = \"sip:+442079460000@sip.example.net\";" },

	/* keep_only, rename */
	{ "{ keep_only = \"P-Asserted-Identity[1]\";" D "}",
	    "INVITE sip:1@b\nP-Asserted-Identity: <sip:1@a>, <tel:+441>", "",
	    "values = \"P-Asserted-Identity: <tel:+441>\";" },
	{ "{ keep_only = \"X-*\"; value = [ \"X-B\" ];" D "}",
	    "INVITE sip:1@b\nX-A: 1\nX-B: 2\nX-C: 3", "",
	    "absent = [ \"X-A\", \"X-C\" ]; values = \"X-B: 2\";" },
	{ "{ keep_only = \"Diversion\"; match = \"^<sip:2\";" D "}",
	    "INVITE sip:1@b\nDiversion: <sip:1@a>, <sip:2@a>", "",
	    "values = \"Diversion: <sip:2@a>\";" },
	{ "{ rename = \"X-A\"; value = \"X-B\";" D "}",
	    "INVITE sip:1@b\nX-A: 1\nX-A: 2", "",
	    "absent = \"X-A\"; values = [ \"X-B: 1\", \"X-B: 2\" ];" },

	/* SDP */
	{ "{ absent = \"sdp.a(ptime)\";" D "}", "INVITE sip:1@b" SDP, "",
	    "absent = \"sdp.a(ptime)\"; unchanged = \"sdp.m\";" },
	{ "{ set = \"sdp.a(ptime)\"; value = \"30\";" D "}",
	    "INVITE sip:1@b" SDP, "", "values = \"sdp.a: ptime:30\";" },
	{ "{ set = \"sdp.s\"; value = \"call\";" D "}", "INVITE sip:1@b" SDP,
	    "", "values = \"sdp.s: call\";" },
	{ "{ ensure = \"sdp.a(maxptime)\"; value = \"40\";" D "}",
	    "INVITE sip:1@b" SDP, "", "values = \"sdp.a(maxptime): 40\";" },
	{ "{ ensure = \"sdp.b\"; value = \"AS:80\";" D "}",
	    "INVITE sip:1@b" SDP, "", "values = \"sdp.b: AS:80\";" },
	{ "{ append = \"sdp.a\"; value = \"sendrecv\";" D "}",
	    "INVITE sip:1@b" SDP, "", "values = \"sdp.a: sendrecv\";" },
	{ "{ replace = \"sdp.m\"; match = \"^(audio .*) 8 \"; value = "
	  "\"${capture.1} \";" D "}",
	    "INVITE sip:1@b" SDP, "",
	    "values = [ \"sdp.m: audio 10000 RTP/AVP 0 101\", \"sdp.m: video "
	    "0 RTP/AVP 96\" ];" },
	{ "{ keep_only = \"sdp.a\"; value = [ \"ptime\" ];" D "}",
	    "INVITE sip:1@b" SDP, "",
	    "values = \"sdp.a: ptime:20\"; absent = \"sdp.a(rtpmap)\";" },

	/* conditions: each with a second rule that must not be applied */
	{ "{ on = \"INVITE\"; set = \"X-A\"; value = \"1\";" D "}, { on = "
	  "\"BYE\"; set = \"X-B\"; value = \"1\";" D "}",
	    "INVITE sip:1@b", "", "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { method = [ \"!BYE\", \"!ACK\" ]; }; set = \"X-A\"; value "
	  "= \"1\";" D "}, { on = [ \"BYE\", \"ACK\" ]; set = \"X-B\"; value = "
	  "\"1\";" D "}",
	    "INVITE sip:1@b", "", "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { message = \"response\"; }; set = \"X-A\"; value = \"1\";" D
	  "}, { when = { message = \"request\"; }; set = \"X-B\"; value = "
	  "\"1\";" D "}",
	    "200 INVITE", "", "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { method = \"UPDATE\"; }; set = \"X-A\"; value = "
	  "\"1\";" D "}, { on = \"UPDATE\"; set = \"X-B\"; value = \"1\";" D
	  "}, { when = { method = \"INVITE\"; }; set = \"X-B\"; value = "
	  "\"1\";" D "}",
	    "200 UPDATE", "", "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { status = ( \"180-183\", 486, \"5xx\" ); }; set = "
	  "\"X-A\"; value = \"1\";" D "}, { when = { status = \"!4xx\"; }; set "
	  "= \"X-B\"; value = \"1\";" D "}",
	    "486 INVITE", "", "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { status = ( \"4xx\", \"!486\", \"!400-404\" ); }; set = "
	  "\"X-A\"; value = \"1\";" D "}, { when = { status = [ \"!480\", "
	  "\"4xx\" ]; }; set = \"X-B\"; value = \"1\";" D "}",
	    "480 INVITE", "", "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { status = [ \"!486\", \"!5xx\" ]; }; set = \"X-A\"; value = "
	  "\"1\";" D "}, { when = { status = [ \"4xx\", \"!486\" ]; }; set = "
	  "\"X-B\"; value = \"1\";" D "}",
	    "180 INVITE", "", "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { stage = \"in\"; }; set = \"X-A\"; value = \"1\";" D
	  "}, { when = { stage = \"out\"; }; set = \"X-B\"; value = \"1\";" D
	  "}",
	    "INVITE sip:1@b", "stage = \"in\";",
	    "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { call = \"diverted\"; }; set = \"X-A\"; value = "
	  "\"${call.kind}\";" D "}, { when = { call = \"!diverted\"; }; set = "
	  "\"X-B\"; value = \"1\";" D "}",
	    "INVITE sip:1@b\nDiversion: <sip:1@a>", "",
	    "values = \"X-A: diverted\"; absent = \"X-B\";" },
	{ "{ when = { call = \"emergency\"; }; set = \"X-A\"; value = \"1\";" D
	  "}",
	    "INVITE sip:999@b", "", "values = \"X-A: 1\";" },
	{ "{ when = { dialog = true; }; set = \"X-A\"; value = \"1\";" D
	  "}, { when = { dialog = false; }; set = \"X-B\"; value = \"1\";" D
	  "}",
	    "INFO sip:1@b", "dialog = true;",
	    "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { transport = [ \"tls\", \"tcp\" ]; }; set = \"X-A\"; "
	  "value = \"1\";" D "}, { when = { transport = \"!tls\"; }; set = "
	  "\"X-B\"; value = \"1\";" D "}",
	    "INVITE sip:1@b", "", "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { trunk = \"carr*\"; other = [ \"pbx\", \"!pbx-2\" ]; }; "
	  "set = \"X-A\"; value = \"1\";" D "}, { when = { trunk = \"pbx\"; }; "
	  "set = \"X-B\"; value = \"1\";" D "}, { when = { other = \"!pbx\"; "
	  "}; set = \"X-C\"; value = \"1\";" D "}",
	    "INVITE sip:1@b", "",
	    "values = \"X-A: 1\"; absent = [ \"X-B\", \"X-C\" ];" },
	{ "{ when = { header = [ \"Subject\", \"!Priority\" ]; }; set = "
	  "\"X-A\"; value = \"1\";" D "}, { when = { header = \"!Subject\"; }; "
	  "set = \"X-B\"; value = \"1\";" D "}",
	    "INVITE sip:1@b\nSubject: s", "",
	    "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { owned = [ \"from\", \"!asserted\" ]; }; set = \"X-A\"; "
	  "value = \"1\";" D "}, { when = { owned = \"!from\"; }; set = "
	  "\"X-B\"; value = \"1\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:02079460000@a>\nP-Asserted-Identity: "
	    "<sip:+442079460999@a>",
	    "owned = [ \"+44207946000*\" ];",
	    "values = \"X-A: 1\"; absent = \"X-B\";" },
	{ "{ when = { matches = ( { target = \"From.uri.user\"; match = "
	  "\"^(.)(.*)$\"; }, { target = \"Subject\"; match = \"!x\"; } ); }; "
	  "set = \"X-A\"; value = \"1\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:123@a>\nSubject: s", "",
	    "values = \"X-A: 1\";" },
	{ "{ when = { matches = { target = \"From.uri.user\"; match = "
	  "\"^(.)(.*)$\"; }; }; set = \"X-A\"; value = "
	  "\"${capture.2}${capture.1}\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:123@a>", "",
	    "values = \"X-A: 231\";" },

	{ "{ when = { header = \"!X-A\"; matches = { target = \"X-A\"; match = "
	  "\"!1\"; }; }; set = \"X-B\"; value = \"1\";" D "}",
	    "INVITE sip:1@b", "", "values = \"X-B: 1\";" },
	{ "{ when = { header = \"!Diversion[1]\"; matches = { target = "
	  "\"Diversion[0]\"; match = \"1\"; }; }; set = \"X-B\"; value = "
	  "\"1\";" D "}",
	    "INVITE sip:1@b\nDiversion: <sip:1@a>", "",
	    "values = \"X-B: 1\";" },
	{ "{ when = { header = \"!From.display\"; }; ensure = "
	  "\"From.display\"; value = \"Fred\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:1@a>", "",
	    "values = \"From: Fred <sip:1@a>\";" },
	{ "{ when = { header = \"!X-A\"; }; absent = [ \"X-A\", \"X-B\" ];" D
	  "}",
	    "INVITE sip:1@b\nX-B: 1", "", "absent = \"X-B\";" },

	/* variables */
	{ "{ set = \"X-A\"; value = \"${trunk.name} ${trunk.host} "
	  "${trunk.domain} ${trunk.country} ${trunk.area} "
	  "${trunk.transport}\";" D "}",
	    "INVITE sip:1@b", "",
	    "values = \"X-A: carrier sbc.example.com sip.example.net GB 20 "
	    "tls\";" },
	{ "{ set = \"X-A\"; value = \"${call.caller} ${call.dialled} "
	  "${call.asserted} ${call.diverting}\";" D "}",
	    "INVITE sip:1234567@b\nFrom: <sip:2@a>\nP-Asserted-Identity: "
	    "<sip:3@a>\nDiversion: <sip:4@a>, <sip:5@a>",
	    "", "values = \"X-A: 2 1234567 3 4\";" },
	{ "{ set = \"X-A\"; value = \"${header.P-Charging-Vector} "
	  "${header.Diversion[1].uri.user}\";" D "}",
	    "INVITE sip:1@b\nP-Charging-Vector: a\r\n b\nDiversion: <sip:4@a>, "
	    "<sip:5@a>",
	    "", "values = \"X-A: a b 5\";" },

	{ "{ set = \"X-A\"; value = \"$${trunk.name} ${trunk.name}$$${ $$ $\";" D
	  "}",
	    "INVITE sip:1@b", "",
	    "values = \"X-A: ${trunk.name} carrier$${ $$ $\";" },
	{ "{ set = \"X-A\"; value = \"$${\";" D "}", "INVITE sip:1@b", "",
	    "values = \"X-A: ${\";" },

	/* the journal */
	{ "{ set = \"X-A\"; value = \"1\"; diagnostic = \"MY-CODE\"; }",
	    "INVITE sip:1@b", "",
	    "journal = \"MY-CODE\"; journal_absent = \"POL-*\";" },
	{ "{ absent = \"C*\"; diagnostic = \"DLG-TOUCHED-FOREIGN\"; }",
	    "INVITE sip:1@b\nCall-Info: <http://a>", "",
	    "absent = \"Call-Info\"; unchanged = \"Contact\"; journal = "
	    "[ \"POL-VETOED\", \"DLG-TOUCHED-FOREIGN\" ];" },
	{ "{ set = \"Con*.uri.host\"; value = \"198.51.100.9\";" D "}",
	    "INVITE sip:1@b", "",
	    "unchanged = \"Contact\"; journal = \"POL-VETOED\"; "
	    "journal_absent = \"CLI-DIVERTED\";" },
	{ "{ on = \"INFO\"; set = \"request.host\"; value = \"h\";" D "}",
	    "INFO sip:1@b", "dialog = true;",
	    "request = \"sip:1@b\"; journal = \"POL-VETOED\";" },
	{ "{ set = \"From.uri.user\"; value = \"${header.Subject}\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:1@a>\nSubject: x@evil.example", "",
	    "unchanged = \"From\"; journal = \"POL-VETOED\";" },
	{ "{ replace = \"Subject\"; match = \"(a+)+$\"; value = \"x\";" D "}",
	    "INVITE sip:1@b\nSubject: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "",
	    "unchanged = \"Subject\"; journal = \"POL-PATTERN\";" },
};

START_TEST(rule_works)
{
	char text[16384];
	struct problems problems;

	write_policy(text, sizeof(text), works[_i].rules, works[_i].given,
	    works[_i].more, works[_i].expect);
	must_load(text);
	/* The same test without the rules must find their absence. */
	write_policy(text, sizeof(text), "", works[_i].given, works[_i].more,
	    works[_i].expect);
	ck_assert_msg(!loads(text, &problems), "%s", works[_i].rules);
	ck_assert_uint_gt(problems.errors, 0);
	problems_fini(&problems);
}
END_TEST

/* Rules that must leave a message alone: all is as it is wanted, or not
 * there. */
static const struct {
	const char *rules;
	const char *given;
	const char *more;
} silent[] = {
	{ "{ set = \"Subject\"; value = \"s\";" D "}",
	    "INVITE sip:+442079460000@b\nSubject: s", "" },
	{ "{ set = \"From.display\"; value = \"Fred\";" D "}",
	    "INVITE sip:1@b\nFrom: \"Fred\" <sip:1@a>", "" },
	{ "{ set = \"From.uri.host\"; value = \"a\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:1@a>", "" },
	{ "{ set = [ \"From.uri.param(lr)\", \"From.param(x)\" ]; value = \"\";" D
	  "}",
	    "INVITE sip:1@b\nFrom: <sip:1@a;lr>;x", "" },
	{ "{ set = \"X-A\"; value = \"${header.Subject}\";" D "}",
	    "INVITE sip:1@b", "" },
	{ "{ set = \"X-A\"; value = \"${header.Proxy-Authorization}\";" D "}",
	    "INVITE sip:1@b\nProxy-Authorization: Digest secret", "" },
	{ "{ set = \"Subject\"; match = \"^x\"; value = \"y\";" D "}",
	    "INVITE sip:1@b", "" },
	{ "{ set = \"From.uri.user\"; value = \"2\";" D "}", "200 INVITE", "" },
	{ "{ set = \"From.uri.user\"; value = \"2\";" D "}", "INFO sip:1@b",
	    "dialog = true;" },
	{ "{ set = \"request.host\"; value = \"h\"; on = \"INVITE\";" D "}",
	    "INVITE sip:1@b", "dialog = true;" },
	{ "{ when = { owned = \"from\"; }; set = \"X-A\"; value = \"1\";" D
	  "}, { when = { owned = \"!from\"; }; set = \"X-B\"; value = "
	  "\"1\";" D "}",
	    "INVITE sip:1@b", "" },
	{ "{ set = \"sdp.a(ptime)\"; value = \"20\";" D "}",
	    "INVITE sip:1@b" SDP, "" },
	{ "{ set = \"sdp.a(ptime)\"; value = \"30\";" D "}",
	    "INVITE sip:1@b", "" },
	{ "{ replace = \"From.uri.user\"; match = \"^0(.*)\"; value = "
	  "\"+44${capture.1}\";" D "}",
	    "INVITE sip:1@b\nFrom: <sip:+441@a>", "" },
};

START_TEST(rule_is_silent)
{
	char text[16384];

	write_policy(text, sizeof(text), silent[_i].rules, silent[_i].given,
	    silent[_i].more,
	    "unchanged = [ \"From\", \"Subject\", \"X-L\", \"sdp.a\" "
	    "]; absent = [ \"X-A\", \"X-B\" ]; journal_absent = [ \"POL-*\", "
	    "\"CLI-DIVERTED\" ];");
	must_load(text);
}
END_TEST

static const struct {
	const char *text; /* inside of policy = { } from line 2 on */
	int line;
	const char *says;
} bad[] = {
	{ "rules = ( { id = \"x\"; } );", 2, "names no diagnostic" },
	{ "rules = ( { id = \"x\";" D "} );", 2, "a rule has one verb" },
	{ "rules = ( { absent = \"X\"; set = \"Y\"; value = \"1\";" D "} );", 2,
	    "a rule has one verb" },
	{ "rules = ( { abscent = \"X\";" D "} );", 2,
	    "unknown word \"abscent\" in rule; did you mean \"absent\"?" },
	{ "media = { srtp = \"on\"; };", 2,
	    "unknown srtp \"on\"; known are as-received, required, off" },
	{ "rules = ( { set = \"Status\"; value = \"480\";" D "} );", 2,
	    "\"Status\" is no target" },
	{ "rules = ( { absent = \"sdp.a(ice-*)\";" D "} );", 2,
	    "\"sdp.a(ice-*)\" is no target" },
	{ "rules = ( { absent = \"X\"; diagnostic = \"CLI-DIVERTD\"; } );", 2,
	    "did you mean \"CLI-DIVERTED\"?" },
	{ "diagnostics = ( { code = \"CLI-DIVERTED\"; title = \"t\"; sentence "
	  "= \"s\"; } );",
	    2, "the catalogue has CLI-DIVERTED already" },
	{ "diagnostics = ( { code = \"MINE\"; } );", 2,
	    "a diagnostic wants { code; title; sentence; }" },
	{ "rules = ( { absent = \"From.uri.usr\";" D "} );", 2,
	    "\"From.uri.usr\" is no target" },
	{ "rules = ( { absent = \"sdp.A\";" D "} );", 2, "is no target" },
	{ "rules = ( { set = [ \"From.param(x)\", \"Subject\" ]; value = \" \";" D
	  "} );",
	    2, "the value is empty: use absent" },
	{ "rules = ( { replace = \"From.param(x)\"; match = \"a\"; value = "
	  "\"\";" D "} );",
	    2, "the value is empty: use absent" },
	{ "rules = ( { set = \"X\"; value = \"$${a ${trunk.nam}\";" D "} );", 2,
	    "unknown variable \"trunk.nam\"" },
	{ "rules = ( { set = \"X\"; value = \"$${a ${\";" D "} );", 2,
	    "wants its \"}\"" },
	{ "rules = ( { absent = \"X-*[1]\";" D "} );", 2, "is no target" },
	{ "rules = ( { absent = \"From[1]\";" D "} );", 2, "is no target" },
	{ "rules = ( { absent = \"Via\";" D "} );", 2,
	    "Via belongs to the transaction or the dialog" },
	{ "rules = (\n{ set = \"Contact.uri.host\"; value = \"1\";" D "} );", 3,
	    "Contact.uri.host belongs to the transaction or the dialog" },
	{ "rules = ( { absent = \"From\";" D "} );", 2, "From must be there" },
	{ "rules = ( { set = \"To.param(tag)\"; value = \"1\";" D "} );", 2,
	    "belongs to the dialog" },
	{ "rules = ( { absent = \"sdp.m\";" D "} );", 2,
	    "sdp.m must be there" },
	{ "rules = ( { absent = \"From.uri.host\";" D "} );", 2,
	    "From.uri.host cannot be absent" },
	{ "rules = ( { rename = \"X-A\"; value = \"Via\";" D "} );", 2,
	    "Via belongs to" },
	{ "rules = ( { rename = \"X-*\"; value = \"X\";" D "} );", 2,
	    "rename wants a name without asterisk" },
	{ "rules = ( { append = \"Subject\"; value = \"X\";" D "} );", 2,
	    "Subject is no list" },
	{ "rules = ( { set = \"X\";" D "} );", 2, "set wants value" },
	{ "rules = ( { replace = \"X\"; value = \"1\";" D "} );", 2,
	    "replace wants match" },
	{ "rules = ( { ensure = \"X\"; value = \"1\"; match = \"1\";" D "} );",
	    2, "ensure does nothing with match" },
	{ "rules = ( { keep_only = \"X\";" D "} );", 2,
	    "keep_only wants one of" },
	{ "rules = ( { set = \"X\"; value = \"${trunk.domian}\";" D "} );", 2,
	    "unknown variable \"trunk.domian\"; did you mean \"trunk.domain\"?" },
	{ "rules = ( { set = \"X\"; value = \"${trunk.name\";" D "} );", 2,
	    "wants its \"}\"" },
	{ "rules = ( { set = \"X\"; value = \"${capture.1}\";" D "} );", 2,
	    "has no expression that captures" },
	{ "rules = ( { set = \"X\"; match = \"(a)\"; value = "
	  "\"${capture.2}\";" D "} );",
	    2, "the expression has 1 capture, and none" },
	{ "rules = ( { set = \"X\"; match = \"(?<n>a)\"; value = "
	  "\"${capture.m}\";" D "} );",
	    2, "and none of that name" },
	{ "rules = ( { set = \"X\"; match = \"(a\"; value = \"1\";" D "} );", 2,
	    "the expression is wrong at character 3" },
	{ "rules = ( { set = \"X\"; value = \"a\\r\\nVia: x\";" D "} );", 2,
	    "a value is one line" },
	{ "rules = ( { when = { methd = \"BYE\"; }; absent = \"X\";" D "} );", 2,
	    "unknown condition \"methd\"; did you mean \"method\"?" },
	{ "rules = ( { on = \"INVTE\"; absent = \"X\";" D "} );", 2,
	    "did you mean \"INVITE\"?" },
	{ "rules = ( { when = { call = [ \"direct\", \"!diverted\" ]; }; absent "
	  "= \"X\";" D "} );",
	    2, "either all words have a \"!\" or none" },
	{ "rules = ( { when = { status = \"7xx\"; }; absent = \"X\";" D "} );",
	    2, "status wants" },
	{ "rules = ( { when = { owned = \"frm\"; }; absent = \"X\";" D "} );", 2,
	    "did you mean \"from\"?" },

	/* responses */
	{ "responses = ( { status = 503; then = \"stop\"; } );", 2,
	    "it names no diagnostic" },
	{ "responses = ( {" D "} );", 2, "wants status, phrase or both" },
	{ "responses = ( { status = 200;" D "} );", 2,
	    "status of a response wants 300 to 699" },
	{ "responses = ( { status = \"!4xx\";" D "} );", 2,
	    "status of a response wants 300 to 699" },
	{ "responses = ( { status = 503; phrase = \"\";" D "} );", 2,
	    "a phrase is one line, and not empty" },
	{ "responses = ( { status = 503; then = \"slowdown\";" D "} );", 2,
	    "unknown then \"slowdown\"; did you mean \"slow-down\"?" },
	{ "responses = ( { status = 503; phase = \"CPS\";" D "} );", 2,
	    "did you mean \"phrase\"?" },
	{ "responses = ( { status = 503; diagnostic = \"CAP-CPD\"; } );", 2,
	    "did you mean \"CAP-CPS\"?" },
	{ "responses = ( { status = \"5xx\";" D "},\n{ status = [ 500, 503 ]; "
	  "phrase = \"CPS\";" D "} );",
	    3, "it can never match: the row in line 2 takes all of it" },
	{ "responses = ( { phrase = \"limit\"; status = \"4xx\";" D
	  "},\n{ status = 403; phrase = [ \"CPS LIMIT\", \"limits\" ];" D
	  "} );",
	    3, "it can never match: the row in line 2 takes all of it" },
	{ "responses = ( { status = \"6xx\"; then = \"advance\";" D "} );", 2,
	    "a 6xx is the last word" },
	{ "responses = ( { phrase = \"CPS\"; then = \"slow-down\";" D "} );",
	    2, "a 6xx is the last word" },
	{ "responses = { };", 2, "responses wants a list of groups" },
	{ "media = { codecs = [ \"PC MU\" ]; };", 2,
	    "is not the name of a codec" },
	{ "media = { codecs = [ \"telephone-event\" ]; };", 0,
	    "names no codec that can carry a call" },
	{ "media = { codecs = \"PCMU\"; };", 2, "codecs wants a list" },
	{ "media = { codec = [ \"PCMU\" ]; };", 2, "did you mean \"codecs\"?" },
	{ "tests = ( { name = \"x\"; given = \"503 CPS\"; expect = { then = "
	  "\"stop\"; }; } );",
	    2, "what is done about it is \"relay\", expected \"stop\"" },

	/* never */
	{ "rules = ( { on = \"INVITE\"; when = { method = \"BYE\"; }; absent = "
	  "\"X\";" D "} );",
	    2, "on and method exclude each other" },
	{ "rules = ( { when = { message = \"request\"; status = 200; }; absent "
	  "= \"X\";" D "} );",
	    2, "never match: a request has no status" },
	{ "rules = ( { on = \"ACK\"; when = { message = \"response\"; }; absent "
	  "= \"X\";" D "} );",
	    2, "on names requests; for responses use method" },
	{ "rules = ( { when = { method = \"ACK\"; status = 200; }; absent "
	  "= \"X\";" D "} );",
	    2, "never match: an ACK has no response" },
	{ "rules = ( { on = \"INVITE\"; when = { status = 200; }; absent "
	  "= \"X\";" D "} );",
	    2, "never match: a request has no status" },
	{ "rules = ( { on = \"BYE\"; when = { dialog = false; }; absent = "
	  "\"X\";" D "} );",
	    2, "never match: such a request is always within a dialog" },
	{ "rules = ( { when = { header = [ \"X\", \"!X\" ]; }; absent = "
	  "\"Y\";" D "} );",
	    2, "a header is wanted and not wanted" },
	{ "rules = ( { when = { stage = [ \"!in\", \"!out\" ]; }; absent = "
	  "\"Y\";" D "} );",
	    2, "a condition leaves nothing" },
	{ "rules = ( { when = { status = ( 486, \"!4xx\" ); }; absent = "
	  "\"Y\";" D "} );",
	    2, "a condition leaves nothing" },
	{ "rules = ( { when = { status = [ \"!100-399\", \"!4xx\", \"!5xx\", "
	  "\"!600-699\" ]; }; absent = \"Y\";" D "} );",
	    2, "a condition leaves nothing" },
	{ "rules = ( { when = { status = 200; }; set = \"request.host\"; value "
	  "= \"h\";" D "} );",
	    2, "a response has no Request-URI" },

	{ "rules = ( { when = { header = \"!X\"; matches = { target = \"x\"; "
	  "match = \"1\"; }; }; absent = \"Y\";" D "} );",
	    2, "never match: a header is to be absent and to match" },
	{ "rules = (\n{ when = { header = \"!Diversion[1]\"; matches = { target "
	  "= \"Diversion[2].uri.user\"; match = \"1\"; }; }; absent = "
	  "\"Y\";" D "} );",
	    3, "never match: a header is to be absent and to match" },
	{ "rules = ( { when = { header = \"!X-*\"; matches = { target = "
	  "\"X-A\"; match = \"1\"; }; }; absent = \"Y\";" D "} );",
	    2, "never match: a header is to be absent and to match" },
	{ "rules = ( { when = { header = \"!P-Asserted-Identity\"; owned = "
	  "\"asserted\"; }; absent = \"Y\";" D "} );",
	    2, "a header is to be absent and its number ours" },
	{ "rules = ( { when = { header = \"!X\"; }; set = \"Y\"; value = "
	  "\"a${header.X}\";" D "} );",
	    2, "the value reads a header that is to be absent" },
	{ "rules = ( { when = { header = \"!X\"; }; replace = \"X\"; match = "
	  "\"a\"; value = \"b\";" D "} );",
	    2, "it is about a header that is to be absent" },
	{ "rules = ( { when = { header = \"!X\"; }; set = \"X\"; match = "
	  "\"a\"; value = \"b\";" D "} );",
	    2, "it is about a header that is to be absent" },
	{ "rules = ( { when = { header = \"!Diversion\"; }; ensure = "
	  "\"Diversion.param(reason)\"; value = \"b\";" D "} );",
	    2, "it is about a header that is to be absent" },
	{ "rules = ( { when = { header = \"!X-*\"; }; absent = [ \"X-A\", "
	  "\"X-B\" ];" D "} );",
	    2, "it is about a header that is to be absent" },
	{ "rules = ( { when = { header = \"!From\"; }; absent = \"Y\";" D
	  "} );",
	    2, "every message has the header that is to be absent" },
	{ "rules = ( { on = [ \"CANCEL\", \"REGISTER\" ]; absent = \"X\";" D
	  "} );",
	    2, "never match: no policy sees such a request" },
	{ "rules = ( { when = { method = \"SUBSCRIBE\"; }; absent = \"X\";" D
	  "} );",
	    2, "never match: no policy sees such a request" },
	{ "rules = ( { when = { matches = ( { target = \"X\"; match = \"^0\"; "
	  "}, { target = \"x\"; match = \"!^0\"; } ); }; absent = \"Y\";" D
	  "} );",
	    2, "a value is to match and not to match" },
	{ "rules = ( { when = { trunk = [ \"tw*\", \"!t*\" ]; }; absent = "
	  "\"Y\";" D "} );",
	    2, "a trunk is wanted and not wanted" },
	{ "rules = ( { when = { other = [ \"!*\" ]; }; absent = \"Y\";" D
	  "} );",
	    2, "a trunk is wanted and not wanted" },
	{ "rules = ( { when = { matches = { target = \"X\"; match = "
	  "\"!^(0)\"; }; }; set = \"Y\"; value = \"${capture.1}\";" D "} );",
	    2, "the rule has no expression that captures" },
	{ "rules = ( { absent = \"X\"; match = \"!^0\";" D "} );", 2,
	    "\"!\" means not in a condition only" },
	{ "rules = ( { absent = \"X\";" D "},\n{ replace = \"X\"; match = "
	  "\"a\"; value = \"b\";" D "} );",
	    3, "never match: the rule in line 2 has taken X away" },
	{ "rules = ( { on = \"BYE\"; absent = \"X-*\";" D "},\n{ on = \"BYE\"; "
	  "set = \"X-A.uri.user\"; value = \"b\";" D "} );",
	    3, "never match: the rule in line 2 has taken X-A.uri.user away" },

	/* growth */
	{ "rules = ( { set = \"From.uri.user\"; value = \"0${call.caller}\";" D
	  "} );",
	    2, "the value reads what the rule writes, From.uri.user" },
	{ "rules = ( { set = \"X-*\"; value = \"${header.X-A}x\";" D "} );", 2,
	    "the value reads what the rule writes, X-*" },

	/* fights */
	{ "rules = ( { set = \"X\"; value = \"1\";" D "},\n{ set = \"x\"; value "
	  "= \"2\";" D "} );",
	    3, "fights with the rule in line 2 over x: each sets another value" },
	{ "rules = ( { on = \"BYE\"; absent = \"X-*\";" D "},\n{ on = \"BYE\"; "
	  "ensure = \"X-A\"; value = \"2\";" D "} );",
	    3, "fights with the rule in line 2 over X-A: one wants it there" },
	{ "rules = ( { when = { stage = \"in\"; call = \"direct\"; }; absent = "
	  "\"X\";" D "},\n{ when = { call = \"direct\"; stage = \"in\"; }; set "
	  "= \"X\"; value = \"2\";" D "} );",
	    3, "one wants it there" },

	{ "rules = ( { on = \"INVITE\"; set = \"X\"; value = \"1\";" D
	  "},\n{ when = { method = \"INVITE\"; message = \"request\"; }; set "
	  "= \"X\"; value = \"2\";" D "} );",
	    3, "each sets another value" },
	{ "rules = ( { set = \"X\"; value = \"1\";" D "},\n{ when = { call = "
	  "\"diverted\"; }; set = \"X\"; value = \"2\";" D "} );",
	    3, "each sets another value" },
	{ "rules = ( { when = { header = \"Y\"; }; absent = \"X\";" D
	  "},\n{ set = \"X\"; value = \"2\";" D "} );",
	    3, "one wants it there, the other away" },
	{ "rules = ( { set = \"From.uri.host\"; value = \"a\";" D "},\n{ set "
	  "= \"From.uri\"; value = \"sip:1@b\";" D "} );",
	    3, "over From.uri: each sets another value" },
	{ "rules = ( { set = \"X-A\"; value = \"a\";" D "},\n{ append = \"X-A\"; "
	  "value = \"b\";" D "} );",
	    3, "one wants one value, the other one more" },
	{ "rules = ( { rename = \"Subject\"; value = \"s\";" D "} );", 2,
	    "it has that name already" },
	{ "rules = ( { rename = \"X\"; value = \"Y\";" D "},\n{ rename = "
	  "\"y\"; value = \"x\";" D "} );",
	    3, "each gives it the name that the other takes away" },
	{ "rules = ( { rename = \"X\"; value = \"Y\";" D "},\n{ absent = "
	  "\"Y\";" D "} );",
	    3, "over Y: one wants it there, the other away" },
	{ "rules = ( { rename = \"X\"; value = \"Y\";" D "},\n{ set = \"X\"; "
	  "value = \"1\";" D "} );",
	    3, "over X: one wants it there, the other away" },
	{ "rules = ( { absent = \"sdp.a\";" D "},\n{ ensure = "
	  "\"sdp.a(ptime)\"; value = \"20\";" D "} );",
	    3, "one wants it there, the other away" },
	{ "rules = ( { set = \"X-A\"; value = \"1\";" D "},\n{ keep_only = "
	  "\"X-*\"; value = [ \"X-B*\" ];" D "} );",
	    3, "over X-A: one wants it there, the other away" },

	{ "headers = { absent = [ \"X-*\" ]; };\nrules = ( { set = \"X-A\"; "
	  "value = \"1\";" D "} );",
	    3, "fights with headers.absent over X-A: one wants it there" },
	{ "identity = { diversion = \"history-info\"; };\nrules = ( { ensure = "
	  "\"Diversion\"; value = \"<sip:1@a>\";" D "} );",
	    3, "fights with identity.diversion over Diversion" },
	{ "identity = { asserted = \"absent\"; };\nrules = ( { append = "
	  "\"P-Asserted-Identity\"; value = \"<sip:1@a>\";" D "} );",
	    3, "fights with identity.asserted over P-Asserted-Identity" },

	/* emergency */
	{ "rules = ( { set = \"request.user\"; value = \"1\";" D "} );", 2,
	    "could change the emergency number 112" },
	{ "rules = ( { replace = \"request\"; match = \"^sip:(.*)@\"; value = "
	  "\"sip:9${capture.1}@\";" D "} );",
	    2, "could change the emergency number" },
	{ "rules = ( { replace = \"request\"; match = "
	  "\"^sip:112@pbx\\\\.example\"; value = \"sip:1@b\";" D "} );",
	    2, "could change the emergency number" },
	{ "rules = ( { set = \"request\"; match = \"transport=tcp\"; value = "
	  "\"sip:1@b\";" D "} );",
	    2, "could change the emergency number" },
	{ "rules = ( { replace = \"To.uri\"; match = \"^sips:911\"; value = "
	  "\"sip:1\";" D "} );",
	    2, "could change the emergency number" },
	{ "rules = ( { replace = \"request\"; match = \"^urn:service:sos\"; "
	  "value = \"sip:1@b\";" D "} );",
	    2, "name request.user" },
	{ "rules = ( { replace = \"To.uri.user\"; match = \"^9+\"; value = "
	  "\"9\";" D "} );",
	    2, "could change the emergency number 911" },
	{ "rules = ( { when = { call = [ \"direct\", \"emergency\" ]; }; set = "
	  "\"request.user\"; value = \"1\";" D "} );",
	    2, "could change the emergency number" },

	{ "presentation = { order = [ \"form\" ]; };", 2,
	    "did you mean \"from\"?" },
	{ "presentation = { show = \"from\"; };", 0,
	    "presentation does nothing without presentation.order" },
	{ "presentation = { order = [ \"from\" ]; only_owned = 1; };", 2,
	    "only_owned is true or false" },

	{ "headers = { absent = [ \"To\" ]; };", 2,
	    "To belongs to the transaction or the dialog" },

	/* tests */
	{ "tests = ( { nam = \"x\"; } );", 2, "did you mean \"name\"?" },
	{ "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\"; expect = { "
	  "journal_absent = \"CLI_*\"; }; } );",
	    2, "no diagnostic is called \"CLI_*\"" },
	{ "tests = ( { name = \"x\"; expect = { }; } );", 2,
	    "a test wants given" },
	{ "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\"; } );", 2,
	    "a test wants expect" },
	{ "tests = ( { name = \"x\"; given = \"INVITE\"; expect = { }; } );", 2,
	    "test \"x\": the message given is none" },
	{ "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\"; expect = { "
	  "journal = \"CLI-DIVERTD\"; }; } );",
	    2, "did you mean \"CLI-DIVERTED\"?" },
	{ "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\\nFrom: <sip:1@a>\";\n"
	  "expect = { values = \"From.uri.user: 2\"; }; } );",
	    2, "test \"x\": From.uri.user is \"1\", expected \"2\"" },
	{ "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\"; expect = { "
	  "request = \"sip:2@b\"; }; } );",
	    2,
	    "test \"x\": the Request-URI is \"sip:1@192.0.2.1:5060\", expected "
	    "\"sip:2@b\"" },
	{ "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\"; expect = { "
	  "absent = \"To\"; }; } );",
	    2, "test \"x\": To is there, expected none" },
	{ "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\"; expect = { "
	  "journal = \"CLI-DIVERTED\"; }; } );",
	    2, "test \"x\": the journal has nothing, expected CLI-DIVERTED" },
	{ "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\"; expect = { "
	  "refused = 400; }; } );",
	    2, "the message goes on, expected a refusal with 400" },
	{ "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\\nFrom: <>\"; "
	  "expect = { }; } );",
	    2, "it is refused with 400 (From has no usable URI), expected that "
	       "it goes on" },
	{ "rules = ( { replace = \"Subject\"; match = \"a\"; value = \"aa\";" D
	  "} );\ntests = ( { name = \"x\"; given = \"INVITE sip:1@b\\nSubject: "
	  "a\"; expect = { }; } );",
	    3, "test \"x\": POL-NOT-IDEMPOTENT: applied twice, the rule "
	       "x.conf:2 changes its own result" },
	{ "rules = ( { set = \"Subject\"; value = \"b\";" D "} );\n"
	  "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\nSubject: a\"; "
	  "expect = { journal_absent = \"CLI-*\"; }; } );",
	    3, "expected no CLI-*; the rule x.conf:2 did that to a direct call, "
	       "and asks for no kind of call (POL-SCOPE)" },
	/* Settings are done before rules. */
	{ "numbers = { in = [ \"asserted\" ]; country = \"GB\"; };\nrules = ( { "
	  "ensure = \"P-Asserted-Identity\"; value = \"<sip:02079460000@b>\";" D
	  "} );\ntests = ( { name = \"x\"; given = \"INVITE sip:1@b\"; expect = { "
	  "unchanged = \"From\"; }; } );",
	    4, "POL-NOT-IDEMPOTENT: applied twice, the policy changes its own "
	       "result: x.conf:2 makes P-Asserted-Identity[0] "
	       "\"<sip:+442079460000@b>\"" },
	{ "rules = ( { set = \"Diversion\"; value = \"<sip:2@b>\";" D "} );\n"
	  "tests = ( { name = \"x\"; given = \"INVITE sip:1@b\nDiversion: "
	  "<sip:1@a>\"; expect = { unchanged = \"Diversion.uri\"; }; } );",
	    3, "expected as it came: \"sip:1@a\"; the rule x.conf:2 did that to "
	       "a diverted call, and asks for no kind of call (POL-SCOPE)" },
};

START_TEST(bad_rule_is_refused)
{
	char text[8192];
	struct problems problems;
	bool found = false;
	size_t i;

	snprintf(text, sizeof(text), "policy = { name = \"x\";\n%s\n};\n",
	    bad[_i].text);
	problems_init(&problems);
	ck_assert_ptr_null(policy_load_text(text, "x.conf", 0, &problems));
	for (i = 0; i < problems.n; i++)
		found |= problems.list[i].line == bad[_i].line &&
			 strstr(problems.list[i].text, bad[_i].says) != NULL;
	if (!found)
		problems_print(&problems, stderr);
	ck_assert_msg(found, "%d: %s", bad[_i].line, bad[_i].says);
	problems_fini(&problems);
}
END_TEST

/* Of policies that are files: libconfig would end the process at the first. */
static const struct {
	const char *text, *part; /* written where part.conf is included */
	const char *file;
	int line;
	const char *says;
} files[] = {
	{ "policy = { name = \"x\";\n@include \".\"\n};", NULL, "p.conf", 2,
	    "cannot be read: it is a directory" },
	{ "policy = { name = \"x\";\n@include \"none\"\n};", NULL, "p.conf",
	    2, "cannot be read" },
	{ "policy = {\n@include \"part.conf\"\n};", "\nname = 1;\n",
	    "part.conf", 2, "name wants a string" },
	{ "policy = {\n@include \"part.conf\"\n};", "name = \"x\";\nnam = 2;",
	    "part.conf", 2, "did you mean \"name\"?" },
	{ "policy = { name = \"x\" \"y\" = };", NULL, "p.conf", 1,
	    "syntax error" },
	{ "((((((((((((((((((((((((((((", NULL, "p.conf", 1, "" },
};

START_TEST(bad_file_is_refused)
{
	struct problems problems;

	dir_make();
	dir_write("p.conf", files[_i].text);
	if (files[_i].part != NULL)
		dir_write("part.conf", files[_i].part);
	problems_init(&problems);
	ck_assert_ptr_null(
	    policy_load(dir_path("p.conf"), 0, &problems));
	dir_remove();
	ck_assert_uint_gt(problems.n, 0);
	ck_assert_msg(strstr(problems.list[0].text, files[_i].says) != NULL &&
			  problems.list[0].line == files[_i].line,
	    "%d: %s", problems.list[0].line, problems.list[0].text);
	ck_assert_str_eq(
	    problems.list[0].file, dir_path(files[_i].file));
	problems_fini(&problems);
}
END_TEST

/* Each line has a fault of another kind, those that are seen when the file is
 * looked at as a whole among them. */
static const char *const faults[] = {
	"Via belongs to the transaction",
	"did you mean \"absent\"?",
	"unknown variable \"x\"",
	"unknown variable \"trunk.nam\"",
	"unknown diagnostic \"CLI-DIVERTET\"",
	"\"From.uri.usr\" is no target",
	"\"From.uri.hots\" is no target",
	"at character 2",
	"a request has no status",
	"fights with the rule in line",
	"could change the emergency number",
	"unknown from \"kep\"",
	"did you mean \"given\"?",
	"\"X-[\" is no target",
	"unknown method \"INVTE\"",
	"unknown method \"BEY\"",
	"unknown call \"diverten\"",
	"either all words have",
	"unknown party \"frm\"",
	"unknown party \"too\"",
	"\"X-]\" is no target",
	"\"X-}\" is no target",
	"unknown word \"tarket\" in matches",
	"at character 3",
};

START_TEST(all_faults_of_a_file_at_once)
{
	struct problems problems;
	size_t i, j;

	problems_init(&problems);
	ck_assert_ptr_null(policy_load_text(
	    "policy = { name = \"x\"; identity = { from = \"kep\"; };\n"
	    "rules = ( { absent = \"Via\";" D "},\n{ absnt = \"X\";" D "},\n"
	    "{ set = \"X\"; value = \"${x} ${trunk.nam}\";" D "},\n"
	    "{ set = [ \"From.uri.usr\", \"From.uri.hots\" ]; value = \"x\"; "
	    "diagnostic = \"CLI-DIVERTET\"; },\n"
	    "{ absent = \"X\"; match = \"(\";" D "},\n"
	    "{ on = \"BYE\"; when = { status = 200; }; absent = \"Y\";" D "},\n"
	    "{ set = \"Z\"; value = \"1\";" D "},\n"
	    "{ absent = \"Z\";" D "},\n"
	    "{ set = \"request.user\"; value = \"1\";" D "},\n"
	    "{ on = [ \"INVTE\", \"BEY\", \"!INVITE\" ]; when = { call = [ "
	    "\"diverten\" ]; owned = [ \"frm\", \"!too\" ]; header = [ "
	    "\"X-]\", \"X-}\" ]; matches = ( { tarket = 1; }, { target = "
	    "\"From\"; match = \"((\"; } ); }; absent = \"Y\";" D "}\n);\n"
	    "tests = ( { name = \"x\"; giver = \"\"; expect = { absent = [ "
	    "\"X-[\" ]; }; } ); };\n",
	    "x.conf", 0, &problems));
	for (i = 0; i < ARRAY_LEN(faults); i++) {
		for (j = 0; j < problems.n; j++) {
			if (strstr(problems.list[j].text, faults[i]) != NULL)
				break;
		}
		if (j == problems.n)
			problems_print(&problems, stderr);
		ck_assert_msg(j < problems.n, "not said: %s", faults[i]);
	}
	problems_fini(&problems);
}
END_TEST

START_TEST(rule_within_a_dialog_is_warned_of)
{
	struct problems problems;

	ck_assert(loads("policy = { name = \"x\";\nrules = ( { on = \"ACK\"; set "
			"= \"request.host\"; value = \"h\";" D "} );\n};\n",
	    &problems));
	ck_assert_uint_eq(problems.n, 1);
	ck_assert_int_eq(problems.list[0].level, PROBLEM_WARNING);
	ck_assert_ptr_nonnull(
	    strstr(problems.list[0].text, "the guard will veto this rule"));
	problems_fini(&problems);
}
END_TEST

/* A capture as other tools write it. */
static const struct {
	const char *value;
	const char *says; /* NULL: nothing */
} digits[] = {
	{ "$1", "\"$1\" is written as it stands: the capture is ${capture.1}" },
	{ "a\\2b", "\"\\2\" is written as it stands" },
	{ "$3", NULL },
	{ "${capture.1}$", NULL },
};

START_TEST(capture_of_another_kind_is_warned_of)
{
	struct problems problems;
	char text[512];

	snprintf(text, sizeof(text),
	    "policy = { name = \"x\";\nrules = ( { replace = \"Subject\"; match "
	    "= \"(a)(b)\"; value = \"%s\";" D "} ); };\n", digits[_i].value);
	ck_assert(loads(text, &problems));
	ck_assert_uint_eq(problems.n, digits[_i].says != NULL);
	if (digits[_i].says != NULL) {
		ck_assert_int_eq(problems.list[0].level, PROBLEM_WARNING);
		ck_assert_int_eq(problems.list[0].line, 2);
		ck_assert_ptr_nonnull(
		    strstr(problems.list[0].text, digits[_i].says));
	}
	problems_fini(&problems);
}
END_TEST

/* Not refused: an option of the trunk may let it pass. */
static const struct {
	const char *rest;
	bool warned;
} passing[] = {
	{ "rules = ( { replace = \"X-A\"; match = \"a\"; value = \"b\";" D
	  "} );", true },
	{ "rules = ( { set = \"X-A.uri.user\"; value = \"b\";" D "} );", true },
	{ "rules = ( { rename = \"X-A\"; value = \"X-B\";" D "} );", true },
	{ "headers = { relay = [ \"x-*\" ]; };\nrules = ( { rename = \"X-A\"; "
	  "value = \"X-B\";" D "} );", false },
	{ "rules = ( { set = \"X-A\"; value = \"b\";" D "} );", false },
	{ "rules = ( { absent = \"X-A\"; match = \"a\";" D "} );", false },
	{ "rules = ( { ensure = \"X-A\"; value = \"<sip:1@b>\";" D
	  "},\n{ set = \"X-A.param(p)\"; value = \"b\";" D "} );", false },
	{ "rules = ( { replace = \"Subject\"; match = \"a\"; value = \"b\";" D
	  "} );", false },
	{ "rules = ( { replace = \"User-Agent\"; match = \"a\"; value = \"b\";"
	  D "} );", false },
};

/* A call for help is never refused for who makes it. */
static const struct {
	const char *settings, *trunk, *from, *want;
} helpless[] = {
	{ "", "", "<;user=phone>",
	    "\\\"Anonymous\\\" <sip:anonymous@anonymous.invalid>" },
	{ "", "", "\\\"Fred\\\" <>;x=1",
	    "\\\"Anonymous\\\" <sip:anonymous@anonymous.invalid>;x=1" },
	{ "identity = { host = \"own\"; from = \"owned\"; anonymous_from = "
	  "\"reject\"; invalid_ani = \"reject\"; };", "", "<>",
	    "\\\"Anonymous\\\" <sip:anonymous@anonymous.invalid>" },
	{ "", "default_caller = \"+442079460000\";", "<>",
	    "<sip:+442079460000@sbc.example.com;user=phone>" },
	{ "", "", "<sip:02079460000;user=phone>",
	    "<sip:02079460000@sbc.example.com;user=phone>" },
};

START_TEST(emergency_call_without_a_caller_goes_on)
{
	char text[2048];

	snprintf(text, sizeof(text),
	    "policy = { name = \"x\"; %s tests = ( { name = \"t\"; trunk = { "
	    "country = \"GB\"; %s }; owned = [ \"+1\" ]; given = \"INVITE "
	    "sip:112@x\nFrom: %s\"; expect = { values = \"From: %s\"; journal "
	    "= \"MSG-FROM-MALFORMED\"; journal_absent = \"POL-*\"; }; } ); };",
	    helpless[_i].settings, helpless[_i].trunk, helpless[_i].from,
	    helpless[_i].want);
	must_load(text);
}
END_TEST

/* RFC 3261 section 19.1.6: a tel URI becomes a sip URI with all that it has. */
static const struct {
	const char *in;
	const char *given, *want;
} dialled[] = {
	{ "", "tel:79460000;phone-context=+4420",
	    "sip:79460000;phone-context=+4420@192.0.2.1:5060;user=phone" },
	{ "\"request\"", "tel:79460000;phone-context=+4420",
	    "sip:+442079460000@192.0.2.1:5060;user=phone" },
	{ "\"request\"", "tel:79460000;phone-context=Example.com;ext=1",
	    "sip:79460000;ext=1;phone-context=example.com@192.0.2.1:5060;"
	    "user=phone" },
	{ "\"request\"", "tel:+442079460000;Z=Q;b=[2];POSTD=P1;ISUB=AB%2f1",
	    "sip:+442079460000;isub=ab%2f1;postd=p1;b=%5B2%5D;z=Q"
	    "@192.0.2.1:5060;user=phone" },
	{ "\"request\"", "sip:79460000@a;phone-context=+44161;user=phone",
	    "sip:79460000@192.0.2.1:5060;phone-context=+44161;user=phone" },
	{ "\"request\"", "sip:79460000;phone-context=+4420;ext=1@a",
	    "sip:+442079460000;ext=1@192.0.2.1:5060" },
	{ "\"request\"", "tel:02079460000;isub=a:b;x=%41%4",
	    "sip:+442079460000;isub=a%3Ab;x=%41%254@192.0.2.1:5060;user=phone" },
	{ "\"request\"", "tel:0123456789;phone-context=+33",
	    "sip:0123456789;phone-context=+33@192.0.2.1:5060;user=phone" },
	{ "\"request\"", "tel:999;phone-context=+44",
	    "sip:999;phone-context=+44@192.0.2.1:5060;user=phone" },
};

START_TEST(context_of_a_number_is_kept_or_done)
{
	char text[2048];

	snprintf(text, sizeof(text),
	    "policy = { name = \"x\"; numbers = { area = \"161\"; in = [ %s ]; "
	    "}; tests = ( { name = \"t\"; trunk = { country = \"GB\"; }; given "
	    "= \"INVITE %s\"; expect = { request = \"%s\"; }; } ); };",
	    dialled[_i].in, dialled[_i].given, dialled[_i].want);
	must_load(text);
}
END_TEST

START_TEST(header_that_does_not_pass_is_warned_of)
{
	struct problems problems;
	char text[1024];

	snprintf(text, sizeof(text), "policy = { name = \"x\";\n%s\n};\n",
	    passing[_i].rest);
	ck_assert(loads(text, &problems));
	ck_assert_uint_eq(problems.n, passing[_i].warned);
	if (passing[_i].warned) {
		ck_assert_int_eq(problems.list[0].level, PROBLEM_WARNING);
		ck_assert_ptr_nonnull(strstr(problems.list[0].text,
		    "X-A does not go on by itself"));
	}
	problems_fini(&problems);
}
END_TEST

/* SFB-14: this provider wants an owned number in P-Asserted-Identity and then
 * shows From, hides it for id, and else shows its default, id or not. */
START_TEST(presentation_is_predicted)
{
	bool asserted = _i & 1, owned = _i & 2, id = _i & 4;
	const char *before = !asserted || !owned
				 ? "+442079460099: none is accepted"
			     : id ? "private: Privacy has id"
				  : "+442079460001: from, accepted by asserted";
	const char *after = asserted && owned
				? "+442079460001: from, accepted by asserted"
				: before;
	char text[2048];

	snprintf(text, sizeof(text),
	    "policy = { name = \"x\"; presentation = { order = [ \"asserted\" "
	    "]; only_owned = true; id_means_private = true; show = \"from\"; "
	    "default = \"+442079460099\"; }; identity = { privacy = "
	    "\"drop-id-if-public\"; };\n tests = ( { name = \"t\"; owned = [ "
	    "%s ]; given = \"INVITE sip:1@b\nFrom: <sip:+442079460001@a>\n%s%s"
	    "\"; expect = { journal = \"CLI-SIMULATE\"; "
	    "presentation_before = \"%s\"; presentation = \"%s\"; }; } ); };",
	    owned ? "\"+442079460002\"" : "\"+1\"",
	    asserted ? "P-Asserted-Identity: <sip:+442079460002@a>\n" : "",
	    id ? "Privacy: id\n" : "", before, after);
	must_load(text);
}
END_TEST

static const struct {
	const char *codecs, *given, *expect;
} offers[] = {
	{ "\"PCMU\", \"telephone-event\"",
	    "a=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\n"
	    "a=rtpmap:9 G722/8000\na=fmtp:101 0-15\na=ptime:20",
	    "values = [ \"sdp.m: audio 10000 RTP/AVP 0 101\", \"sdp.a: "
	    "rtpmap:0 PCMU/8000\", \"sdp.a: fmtp:101 0-15\", \"sdp.a: "
	    "ptime:20\" ]; journal = \"MED-CODEC\";" },
	{ "\"pcma\", \"pcmu\", \"G722\", \"telephone-event\"",
	    "a=rtpmap:101 telephone-event/8000\na=rtpmap:9 G722/8000",
	    "unchanged = [ \"sdp.m\", \"sdp.a\" ]; journal_absent = "
	    "\"MED-CODEC\";" },
	{ "\"opus\"", "a=rtpmap:101 telephone-event/8000",
	    "unchanged = [ \"sdp.m\", \"sdp.a\" ]; journal = \"MED-CODEC\";" },
};

START_TEST(codecs_are_kept)
{
	char text[4096];

	snprintf(text, sizeof(text),
	    "policy = { name = \"x\"; media = { codecs = [ %s ]; };\n tests = ( { "
	    "name = \"out\"; given = \"INVITE sip:1@b\n\nv=0\no=- 1 1 IN IP4 "
	    "192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\nm=audio 10000 RTP/AVP 0 "
	    "9 101\n%s\"; expect = { %s }; } ); };",
	    offers[_i].codecs, offers[_i].given, offers[_i].expect);
	must_load(text);
}
END_TEST

static const struct {
	const char *given, *then, *journal;
} refusals[] = {
	{ "503 Trunk CPS limit exceeded", "slow-down", "CAP-CPS" },
	{ "503 trunk cps LIMIT", "slow-down", "CAP-CPS" },
	{ "503 Service Unavailable", "advance", "RTE-ADVANCE-503" },
	{ "500 Wrong limit", "stop", "MY-CODE" },
	{ "488 D35 no media", "stop", "MY-CODE" },
	{ "599 x", "stop", "MY-CODE" },
	{ "480 x", "retry-after", "RSP-408" },
	{ "481 x", "relay", NULL },
	{ "603 Decline", "stop", "RSP-603" },
	{ "200 Trunk CPS limit", "relay", NULL },
	{ "183 Trunk CPS limit", "relay", NULL },
	{ "503 INFO", "relay", NULL },
};

/* What each of them is called, and what is done about it; and that it changes
 * nothing of the response. */
START_TEST(responses_have_a_meaning)
{
	char text[4096], journal[128];

	snprintf(journal, sizeof(journal), "journal%s = \"%s\"",
	    refusals[_i].journal == NULL ? "_absent" : "",
	    refusals[_i].journal == NULL ? "*" : refusals[_i].journal);
	snprintf(text, sizeof(text),
	    "policy = { name = \"x\";\n diagnostics = ( { code = \"MY-CODE\"; "
	    "title = \"t\"; sentence = \"s\"; } );\n"
	    " responses = (\n"
	    "  { status = 503; phrase = \"CPS limit\"; diagnostic = \"CAP-CPS\";"
	    " then = \"slow-down\"; reason = \"their limit\"; },\n"
	    "  { status = 503; diagnostic = \"RTE-ADVANCE-503\"; then = "
	    "\"advance\"; },\n"
	    "  { status = [ \"5xx\", \"488-489\" ]; diagnostic = \"MY-CODE\"; "
	    "then = \"stop\"; },\n"
	    "  { status = 480; diagnostic = \"RSP-408\"; then = "
	    "\"retry-after\"; },\n"
	    "  { phrase = [ \"decl\", \"refused\" ]; id = \"no\"; diagnostic = "
	    "\"RSP-603\"; then = \"stop\"; }\n );\n"
	    " tests = ( { name = \"t\"; stage = \"in\"; given = \"%s\nReason: "
	    "Q.850;cause=17\"; expect = { then = \"%s\"; %s; unchanged = "
	    "\"Reason\"; }; },\n { name = \"not ours\"; given = \"%s\"; expect "
	    "= { then = \"relay\"; journal_absent = \"*\"; }; } ); };",
	    refusals[_i].given, refusals[_i].then, journal, refusals[_i].given);
	must_load(text);
}
END_TEST

/* What of an offer suits a trunk, by media.srtp of its policy. */
static const struct {
	const char *srtp, *media, *expect;
} secured[] = {
#define REFUSED "refused = 488; journal = \"MED-SRTP\""
#define PASSES  "unchanged = [ \"sdp.m\", \"sdp.a\" ]; journal_absent = \"MED-SRTP\""
	{ "required", "m=audio 4 RTP/AVP 0", REFUSED },
	{ "required", "m=audio 4 RTP/SAVP 0", REFUSED },
	{ "required", "m=audio 4 RTP/SAVP 0\na=crypto:1 X inline:k", PASSES },
	{ "required", "m=audio 4 RTP/SAVPF 0\na=crypto:1 X inline:k", PASSES },
	{ "required", "m=audio 4 UDP/TLS/RTP/SAVPF 0\na=fingerprint:x y",
	    PASSES },
	{ "required", "a=fingerprint:x y\nm=audio 4 UDP/TLS/RTP/SAVP 0",
	    PASSES },
	{ "required", "m=audio 4 RTP/AVP 0\na=crypto:1 X inline:k", REFUSED },
	{ "required",
	    "m=audio 0 RTP/SAVP 0\na=crypto:1 X inline:k\nm=audio 4 RTP/AVP 0",
	    REFUSED },
	{ "required",
	    "m=audio 4 RTP/AVP 0\nm=audio 6 RTP/SAVP 0\na=crypto:1 X inline:k",
	    PASSES },
	{ "required", "m=image 4 udptl t38", PASSES },
	{ "required", "m=audio 0 RTP/AVP 0", PASSES },
	{ "off", "m=audio 4 RTP/AVP 0", PASSES },
	{ "off", "m=audio 4 RTP/AVPF 0", PASSES },
	{ "off", "m=audio 4 RTP/SAVP 0\na=crypto:1 X inline:k", REFUSED },
	{ "off", "m=audio 4 UDP/TLS/RTP/SAVP 0\na=fingerprint:x y", REFUSED },
	{ "off",
	    "m=audio 4 RTP/AVP 0\na=crypto:1 X inline:k\na=crypto:2 Y inline:l",
	    "absent = \"sdp.a(crypto)\"; journal = \"MED-SRTP\"" },
	{ "off",
	    "m=audio 4 RTP/AVP 0\nm=audio 6 RTP/SAVP 0\na=crypto:1 X inline:k",
	    PASSES },
	{ "off", "m=image 4 udptl t38", PASSES },
	{ "as-received", "m=audio 4 RTP/SAVP 0", PASSES },
};

START_TEST(srtp_suits_or_not)
{
	char text[4096];

	snprintf(text, sizeof(text),
	    "policy = { name = \"x\"; media = { srtp = \"%s\"; };\n tests = ( {"
	    " name = \"t\"; given = \"INVITE sip:+442079460000@b\n\nv=0\no=- 1 1"
	    " IN IP4 192.0.2.5\ns=-\nc=IN IP4 192.0.2.5\nt=0 0\n%s\"; expect = {"
	    " %s; }; } ); };",
	    secured[_i].srtp, secured[_i].media, secured[_i].expect);
	must_load(text);
}
END_TEST

static const struct {
	const char *order, *given, *shown;
} orders[] = {
	{ "\"preferred\", \"asserted\", \"remote_party\", \"from\"",
	    "P-Preferred-Identity: <sip:+441@a>\nP-Asserted-Identity: "
	    "<sip:+442@a>",
	    "+441: preferred" },
	{ "\"asserted\", \"preferred\"",
	    "P-Preferred-Identity: <sip:+441@a>\nP-Asserted-Identity: "
	    "<tel:+442>",
	    "+442: asserted" },
	{ "\"remote_party\", \"from\"", "Remote-Party-ID: <sip:+443@a>",
	    "+443: remote_party" },
	{ "\"preferred\", \"from\"", "From: <sip:+444@a>", "+444: from" },
	{ "\"from\"", "From: <sip:anonymous@anonymous.invalid>",
	    "private: From is anonymous" },
	{ "\"asserted\"", "From: <sip:fred@a>",
	    "a number of the carrier's choice, or a refusal: none is accepted" },
};

START_TEST(presentation_has_an_order)
{
	char text[2048];

	snprintf(text, sizeof(text),
	    "policy = { name = \"x\"; presentation = { order = [ %s ]; };\n"
	    "tests = ( { name = \"t\"; given = \"INVITE sip:1@b\n%s\"; expect = "
	    "{ presentation = \"%s\"; }; } ); };",
	    orders[_i].order, orders[_i].given, orders[_i].shown);
	must_load(text);
}
END_TEST

/* A carrier that looks at the first place that is filled, and no further. */
START_TEST(presentation_stops_at_the_first)
{
	char text[2048];

	snprintf(text, sizeof(text),
	    "policy = { name = \"x\"; presentation = { order = [ "
	    "\"preferred\", \"asserted\" ]; only_owned = true; only_first = "
	    "%s; default = \"+442079460099\"; };\n tests = ( { name = \"t\"; owned = "
	    "\"+442079460055\"; given = \"INVITE sip:1@b\nFrom: "
	    "<sip:+442079460055@a>\nP-Preferred-Identity: "
	    "<sip:+447700900123@a>\nP-Asserted-Identity: "
	    "<sip:+442079460055@a>\"; expect = { "
	    "presentation = \"%s\"; journal_absent = \"CLI-*\"; }; }, { name = "
	    "\"u\"; owned = \"+442079460055\"; given = \"INVITE "
	    "sip:1@b\nP-Asserted-Identity: <sip:+442079460055@a>\"; expect = "
	    "{ presentation = \"+442079460055: asserted\"; }; } ); };",
	    _i ? "true" : "false",
	    _i ? "+442079460099: none is accepted" : "+442079460055: asserted");
	must_load(text);
}
END_TEST

/* A million: some 15 s at -O2. Sanitizers make each ten times as long. */
#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
#define CASES 100000
#else
#define CASES 1000000
#endif

START_TEST(generated_rules)
{
	const char *cases = getenv("CORDON_CASES"), *seed = getenv("CORDON_SEED");

	rule_generate(cases == NULL ? CASES : strtoul(cases, NULL, 10),
	    seed == NULL ? 1 : strtoul(seed, NULL, 10));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("rule");
	TCase *tc = tcase_create("rule");

	tcase_add_loop_test(tc, rule_works, 0, ARRAY_LEN(works));
	tcase_add_loop_test(tc, rule_is_silent, 0, ARRAY_LEN(silent));
	tcase_add_loop_test(tc, bad_rule_is_refused, 0, ARRAY_LEN(bad));
	tcase_add_loop_test(tc, bad_file_is_refused, 0, ARRAY_LEN(files));
	tcase_add_test(tc, all_faults_of_a_file_at_once);
	tcase_add_test(tc, rule_within_a_dialog_is_warned_of);
	tcase_add_loop_test(tc, capture_of_another_kind_is_warned_of, 0,
	    ARRAY_LEN(digits));
	tcase_add_loop_test(tc, header_that_does_not_pass_is_warned_of, 0,
	    ARRAY_LEN(passing));
	tcase_add_loop_test(tc, emergency_call_without_a_caller_goes_on, 0,
	    ARRAY_LEN(helpless));
	tcase_add_loop_test(tc, context_of_a_number_is_kept_or_done, 0,
	    ARRAY_LEN(dialled));
	tcase_add_loop_test(tc, codecs_are_kept, 0, ARRAY_LEN(offers));
	tcase_add_loop_test(
	    tc, srtp_suits_or_not, 0, (int)ARRAY_LEN(secured));
	tcase_add_loop_test(
	    tc, responses_have_a_meaning, 0, ARRAY_LEN(refusals));
	tcase_add_loop_test(tc, presentation_is_predicted, 0, 8);
	tcase_add_loop_test(
	    tc, presentation_has_an_order, 0, ARRAY_LEN(orders));
	tcase_add_loop_test(tc, presentation_stops_at_the_first, 0, 2);
	tcase_add_test(tc, generated_rules);
	tcase_set_timeout(tc, 600);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
