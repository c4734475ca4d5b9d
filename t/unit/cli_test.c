/*
 * cli_test.c - the offline tools as a person calls them
 */

#include <jansson.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "dir.h"
#include "pcap_make.h"
#include "unit.h"

#define OUT_MAX (1 << 18)

static char printed[OUT_MAX], complained[OUT_MAX];
static struct pcap_make make;

static void
setup(void)
{
	dir_make();
	setenv("COLUMNS", "80", 1);
}

static void
read_back(FILE *file, char *to)
{
	size_t n;

	rewind(file);
	n = fread(to, 1, OUT_MAX - 1, file);
	to[n] = '\0';
	fclose(file);
}

static int
cordon(const char *const words[])
{
	char *argv[16] = { (char *)(uintptr_t)"cordon" };
	FILE *out = tmpfile(), *err = tmpfile();
	int argc = 1, status;

	for (; words[argc - 1] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	status = cli_run(argc, argv, out, err);
	read_back(out, printed);
	read_back(err, complained);
	return status;
}

#define CORDON(...) cordon((const char *const[]){ __VA_ARGS__, NULL })

/* Printed, with no blank at the end of a line and no raw control byte. */
static void
has(const char *words)
{
	const char *p;

	ck_assert_msg(strstr(printed, words) != NULL, "not there: %s\n%s%s",
	    words, printed, complained);
	ck_assert_msg(strstr(printed, " \n") == NULL, "%s", printed);
	for (p = printed; *p != '\0'; p++)
		ck_assert((unsigned char)*p >= 0x20 || *p == '\n');
}

static void
has_not(const char *words)
{
	ck_assert_msg(
	    strstr(printed, words) == NULL, "there: %s\n%s", words, printed);
}

static void
complains(const char *words)
{
	ck_assert_msg(strstr(complained, words) != NULL, "not said: %s\n%s",
	    words, complained);
}

#define CARRIER(more)                                                          \
	"policy = { name = \"carrier\"; title = \"A carrier\";\n"              \
	"  identity = { asserted_values = \"one\"; host = \"own\"; };\n" more  \
	"};\n"

#define REMOVED                                                                \
	"  rules = ( { id = \"inner\"; absent = [ \"Subject\" ];\n"            \
	"    diagnostic = \"SCRUB-PRIVATE-HDR\"; } );\n"

static const char invite[] =
    "INVITE sip:+442079460001@192.0.2.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1\r\n"
    "From: \"Fred\" <sip:+442079460000@192.0.2.10>;tag=1\r\n"
    "To: <sip:+442079460001@192.0.2.1>\r\n"
    "Call-ID: one@pbx\r\nCSeq: 7 INVITE\r\nMax-Forwards: 70\r\n"
    "Contact: <sip:192.0.2.10>\r\nSubject: lunch\x1b[2J\r\n"
    "P-Asserted-Identity: \"Fred\"<>,tel:+442079460000\r\n"
    "Content-Length: 0\r\n\r\n";

/* ---- test ---- */

START_TEST(shows_before_and_after)
{
	dir_write("carrier.conf", CARRIER(REMOVED));
	dir_write("invite", invite);
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), dir_path("invite")), 0);
	has("INVITE, a direct call, from trunk caller (builtin) to trunk callee "
	    "(carrier)");
	has("- P-Asserted-Identity: \"Fred\"<>,tel:+442079460000\n"
	    "+ P-Asserted-Identity: \"Fred\" "
	    "<sip:+442079460000@sbc.example.com;user=phone>\n");
	has("- Subject: lunch\\x1b[2J\n");
	has("\n  Max-Forwards: 69\n");
	has("MSG-PAI-MALFORMED  The asserted identity is malformed");
	has("carrier.conf:3");
	has("3 changes\n");
	has_not("- Via");
	has_not("- Call-ID");
}
END_TEST

START_TEST(shows_them_side_by_side)
{
	dir_write("carrier.conf", CARRIER(REMOVED));
	dir_write("invite", invite);
	setenv("COLUMNS", "123", 1);
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), dir_path("invite")), 0);
	/* Columns of 60, and three between them. */
	has("\nas received                                                    "
	    "as it would leave\n");
	has("\nMax-Forwards: 70                                               "
	    "Max-Forwards: 69\n");
	has("\nP-Asserted-Identity: \"Fred\"<>,tel:+442079460000              "
	    "| P-Asserted-Identity: \"Fred\" <sip:+442079460000@sbc.example.c"
	    "\n");
	has("\nSubject: lunch\\x1b[2J                                        "
	    "<\n");
}
END_TEST

#define WITHIN                                                                 \
	"Via: SIP/2.0/UDP a;branch=z9hG4bK1\nMax-Forwards: 70\n"              \
	"From: <sip:a@a>;tag=1\nTo: <sip:b@b>;tag=2\nCall-ID: within\n"

#define SDP_HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n"

/* A line that is gone does not make others of all behind it. */
START_TEST(pairs_lines_of_a_body)
{
	char text[2048];

	dir_write("sdp.conf",
	    "policy = { name = \"x\"; rules = ( { absent = \"sdp.b\"; diagnostic "
	    "= \"MSG-TOO-BIG\"; }, { set = \"sdp.a(ptime)\"; value = \"20\"; "
	    "diagnostic = \"MED-CODEC\"; } ); };");
	snprintf(text, sizeof(text),
	    "INVITE sip:112@b SIP/2.0\r\n" WITHIN
	    "CSeq: 1 INVITE\r\nContact: <sip:a@a>\r\n"
	    "Content-Type: application/sdp\r\n\r\n" SDP_HEAD
	    "c=IN IP4 192.0.2.9\r\nb=AS:64\r\nt=0 0\r\n"
	    "m=audio 4000 RTP/AVP 0\r\na=ptime:30\r\na=sendrecv\r\n");
	dir_write("invite", text);
	ck_assert_int_eq(CORDON("test", dir_path("sdp.conf"),
			     dir_path("invite"), "--call", "emergency"),
	    0);
	has("INVITE, an emergency call, ");
	has("  s=-\n  c=IN IP4 192.0.2.9\n- b=AS:64\n  t=0 0\n"
	    "  m=audio 4000 RTP/AVP 0\n- a=ptime:30\n+ a=ptime:20\n"
	    "  a=sendrecv\n");
}
END_TEST

START_TEST(answers_programs)
{
	json_t *o;

	dir_write("carrier.conf", CARRIER(REMOVED));
	dir_write("invite", invite);
	ck_assert_int_eq(CORDON("test", "--json", dir_path("carrier.conf"),
			     dir_path("invite")),
	    0);
	o = json_loads(printed, 0, NULL);
	ck_assert_ptr_nonnull(o);
	ck_assert_str_eq(field_string(o, "policy"), "carrier");
	ck_assert_str_eq(field_string(o, "before"), invite);
	ck_assert_ptr_nonnull(
	    strstr(field_string(o, "after"), "Call-ID: 0000"));
	ck_assert_ptr_null(strstr(field_string(o, "after"), "Subject"));
	ck_assert_uint_eq(field_number(o, "changes"), 3);
	ck_assert_uint_ge(json_array_size(json_object_get(o, "entries")), 3);
	json_decref(o);
}
END_TEST

/* Rules for them can be tried as those for an INVITE. */
START_TEST(tries_what_is_within_a_call)
{
	dir_write("within.conf",
	    "policy = { name = \"within\"; headers = { relay = [ \"X-*\" ]; };\n"
	    "rules = ( { on = \"BYE\"; when = { call = \"diverted\"; }; absent = "
	    "\"X-A\"; diagnostic = \"SCRUB-PRIVATE-HDR\"; },\n"
	    "{ when = { status = 503; }; set = \"X-B\"; value = \"1\"; "
	    "diagnostic = \"CAP-CPS\"; } );\n"
	    "responses = ( { status = 503; phrase = \"CPS\"; diagnostic = "
	    "\"CAP-CPS\"; then = \"slow-down\"; } ); };\n");
	dir_write(
	    "bye", "BYE sip:b@b SIP/2.0\n" WITHIN "CSeq: 2 BYE\nX-A: 1\n");
	dir_write(
	    "503", "SIP/2.0 503 Too many CPS\n" WITHIN "CSeq: 1 INVITE\n");
	dir_write("outside",
	    "OPTIONS sip:b@b SIP/2.0\n"
	    "Via: SIP/2.0/UDP a;branch=z9hG4bK1\nMax-Forwards: 70\n"
	    "From: <sip:a@a>;tag=1\nTo: <sip:b@b>\nCall-ID: o\n"
	    "CSeq: 1 OPTIONS\n");
	ck_assert_int_eq(
	    CORDON("test", dir_path("within.conf"), dir_path("bye")), 0);
	has("BYE, a direct call");
	has("0 changes");
	ck_assert_int_eq(CORDON("test", dir_path("within.conf"),
			     dir_path("bye"), "--call", "diverted"),
	    0);
	has("1 change\n");
	has("- X-A: 1\n");
	ck_assert_int_eq(
	    CORDON("test", dir_path("within.conf"), "--in", dir_path("503")),
	    0);
	has("503 INVITE, a direct call");
	has("+ X-B: 1\n");
	has("What is done about it: slow-down\n");
	ck_assert_int_eq(CORDON("test", "--json", dir_path("within.conf"),
			     "--in", dir_path("503")),
	    0);
	has("\"then\":\"slow-down\"");
	ck_assert_int_eq(
	    CORDON("test", dir_path("within.conf"), dir_path("outside")), 1);
	complains("outside of a call only an INVITE goes on");
	ck_assert_int_eq(CORDON("test", dir_path("within.conf"),
			     dir_path("bye"), "--call", "divertet"),
	    2);
	complains("--call wants direct, diverted");
}
END_TEST

START_TEST(takes_other_inputs)
{
	static const char bare[] = "INVITE sip:+442079460001@b SIP/2.0\n"
		"Via: SIP/2.0/UDP a;branch=z9hG4bK1\nFrom: <sip:a@a>;tag=1\n"
		"To: <sip:b@b>\nCall-ID: bare\nCSeq: 1 INVITE";
	FILE *file;

	dir_write("carrier.conf", CARRIER(""));
	dir_write("bare", bare);
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), dir_path("bare")), 0);
	has("From: <sip:a@sbc.example.com>;tag=rehearsal");
	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_udp(&make, 1, SPAN("SIP/2.0 200 OK\r\n\r\n"));
	pcap_make_udp(&make, 1, span_of(invite));
	pcap_make_udp(&make, 1, span_of(bare));
	file = fopen(dir_path("pcap"), "w");
	fwrite(make.bytes, 1, make.n, file);
	fclose(file);
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), dir_path("pcap")), 0);
	has("Subject: lunch");
	ck_assert_int_eq(CORDON("test", dir_path("carrier.conf"),
			     dir_path("pcap"), "--packet", "1"),
	    1);
	complains("this message cannot be tried");
	ck_assert_int_eq(CORDON("test", dir_path("carrier.conf"),
			     dir_path("pcap"), "--packet=9"),
	    2);
	complains("that packet is no SIP message");
}
END_TEST

/* 288 megabytes, most of them holes of the file: it is not held in memory. */
START_TEST(takes_large_captures)
{
	static const uint32_t frame[] = { 0, 0, 262144, 262144 };
	const size_t head = 24;
	FILE *file;
	unsigned i;

	dir_write("carrier.conf", CARRIER(""));
	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_udp(&make, 1, span_of(invite));
	file = fopen(dir_path("pcap"), "w");
	ck_assert_ptr_nonnull(file);
	fwrite(make.bytes, 1, head, file);
	for (i = 0; i < 1100; i++) {
		fwrite(frame, 1, sizeof(frame), file);
		fseek(file, 262144, SEEK_CUR);
	}
	fwrite(make.bytes + head, 1, make.n - head, file);
	fclose(file);
	ck_assert_msg(
	    CORDON("test", dir_path("carrier.conf"), dir_path("pcap")) == 0,
	    "%s", complained);
	ck_assert_int_eq(CORDON("test", dir_path("carrier.conf"),
			     dir_path("pcap"), "--packet", "1101"),
	    0);
	ck_assert_int_eq(CORDON("test", dir_path("carrier.conf"),
			     dir_path("pcap"), "--packet", "1100"),
	    2);
	complains("pcap: that packet is no SIP message");
}
END_TEST

/* It is said why the rest of it was not looked at. */
START_TEST(tells_where_a_capture_ends)
{
	dir_write("carrier.conf", CARRIER(""));
	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_udp(&make, 1, SPAN("SIP/2.0 200 OK\r\n\r\n"));
	pcap_make_udp(&make, 1, span_of(invite));
	dir_write_bytes("pcap", make.bytes, make.n - 1);
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), dir_path("pcap")), 2);
	complains("pcap: truncated dump file");
	dir_write_bytes("pcap", "", 0);
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), dir_path("pcap")), 2);
	complains("pcap: it is empty");
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), dir_path("")), 2);
	complains(": Is a directory");
}
END_TEST

START_TEST(tells_what_does_not_leave)
{
	dir_write("carrier.conf", CARRIER(""));
	dir_write("invite",
	    "INVITE sip:1@b SIP/2.0\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\n"
	    "From: <;user=phone>;tag=1\nTo: <sip:b@b>\nCall-ID: 1\n"
	    "CSeq: 1 INVITE\n\n");
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), dir_path("invite")), 1);
	has("It does not leave: 400  MSG-FROM-MALFORMED\n");
}
END_TEST

START_TEST(predicts_the_presentation)
{
	dir_write("carrier.conf",
	    "policy = { name = \"p\"; identity = { asserted_values = \"one\"; };\n"
	    "presentation = { order = [ \"asserted\", \"from\" ]; }; };");
	dir_write("invite", invite);
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), dir_path("invite")), 0);
	has("The called side sees +442079460000");
	has("CLI-SIMULATE");
}
END_TEST

START_TEST(uses_a_configuration)
{
	dir_write("in.conf", CARRIER(REMOVED));
	dir_write("out.conf",
	    "policy = { name = \"out\"; identity = { asserted = \"absent\"; }; };");
	dir_write("invite", invite);
	dir_write("cordon.conf",
	    "listeners = ( { name = \"l\"; address = \"192.0.2.1:5060\"; } );\n"
	    "trunks = ( { name = \"pbx\"; listener = \"l\"; policy_in = "
	    "\"in.conf\"; peers = [ \"192.0.2.10\" ]; }, { name = \"isdn\"; "
	    "listener = \"l\"; domain = \"isdn.example\"; peers = [ \"192.0.2.20\""
	    " ]; } );\nroutes = ( { from = \"pbx\"; to = \"isdn\"; } );\n");
	ck_assert_int_eq(CORDON("test", dir_path("out.conf"), "--config",
			     dir_path("cordon.conf"), dir_path("invite")),
	    0);
	has("from trunk pbx (carrier) to trunk isdn (out)");
	has("- Subject");
	has("+ INVITE sip:+442079460001@isdn.example SIP/2.0");
	ck_assert_int_eq(CORDON("test", dir_path("in.conf"), "--in", "--config",
			     dir_path("cordon.conf"), dir_path("invite")),
	    0);
	has("from trunk pbx (carrier) to trunk isdn (builtin)");
	ck_assert_int_eq(
	    CORDON("test", dir_path("out.conf"), "--config",
		dir_path("cordon.conf"), "--trunk", "pxb", dir_path("invite")),
	    2);
	complains("no trunk \"pxb\", there is pbx, isdn");
	ck_assert_int_eq(
	    CORDON("test", dir_path("out.conf"), "--trunk", "pbx", "--config",
		dir_path("cordon.conf"), dir_path("invite")),
	    2);
	complains("no route leads to trunk pbx");
}
END_TEST

START_TEST(refuses_wrong_words)
{
	dir_write("carrier.conf", CARRIER(""));
	dir_write("broken.conf", "policy = { nmae = \"x\"; };");
	ck_assert_int_eq(CORDON("test"), 2);
	complains("usage: cordon test POLICY");
	ck_assert_int_eq(CORDON("test", "x", "--trnuk", "a", "m"), 2);
	complains("no option \"--trnuk\", is it --trunk?");
	ck_assert_int_eq(CORDON("test", "x", "--trunk"), 2);
	complains("--trunk wants a value");
	ck_assert_int_eq(CORDON("test", "x", "--in=1", "m"), 2);
	complains("--in takes no value");
	ck_assert_int_eq(CORDON("test", "a", "b", "c"), 2);
	complains("what is \"c\"?");
	ck_assert_int_eq(CORDON("test", "/no/such", "m"), 1);
	complains("no policy \"/no/such\"");
	ck_assert_int_eq(mkdir(dir_path("policies"), 0700), 0);
	ck_assert_int_eq(CORDON("test", dir_path("policies"), "m"), 1);
	complains("policies: error: the file cannot be read: it is a directory");
	if (geteuid() != 0) {
		chmod(dir_path("carrier.conf"), 0);
		ck_assert_int_eq(
		    CORDON("test", dir_path("carrier.conf"), "m"), 1);
		complains("carrier.conf: error: the file cannot be read: Perm");
		chmod(dir_path("carrier.conf"), 0600);
	}
	ck_assert_int_eq(CORDON("test", dir_path("broken.conf"), "m"), 1);
	complains("did you mean \"name\"?");
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), "/no/such"), 2);
	complains("/no/such: No such file");
}
END_TEST

START_TEST(helps_with_a_command)
{
	ck_assert_int_eq(CORDON("check", "--help"), 0);
	has("cordon check [FILE]\n\nReads the file");
	ck_assert_int_eq(CORDON("policy", "show", "x", "--help"), 0);
	has("cordon policy show NAME\n");
	ck_assert_int_eq(CORDON("policy", "--help"), 0);
	has("  policy lint [FILE...]    ");
	has_not("  check");
	ck_assert_int_eq(CORDON("help", "policy"), 0);
	has("  policy show NAME         ");
	ck_assert_int_eq(CORDON("help", "policy", "--json"), 0);
	has("{\"command\":\"policy lint\",");
	ck_assert_int_eq(CORDON("--help"), 0);
	has("  check [FILE]    ");
	ck_assert_int_eq(CORDON("nothing", "--help"), 2);
	complains("no command \"nothing\"");
	ck_assert_int_eq(CORDON("policy", "lnt"), 2);
	complains("no command \"policy\", is it \"policy lint\"?");
}
END_TEST

/* ---- policies ---- */

#define TESTED                                                                 \
	"  tests = ( { name = \"it is gone\"; given = \"INVITE sip:1@b\n"      \
	"    Subject: x\"; expect = { absent = [ \"Subject\" ]; }; } );\n"

START_TEST(runs_tests_inside)
{
	dir_write("carrier.conf", CARRIER(REMOVED TESTED));
	ck_assert_int_eq(CORDON("test", dir_path("carrier.conf")), 0);
	has("LINE  TEST        RESULT\n   5  it is gone  passed\n");
	dir_write("carrier.conf", CARRIER(TESTED));
	ck_assert_int_eq(CORDON("test", dir_path("carrier.conf")), 1);
	has("LINE  TEST        RESULT\n   3  it is gone  failed\n");
	has("\nit is gone\n  Subject is there, expected none: \"x\"\n");
	/* A file that is being written: what does it make of this one? */
	dir_write("invite", invite);
	ck_assert_int_eq(
	    CORDON("test", dir_path("carrier.conf"), dir_path("invite")), 1);
	has("INVITE, a direct call");
	complains("1 of the tests in it fails: cordon test /");
	dir_write("carrier.conf", CARRIER(""));
	ck_assert_int_eq(CORDON("test", dir_path("carrier.conf")), 0);
	has("carrier.conf has no tests");
}
END_TEST

/* Written by an editor that ends lines in CR LF. */
START_TEST(takes_lines_of_any_end)
{
	static const char *const ends[] = { "\n", "\r\n" };
	char text[1024];
	int i;

	for (i = 0; i < 2; i++) {
		const char *e = ends[i];

		snprintf(text, sizeof(text),
		    "policy = { name = \"x\";%s tests = ( { name = \"t\"; given "
		    "= \"%s INVITE sip:1@b%s  Subject: x%s%s  v=0%s  o=- 1 1 IN "
		    "IP4 192.0.2.1%s  s=-\";%s expect = { unchanged = [ "
		    "\"Subject\" ]; values = [ \"sdp.s:%s -\" ]; }; } ); };%s",
		    e, e, e, e, e, e, e, e, e, e);
		dir_write("x.conf", text);
		ck_assert_int_eq(CORDON("check", dir_path("x.conf")), 0);
	}
}
END_TEST

START_TEST(checks_all_files)
{
	dir_write("in.conf", CARRIER(REMOVED TESTED));
	dir_write("out.conf", "policy = { name = \"out\"; };");
	dir_write("cordon.conf",
	    "listeners = ( { name = \"l\"; address = \"192.0.2.1:5060\"; } );\n"
	    "trunks = ( { name = \"pbx\"; listener = \"l\"; policy_in = "
	    "\"in.conf\"; policy_out = \"out.conf\"; peers = [ \"192.0.2.10\" ];"
	    " } );\n");
	ck_assert_int_eq(CORDON("check", dir_path("cordon.conf")), 0);
	has("WHAT           FILE");
	has("in.conf      carrier      1  good\n");
	has("out.conf     out          0  good\n");
	dir_write("in.conf", CARRIER(TESTED));
	dir_write("out.conf", "policy = { name = 1; };");
	ck_assert_int_eq(CORDON("check", dir_path("cordon.conf")), 1);
	has("in.conf                   1 error\n");
	has("out.conf                  1 error\n");
	has("it is gone");
	ck_assert_int_eq(CORDON("check", "--json", dir_path("cordon.conf")), 1);
	has("\"good\":false");
}
END_TEST

START_TEST(lists_lints_and_shows_policies)
{
	dir_write("a.conf",
	    "policy = { name = \"a\"; title = \"First\"; as_of = \"2020-01-01\";\n"
	    "  expires = \"2021-01-01\"; sources = [ \"their manual\" ];\n"
	    "  # unverified: they take no tel URIs\n" REMOVED TESTED "};\n");
	dir_write("b.conf", CARRIER(REMOVED));
	ck_assert_int_eq(CORDON("policy", "list", dir_path("")), 0);
	has("NAME     AS OF       EXPIRES     RULES  TESTS  FILE");
	has("a        2020-01-01  2021-01-01      1      1  ");
	has("carrier                              1      0  ");
	ck_assert_int_eq(CORDON("policy", "lint", dir_path("")), 1);
	has("a.conf: warning: expired on 2021-01-01");
	has("a.conf:3: warning: unverified: they take no tel URIs");
	has("b.conf: warning: no sources");
	ck_assert_int_eq(CORDON("policy", "show", dir_path("a.conf")), 0);
	has("a: First\n");
	has("EXPIRED   2021-01-01\n");
	has("source    their manual\n");
	has("   4  inner  absent Subject        all    SCRUB-PRIVATE-HDR\n");
	has("   6  it is gone\n");
	ck_assert_int_eq(
	    CORDON("policy", "show", "--json", dir_path("b.conf")), 0);
	has("\"name\":\"identity.host\",\"wants\":\"own\"");
	ck_assert_int_eq(CORDON("policy", "lint", "/no/such"), 1);
	ck_assert_int_eq(CORDON("policy", "show", "/no/such"), 1);
}
END_TEST

START_TEST(names_the_codes_of_a_file)
{
	dir_write("own.conf",
	    "policy = { name = \"own\";\n  diagnostics = ( { code = \"MINE\"; "
	    "title = \"t\"; sentence = \"Said by all.\"; } );\n"
	    "  rules = ( { id = \"a\"; absent = \"Subject\"; diagnostic = "
	    "\"MINE\"; reason = \"Said here.\"; },\n"
	    "    { id = \"b\"; set = \"X-B\"; value = \"1\"; diagnostic = "
	    "\"MINE\"; } );\n"
	    "  responses = ( { id = \"c\"; status = 503; diagnostic = "
	    "\"MINE\"; then = \"stop\"; } ); };");
	dir_write("invite", invite);
	ck_assert_int_eq(CORDON("policy", "show", dir_path("own.conf")), 0);
	has("   3  a     absent Subject        all    MINE\n");
	has("   5  c     503: stop             all    MINE\n");
	ck_assert_int_eq(
	    CORDON("policy", "show", "--json", dir_path("own.conf")), 0);
	has("\"diagnostic\":\"MINE\"");
	ck_assert_int_eq(
	    CORDON("test", dir_path("own.conf"), dir_path("invite")), 0);
	has("    MINE: Said here.\n");
	has("    MINE: Said by all.\n");
}
END_TEST

/* ---- replay ---- */

static void
add_call(int side, const char *id, const char *more)
{
	char text[2048];
	int n = snprintf(text, sizeof(text),
	    "INVITE sip:+442079460001@192.0.2.1 SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK%s\r\n"
	    "From: <sip:+442079460000@192.0.2.10>;tag=1\r\n"
	    "To: <sip:+442079460001@192.0.2.1>%s\r\nContent-Length: 0\r\n"
	    "Call-ID: %s@pbx\r\nCSeq: 7 INVITE\r\n%s\r\n",
	    id, strcmp(id, "inside") == 0 ? ";tag=2" : "", id, more);

	pcap_make_udp(&make, side, span_make(text, (size_t)n));
}

static void
put_capture(void)
{
	dir_write_bytes("pcap", make.bytes, make.n);
}

static void
put_traffic(void)
{
	pcap_make_begin(&make, MAKE_SLL);
	add_call(1, "plain", "");
	add_call(1, "lunch", "Subject: lunch\r\n");
	add_call(1, "lunch", "Subject: lunch\r\n");
	add_call(1, "diverted",
	    "Subject: x\r\nDiversion: <sip:+442079460009@a>\r\n");
	add_call(1, "inside", "");
	pcap_make_udp(&make, 1, SPAN("INVITE rubbish SIP/2.0\r\n\r\n"));
	pcap_make_udp(&make, 2, SPAN("SIP/2.0 100 Trying\r\n\r\n"));
	put_capture();
}

/* By two policies of these contents over "pcap", where each differs. */
static void
replay_rules(const char *old, const char *new)
{
	dir_write("old.conf", old);
	dir_write("new.conf", new);
	ck_assert_int_eq(
	    CORDON("replay", "--old", dir_path("old.conf"), "--new",
		dir_path("new.conf"), "--pcap", dir_path("pcap")),
	    1);
}

START_TEST(tells_what_would_change)
{
	dir_write("old.conf", CARRIER(""));
	dir_write("new.conf", CARRIER(REMOVED));
	put_traffic();
	ck_assert_int_eq(
	    CORDON("replay", "--old", dir_path("old.conf"), "--new",
		dir_path("new.conf"), "--pcap", dir_path("pcap")),
	    1);
	has("3 INVITEs, 2 would change; read in ");
	has("left out: 1 retransmitted, 1 within a call, 1 not valid\n");
	has("direct         2       1\ndiverted       1       1\n");
	has("Subject        0       0     2\n");
	has("     2  lunch@pbx     direct, caller to callee    Subject lost");
	has("SCRUB-PRIVATE-HDR    3    3  ");
	ck_assert_int_eq(
	    CORDON("replay", "--old", dir_path("old.conf"), "--new",
		dir_path("old.conf"), "--pcap", dir_path("pcap")),
	    0);
	has("3 INVITEs, none would change; ");
	has_not("PACKET");
}
END_TEST

START_TEST(tells_it_to_programs)
{
	json_t *o;

	dir_write("old.conf", CARRIER(""));
	dir_write("new.conf", CARRIER(REMOVED));
	put_traffic();
	ck_assert_int_eq(
	    CORDON("replay", "--old", dir_path("old.conf"), "--new",
		dir_path("new.conf"), "--pcap", dir_path("pcap"), "--json"),
	    1);
	o = json_loads(printed, 0, NULL);
	ck_assert_ptr_nonnull(o);
	ck_assert_uint_eq(field_number(o, "invites"), 3);
	ck_assert_uint_eq(field_number(o, "changed"), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(o, "calls")), 2);
	json_decref(o);
}
END_TEST

/* Also where the JSON goes to a terminal: U+009B begins
 * a control sequence there. */
START_TEST(quotes_what_it_tells_to_programs)
{
	pcap_make_begin(&make, MAKE_RAW);
	add_call(1, "a", "Subject: \xc2\x9b" "31m\xe2\x80\xae\x1b[2J\r\n");
	put_capture();
	replay_rules(CARRIER(""), CARRIER(REMOVED));
	ck_assert_int_eq(CORDON("replay", "--old", dir_path("old.conf"),
			     "--new", dir_path("new.conf"), "--pcap",
			     dir_path("pcap"), "--call", "@", "--json"),
	    0);
	has("Subject: \\u009B31m\\u202E\\u001B[2J\\r\\n");
	has_not("\xc2\x9b");
	ck_assert_int_eq(
	    CORDON("test", dir_path("old.conf"), dir_path("pcap"), "--json"),
	    0);
	has("Subject: \\u009B31m\\u202E\\u001B[2J\\r\\n");
	has_not("\xc2\x9b");
}
END_TEST

START_TEST(shows_one_call)
{
	dir_write("old.conf", CARRIER(""));
	dir_write("new.conf", CARRIER(REMOVED));
	put_traffic();
	ck_assert_int_eq(CORDON("replay", "--old", dir_path("old.conf"),
			     "--new", dir_path("new.conf"), "--pcap",
			     dir_path("pcap"), "--call", "lunch"),
	    0);
	has("packet 2, a direct call from trunk caller to callee\n"
	    "Call-ID lunch@pbx\n");
	has("- Subject: lunch\n");
	has("New journal\n");
	has_not("diverted");
	ck_assert_int_eq(CORDON("replay", "--old", dir_path("old.conf"),
			     "--new", dir_path("new.conf"), "--pcap",
			     dir_path("pcap"), "--call", "nobody"),
	    1);
	complains("no INVITE has \"nobody\"");
}
END_TEST

START_TEST(replays_directories)
{
	mkdir(dir_path("old"), 0700);
	mkdir(dir_path("new"), 0700);
	dir_write("out.conf", CARRIER(""));
	dir_write("old/out.conf", CARRIER(""));
	dir_write("new/out.conf", CARRIER(REMOVED));
	dir_write("cordon.conf",
	    "listeners = ( { name = \"l\"; address = \"192.0.2.2:5060\"; } );\n"
	    "trunks = ( { name = \"pbx\"; listener = \"l\"; peers = [ "
	    "\"192.0.2.1\" ]; }, { name = \"isdn\"; listener = \"l\"; "
	    "policy_out = \"out.conf\"; peers = [ \"192.0.2.20\" ]; } );\n"
	    "routes = ( { from = \"pbx\"; to = \"isdn\"; } );\n");
	put_traffic();
	ck_assert_int_eq(
	    CORDON("replay", "--old", dir_path("old"), "--new", dir_path("new"),
		"--config", dir_path("cordon.conf"), "--pcap",
		dir_path("pcap")),
	    1);
	has("3 INVITEs, 2 would change; ");
	has("direct, pbx to isdn    Subject lost");
	ck_assert_int_eq(CORDON("replay", "--old", dir_path("old"), "--new",
			     dir_path(""), "--pcap", dir_path("pcap")),
	    2);
	complains("no policy of the configuration is in ");
}
END_TEST

#define RENAMED(rules)                                                         \
	"headers = { relay = [ \"X-A\", \"X-B\" ]; }; rules = ( " rules        \
	"{ id = \"b\"; rename = \"X-B\"; value = \"X-A\";\n"                 \
	"  diagnostic = \"SCRUB-PRIVATE-HDR\"; } );\n"

/* A policy is found without its ending, and then stands where it is used. */
START_TEST(puts_a_policy_where_it_is_used)
{
	mkdir(dir_path("new"), 0700);
	dir_write("out.conf", CARRIER(""));
	dir_write("other.conf", CARRIER(""));
	dir_write("new/out.conf", CARRIER(REMOVED));
	dir_write("cordon.conf",
	    "listeners = ( { name = \"l\"; address = \"192.0.2.2:5060\"; } );\n"
	    "trunks = ( { name = \"pbx\"; listener = \"l\"; policy_out = "
	    "\"out.conf\"; peers = [ \"192.0.2.1\" ]; }, { name = \"isdn\"; "
	    "listener = \"l\"; policy_out = \"other.conf\"; peers = [ "
	    "\"192.0.2.20\" ]; } );\n"
	    "routes = ( { from = \"pbx\"; to = \"isdn\"; } );\n");
	put_traffic();
	ck_assert_int_eq(
	    CORDON("replay", "--old", dir_path("out.conf"), "--new",
		dir_path("new/out.conf"), "--config", dir_path("cordon.conf"),
		"--pcap", dir_path("pcap")),
	    0);
	has("3 INVITEs, none would change; ");
	ck_assert_int_eq(
	    CORDON("replay", "--old", dir_path("out"), "--new",
		dir_path("new/out"), "--config", dir_path("cordon.conf"),
		"--pcap", dir_path("pcap")),
	    0);
	has("3 INVITEs, none would change; ");
}
END_TEST

/* A value that is the same on both sides has not changed, wherever it
 * stands: of 1 and 2, 1 is lost. */
START_TEST(pairs_what_is_the_same)
{
	pcap_make_begin(&make, MAKE_RAW);
	add_call(1, "two", "X-A: 1\r\nX-B: 2\r\n");
	put_capture();
	replay_rules(CARRIER(RENAMED("")),
	    CARRIER(RENAMED("{ id = \"a\"; rename = \"X-A\"; value = \"X-C\";\n"
			    "  diagnostic = \"SCRUB-PRIVATE-HDR\"; }, ")));
	has("WHAT  CHANGED  GAINED  LOST\n"
	    "X-A         0       0     1\n"
	    "X-C         0       1     0\n");
	has("X-A lost, X-C gained\n");
}
END_TEST

/* What does not fit into the line of a call is not left out in silence. */
START_TEST(tells_of_many_changes)
{
	char more[1024] = "";
	struct text t = text_over(more, sizeof(more));
	unsigned i;

	for (i = 0; i < 20; i++)
		text_addf(&t, "X-A-%u: 1\r\n", i);
	pcap_make_begin(&make, MAKE_RAW);
	add_call(1, "many", text_cstr(&t));
	put_capture();
	replay_rules(CARRIER("headers = { relay = [ \"X-*\" ]; };"), CARRIER(""));
	has("X-A-0 lost, X-A-1 lost, ");
	has("X-A-18 lost, ...\n");
	has("X-A-19        0       0     1\n");
}
END_TEST

/* What of a capture was not read is told, and why. */
START_TEST(tells_what_it_passed_over)
{
	json_t *o, *capture;

	pcap_make_begin(&make, MAKE_RAW);
	add_call(1, "a", "Subject: x\r\n");
	pcap_make_udp(&make, 1, SPAN("\x80 voice"));
	pcap_make_udp(&make, 1, SPAN("\r\n\r\n"));
	pcap_make_tcp(&make, 1, 9, true, SPAN("\x16\x03\x01 hello"));
	pcap_make_frame(&make, SPAN("\x45 cut"), 900);
	pcap_make_frame(&make, SPAN("\x45 broken"), 8);
	pcap_make_fragment(&make, 5, 0, true, SPAN("alone..."));
	pcap_make_tcp(&make, 2, 1, false, SPAN("OPTIONS sip:a SIP/2.0\r\n"));
	pcap_make_tcp(&make, 2, 900, false, SPAN("OPTIONS sip:a SIP/2.0\r\n"));
	make.bytes[make.n++] = 0;
	put_capture();
	replay_rules(CARRIER(""), CARRIER(REMOVED));
	has("packets passed over: 2 without SIP, 1 encrypted, 1 cut short, "
	    "1 broken, 3 incomplete\n"
	    "holes in TCP streams: 1\n");
	complains("pcap ends early: ");
	CORDON("replay", "--old", dir_path("old.conf"), "--new",
	    dir_path("new.conf"), "--pcap", dir_path("pcap"), "--json");
	o = json_loads(printed, 0, NULL);
	capture = json_object_get(o, "capture");
	ck_assert_uint_eq(field_number(capture, "packets"), 9);
	ck_assert_uint_eq(field_number(capture, "encrypted"), 1);
	ck_assert_uint_eq(field_number(capture, "incomplete"), 3);
	ck_assert_str_ne(field_string(capture, "fault"), "");
	json_decref(o);
}
END_TEST

/* Also when others stood between, and some of them fall into the same place. */
START_TEST(knows_retransmissions_late)
{
	char id[32], said[64];
	unsigned i, n = 1200;

	pcap_make_begin(&make, MAKE_RAW);
	for (i = 0; i < 2 * n; i++) {
		snprintf(id, sizeof(id), "%u", i % n);
		add_call(1, id, i == 0 ? "Subject: x\r\n" : "");
	}
	put_capture();
	replay_rules(CARRIER(""), CARRIER(REMOVED));
	snprintf(said, sizeof(said), "%u INVITEs, 1 would change; ", n);
	has(said);
	snprintf(said, sizeof(said), "left out: %u retransmitted\n", n);
	has(said);
}
END_TEST

/* What we have sent over TCP comes from a port that no listener has. */
START_TEST(knows_our_own_streams)
{
	pcap_make_begin(&make, MAKE_RAW);
	add_call(1, "in", "Subject: x\r\n");
	pcap_make_tcp(&make, 2, 1, false, span_of(invite));
	put_capture();
	dir_write("out.conf", CARRIER(""));
	dir_write("cordon.conf",
	    "listeners = ( { name = \"l\"; address = \"192.0.2.2:5060\"; } );\n"
	    "trunks = ( { name = \"pbx\"; listener = \"l\"; peers = [ "
	    "\"192.0.2.1\" ]; } );\n"
	    "routes = ( { from = \"pbx\"; to = \"pbx\"; } );\n");
	dir_write("new.conf", CARRIER(REMOVED));
	ck_assert_int_eq(
	    CORDON("replay", "--old", dir_path("out.conf"), "--new",
		dir_path("new.conf"), "--config", dir_path("cordon.conf"),
		"--pcap", dir_path("pcap")),
	    1);
	has("1 INVITE, 1 would change; ");
	has("left out: 1 sent by us\n");
}
END_TEST

START_TEST(replays_nothing)
{
	dir_write("old.conf", CARRIER(""));
	pcap_make_begin(&make, MAKE_RAW);
	put_capture();
	ck_assert_int_eq(
	    CORDON("replay", "--old", dir_path("old.conf"), "--new",
		dir_path("old.conf"), "--pcap", dir_path("pcap")),
	    0);
	has("0 INVITEs, none would change; ");
	has_not("CALLS");
}
END_TEST

START_TEST(replay_wants_its_options)
{
	dir_write("a.conf", CARRIER(""));
	ck_assert_int_eq(CORDON("replay", "--old", "a", "--new", "b"), 2);
	complains("cordon: replay wants --old, --new, and either --pcap or");
	complains("usage: cordon replay");
	ck_assert_int_eq(CORDON("replay", "--old", dir_path("a.conf"), "--new",
			     dir_path("a.conf"), "--pcap", dir_path("a.conf")),
	    2);
	complains("a.conf: ");
	ck_assert_int_eq(CORDON("replay", "--old", dir_path("a.conf"), "--new",
			     dir_path("a.conf"), "--pcap", "/no/such"),
	    2);
	complains("/no/such: No such file");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cli");
	TCase *t = tcase_create("offline");

	tcase_add_checked_fixture(t, setup, dir_remove);
	tcase_add_test(t, shows_before_and_after);
	tcase_add_test(t, shows_them_side_by_side);
	tcase_add_test(t, pairs_lines_of_a_body);
	tcase_add_test(t, answers_programs);
	tcase_add_test(t, tries_what_is_within_a_call);
	tcase_add_test(t, takes_other_inputs);
	tcase_add_test(t, takes_large_captures);
	tcase_add_test(t, tells_where_a_capture_ends);
	tcase_add_test(t, tells_what_does_not_leave);
	tcase_add_test(t, predicts_the_presentation);
	tcase_add_test(t, uses_a_configuration);
	tcase_add_test(t, refuses_wrong_words);
	tcase_add_test(t, helps_with_a_command);
	tcase_add_test(t, runs_tests_inside);
	tcase_add_test(t, takes_lines_of_any_end);
	tcase_add_test(t, checks_all_files);
	tcase_add_test(t, lists_lints_and_shows_policies);
	tcase_add_test(t, names_the_codes_of_a_file);
	tcase_add_test(t, tells_what_would_change);
	tcase_add_test(t, tells_it_to_programs);
	tcase_add_test(t, quotes_what_it_tells_to_programs);
	tcase_add_test(t, shows_one_call);
	tcase_add_test(t, replays_directories);
	tcase_add_test(t, puts_a_policy_where_it_is_used);
	tcase_add_test(t, pairs_what_is_the_same);
	tcase_add_test(t, tells_of_many_changes);
	tcase_add_test(t, tells_what_it_passed_over);
	tcase_add_test(t, knows_retransmissions_late);
	tcase_add_test(t, knows_our_own_streams);
	tcase_add_test(t, replays_nothing);
	tcase_add_test(t, replay_wants_its_options);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
