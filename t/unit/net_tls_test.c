#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container.h"
#include "net/tls.h"
#include "net_cert.h"
#include "net_rig.h"

/*
 * End a is the border: listener "main" with certificate "border", trunk
 * "carrier". End b is the carrier: certificate "carrier", and its trunk
 * "border".
 */
static struct rig rig;

static const struct cert certs[] = {
	{ "ca", NULL, "Test CA", NULL, NULL, 0, 0 },
	{ "other-ca", NULL, "Other CA", NULL, NULL, 0, 0 },
	{ "border", "ca", "border", "DNS:border.example.com",
	    "serverAuth,clientAuth", 0, 0 },
	{ "carrier", "ca", "carrier",
	    "DNS:*.carrier.example,URI:sip:carrier.example",
	    "serverAuth,clientAuth", 0, 0 },
	{ "server-only", "ca", "x", "DNS:carrier.example", "serverAuth", 0, 0 },
	{ "expired", "ca", "x", "DNS:carrier.example", NULL, -200000, -1000 },
	{ "future", "ca", "x", "DNS:carrier.example", NULL, 100000, 200000 },
	{ "wrong-name", "ca", "carrier.example", "DNS:mallory.example", NULL, 0,
	    0 },
	{ "foreign", "other-ca", "x", "DNS:carrier.example", NULL, 0, 0 },
	{ "second-face", "ca", "x", "DNS:sbc.second.example", NULL, 0, 0 },
};

static void
use(struct config_tls *tls, const char *certificate, const char *ca)
{
	if (certificate != NULL) {
		tls->certificate = cert_file(certificate, "pem");
		tls->key = cert_file(certificate, "key");
	}
	if (ca != NULL)
		tls->ca = cert_file(ca, "pem");
}

static void
setup(void)
{
	size_t i;

	rig_start(&rig);
	cert_start();
	for (i = 0; i < ARRAY_LEN(certs); i++)
		cert_make(&certs[i]);
	use(&rig_listener(&rig.a, "main", CONFIG_TLS, "127.40.2.1")->tls,
	    "border", "ca");
	use(&rig_listener(&rig.b, "main", CONFIG_TLS, "127.40.2.2")->tls,
	    "carrier", "ca");
	rig.a.listeners[0].client_certificate = CONFIG_CLIENT_CERT_REQUIRED;
	rig.b.listeners[0].client_certificate = CONFIG_CLIENT_CERT_REQUIRED;
	rig_trunk(&rig.a, "carrier", "main", NULL);
	rig_trunk(&rig.b, "border", "main", NULL);
	rig.a.names[0] = (char *)(uintptr_t) "carrier.example";
	rig.b.names[0] = (char *)(uintptr_t) "border.example.com";
	rig.a.trunks[0].tls_names.n = rig.b.trunks[0].tls_names.n = 1;
}

static void
teardown(void)
{
	rig_stop(&rig);
	cert_stop();
}

static void
apply_both(void)
{
	rig_apply(&rig.a);
	rig_apply(&rig.b);
}

static struct net_path
path_to_b(void)
{
	struct net_path path =
	    rig_path(&rig.a, "main", rig_address(&rig.b, "main"));

	path.tls = net_tls_id(rig.a.net, SPAN("carrier"));
	ck_assert_uint_ne(path.tls, 0);
	return path;
}

static struct net_path
path_to_a(void)
{
	struct net_path path =
	    rig_path(&rig.b, "main", rig_address(&rig.a, "main"));

	path.tls = net_tls_id(rig.b.net, SPAN("border"));
	return path;
}

/* A request from a to b that arrives. */
static struct net_path
talk(void)
{
	struct net_path path = path_to_b();
	unsigned before = rig.b.received;

	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
	rig_wait(&rig, rig.b.received == before + 1);
	return path;
}

/* b refuses, or is refused by, what a does: with these words in a's reason. */
static void
fail_to_talk(const char *words)
{
	struct net_path path = path_to_b();

	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
	rig_wait(&rig, rig.a.failures == 1 && net_connections(rig.b.net) == 0);
	ck_assert_msg(strstr(rig.a.reason, words) != NULL, "reason: %s",
	    rig.a.reason);
	ck_assert_int_lt(rig.a.error, 0);
	ck_assert_uint_eq(rig.b.received, 0);
	rig_turn(&rig);
	ck_assert_uint_eq(rig.a.failures, 1);
	ck_assert_uint_eq(net_connections(rig.a.net), 0);
}

START_TEST(mutual_tls_carries_messages)
{
	struct net_connection c;
	uint32_t at = 0;
	struct net_path path;
	slab_handle in;

	rig.b.answer = "SIP/2.0 200 OK\r\nl: 0\r\n\r\n";
	apply_both();
	path = talk();
	rig_wait(&rig, rig.a.received == 1);
	ck_assert_str_eq(rig.b.messages[0].text, OPTIONS);
	ck_assert_str_eq(rig.a.messages[0].text, rig.b.answer);
	ck_assert_uint_eq(rig.a.messages[0].path.connection, path.connection);
	in = rig.b.messages[0].path.connection;
	ck_assert(net_peer_has_name(rig.b.net, in, SPAN("border.example.com")));
	ck_assert(!net_peer_has_name(rig.b.net, in, SPAN("example.com")));
	ck_assert(net_peer_is(rig.b.net, in, 1));
	ck_assert(net_peer_has_name(
	    rig.a.net, path.connection, SPAN("carrier.example")));
	ck_assert(net_next_connection(rig.b.net, &at, &c));
	ck_assert_str_eq(c.protocol, "TLSv1.3");
	talk();
	ck_assert_uint_eq(net_counters(rig.b.net)->accepted, 1);
}
END_TEST

START_TEST(names_of_the_peer_are_shown_quoted)
{
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));
	struct net_path path;

	apply_both();
	path = talk();
	net_peer_add_names(rig.a.net, path.connection, &t);
	ck_assert_str_eq(
	    text_cstr(&t), "\"*.carrier.example\", \"carrier.example\"");
}
END_TEST

/* Large messages go through whole, in both directions. */
START_TEST(large_messages_pass)
{
	static char big[200000];
	struct net_path path;
	int head;

	apply_both();
	path = path_to_b();
	memset(big, 'x', sizeof(big) - 1);
	head = snprintf(big, sizeof(big), OPTIONS_HEAD "l: 150000\r\n\r\n");
	big[head] = 'x';
	big[head + 150000] = '\0';
	ck_assert_int_eq(rig_send(&rig.a, &path, big), 0);
	rig_wait(&rig, rig.b.received == 1);
	ck_assert_uint_eq(rig.b.messages[0].n, (size_t)head + 150000);
}
END_TEST

/* What is refused, with which certificate at the carrier, and the reason. */
static const struct {
	const char *certificate;
	const char *words;
} refused[] = {
	{ "wrong-name", "carries none of the names carrier.example" },
	{ "expired", "certificate has expired" },
	{ "future", "certificate is not yet valid" },
	{ "foreign", "unable to get local issuer certificate" },
};

START_TEST(bad_certificate_of_a_server_is_refused)
{
	use(&rig.b.listeners[0].tls, refused[_i].certificate, NULL);
	apply_both();
	fail_to_talk(refused[_i].words);
	ck_assert_uint_eq(net_counters(rig.a.net)->handshake_failed, 1);
	ck_assert_uint_eq(net_counters(rig.b.net)->handshake_failed, 1);
	ck_assert_ptr_nonnull(strstr(rig.a.log, refused[_i].words));
	ck_assert_ptr_nonnull(strstr(rig.a.log, "TLS to 127.40.2.2:"));
	/* Once a minute. */
	rig.a.failures = 0;
	fail_to_talk(refused[_i].words);
	ck_assert_uint_eq(rig.a.logged, 1);
	ck_assert_uint_eq(rig.b.logged, 1);
}
END_TEST

static const struct {
	const char *certificate;
	const char *words; /* in the log of b */
} refused_clients[] = {
	{ "expired", "certificate has expired" },
	{ "foreign", "unable to get local issuer certificate" },
};

START_TEST(bad_certificate_of_a_client_is_refused)
{
	use(&rig.a.trunks[0].tls, refused_clients[_i].certificate, NULL);
	apply_both();
	fail_to_talk("the peer");
	ck_assert_ptr_nonnull(strstr(rig.b.log, refused_clients[_i].words));
	ck_assert_ptr_nonnull(strstr(rig.b.log, "TLS from 127.40.2.1:"));
}
END_TEST

/* A raw client: handshake through a socket of the test. */
struct raw {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
	int result; /* of the last SSL_connect(): 1 done */
};

static void
raw_start(struct raw *raw, const char *certificate, const char *sni)
{
	raw->ctx = SSL_CTX_new(TLS_client_method());
	if (certificate != NULL) {
		SSL_CTX_use_certificate_chain_file(
		    raw->ctx, cert_file(certificate, "pem"));
		SSL_CTX_use_PrivateKey_file(raw->ctx,
		    cert_file(certificate, "key"), SSL_FILETYPE_PEM);
	}
	raw->ssl = SSL_new(raw->ctx);
	raw->fd = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	ck_assert_int_eq(fcntl(raw->fd, F_SETFL, O_NONBLOCK), 0);
	SSL_set_fd(raw->ssl, raw->fd);
	if (sni != NULL)
		SSL_set_tlsext_host_name(raw->ssl, sni);
	raw->result = 0;
}

static void
raw_stop(struct raw *raw)
{
	SSL_free(raw->ssl);
	SSL_CTX_free(raw->ctx);
	if (raw->fd != -1)
		close(raw->fd);
}

static bool
raw_step(struct raw *raw)
{
	if (raw->result != 1)
		raw->result = SSL_connect(raw->ssl);
	return raw->result == 1 ||
	    SSL_get_error(raw->ssl, raw->result) == SSL_ERROR_SSL;
}

static int
raw_shake(struct raw *raw)
{
	rig_wait(&rig, raw_step(raw));
	return raw->result;
}

START_TEST(client_without_certificate_is_refused_where_required)
{
	struct raw raw;

	apply_both();
	raw_start(&raw, NULL, NULL);
	raw_shake(&raw);
	rig_wait(&rig, net_counters(rig.a.net)->handshake_failed == 1);
	ck_assert_ptr_nonnull(
	    strstr(rig.a.log, "sent no certificate, and one is required"));
	raw_stop(&raw);

	rig.a.listeners[0].client_certificate = CONFIG_CLIENT_CERT_OPTIONAL;
	rig_apply(&rig.a);
	raw_start(&raw, NULL, NULL);
	ck_assert_int_eq(raw_shake(&raw), 1);
	SSL_write(raw.ssl, OPTIONS, sizeof(OPTIONS) - 1);
	rig_wait(&rig, rig.a.received == 1);
	ck_assert(!net_peer_has_name(rig.a.net,
	    rig.a.messages[0].path.connection, SPAN("carrier.example")));
	ck_assert(
	    !net_peer_is(rig.a.net, rig.a.messages[0].path.connection, 1));
	ck_assert(!net_reuse(rig.a.net, rig.a.messages[0].path.connection,
	    &rig.a.messages[0].path.remote, 1));
	raw_stop(&raw);
}
END_TEST

START_TEST(client_usage_is_demanded_only_when_configured)
{
	struct raw raw;

	apply_both();
	raw_start(&raw, "server-only", NULL);
	ck_assert_int_eq(raw_shake(&raw), 1);
	SSL_write(raw.ssl, OPTIONS, sizeof(OPTIONS) - 1);
	rig_wait(&rig, rig.a.received == 1);
	ck_assert(net_peer_is(rig.a.net, rig.a.messages[0].path.connection, 1));
	raw_stop(&raw);

	rig.a.listeners[0].client_usage = true;
	rig_apply(&rig.a);
	raw_start(&raw, "server-only", NULL);
	raw_shake(&raw);
	rig_wait(&rig, net_counters(rig.a.net)->handshake_failed == 1);
	ck_assert_msg(strstr(rig.a.log, "purpose") != NULL, "%s", rig.a.log);
	raw_stop(&raw);
}
END_TEST

/* The CA of one trunk must not be able to speak for another. */
START_TEST(a_trunk_is_known_by_its_own_ca)
{
	struct config_trunk *second;
	slab_handle connection;
	struct raw raw;

	second = rig_trunk(&rig.a, "second", "main", NULL);
	rig.a.names[1] = (char *)(uintptr_t) "carrier.example";
	second->tls_names.n = 1;
	use(&second->tls, NULL, "other-ca");
	apply_both();
	raw_start(&raw, "foreign", NULL);
	ck_assert_int_eq(raw_shake(&raw), 1);
	SSL_write(raw.ssl, OPTIONS, sizeof(OPTIONS) - 1);
	rig_wait(&rig, rig.a.received == 1);
	connection = rig.a.messages[0].path.connection;
	ck_assert(net_peer_has_name(
	    rig.a.net, connection, SPAN("carrier.example")));
	ck_assert(!net_peer_is(
	    rig.a.net, connection, net_tls_id(rig.a.net, SPAN("carrier"))));
	ck_assert(net_peer_is(
	    rig.a.net, connection, net_tls_id(rig.a.net, SPAN("second"))));
	raw_stop(&raw);
}
END_TEST

static bool
raw_saw(struct raw *raw, const char *name)
{
	return tls_certificate_has_name(
	    SSL_get0_peer_certificate(raw->ssl), span_of(name));
}

START_TEST(certificate_is_chosen_by_server_name)
{
	struct config_trunk *second;
	struct raw raw;

	second = rig_trunk(&rig.a, "second", "main", NULL);
	second->fqdn = (char *)(uintptr_t) "sbc.second.example";
	second->domain = (char *)(uintptr_t) "second.example";
	use(&second->tls, "second-face", NULL);
	rig.a.listeners[0].client_certificate = CONFIG_CLIENT_CERT_NONE;
	apply_both();
	raw_start(&raw, NULL, "SBC.second.example");
	ck_assert_int_eq(raw_shake(&raw), 1);
	ck_assert(raw_saw(&raw, "sbc.second.example"));
	raw_stop(&raw);
	raw_start(&raw, NULL, "unknown.example");
	ck_assert_int_eq(raw_shake(&raw), 1);
	ck_assert(raw_saw(&raw, "border.example.com"));
	raw_stop(&raw);
	raw_start(&raw, NULL, NULL);
	ck_assert_int_eq(raw_shake(&raw), 1);
	ck_assert(raw_saw(&raw, "border.example.com"));
	raw_stop(&raw);
}
END_TEST

START_TEST(version_and_ciphers_are_those_configured)
{
	static const char *const cipher = "ECDHE-ECDSA-AES256-SHA384";
	struct raw raw;

	rig.a.listeners[0].client_certificate = CONFIG_CLIENT_CERT_NONE;
	rig.a.listeners[0].tls.ciphers = (char *)(uintptr_t)cipher;
	apply_both();
	raw_start(&raw, NULL, NULL);
	SSL_set_max_proto_version(raw.ssl, TLS1_2_VERSION);
	SSL_set_cipher_list(raw.ssl, "ECDHE-ECDSA-AES128-GCM-SHA256");
	ck_assert_int_ne(raw_shake(&raw), 1);
	rig_wait(&rig, net_counters(rig.a.net)->handshake_failed == 1);
	ck_assert_ptr_nonnull(strstr(rig.a.log, "no cipher suite"));
	raw_stop(&raw);

	raw_start(&raw, NULL, NULL);
	SSL_set_max_proto_version(raw.ssl, TLS1_2_VERSION);
	ck_assert_int_eq(raw_shake(&raw), 1);
	ck_assert_str_eq(SSL_get_cipher_name(raw.ssl), cipher);
	/* No renegotiation. */
	SSL_renegotiate(raw.ssl);
	SSL_do_handshake(raw.ssl);
	SSL_write(raw.ssl, OPTIONS, sizeof(OPTIONS) - 1);
	rig_turn(&rig);
	rig_turn(&rig);
	ck_assert_int_ne(SSL_do_handshake(raw.ssl), 1);
	raw_stop(&raw);

	rig.a.listeners[0].tls.min_version = CONFIG_TLS_1_3;
	rig_apply(&rig.a);
	raw_start(&raw, NULL, NULL);
	SSL_set_max_proto_version(raw.ssl, TLS1_2_VERSION);
	ck_assert_int_ne(raw_shake(&raw), 1);
	raw_stop(&raw);
	raw_start(&raw, NULL, NULL);
	ck_assert_int_eq(raw_shake(&raw), 1);
	raw_stop(&raw);
}
END_TEST

/* A request that comes in the same flight as the end of the handshake. */
START_TEST(request_right_behind_the_handshake_is_not_lost)
{
	struct raw raw;

	rig.a.listeners[0].client_certificate = CONFIG_CLIENT_CERT_NONE;
	apply_both();
	raw_start(&raw, NULL, NULL);
	while (raw.result != 1) {
		raw_step(&raw);
		if (raw.result != 1)
			rig_turn(&rig);
	}
	SSL_write(raw.ssl, OPTIONS OPTIONS, 2 * sizeof(OPTIONS) - 2);
	rig_wait(&rig, rig.a.received == 2);
	raw_stop(&raw);
}
END_TEST

START_TEST(handshake_has_a_deadline)
{
	char buf[64];
	int fd;

	rig.a.config.limits.handshake = 50;
	apply_both();
	fd = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_wait(&rig, rig_read(fd, buf, sizeof(buf)) == 0);
	ck_assert_uint_eq(net_counters(rig.a.net)->handshake_failed, 1);
	ck_assert_ptr_nonnull(strstr(rig.a.log, "did not end in 50 ms"));
	close(fd);
}
END_TEST

START_TEST(what_is_not_tls_is_named)
{
	char buf[64];
	int fd;

	apply_both();
	fd = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_write(fd, OPTIONS);
	rig_wait(&rig, rig_read(fd, buf, sizeof(buf)) == 0);
	ck_assert_msg(strstr(rig.a.log, "not TLS") != NULL, "%s", rig.a.log);
	close(fd);
}
END_TEST

/* Once a minute is meant of each kind. */
START_TEST(what_is_not_tls_is_named_beside_something_else)
{
	char buf[64];
	int fd[2];

	rig.a.config.limits.connections_per_source = 1;
	apply_both();
	fd[0] = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	fd[1] = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_wait(&rig, net_counters(rig.a.net)->refused == 1);
	ck_assert_ptr_nonnull(strstr(rig.a.log, "connections_per_source"));
	rig_write(fd[0], OPTIONS);
	rig_wait(&rig, rig_read(fd[0], buf, sizeof(buf)) == 0);
	ck_assert_msg(strstr(rig.a.log, "not TLS") != NULL, "%s", rig.a.log);
	ck_assert_uint_eq(rig.a.logged, 2);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(failure_to_connect_has_its_reason)
{
	apply_both();
	net_stop_accepting(rig.b.net);
	{
		struct address gone = { .ip = { 127, 40, 2, 3 },
			.port = 9,
			.family = AF_INET };
		struct net_path path = rig_path(&rig.a, "main", gone);

		path.tls = 1;
		ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
		rig_wait(&rig, rig.a.failures == 1);
		ck_assert_int_eq(rig.a.error, -ECONNREFUSED);
		ck_assert_str_eq(rig.a.reason, "Connection refused");
		path.connection = 0;
		path.tls = 9;
		ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), -EINVAL);
	}
}
END_TEST

START_TEST(connection_of_a_known_peer_is_reused)
{
	struct net_path path, back;
	struct address target = { .ip = { 127, 40, 2, 2 },
		.port = 5061,
		.family = AF_INET };

	apply_both();
	path = path_to_a();
	ck_assert_int_eq(rig_send(&rig.b, &path, OPTIONS), 0);
	rig_wait(&rig, rig.a.received == 1);
	ck_assert(net_reuse(
	    rig.a.net, rig.a.messages[0].path.connection, &target, 1));
	back = rig_path(&rig.a, "main", target);
	back.tls = 1;
	ck_assert_int_eq(rig_send(&rig.a, &back, OPTIONS), 0);
	ck_assert_uint_eq(
	    back.connection, rig.a.messages[0].path.connection);
	rig_wait(&rig, rig.b.received == 1);
}
END_TEST

/* A new certificate: what is open answers still, nothing new goes out on it,
 * and it is closed once quiet. */
START_TEST(reload_drains_the_old_certificate)
{
	struct net_path first, second;
	static const struct cert renewed = { "renewed", "ca", "border",
		"DNS:border.example.com", NULL, 0, 0 };

	apply_both();
	net_set_patience(rig.a.net, 100, 1000000);
	first = talk();
	rig_apply(&rig.a);
	second = talk();
	ck_assert_uint_eq(first.connection, second.connection);

	cert_make(&renewed);
	cert_rename("renewed", "border");
	rig_apply(&rig.a);
	second = path_to_b();
	ck_assert_int_eq(rig_send(&rig.a, &second, OPTIONS), 0);
	ck_assert_uint_ne(first.connection, second.connection);
	/* Its own handle still works: a response must go back that way. */
	ck_assert_int_eq(rig_send(&rig.a, &first, OPTIONS), 0);
	rig_wait(&rig, rig.b.received == 4);
	rig_wait(&rig, net_counters(rig.a.net)->drained == 1);
	rig_wait(&rig, net_connections(rig.a.net) == 1);
	ck_assert_uint_eq(rig.a.failures, 1);
	ck_assert_uint_eq(rig.a.failed_path.connection, first.connection);
	ck_assert_int_eq(rig.a.error, 0);
	second = talk();
	ck_assert_uint_eq(net_counters(rig.b.net)->accepted, 2);
}
END_TEST

START_TEST(draining_waits_for_half_a_message)
{
	static const struct cert renewed = { "renewed", "ca", "border",
		"DNS:border.example.com", NULL, 0, 0 };
	struct raw raw;

	rig.a.listeners[0].client_certificate = CONFIG_CLIENT_CERT_NONE;
	apply_both();
	net_set_patience(rig.a.net, 30, 1000000);
	raw_start(&raw, NULL, NULL);
	ck_assert_int_eq(raw_shake(&raw), 1);
	SSL_write(raw.ssl, OPTIONS_HEAD, sizeof(OPTIONS_HEAD) - 1);
	rig_wait(&rig, net_counters(rig.a.net)->bytes_in > 0);
	cert_make(&renewed);
	cert_rename("renewed", "border");
	rig_apply(&rig.a);
	loop_tick(rig.loop);
	{
		uint64_t end = loop_now(rig.loop) + 150;

		rig_wait(&rig, loop_now(rig.loop) > end);
	}
	SSL_write(raw.ssl, "l: 0\r\n\r\n", 8);
	rig_wait(&rig, rig.a.received == 1);
	rig_wait(&rig, net_counters(rig.a.net)->drained == 1);
	raw_stop(&raw);
	rig_wait(&rig, net_connections(rig.a.net) == 0);
}
END_TEST

/* A peer that says something all the time does not keep the old one for
 * good. */
START_TEST(draining_ends_also_when_the_peer_is_busy)
{
	static const struct cert renewed = { "renewed", "ca", "border",
		"DNS:border.example.com", NULL, 0, 0 };
	uint64_t next = 0;
	struct net_path path;

	apply_both();
	net_set_patience(rig.a.net, 320, 1000000);
	path = path_to_a();
	ck_assert_int_eq(rig_send(&rig.b, &path, OPTIONS), 0);
	rig_wait(&rig, rig.a.received == 1);
	cert_make(&renewed);
	cert_rename("renewed", "border");
	rig_apply(&rig.a);
	while (net_counters(rig.a.net)->drained == 0) {
		rig_turn(&rig);
		if (loop_now(rig.loop) < next)
			continue;
		next = loop_now(rig.loop) + 100;
		path = path_to_a();
		ck_assert_int_eq(rig_send(&rig.b, &path, OPTIONS), 0);
		ck_assert_uint_lt(rig.a.received, 50);
	}
	ck_assert_uint_gt(rig.a.received, 1);
}
END_TEST

START_TEST(bad_files_are_problems_that_name_the_file)
{
	static const char *const words[] = { "missing.pem: No such file",
		"garbage.pem: ", "border.key: " };
	FILE *out = fopen(cert_file("garbage", "pem"), "we");
	struct config_tls *tls = &rig.a.listeners[0].tls;

	fputs("this is no certificate\n", out);
	fclose(out);
	apply_both();
	if (_i == 0)
		tls->certificate = cert_file("missing", "pem");
	if (_i == 1)
		tls->ca = cert_file("garbage", "pem");
	if (_i == 2)
		tls->certificate = cert_file("carrier", "pem");
	ck_assert(!net_apply(rig.a.net, &rig.a.config, &rig.a.problems));
	ck_assert_msg(strstr(rig_problems(&rig.a), words[_i]) != NULL, "%s",
	    rig_problems(&rig.a));
	talk();
}
END_TEST

START_TEST(no_certificate_at_all_is_a_problem)
{
	rig.a.listeners[0].tls.certificate = rig.a.trunks[0].domain;
	ck_assert(!net_apply(rig.a.net, &rig.a.config, &rig.a.problems));
	ck_assert_ptr_nonnull(
	    strstr(rig_problems(&rig.a), "needs a certificate and a key"));
}
END_TEST

/* Row 13: whatever peers do in a handshake leaves nothing behind. */
START_TEST(flood_of_broken_handshakes_leaves_nothing)
{
	struct linger linger = { 1, 0 };
	unsigned before, i;

	rig.a.listeners[0].client_certificate = CONFIG_CLIENT_CERT_OPTIONAL;
	apply_both();
	rig_turn(&rig);
	before = rig_count_fds();
	for (i = 0; i < 300; i++) {
		struct raw raw;
		unsigned step;

		raw_start(&raw, NULL, NULL);
		for (step = 0; step < i % 4; step++) {
			raw_step(&raw);
			rig_turn(&rig);
		}
		if (i % 5 == 0)
			rig_write(raw.fd, "\x01\x02 garbage in between");
		if (i % 2 == 0)
			setsockopt(raw.fd, SOL_SOCKET, SO_LINGER, &linger,
			    sizeof(linger));
		raw_stop(&raw);
		loop_turn(rig.loop, false);
	}
	rig_wait(&rig, net_connections(rig.a.net) == 0);
	rig_turn(&rig);
	rig_turn(&rig);
	ck_assert_uint_eq(rig_count_fds(), before);
	ck_assert_uint_le(rig.a.logged, 2);
	ck_assert_uint_gt(net_counters(rig.a.net)->accepted, 250);
}
END_TEST

/* --- names --- */

static const struct {
	const char *san, *cn;
	const char *name;
	bool matches;
} names[] = {
	{ "DNS:a.example", "x", "a.example", true },
	{ "DNS:a.example", "x", "A.Example", true },
	{ "DNS:a.example", "x", "b.a.example", false },
	{ "DNS:*.example.com", "x", "a.example.com", true },
	{ "DNS:*.example.com", "x", "a.b.example.com", false },
	{ "DNS:*.example.com", "x", "example.com", false },
	{ "DNS:*.example.com", "x", ".example.com", false },
	{ "DNS:*.com", "x", "example.com", false },
	{ "DNS:w*.example.com", "x", "www.example.com", false },
	{ "DNS:*.*.com", "x", "a.b.com", false },
	{ "URI:sip:a.example", "x", "a.example", true },
	{ "URI:sip:A.example;transport=tls", "x", "a.example", true },
	{ "URI:sip:u@a.example", "x", "a.example", false },
	{ "URI:https://a.example", "x", "a.example", false },
	{ "URI:sip:*.example.com", "x", "a.example.com", false },
	{ "DNS:b.example", "a.example", "a.example", false },
	{ "email:u@b.example", "a.example", "a.example", true },
	{ NULL, "a.example", "a.example", true },
	{ NULL, "*.example.com", "a.example.com", true },
	{ "IP:192.0.2.1", "x", "192.0.2.1", true },
	{ "IP:2001:db8::1", "x", "2001:db8::1", true },
	{ NULL, "192.0.2.1", "192.0.2.1", false },
	{ "DNS:192.0.2.1", "x", "192.0.2.1", false },
};

START_TEST(names_match_as_rfc_5922_says)
{
	struct cert cert = { "named", "ca", names[_i].cn, names[_i].san, NULL,
		0, 0 };
	FILE *in;
	X509 *x;

	cert_make(&cert);
	in = fopen(cert_file("named", "pem"), "re");
	x = PEM_read_X509(in, NULL, NULL, NULL);
	fclose(in);
	ck_assert_int_eq(tls_certificate_has_name(x, span_of(names[_i].name)),
	    names[_i].matches);
	X509_free(x);
}
END_TEST

#define ADD(test) tcase_add_test(tc, test)
#define ADD_EACH(test, table)                                                  \
	tcase_add_loop_test(tc, test, 0, ARRAY_LEN(table))

int
main(void)
{
	Suite *suite = suite_create("net_tls");
	TCase *tc = tcase_create("tls");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	ADD(mutual_tls_carries_messages);
	ADD(names_of_the_peer_are_shown_quoted);
	ADD(large_messages_pass);
	ADD_EACH(bad_certificate_of_a_server_is_refused, refused);
	ADD_EACH(bad_certificate_of_a_client_is_refused, refused_clients);
	ADD(client_without_certificate_is_refused_where_required);
	ADD(client_usage_is_demanded_only_when_configured);
	ADD(a_trunk_is_known_by_its_own_ca);
	ADD(certificate_is_chosen_by_server_name);
	ADD(version_and_ciphers_are_those_configured);
	ADD(request_right_behind_the_handshake_is_not_lost);
	ADD(handshake_has_a_deadline);
	ADD(what_is_not_tls_is_named);
	ADD(what_is_not_tls_is_named_beside_something_else);
	ADD(failure_to_connect_has_its_reason);
	ADD(connection_of_a_known_peer_is_reused);
	ADD(reload_drains_the_old_certificate);
	ADD(draining_waits_for_half_a_message);
	ADD(draining_ends_also_when_the_peer_is_busy);
	tcase_add_loop_test(
	    tc, bad_files_are_problems_that_name_the_file, 0, 3);
	ADD(no_certificate_at_all_is_a_problem);
	ADD(flood_of_broken_handshakes_leaves_nothing);
	ADD_EACH(names_match_as_rfc_5922_says, names);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
