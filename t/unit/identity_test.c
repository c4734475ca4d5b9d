#include "base/container.h"
#include "identity/identity.h"
#include "unit.h"

static void
draft_with(struct sip_draft *draft, enum sip_header id, const char *value)
{
	sip_draft_request(
	    draft, SIP_METHOD_INVITE, SPAN_NONE, SPAN("sip:1@example.com"));
	sip_draft_add(draft, id, span_of(value), SIP_OWNER_PEER);
}

static const struct {
	const char *value;
	unsigned total;
	unsigned flaws;
	const char *sip; /* rebuilt; "" when nobody is asserted */
	const char *tel; /* rebuilt; "" without */
} lists[] = {
  /* SFB-07: the literal text of the source, and what it was. */
	{"\"Fred Bloggs\"<>,tel:+442071234567",                      2, IDENTITY_BROKEN_VALUE,
         "\"Fred Bloggs\" <sip:+442071234567@sbc;user=phone>",							   "<tel:+442071234567>"},
	{ "\"Fred Bloggs\"<sip:fred@contoso.com>,tel:+442071234567", 2, 0,
         "\"Fred Bloggs\" <sip:+442071234567@sbc;user=phone>",							   "<tel:+442071234567>"},
	{ "<sip:+442071234567@pbx;user=phone>",                      1, 0,
         "<sip:+442071234567@pbx;user=phone>",									   ""                   },
	{ "<sip:+441@pbx>, <sip:+442@pbx>, <tel:+443>",              3, IDENTITY_TOO_MANY,
         "<sip:+441@pbx>",											       "<tel:+443>"         },
	{ "<sip:+44111@pbx>, <sip:+44222@pbx>",                      2, IDENTITY_TOO_MANY,
         "<sip:+44111@pbx>",											     ""                   },
	{ "<sip:+44111@pbx;;user=phone>",                            1, IDENTITY_UNTIDY,
         "<sip:+44111@pbx;user=phone>",										  ""                   },
	{ "garbage",						 1, IDENTITY_BROKEN_VALUE, "",                       ""                   },
	{ "<>",						      1, IDENTITY_BROKEN_VALUE, "",                       ""                   },
	{ "<http://example.com/x>",                                  1, IDENTITY_BROKEN_VALUE, "",                       ""                   },
	{ "<sip:fred@contoso.com>",                                  1, 0,                     "<sip:fred@contoso.com>", ""                   },
};

START_TEST(asserted)
{
	struct sip_draft *draft = malloc(sizeof(*draft));
	struct identity id;
	struct identity_parts sip, tel;
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));

	draft_with(draft, SIP_P_ASSERTED_IDENTITY, lists[_i].value);
	identity_read_draft(draft, &id);
	ck_assert_uint_eq(id.asserted.total, lists[_i].total);
	ck_assert_uint_eq(
	    identity_asserted_flaws(&id.asserted), lists[_i].flaws);
	if (identity_asserted_best(&id.asserted, SPAN("sbc"), &sip, &tel))
		identity_add(&t, &sip);
	ck_assert_span(text_span(&t), lists[_i].sip);
	t.len = 0;
	if (tel.scheme == SIP_SCHEME_TEL)
		identity_add(&t, &tel);
	ck_assert_span(text_span(&t), lists[_i].tel);
	free(draft);
}

END_TEST

static const struct {
	const char *user;
	bool number;
} users[] = {
	{ "+442079460000", true },
	{ "02079460000", true },
	{ "%2B442079460000", true },
	{ "%2b44%2020-7946.0000", true },
	{ "(+44)20/79460000", true },
	{ "112", true },
	{ "12", false },
	{ "", false },
	{ "alice", false },
	{ "++442079460000", false },
	{ "44+2079460000", false },
	{ "%2", false },
	{ "%30123456", false },
	{ "*123456", false },
	{ "2079460000;x=1", false },
};

START_TEST(user_is_number)
{
	ck_assert_msg(identity_user_is_number(span_of(users[_i].user)) ==
			  users[_i].number, "%s", users[_i].user);
}
END_TEST

static const struct {
	const char *uri, *number, *subscriber; /* of a tel URI */
} numbers[] = {
	{ "sip:1234@pbx", "1234", NULL },
	{ "sip:1234;ext=5@pbx", "1234", NULL },
	{ "sip:1234;ext=5;phone-context=+4420:pw@pbx",
	    "1234;ext=5;phone-context=+4420", NULL },
	{ "sip:+1234;phone-context=+4420@pbx", "+1234", NULL },
	{ "sip:1234@pbx;Phone-Context=+4420;user=phone",
	    "1234@pbx;Phone-Context=+4420;user=phone", NULL },
	{ "sip:pbx;phone-context=+4420", "", NULL },
	{ "tel:1234", "1234", "1234" },
	{ "tel:+44;ext=5", "+44", "+44;ext=5" },
	{ "tel:12;X=Y;;Phone-Context=A.b;ISUB=C;b=D;Postd=E",
	    "12;X=Y;;Phone-Context=A.b;ISUB=C;b=D;Postd=E",
	    "12;isub=c;postd=e;phone-context=a.b;b=D;x=Y" },
	{ "tel:*31#;phone-context=+44;a=[1]%2F%4",
	    "*31#;phone-context=+44;a=[1]%2F%4",
	    "*31%23;phone-context=+44;a=%5B1%5D%2F%254" },
	{ "tel:1;q;p;o;n;m;l;k;j;i;h;g;f;e;d;c;b;a", "1",
	    "1;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q;a" },
};

START_TEST(number_of_a_uri)
{
	struct sip_uri uri;
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));

	ck_assert(sip_uri_parse(span_of(numbers[_i].uri), &uri));
	ck_assert_span(identity_number(&uri), numbers[_i].number);
	if (numbers[_i].subscriber == NULL)
		return;
	identity_add_subscriber(&t, identity_subscriber(&uri));
	ck_assert_span(text_span(&t), numbers[_i].subscriber);
}
END_TEST

START_TEST(many_values_are_counted)
{
	struct sip_draft *draft = malloc(sizeof(*draft));
	struct identity id;
	char buf[4096];
	struct text t = text_over(buf, sizeof(buf) - 1);
	int i;

	for (i = 0; i < 100; i++)
		TEXT_LIT(&t, "<sip:+44111@pbx>,");
	draft_with(draft, SIP_P_ASSERTED_IDENTITY, text_cstr(&t));
	identity_read_draft(draft, &id);
	ck_assert_uint_eq(id.asserted.total, 100);
	ck_assert_uint_eq(id.asserted.n, IDENTITY_VALUES);
	free(draft);
}

END_TEST

START_TEST(message_is_read_over_all_fields)
{
	static const char raw[] =
	    "INVITE sip:1@example.com SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
	    "From: <sip:+441@pbx>;tag=1\r\nTo: <sip:1@example.com>\r\n"
	    "Call-ID: 1\r\nCSeq: 1 INVITE\r\n"
	    "P-Asserted-Identity: <sip:+441@pbx>,\r\n <tel:+442>\r\n"
	    "P-Asserted-Identity: <sip:+443@pbx>\r\n"
	    "Diversion: <sip:+444@pbx>;reason=unconditional\r\n"
	    "Remote-Party-ID: <sip:+445@pbx>;privacy=off\r\n"
	    "P-Preferred-Identity: <sip:+446@pbx>\r\n"
	    "Referred-By: <sip:+447@pbx>\r\n"
	    "Privacy: id , session\r\nPrivacy: critical\r\n"
	    "Content-Length: 0\r\n\r\n";
	struct sip_message *msg = malloc(sizeof(*msg));
	struct sip_fault fault;
	struct nameaddr_memo names = { 0 };
	struct identity id;

	ck_assert(sip_index(msg, SPAN(raw), &fault));
	identity_read(msg, &names, &id);
	ck_assert_span(id.caller.uri.user, "+441");
	ck_assert_uint_eq(id.asserted.fields, 2);
	ck_assert_uint_eq(id.asserted.n, 3);
	ck_assert_span(id.asserted.value[2].uri.user, "+443");
	ck_assert_span(id.remote_party.value[0].uri.user, "+445");
	ck_assert_span(id.preferred.value[0].uri.user, "+446");
	ck_assert_uint_eq(id.privacy, IDENTITY_PRIVACY_ID |
					  IDENTITY_PRIVACY_SESSION |
					  IDENTITY_PRIVACY_CRITICAL);
	free(msg);
}

END_TEST

static const struct {
	const char *value;
	bool is_public, is_anonymous;
} callers[] = {
	{"<sip:+442079460000@pbx>",                          true,  false},
	{ "\"Anonymous\" <sip:anonymous@anonymous.invalid>", false, true },
	{ "<sip:anonymous@pbx>",                             false, true },
	{ "\"Anonymous\" <sip:+442079460000@pbx>",           false, true },
	{ "Anonymous <sip:+442079460000@pbx>",               false, true },
	/* As soon as it is mended. */
	{ "\"Anonymous <sip:+442079460000@pbx>",             false, true },
	{ "Anonymous\xff <sip:+442079460000@pbx>",           false, true },
	{ "Anonymous1 <sip:+442079460000@pbx>",              true,  false},
	{ "\" Anonymous \" <sip:+442079460000@pbx>",         false, true },
	{ "\"\\Anonymous\" <sip:+442079460000@pbx>",        false, true },
	{ "\"Private Number\" <sip:+442079460000@pbx>",      false, true },
	{ "WITHHELD <sip:+442079460000@pbx>",                false, true },
	{ "<sip:Restricted@pbx>",                            false, true },
	{ "<sip:private;x=1@pbx>",                           false, true },
	{ "\"Private Ltd\" <sip:+442079460000@pbx>",         true,  false},
	{ "\"Unknown\" <sip:+442079460000@pbx>",             true,  false},
	{ "<sip:unavailable@pbx>",                           true,  false},
	{ "<sip:pbx>",				       false, false},
	{ "<;user=phone>",				   false, false},
	{ "<>",					      false, false},
};

START_TEST(public_and_anonymous)
{
	struct nameaddr na;

	nameaddr_parse(span_of(callers[_i].value), &na);
	ck_assert(identity_is_public(&na) == callers[_i].is_public);
	ck_assert(identity_is_anonymous(&na) == callers[_i].is_anonymous);
}

END_TEST

static const struct {
	const char *received, *tag, *want;
} tags[] = {
	{"<sip:a@b>;tag=old",                 "new", "<sip:a@b>;tag=new"            },
	{ "<sip:a@b>;TAG=old;epid=1",         "new", "<sip:a@b>;epid=1;tag=new"     },
	{ "sip:a@b;tag=old",                  "new", "sip:a@b;tag=new"              },
	{ "\"A\"\r\n <sip:a@b>;\r\n tag=old", "new",
         "\"A\" <sip:a@b>;tag=new"						  },
	{ "\"x;tag=1\" <sip:a@b>",            "new", "\"x;tag=1\" <sip:a@b>;tag=new"},
	{ "<;user=phone>;epid=2;tag=old",     "new",
         "<;user=phone>;epid=2;tag=new"					     },
	{ "<sip:a@b>;tag=old",                "",    "<sip:a@b>"                    },
	{ "<sip:a@b>#;x=1;tag=old",           "new", "<sip:a@b>;x=1;tag=new"        },
	{ "<sip:a@b>#",                       "new", "<sip:a@b>;tag=new"            },
	{ "\"A <sip:a@b>;tag=old",            "new", "<>;tag=new"                   },
	{ "<sip:a@b;tag=old",                 "new", "<>;tag=new"                   },
	{ "<sip:a@b>;\001tag=old",            "new", "<sip:a@b>;tag=new"            },
	{ "<sip:a@b>,x;y=\";tag=old",         "new", "<sip:a@b>;tag=new"            },
	{ "<sip:a@b>,x;y\"z;tag=old",         "new", "<sip:a@b>;tag=new"            },
	{ "",				 "new", "<>;tag=new"                   },
	{ "<sip:a@b>;x=\"q;tag=1\";tag=2",    "n",
         "<sip:a@b>;x=\"q;tag=1\";tag=n"					    },
};

START_TEST(retagged)
{
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));

	identity_add_retagged(
	    &t, span_of(tags[_i].received), span_of(tags[_i].tag));
	ck_assert_span(text_span(&t), tags[_i].want);
}

END_TEST

START_TEST(params_are_cleaned)
{
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));

	ck_assert(!identity_add_params(
	    &t, SPAN(";;epid=a;x=\"1;epid=2\";ms-y;tag=3;")));
	ck_assert_span(text_span(&t), ";x=\"1;epid=2\";tag=3");
	ck_assert(identity_params_clean(text_span(&t)));
	ck_assert(!identity_params_clean(SPAN(";EPID")));
	ck_assert(identity_params_clean(SPAN_NONE));
	t.len = 0;
	ck_assert(!identity_add_params(
	    &t, SPAN(";a=;b=[::1];c=\"x\\\"y\";d=<z>;e f;g=\"h")));
	ck_assert_span(text_span(&t), ";b=[::1];c=\"x\\\"y\"");
}

END_TEST

static const struct {
	const char *value;
	const char *user; /* of the caller's value; NULL: none is */
	bool hides;
} remote_parties[] = {
	{ "<sip:1@pbx>;party=calling;screen=yes;privacy=off", "1", false },
	{ "<sip:1@pbx>;privacy=full", "1", true },
	{ "<sip:1@pbx>;privacy=\"FULL\";party=calling", "1", true },
	{ "<sip:1@pbx>;privacy=uri-network", "1", true },
	{ "<sip:1@pbx>;privacy=name", "1", false },
	{ "<sip:1@pbx>;party=called;privacy=full", NULL, false },
	{ "<sip:1@pbx>;party=called;privacy=full, <>, "
	  "<sip:2@pbx>;party=calling", "2", false },
	{ "<sip:1@pbx>;party=called, <sip:2@pbx>;privacy=full", "2", true },
	{ "sip:1@pbx;party=calling;privacy=full", "1", true },
	{ "<>;privacy=full", NULL, false },
};

START_TEST(remote_party)
{
	struct sip_draft *draft = malloc(sizeof(*draft));
	const struct nameaddr *na;
	struct identity id;

	draft_with(draft, SIP_REMOTE_PARTY_ID, remote_parties[_i].value);
	identity_read_draft(draft, &id);
	na = identity_calling_party(&id);
	ck_assert_int_eq(na != NULL, remote_parties[_i].user != NULL);
	if (na != NULL)
		ck_assert_span(na->uri.user, remote_parties[_i].user);
	ck_assert_int_eq(id.party_hides, remote_parties[_i].hides);
	free(draft);
}
END_TEST

START_TEST(privacy_tokens)
{
	ck_assert_uint_eq(
	    identity_privacy_bits(SPAN("\"id\"; \"user\"")),
	    IDENTITY_PRIVACY_ID | IDENTITY_PRIVACY_USER);
	ck_assert_uint_eq(
	    identity_privacy_bits(SPAN("id")), IDENTITY_PRIVACY_ID);
	ck_assert_uint_eq(identity_privacy_bits(SPAN(" ID ; critical,none ")),
	    IDENTITY_PRIVACY_ID | IDENTITY_PRIVACY_CRITICAL |
		IDENTITY_PRIVACY_NONE);
	ck_assert_uint_eq(
	    identity_privacy_bits(SPAN("idx")), IDENTITY_PRIVACY_OTHER);
	ck_assert_uint_eq(identity_privacy_bits(SPAN(";;")), 0);
}

END_TEST

int
main(void)
{
	Suite *suite = suite_create("identity");
	TCase *tc = tcase_create("identity");

	tcase_add_loop_test(tc, asserted, 0, ARRAY_LEN(lists));
	tcase_add_loop_test(tc, user_is_number, 0, ARRAY_LEN(users));
	tcase_add_loop_test(tc, number_of_a_uri, 0, ARRAY_LEN(numbers));
	tcase_add_test(tc, many_values_are_counted);
	tcase_add_test(tc, message_is_read_over_all_fields);
	tcase_add_loop_test(tc, public_and_anonymous, 0, ARRAY_LEN(callers));
	tcase_add_loop_test(tc, retagged, 0, ARRAY_LEN(tags));
	tcase_add_test(tc, params_are_cleaned);
	tcase_add_loop_test(
	    tc, remote_party, 0, ARRAY_LEN(remote_parties));
	tcase_add_test(tc, privacy_tokens);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
