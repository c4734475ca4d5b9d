/*
 * config_test.c - cordon.conf: what is refused and why, what is read, what is
 * printed
 */

#include "config/config.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/duration.h"
#include "config/file.h"
#include "config/options.h"
#include "config_cases.h"
#include "config_pem.h"
#include "dir.h"
#include "unit.h"

#define NOW ((time_t)1800000000) /* 2027-01-15 08:00 UTC */
#define DAY ((time_t)24 * 3600)

static char directory[PATH_MAX];

/* Each test has a directory of its own, and works in it. */
static void
enter_directory(void)
{
	dir_make();
	ck_assert_ptr_nonnull(realpath(dir_path(""), directory));
	ck_assert_int_eq(chdir(directory), 0);
}

static void
leave_directory(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	dir_remove();
}

/* Puts "@" for each `word`, in place. */
static void
shorten(char *text, const char *word)
{
	size_t n = strlen(word);
	char *at;

	while ((at = strstr(text, word)) != NULL) {
		*at = '@';
		memmove(at + 1, at + n, strlen(at + n) + 1);
	}
}

/* The problems as they are shown; the caller frees the text. */
static char *
problems_text(const struct problems *problems)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	problems_print(problems, out);
	fclose(out);
	shorten(text, directory);
	return text;
}

/* Loads c.conf and wants exactly these problems. */
static struct config *
load(const char *wanted)
{
	struct problems problems;
	struct config *config;
	char *text;

	problems_init(&problems);
	config = config_load_at("c.conf", NOW, &problems);
	text = problems_text(&problems);
	ck_assert_str_eq(text, wanted);
	ck_assert_int_eq(config != NULL, problems.errors == 0);
	free(text);
	problems_fini(&problems);
	return config;
}

static struct config *
load_text(const char *text, const char *wanted)
{
	dir_write("c.conf", text);
	return load(wanted);
}

START_TEST(says_what_is_wrong)
{
	const struct config_case *c = &config_cases[_i];

	dir_write_bytes("c.conf", c->text, c->n > 0 ? c->n : strlen(c->text));
	if (c->included != NULL)
		dir_write("i.conf", c->included);
	config_unref(load(c->problems));
}
END_TEST

START_TEST(refuses_what_is_no_file)
{
	struct problems problems;
	char *text;

	problems_init(&problems);
	ck_assert_ptr_null(config_load("none.conf", &problems));
	ck_assert_ptr_null(config_load(directory, &problems));
	ck_assert_ptr_null(config_load("/dev/zero", &problems));
	text = problems_text(&problems);
	ck_assert_str_eq(text,
	    "none.conf: error: the file cannot be read: No such file or "
	    "directory\n"
	    "@: error: the file cannot be read: it is a directory\n"
	    "/dev/zero: error: the file cannot be read: it is no regular "
	    "file\n");
	free(text);
	problems_fini(&problems);
}
END_TEST

START_TEST(refuses_a_huge_file)
{
	FILE *out = fopen("c.conf", "w");

	ck_assert_int_eq(ftruncate(fileno(out), 2 * 1024 * 1024), 0);
	fclose(out);
	config_unref(
	    load("c.conf: error: the file cannot be read: it is too large\n"));
}
END_TEST

START_TEST(reads_durations)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} rows[] = {
		{ "0s", 0 },
		{ "500ms", 500 },
		{ "1.5s", 1500 },
		{ "0.125s", 125 },
		{ "0.001m", 60 },
		{ "1h", 3600000 },
		{ "1000000000ms", 1000000000 },
	};
	static const char *const wrong[] = { "", "5", "s", "-1s", "5 s", "5S",
		"1.s", ".5s", "1.0005s", "0.5ms", "1.005ms", "1000000001ms",
		"5ss" };
	uint64_t ms = 7;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(
		    !duration_parse(span_of(wrong[i]), &ms), "%s", wrong[i]);
		ck_assert_uint_eq(ms, 7);
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(duration_parse(span_of(rows[i].text), &ms), "%s",
		    rows[i].text);
		ck_assert_uint_eq(ms, rows[i].ms);
	}
}
END_TEST

START_TEST(writes_durations)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} rows[] = {
		{ 0, "0ms" },
		{ 1500, "1500ms" },
		{ 90000, "90s" },
		{ 120000, "2m" },
		{ 7200000, "2h" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buf[16];
		struct text t = text_over(buf, sizeof(buf));

		duration_add(&t, rows[i].ms);
		ck_assert_span(text_span(&t), rows[i].text);
	}
}
END_TEST

START_TEST(has_defaults)
{
	struct config *c = load_text(GOOD, "");
	const struct config_trunk *t = &c->trunks[0];

	ck_assert_str_eq(c->file, "c.conf");
	ck_assert_str_eq(c->user_agent, "Cordon");
	ck_assert_str_eq(c->journal.file, "");
	ck_assert_int_eq(c->journal.format, CONFIG_JOURNAL_JSON);
	ck_assert_int_eq(c->log.level, CONFIG_LOG_INFO);
	ck_assert_str_eq(c->control.socket, CORDON_RUNDIR "/control.sock");
	ck_assert_uint_eq(c->sip.t1, 500);
	ck_assert_uint_eq(c->sip.ring, 180000);
	ck_assert_uint_eq(c->limits.retry_after, 10);
	ck_assert_uint_eq(c->limits.drain, 30000);
	ck_assert_uint_eq(c->listeners[0].address.port, 5060);
	ck_assert_int_eq(c->listeners[0].transport, CONFIG_UDP);
	ck_assert_str_eq(t->fqdn, "");
	ck_assert_uint_eq(t->sources.n, 0);
	ck_assert_uint_eq(t->peers.list[0].port, 5060);
	ck_assert_int_eq(t->advertise_address.family, 0);
	ck_assert_int_eq(t->media.family, 0);
	ck_assert_str_eq(c->routes[0].prefix, "");
	config_unref(c);
}
END_TEST

START_TEST(reads_values)
{
	struct config *c = load_text(
	    "user_agent = \"\";\nlog = { file = \"x.log\"; level = "
	    "\"debug\"; };\nsip = { t1 = \"1.5s\"; udp_max = 1400; };\n"
	    "limits = { retry_after = \"2m\"; };\n"
	    "listeners = ( { name = \"in\"; transport = \"tcp\"; address = "
	    "\"[::1]\"; } );\ntrunks = (\n{ name = \"a\"; listener = \"in\"; "
	    "peers = ( \"[2001:db8::1]:5070\", \"2001:db8::2\" ); sources = [ "
	    "\"2001:db8::/32\" ]; advertise = \"2001:db8::3\"; media_address = "
	    "\"2001:db8::4\"; allow = [ \"INVITE\", \"ACK\" ]; relay_headers = "
	    "[ \"X-*\" ]; max_calls = 7; policy_out = \"p.conf\"; } );\n",
	    "c.conf:7: error: trunk \"a\": policy_out: found \"p.conf\", "
	    "expected a file that can be read in @, " CORDON_SYSCONFDIR
	    "/policies or " CORDON_DATADIR "/policies\n"
	    "c.conf:7: warning: trunk \"a\" is in no route\n");
	const struct config_trunk *t;
	char path[PATH_MAX + 8];

	ck_assert_ptr_null(c);
	dir_write("p.conf", "");
	c = load("c.conf:7: warning: trunk \"a\" is in no route\n");
	t = config_find_trunk(c, SPAN("a"));
	ck_assert_ptr_eq(t, &c->trunks[0]);
	ck_assert_ptr_null(config_find_trunk(c, SPAN("b")));
	ck_assert_ptr_eq(
	    config_find_listener(c, SPAN("in")), &c->listeners[0]);
	ck_assert_int_eq(t->line, 7);
	ck_assert_str_eq(c->user_agent, "");
	snprintf(path, sizeof(path), "%s/x.log", directory);
	ck_assert_str_eq(c->log.file, path);
	snprintf(path, sizeof(path), "%s/p.conf", directory);
	ck_assert_str_eq(t->policy_out, path);
	ck_assert_uint_eq(c->sip.t1, 1500);
	ck_assert_uint_eq(c->sip.udp_max, 1400);
	ck_assert_uint_eq(c->limits.retry_after, 120);
	ck_assert_uint_eq(t->peers.n, 2);
	ck_assert_uint_eq(t->peers.list[0].port, 5070);
	ck_assert_uint_eq(t->peers.list[1].port, 5060);
	ck_assert_uint_eq(t->sources.list[0].bits, 32);
	ck_assert_uint_eq(t->advertise_address.ip[15], 3);
	ck_assert_uint_eq(t->media.ip[15], 4);
	ck_assert_uint_eq(t->allow.n, 2);
	ck_assert_str_eq(t->allow.list[1], "ACK");
	ck_assert_uint_eq(t->max_calls, 7);
	ck_assert_ptr_eq(config_ref(c), c);
	config_unref(c);
	ck_assert_str_eq(t->relay_headers.list[0], "X-*");
	config_unref(c);
	config_unref(NULL);
}
END_TEST

/* Certificates */

#define TLS_LISTENER(more)                                                     \
	"listeners = ( { name = \"in\"; transport = \"tls\"; address = "       \
	"\"127.0.0.1\"; certificate = \"c.pem\"; key = \"k.pem\"; " more       \
	"} );\n"
#define TLS_TRUNK(more)                                                        \
	"trunks = ( { name = \"a\"; listener = \"in\"; peers = [ "             \
	"\"127.0.1.1\" ]; " more "} );\nroutes = ( { from = \"a\"; to = "      \
	"\"a\"; } );\n"
#define TO_ITSELF                                                              \
	"c.conf:3: warning: routes[0] sends calls of trunk \"a\" back to it\n"

START_TEST(accepts_a_certificate)
{
	struct config *c;

	pem_write("c.pem", "k.pem", 0600, "x", "DNS:sbc.example.com", NOW - DAY,
	    NOW + 15 * DAY, NULL);
	c = load_text(
	    TLS_LISTENER("ca = \"c.pem\"; client_certificate = \"required\"; "
			 "ciphers = \"ECDHE+AESGCM:!PSK\"; ciphersuites = "
			 "\"TLS_AES_128_GCM_SHA256\"; ")
		TLS_TRUNK("fqdn = \"SBC.example.com\"; "),
	    TO_ITSELF);
	ck_assert_uint_eq(c->listeners[0].address.port, 5061);
	ck_assert_uint_eq(c->trunks[0].peers.list[0].port, 5061);
	config_unref(c);
}
END_TEST

static const struct {
	const char *names;
	const char *fqdn;
	const char *problem; /* behind "the certificate ... does not carry" */
} carried[] = {
	{ "DNS:a.example, DNS:sbc.example.com", "sbc.example.com", NULL },
	{ "DNS:*.example.com", "sbc.example.com", NULL },
	{ "DNS:*.example.com", "a.sbc.example.com",
	    "\"a.sbc.example.com\"; its names are \"*.example.com\"" },
	{ "DNS:s*.example.com", "sbc.example.com",
	    "\"sbc.example.com\"; its names are \"s*.example.com\"" },
	{ "DNS:a.example, DNS:b.example", "common.example",
	    "\"common.example\"; its names are \"a.example\", \"b.example\"" },
	{ "IP:127.0.0.1", "common.example",
	    "\"common.example\"; its names are none" },
	{ NULL, "common.example", NULL },
	{ NULL, "sbc.example.com", "\"sbc.example.com\"; its names are its "
				   "common name only" },
};

START_TEST(compares_the_fqdn)
{
	char text[1024], wanted[1024] = TO_ITSELF;
	size_t n = strlen(wanted);

	pem_write("c.pem", "k.pem", 0600, "common.example", carried[_i].names,
	    NOW - DAY, NOW + 15 * DAY, NULL);
	snprintf(text, sizeof(text),
	    "%strunks = ( { name = \"a\"; listener = \"in\"; peers = [ "
	    "\"127.0.1.1\" ]; fqdn = \"%s\"; } );\n"
	    "routes = ( { from = \"a\"; to = \"a\"; } );\n",
	    TLS_LISTENER(""), carried[_i].fqdn);
	if (carried[_i].problem != NULL)
		snprintf(wanted + n, sizeof(wanted) - n,
		    "c.conf:2: error: trunk \"a\": fqdn: the certificate "
		    "\"@/c.pem\" does not carry %s\n",
		    carried[_i].problem);
	config_unref(load_text(text, wanted));
}
END_TEST

START_TEST(compares_both_certificates)
{
	pem_write("c.pem", "k.pem", 0600, "x", "DNS:other.example", NOW - DAY,
	    NOW + 15 * DAY, NULL);
	pem_write("c2.pem", "k2.pem", 0600, "x", "DNS:sbc.example", NOW - DAY,
	    NOW + 15 * DAY, NULL);
	config_unref(load_text(
	    TLS_LISTENER("") TLS_TRUNK("fqdn = \"sbc.example\"; certificate = "
				       "\"c2.pem\"; key = \"k2.pem\"; "),
	    TO_ITSELF "c.conf:2: warning: trunk \"a\": fqdn: the certificate "
		      "\"@/c.pem\" does not carry \"sbc.example\"; its names "
		      "are \"other.example\"\n"));
}
END_TEST

static const struct {
	time_t from, to; /* from NOW */
	const char *problem;
} dates[] = {
	{ -2 * DAY, 15 * DAY, "" },
	{ -2 * DAY, 13 * DAY,
	    "c.conf:1: warning: listener \"in\": certificate: \"@/c.pem\" "
	    "expires within 14 days, at 2027-01-28 08:00 UTC\n" },
	{ -2 * DAY, -DAY,
	    "c.conf:1: error: listener \"in\": certificate: \"@/c.pem\" has "
	    "expired at 2027-01-14 08:00 UTC\n" },
	{ DAY, 30 * DAY,
	    "c.conf:1: error: listener \"in\": certificate: \"@/c.pem\" is not "
	    "valid before 2027-01-16 08:00 UTC\n" },
};

START_TEST(judges_dates)
{
	char wanted[512];

	pem_write("c.pem", "k.pem", 0600, "x", NULL, NOW + dates[_i].from,
	    NOW + dates[_i].to, NULL);
	snprintf(wanted, sizeof(wanted), "%s%s", TO_ITSELF, dates[_i].problem);
	config_unref(load_text(TLS_LISTENER("") TLS_TRUNK(""), wanted));
}
END_TEST

static const struct {
	mode_t mode;
	const char *problem;
} modes[] = {
	{ 0600, "" },
	{ 0400, "" },
	{ 0640, "c.conf:1: warning: listener \"in\": key: \"@/k.pem\" is open "
		"to others than its owner (mode 640); 600 would be right\n" },
	{ 0644, "c.conf:1: error: listener \"in\": key: \"@/k.pem\" can be "
		"read by everybody (mode 644); it has to be 600\n" },
};

START_TEST(judges_the_mode_of_a_key)
{
	char wanted[512];

	pem_write("c.pem", "k.pem", modes[_i].mode, "x", NULL, NOW - DAY,
	    NOW + 15 * DAY, NULL);
	snprintf(wanted, sizeof(wanted), "%s%s", TO_ITSELF, modes[_i].problem);
	config_unref(load_text(TLS_LISTENER("") TLS_TRUNK(""), wanted));
}
END_TEST

START_TEST(judges_keys_and_ciphers)
{
	pem_write("x.pem", "k.pem", 0600, "x", NULL, NOW - DAY, NOW + 15 * DAY,
	    NULL);
	pem_write("c.pem", "x.key", 0600, "x", NULL, NOW - DAY, NOW + 15 * DAY,
	    NULL);
	pem_write("l.pem", "l.key", 0600, "x", NULL, NOW - DAY, NOW + 15 * DAY,
	    "secret");
	dir_write("none.pem", "no PEM here\n");
	config_unref(load_text(
	    TLS_LISTENER("ca = \"none.pem\"; ciphers = \"ECDHE+AESGCM:FOO\"; "
			 "ciphersuites = \"TLS_FOO\"; ")
		TLS_TRUNK("certificate = \"none.pem\"; key = \"l.key\"; "
			  "ciphers = \"BAR\"; ca = \"gone.pem\"; "),
	    TO_ITSELF
	    "c.conf:1: error: listener \"in\": key: \"@/k.pem\" is not the key "
	    "of the certificate \"@/c.pem\"\n"
	    "c.conf:1: error: listener \"in\": ca: \"@/none.pem\" holds no "
	    "certificate in PEM form\n"
	    "c.conf:1: error: listener \"in\": ciphersuites: OpenSSL does not "
	    "accept \"TLS_FOO\"\n"
	    "c.conf:1: warning: listener \"in\": ciphers: OpenSSL knows no "
	    "cipher \"FOO\"\n"
	    "c.conf:2: error: trunk \"a\": certificate: \"@/none.pem\" holds "
	    "no certificate in PEM form\n"
	    "c.conf:2: error: trunk \"a\": key: \"@/l.key\" is locked by a "
	    "passphrase; it has to be stored without\n"
	    "c.conf:2: error: trunk \"a\": ca: \"@/gone.pem\" cannot be read: "
	    "No such file or directory\n"
	    "c.conf:2: error: trunk \"a\": ciphers: OpenSSL finds no cipher in "
	    "\"BAR\"\n"));
}
END_TEST

START_TEST(tells_trunks_apart_by_name)
{
	pem_write("c.pem", "k.pem", 0600, "x", NULL, NOW - DAY, NOW + 15 * DAY,
	    NULL);
	config_unref(load_text(
	    TLS_LISTENER("")
	    "trunks = ( { name = \"a\"; listener = \"in\"; peers = [ "
	    "\"127.0.1.1\" ]; tls_names = [ \"a.example\" ]; }, { name = "
	    "\"b\"; listener = \"in\"; peers = [ \"127.0.1.1\" ]; "
	    "tls_names = [ \"b.example\" ]; } );\nroutes = ( { from = "
	    "\"a\"; to = \"b\"; } );\n",
	    ""));
}
END_TEST

/* Reload */

START_TEST(keeps_what_takes_a_restart)
{
	struct config *now = load_text(GOOD, ""), *next;
	struct problems problems;
	char *text;

	next = load_text(
	    "control = { socket = \"/x\"; };\njournal = { queue = 1000; };\n"
	    "limits = { calls = 5; };\nlog = { level = \"error\"; };\n"
	    "listeners = ( { name = \"in\"; address = \"127.0.0.1:5062\"; "
	    "client_usage = true; },\n"
	    "{ name = \"new\"; address = \"127.0.0.3\"; } );\n"
	    "trunks = ( { name = \"c\"; listener = \"in\"; peers = [ "
	    "\"127.0.1.9\" ]; }, { name = \"d\"; listener = \"new\"; peers = [ "
	    "\"127.0.1.9\" ]; } );\nroutes = ( { from = \"c\"; to = \"d\"; } "
	    ");\n",
	    "");
	problems_init(&problems);
	ck_assert_uint_eq(config_keep_fixed(now, next, &problems), 2);
	text = problems_text(&problems);
	ck_assert_str_eq(text,
	    "c.conf: warning: journal.queue stays 65536 until a restart; 1000 "
	    "is not used yet\n"
	    "c.conf: warning: control.socket stays \"" CORDON_RUNDIR
	    "/control.sock\" until a restart; \"/x\" is not used yet\n");
	ck_assert_uint_eq(problems.errors, 0);
	ck_assert_uint_eq(next->journal.queue, 65536);
	ck_assert_str_eq(next->control.socket, now->control.socket);
	ck_assert_ptr_ne(next->control.socket, now->control.socket);
	ck_assert_uint_eq(next->limits.calls, 5);
	free(text);
	problems_fini(&problems);
	problems_init(&problems);
	ck_assert_uint_eq(config_keep_fixed(now, next, &problems), 0);
	ck_assert_uint_eq(problems.n, 0);
	config_unref(now);
	config_unref(next);
}
END_TEST

/* A child that writes a file on and on, until it is killed. */
static pid_t
start_writer(const char *file)
{
	pid_t pid = fork();
	int fd;

	ck_assert_int_ne(pid, -1);
	if (pid > 0)
		return pid;
	fd = open(file, O_WRONLY | O_APPEND);
	while (write(fd, "# and on\n", 9) == 9)
		continue;
	_exit(1);
}

/* The test has a time limit of its own. */
START_TEST(refuses_a_file_that_changes_meanwhile)
{
	static char half[8 << 20];
	const char *why = "";
	char *text;
	pid_t writer;
	size_t n;

	memset(half, '\n', sizeof(half));
	dir_write_bytes("c.conf", half, sizeof(half));
	text = file_read("c.conf", 1 << 30, &n, NULL, &why);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(n, sizeof(half));
	writer = start_writer("c.conf");
	while (text != NULL) {
		free(text);
		text = file_read("c.conf", 1 << 30, &n, NULL, &why);
	}
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	ck_assert_str_eq(why, "it changes while it is read");
}
END_TEST

START_TEST(tells_what_changes)
{
	struct config *now = load_text(
	    "limits = { calls = 5; };\n"
	    "listeners = ( { name = \"in\"; address = \"127.0.0.1\"; } );\n"
	    "trunks = ( { name = \"a\"; listener = \"in\"; peers = [ "
	    "\"127.0.1.1\" ]; }, { name = \"b\"; listener = \"in\"; peers = "
	    "[ \"127.0.1.2\" ]; } );\n"
	    "routes = ( { from = \"a\"; to = \"b\"; } );\n",
	    "");
	struct config *next = load_text(
	    "limits = { calls = 6; };\n"
	    "listeners = ( { name = \"in\"; address = \"127.0.0.1\"; } );\n"
	    "trunks = ( { name = \"b\"; listener = \"in\"; peers = [ "
	    "\"127.0.1.2:5071\", \"127.0.1.3:5071\", \"127.0.1.4:5071\", "
	    "\"127.0.1.5:5071\", \"127.0.1.6:5071\", \"127.0.1.7:5071\", "
	    "\"127.0.1.8:5071\", \"127.0.1.9:5071\" ]; },\n"
	    "{ name = \"c\"; listener = \"in\"; peers = [ \"127.0.2.1\" ]; } "
	    ");\n"
	    "routes = ( { from = \"c\"; to = \"b\"; } );\n",
	    "");
	struct problems problems;
	char *text;

	problems_init(&problems);
	ck_assert_uint_eq(config_note_changes(now, next, &problems), 5);
	text = problems_text(&problems);
	ck_assert_str_eq(text,
	    "c.conf: note: limits.calls: 6, was 5\n"
	    "c.conf:3: note: trunk \"b\": peers: [ \"127.0.1.2:5071\", "
	    "\"127.0.1.3:5071\", \"127.0.1.4:5071\", \"127.0.1.5:5071\", "
	    "\"127.0.1.6:5071\", \"127.0.1.7:5071\", \"127.0.1.8..., was [ "
	    "\"127.0.1.2:5060\" ]\n"
	    "c.conf:4: note: trunk \"c\" is new\n"
	    "c.conf: note: trunk \"a\" is gone\n"
	    "c.conf:5: note: routes[0]: from: \"c\", was \"a\"\n");
	ck_assert_uint_eq(problems.errors, 0);
	free(text);
	problems_fini(&problems);
	problems_init(&problems);
	ck_assert_uint_eq(config_note_changes(next, next, &problems), 0);
	ck_assert_uint_eq(problems.n, 0);
	config_unref(now);
	config_unref(next);
}
END_TEST

/* What the table makes */

static char *
printed(const struct config *config, void (*print)(FILE *out))
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (config != NULL)
		config_print(config, out);
	else
		print(out);
	fclose(out);
	return text;
}

static char *
file_text(const char *file)
{
	FILE *in = fopen(file, "r");
	char *text = calloc(1, 65536);
	size_t n;

	ck_assert_msg(in != NULL, "%s", file);
	n = fread(text, 1, 65535, in);
	ck_assert_uint_gt(n, 0);
	fclose(in);
	return text;
}

START_TEST(prints_what_it_reads_again)
{
	char *first, *second;
	struct config *c = load_text(
	    "user_agent = \"a \\\"b\\\" \\\\\";\njournal = { file = \"j\"; };\n"
	    LISTENERS TRUNKS ROUTES,
	    "");

	first = printed(c, NULL);
	config_unref(c);
	ck_assert_ptr_nonnull(
	    strstr(first, "user_agent = \"a \\\"b\\\" \\\\\";\n"));
	c = load_text(first, "");
	second = printed(c, NULL);
	ck_assert_str_eq(first, second);
	config_unref(c);
	free(first);
	free(second);
}
END_TEST

START_TEST(full_file_is_the_table)
{
	char *made = printed(NULL, config_print_full);
	char *committed = file_text(TOP_SRCDIR "/conf/cordon-full.conf");

	/* If this fails: make update-full-conf */
	ck_assert_str_eq(made, committed);
	config_unref(load_text(made, ""));
	free(made);
	free(committed);
}
END_TEST

START_TEST(small_file_loads)
{
	char *text = file_text(TOP_SRCDIR "/conf/cordon.conf");

	config_unref(load_text(text, ""));
	free(text);
}
END_TEST

/* Turns "# name = value;" into "name = value;" for every option that needs
 * nothing outside the file. */
static void
uncomment(char *text)
{
	char *line, name[64];

	for (line = text; line != NULL; line = strchr(line + 1, '\n')) {
		char *mark = line + strspn(line, "\n\t");
		int end = 0;

		if (sscanf(mark, "# %63[a-z_] =%n", name, &end) != 1 ||
		    end == 0 ||
		    strstr("certificate key ca policy_in policy_out "
			   "tcp_listener tls_names ciphers ciphersuites then",
			name) != NULL)
			continue;
		mark[0] = ' ';
	}
}

START_TEST(examples_load)
{
	char *text = printed(NULL, config_print_full);
	struct config *c;

	uncomment(text);
	c = load_text(text, "");
	ck_assert_str_eq(c->trunks[0].country, "GB");
	ck_assert_str_eq(c->control.socket, "/run/cordon/control.sock");
	ck_assert_uint_eq(c->trunks[0].sources.n, 2);
	ck_assert_str_eq(c->routes[0].prefix, "+44");
	config_unref(c);
	free(text);
}
END_TEST

START_TEST(manual_has_every_option)
{
	char *text = printed(NULL, config_print_mdoc), item[80];
	const char *at = text;
	size_t i;

	/* In the order of the table: names repeat from group to group. */
	for (i = 0; i < option_table_n; i++) {
		snprintf(
		    item, sizeof(item), "\n.It Ic %s\n", option_table[i].name);
		at = strstr(at, item);
		ck_assert_msg(at != NULL, "no%s", item);
		at++;
	}
	free(text);
}
END_TEST

START_TEST(table_is_sound)
{
	const struct option *o = &option_table[_i];
	size_t n = strlen(o->help);

	ck_assert_ptr_eq(option_find(o->group, span_of(o->name)), o);
	ck_assert_msg(n > 10 && strchr(".?", o->help[n - 1]) != NULL, "%s: %s",
	    o->name, o->help);
	ck_assert_msg(strchr(o->help, '\\') == NULL &&
		strstr(o->help, " .") == NULL && strstr(o->help, " '") == NULL,
	    "%s would be misread by mdoc", o->name);
	ck_assert(o->preset != NULL || o->example != NULL);
	ck_assert(o->type != TYPE_INTEGER || o->unit != NULL);
	ck_assert(o->type != TYPE_DURATION || o->scale > 0);
	ck_assert(o->type != TYPE_CHOICE || o->choices != NULL);
	ck_assert(o->max == 0 || o->min <= o->max);
	ck_assert(o->max <= UINT32_MAX);
}
END_TEST

static TCase *
add_case(Suite *suite, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, enter_directory, leave_directory);
	suite_add_tcase(suite, tc);
	return tc;
}

#define LEN(a) (int)(sizeof(a) / sizeof((a)[0]))

int
main(void)
{
	Suite *suite = suite_create("config");
	TCase *tc = add_case(suite, "problems");

	tcase_add_loop_test(tc, says_what_is_wrong, 0, (int)config_cases_n);
	tcase_add_test(tc, refuses_what_is_no_file);
	tcase_add_test(tc, refuses_a_huge_file);
	tc = add_case(suite, "values");
	tcase_add_test(tc, reads_durations);
	tcase_add_test(tc, writes_durations);
	tcase_add_test(tc, has_defaults);
	tcase_add_test(tc, reads_values);
	tc = add_case(suite, "certificates");
	tcase_add_test(tc, accepts_a_certificate);
	tcase_add_loop_test(tc, compares_the_fqdn, 0, LEN(carried));
	tcase_add_test(tc, compares_both_certificates);
	tcase_add_loop_test(tc, judges_dates, 0, LEN(dates));
	tcase_add_loop_test(tc, judges_the_mode_of_a_key, 0, LEN(modes));
	tcase_add_test(tc, judges_keys_and_ciphers);
	tcase_add_test(tc, tells_trunks_apart_by_name);
	tc = add_case(suite, "reload");
	tcase_add_test(tc, keeps_what_takes_a_restart);
	tcase_add_test(tc, tells_what_changes);
	tcase_add_test(tc, refuses_a_file_that_changes_meanwhile);
	tc = add_case(suite, "table");
	tcase_add_test(tc, prints_what_it_reads_again);
	tcase_add_test(tc, full_file_is_the_table);
	tcase_add_test(tc, small_file_loads);
	tcase_add_test(tc, examples_load);
	tcase_add_test(tc, manual_has_every_option);
	tcase_add_loop_test(tc, table_is_sound, 0, (int)option_table_n);
	return unit_run(suite);
}
