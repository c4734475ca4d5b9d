/*
 * config.h - cordon.conf: read, checked as a whole, kept as a snapshot
 *
 * A snapshot never changes once made. A reload makes a new one beside it; calls
 * in progress hold a reference to theirs.
 */

#ifndef CORDON_CONFIG_CONFIG_H
#define CORDON_CONFIG_CONFIG_H

#include <time.h>

#include "base/address.h"
#include "base/problem.h"

struct config_strings {
	char **list;
	size_t n;
};

struct config_prefixes {
	struct prefix *list;
	size_t n;
};

struct config_addresses {
	struct address *list;
	size_t n;
};

enum config_transport { CONFIG_UDP, CONFIG_TCP, CONFIG_TLS };
enum config_tls_version { CONFIG_TLS_1_2, CONFIG_TLS_1_3 };
enum config_client_certificate {
	CONFIG_CLIENT_CERT_NONE,
	CONFIG_CLIENT_CERT_OPTIONAL,
	CONFIG_CLIENT_CERT_REQUIRED
};
enum config_journal_format { CONFIG_JOURNAL_JSON, CONFIG_JOURNAL_TEXT };
enum config_log_level {
	CONFIG_LOG_ERROR,
	CONFIG_LOG_WARNING,
	CONFIG_LOG_INFO,
	CONFIG_LOG_DEBUG
};
enum config_media { CONFIG_MEDIA_DIRECT };
enum config_require { CONFIG_REQUIRE_REFUSE, CONFIG_REQUIRE_SUPPORTED };
enum config_prack {
	CONFIG_PRACK_OFF,
	CONFIG_PRACK_SUPPORTED,
	CONFIG_PRACK_REQUIRED
};
enum config_redirect {
	CONFIG_REDIRECT_REFUSE,
	CONFIG_REDIRECT_FOLLOW,
	CONFIG_REDIRECT_RELAY
};
enum config_forks { CONFIG_FORKS_COLLAPSE, CONFIG_FORKS_KEEP };
enum config_offer { CONFIG_OFFER_KEEP, CONFIG_OFFER_EARLY };
enum config_hold {
	CONFIG_HOLD_KEEP,
	CONFIG_HOLD_SENDONLY,
	CONFIG_HOLD_INACTIVE,
	CONFIG_HOLD_ADDRESS
};
enum config_ringing {
	CONFIG_RINGING_KEEP,
	CONFIG_RINGING_180,
	CONFIG_RINGING_183
};
enum config_refresher {
	CONFIG_REFRESHER_AUTO,
	CONFIG_REFRESHER_US,
	CONFIG_REFRESHER_PEER
};
enum config_refresh {
	CONFIG_REFRESH_AUTO,
	CONFIG_REFRESH_UPDATE,
	CONFIG_REFRESH_INVITE
};
enum config_transfer {
	CONFIG_TRANSFER_AUTO,
	CONFIG_TRANSFER_LOCAL,
	CONFIG_TRANSFER_FORWARD
};
enum config_transfer_caller { CONFIG_TRANSFEREE, CONFIG_TRANSFEROR };
/* Who may name a dialog of the trunk in Replaces: each includes those before
 * it. */
enum config_replaces {
	CONFIG_REPLACES_TRUNK,
	CONFIG_REPLACES_TRANSFER,
	CONFIG_REPLACES_ANY
};

/* Strings are never NULL; "" where nothing was given. `line` is where the group
 * begins, for messages about it. */
struct config_tls {
	char *certificate; /* PEM file, chain included */
	char *key;         /* PEM file */
	char *ca;          /* PEM file of the CAs that the peer may have */
	char *ciphers;     /* TLS 1.2, OpenSSL's list form */
	char *ciphersuites; /* TLS 1.3 */
	enum config_tls_version min_version;
};

struct config_listener {
	int line;
	char *name;
	enum config_transport transport;
	struct address address;
	struct config_tls tls;
	enum config_client_certificate client_certificate;
	bool client_usage; /* refuse a client certificate without clientAuth usage */
};

struct config_trunk {
	int line;
	char *name;
	char *listener;     /* name of the listener that it uses, both ways */
	char *tcp_listener; /* for requests too big for UDP, or "" */
	struct config_addresses peers;  /* where requests go, in order */
	struct config_prefixes sources; /* where requests come from, besides peers */
	struct config_strings tls_names; /* names its certificate may carry */
	struct config_tls tls;           /* as a TLS client; "" means the listener's */
	char *fqdn;      /* our name toward this trunk: Contact, and in our certificate */
	char *advertise; /* our public address or name: Via, Contact, SDP */
	struct address advertise_address; /* when advertise is an address */
	char *media_address; /* what stands for private addresses in SDP; "": advertise */
	struct address media;
	char *domain;    /* host of the Request-URI and of To toward this trunk, or "" */
	char *policy_in;  /* file, or "" */
	char *policy_out; /* file, or "" */
	char *country;   /* ISO 3166 code, or "" */
	char *area;      /* area code of the site, for local numbers, or "" */
	struct config_strings owners; /* in the inventory; empty: all of it */
	char *default_caller; /* "+442079460000", or "" */
	enum config_media media_mode;
	struct config_strings relay_headers; /* more headers to relay; '*' at the end */
	enum config_transfer transfer;
	enum config_transfer_caller transfer_caller;
	enum config_replaces replaces;
	struct config_strings allow; /* methods in Allow; empty: the default */
	enum config_require require; /* extensions that we do not do ourselves */
	enum config_offer offer; /* of an INVITE without one */
	struct config_strings codecs; /* of our own offer; empty: the default */
	enum config_hold hold;   /* the form that its peers are told */
	enum config_prack prack;
	enum config_forks forks;     /* of a callee, as shown to this trunk */
	enum config_ringing ringing; /* likewise */
	uint32_t ringing_after;      /* ms; 0: never */
	enum config_redirect redirect; /* what its 3xx to an INVITE come to */
	uint32_t silence;            /* ms; 0: as long as RFC 3261 waits */
	uint32_t retry_after_max;    /* s; 0: a Retry-After is not heeded */
	uint32_t max_calls;          /* 0: no limit */
	uint32_t calls_per_second;   /* 0: no limit */
	uint32_t options_interval;   /* s between OPTIONS to a peer; 0: none */
	uint32_t session_expires;    /* s; 0: none is asked for */
	uint32_t session_minimum;    /* s */
	enum config_refresher session_refresher;
	enum config_refresh session_refresh;
	uint32_t session_options;    /* s between OPTIONS inside a call; 0: none */
	uint32_t max_duration;       /* s; 0: no limit */
};

struct config_route {
	int line;
	char *from;   /* trunk */
	char *to;     /* trunk */
	struct config_strings then; /* trunks that are tried behind it, in order */
	char *prefix; /* of the dialled number as received, "" matches all */
};

struct config {
	unsigned references;
	char *file;
	char *user_agent; /* "": send no User-Agent and no Server */
	struct config_strings inventory; /* files: number/inventory.h */
	struct {
		char *file; /* "": none */
		enum config_journal_format format;
		uint32_t queue;  /* entries waiting for the writer, at the most */
		uint32_t memory; /* MiB of ended calls kept for `cordon why` */
		uint32_t invites; /* KiB of INVITEs kept for `cordon replay` */
	} journal;
	struct {
		enum config_log_level level;
		char *file; /* "": standard error */
	} log;
	struct {
		char *socket;
	} control;
	struct {
		uint32_t t1, t2, t4;   /* ms */
		uint32_t ring;         /* ms; an INVITE that only rings ends (timer C) */
		uint32_t udp_max;      /* bytes; a larger request wants TCP */
	} sip;
	struct {
		uint32_t calls;
		uint32_t lag;       /* ms of loop lag at which new calls are refused */
		uint32_t retry_after; /* s, in a 503 of ours */
		uint32_t connections_per_source;
		uint32_t handshake; /* ms */
		uint32_t idle;      /* ms, a stream without traffic */
		uint32_t half_message; /* ms, a message that does not end */
		uint32_t drain;     /* ms, from SIGTERM to the end */
		uint32_t max_duration; /* s, of an answered call; 0: no limit */
	} limits;
	struct config_listener *listeners;
	size_t listeners_n;
	struct config_trunk *trunks;
	size_t trunks_n;
	struct config_route *routes;
	size_t routes_n;
};

/*
 * Reads and checks a file. NULL when it has an error; every problem found is in
 * `problems`, warnings also on success. Checks what can be known without
 * opening sockets: unknown words (with the nearest known one), types, ranges,
 * addresses, names that refer to nothing, files that cannot be read,
 * certificates (key fits, not expired, carries the trunk's fqdn).
 */
struct config *config_load(const char *file, struct problems *problems);

/* The same at another time: certificates are judged by `now`. */
struct config *config_load_at(
    const char *file, time_t now, struct problems *problems);
struct config *config_ref(struct config *config);
void config_unref(struct config *config); /* NULL is allowed */

const struct config_trunk *config_find_trunk(
    const struct config *config, struct span name);
/* The trunks of a route, in the order in which they are tried: 0 is the first.
 * NULL: no more. */
const char *config_route_trunk(const struct config_route *route, size_t i);
const struct config_listener *config_find_listener(
    const struct config *config, struct span name);

/*
 * Options that cannot change while running (the control socket, the
 * journal's file, ...): each that differs is set back to its value in `now`,
 * and noted in `problems` as a warning that names option, old and new value
 * and that it takes a restart. For a snapshot that is not in use yet.
 * Returns how many there are.
 */
size_t config_keep_fixed(const struct config *now, struct config *next,
    struct problems *problems);

/*
 * Notes what `next` changes of what is in force, one problem of level
 * PROBLEM_NOTE each: "trunk "carrier": max_calls: 20, was 10". Elements of
 * lists are known by their names. Returns how many there are.
 */
size_t config_note_changes(const struct config *now, const struct config *next,
    struct problems *problems);

/* Every option with its value as cordon.conf text, secrets left out (they are
 * only ever file names here). For `cordon show config`. */
void config_print(const struct config *config, FILE *out);

/* The table of options, as mdoc for cordon.conf(5) and as cordon-full.conf. */
void config_print_mdoc(FILE *out);
void config_print_full(FILE *out);

#endif
