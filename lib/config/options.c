#include "config/options.h"

#include "base/container.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

#define LISTENER(member) offsetof(struct config_listener, member)
#define TRUNK(member)    offsetof(struct config_trunk, member)
#define ROUTE(member)    offsetof(struct config_route, member)
#define CONFIG(member)   offsetof(struct config, member)

#define LIST(type, plural)                                                     \
	.size = sizeof(struct type), .list = CONFIG(plural),                   \
	.n = CONFIG(plural##_n), .line = offsetof(struct type, line)

const struct group option_groups[GROUPS] = {
	[GROUP_TOP] = { .name = NULL,
	    .help = "These stand in the file itself, outside of any group." },
	[GROUP_JOURNAL] = { .name = "journal",
	    .help = "Where it is written down what was changed and why." },
	[GROUP_LOG] = { .name = "log",
	    .help = "What the daemon says about itself." },
	[GROUP_CONTROL] = { .name = "control",
	    .help = "How the cordon command reaches the daemon." },
	[GROUP_SIP] = { .name = "sip",
	    .help = "Timers of RFC 3261 and the size of messages." },
	[GROUP_LIMITS] = { .name = "limits",
	    .help = "What the daemon bears before it refuses or hangs up." },
	[GROUP_LISTENER] = { .name = "listeners", .one = "listener",
	    LIST(config_listener, listeners), .max = 64,
	    .help = "Each is one address and transport that Cordon receives on "
		    "and sends from." },
	[GROUP_TRUNK] = { .name = "trunks", .one = "trunk",
	    LIST(config_trunk, trunks), .max = 1000,
	    .help = "Each is one carrier or PBX: who may talk to us, and how "
		    "to talk to it." },
	[GROUP_ROUTE] = { .name = "routes", .one = "route",
	    LIST(config_route, routes), .max = 4000,
	    .help = "Which trunks take the calls of which trunk; all that "
		    "match are tried, in the order of the file, each trunk "
		    "once." },
};

static const char *const journal_formats[] = {
	[CONFIG_JOURNAL_JSON] = "json",
	[CONFIG_JOURNAL_TEXT] = "text",
	NULL,
};
static const char *const log_levels[] = {
	[CONFIG_LOG_ERROR] = "error",
	[CONFIG_LOG_WARNING] = "warning",
	[CONFIG_LOG_INFO] = "info",
	[CONFIG_LOG_DEBUG] = "debug",
	NULL,
};
static const char *const transports[] = {
	[CONFIG_UDP] = "udp",
	[CONFIG_TCP] = "tcp",
	[CONFIG_TLS] = "tls",
	NULL,
};
static const char *const tls_versions[] = {
	[CONFIG_TLS_1_2] = "1.2",
	[CONFIG_TLS_1_3] = "1.3",
	NULL,
};
static const char *const client_certificates[] = {
	[CONFIG_CLIENT_CERT_NONE] = "none",
	[CONFIG_CLIENT_CERT_OPTIONAL] = "optional",
	[CONFIG_CLIENT_CERT_REQUIRED] = "required",
	NULL,
};
static const char *const transfer_modes[] = {
	[CONFIG_TRANSFER_AUTO] = "auto",
	[CONFIG_TRANSFER_LOCAL] = "local",
	[CONFIG_TRANSFER_FORWARD] = "forward",
	NULL,
};
static const char *const transfer_callers[] = {
	[CONFIG_TRANSFEREE] = "transferee",
	[CONFIG_TRANSFEROR] = "transferor",
	NULL,
};
static const char *const replaces_ways[] = {
	[CONFIG_REPLACES_TRUNK] = "trunk",
	[CONFIG_REPLACES_TRANSFER] = "transfer",
	[CONFIG_REPLACES_ANY] = "any",
	NULL,
};
static const char *const media_modes[] = {
	[CONFIG_MEDIA_DIRECT] = "direct",
	NULL,
};
static const char *const require_ways[] = {
	[CONFIG_REQUIRE_REFUSE] = "refuse",
	[CONFIG_REQUIRE_SUPPORTED] = "supported",
	NULL,
};
static const char *const offer_ways[] = {
	[CONFIG_OFFER_KEEP] = "as-received",
	[CONFIG_OFFER_EARLY] = "early",
	NULL,
};
static const char *const hold_forms[] = {
	[CONFIG_HOLD_KEEP] = "as-received",
	[CONFIG_HOLD_SENDONLY] = "sendonly",
	[CONFIG_HOLD_INACTIVE] = "inactive",
	[CONFIG_HOLD_ADDRESS] = "address",
	NULL,
};
static const char *const prack_ways[] = {
	[CONFIG_PRACK_OFF] = "off",
	[CONFIG_PRACK_SUPPORTED] = "supported",
	[CONFIG_PRACK_REQUIRED] = "required",
	NULL,
};
static const char *const redirect_ways[] = {
	[CONFIG_REDIRECT_REFUSE] = "refuse",
	[CONFIG_REDIRECT_FOLLOW] = "follow",
	[CONFIG_REDIRECT_RELAY] = "relay",
	NULL,
};
static const char *const fork_ways[] = {
	[CONFIG_FORKS_COLLAPSE] = "collapse",
	[CONFIG_FORKS_KEEP] = "keep",
	NULL,
};
static const char *const ringing_ways[] = {
	[CONFIG_RINGING_KEEP] = "keep",
	[CONFIG_RINGING_180] = "180",
	[CONFIG_RINGING_183] = "183",
	NULL,
};

static const char *const refreshers[] = {
	[CONFIG_REFRESHER_AUTO] = "auto",
	[CONFIG_REFRESHER_US] = "us",
	[CONFIG_REFRESHER_PEER] = "peer",
	NULL,
};
static const char *const refreshes[] = {
	[CONFIG_REFRESH_AUTO] = "auto",
	[CONFIG_REFRESH_UPDATE] = "update",
	[CONFIG_REFRESH_INVITE] = "invite",
	NULL,
};

/* TLS as a server (of a listener) and as a client (of a trunk) differ only in
 * who presents the certificate. */
#define TLS_OPTIONS(group_, at, ours, theirs)                                  \
	{ .group = group_, .name = "certificate", .type = TYPE_FILE,           \
	    .example = "\"tls/chain.pem\"", .offset = at(tls.certificate),     \
	    .help = ours },                                                    \
	{ .group = group_, .name = "key", .type = TYPE_FILE,                   \
	    .example = "\"tls/key.pem\"", .offset = at(tls.key),               \
	    .help = "PEM file with the key of the certificate, without a "     \
		    "passphrase and not readable by others." },                \
	{ .group = group_, .name = "ca", .type = TYPE_FILE,                    \
	    .example = "\"/etc/ssl/certs/ca-certificates.crt\"",               \
	    .offset = at(tls.ca), .help = theirs },                            \
	{ .group = group_, .name = "ciphers", .type = TYPE_STRING,             \
	    .max = 1000, .example = "\"ECDHE+AESGCM\"",                        \
	    .offset = at(tls.ciphers),                                         \
	    .help = "Cipher list of TLS 1.2 as in openssl-ciphers(1); empty "  \
		    "for that of OpenSSL." },                                  \
	{ .group = group_, .name = "ciphersuites", .type = TYPE_STRING,        \
	    .max = 1000, .example = "\"TLS_AES_256_GCM_SHA384\"",              \
	    .offset = at(tls.ciphersuites),                                    \
	    .help = "Cipher suites of TLS 1.3, separated by colons; empty "    \
		    "for those of OpenSSL." },                                 \
	{ .group = group_, .name = "min_version", .type = TYPE_CHOICE,         \
	    .choices = tls_versions, .preset = "1.2",                          \
	    .offset = at(tls.min_version),                                     \
	    .help = "The oldest version of TLS that is spoken." }

const struct option option_table[] = {
	{ .group = GROUP_TOP, .name = "user_agent", .type = TYPE_STRING,
	    .preset = "Cordon", .offset = CONFIG(user_agent),
	    .help = "What User-Agent and Server say in messages of ours; empty "
		    "to send neither." },

	{ .group = GROUP_TOP, .name = "inventory", .type = TYPE_FILES,
	    .max = 1000, .example = "[ \"numbers/acme.numbers\" ]",
	    .offset = CONFIG(inventory),
	    .help = "Files with the numbers that are ours, one number or range "
		    "a line; see INVENTORY." },

	{ .group = GROUP_JOURNAL, .name = "file", .type = TYPE_FILE,
	    .example = "\"/var/log/cordon/journal.json\"", .fixed = true,
	    .offset = CONFIG(journal.file),
	    .help = "The file that the journal is appended to; empty for "
		    "none." },
	{ .group = GROUP_JOURNAL, .name = "format", .type = TYPE_CHOICE,
	    .choices = journal_formats, .preset = "json", .fixed = true,
	    .offset = CONFIG(journal.format),
	    .help = "JSON, one object a line, or key=value text." },
	{ .group = GROUP_JOURNAL, .name = "queue", .type = TYPE_INTEGER,
	    .min = 256, .max = 4194304, .unit = "entries", .preset = "65536",
	    .fixed = true, .offset = CONFIG(journal.queue),
	    .help = "The most entries that wait for the disk; more are "
		    "counted and dropped, never waited for." },
	{ .group = GROUP_JOURNAL, .name = "memory", .type = TYPE_INTEGER,
	    .min = 1, .max = 16384, .unit = "MiB", .preset = "64",
	    .fixed = true, .offset = CONFIG(journal.memory),
	    .help = "Memory for calls that have ended, so that cordon why can "
		    "explain them." },

	{ .group = GROUP_JOURNAL, .name = "invites", .type = TYPE_INTEGER,
	    .max = 1048576, .unit = "KiB", .preset = "1024",
	    .fixed = true, .offset = CONFIG(journal.invites),
	    .help = "Memory for the last INVITEs as they came, for cordon "
		    "replay --ring; passwords, credentials and media keys are "
		    "masked; 0 to keep none." },

	{ .group = GROUP_LOG, .name = "level", .type = TYPE_CHOICE,
	    .choices = log_levels, .preset = "info",
	    .offset = CONFIG(log.level),
	    .help = "The least important lines that are still written." },
	{ .group = GROUP_LOG, .name = "file", .type = TYPE_FILE,
	    .example = "\"/var/log/cordon/cordond.log\"", .fixed = true,
	    .offset = CONFIG(log.file),
	    .help = "The file that the log is appended to; empty for standard "
		    "error." },

	{ .group = GROUP_CONTROL, .name = "socket", .type = TYPE_FILE,
	    .min = 1, .max = 107, .preset = CORDON_RUNDIR "/control.sock",
	    .example = "\"/run/cordon/control.sock\"", .local = true,
	    .fixed = true, .offset = CONFIG(control.socket),
	    .help = "The Unix socket that the daemon makes for the cordon "
		    "command." },

	{ .group = GROUP_SIP, .name = "t1", .type = TYPE_DURATION, .scale = 1,
	    .min = 50, .max = 5 * SECOND, .preset = "500ms",
	    .offset = CONFIG(sip.t1),
	    .help = "Timer T1 of RFC 3261: the guess of a round trip, from "
		    "which retransmissions double." },
	{ .group = GROUP_SIP, .name = "t2", .type = TYPE_DURATION, .scale = 1,
	    .min = 50, .max = 40 * SECOND, .preset = "4s",
	    .offset = CONFIG(sip.t2),
	    .help = "Timer T2 of RFC 3261: the longest time between two "
		    "retransmissions, at least sip.t1." },
	{ .group = GROUP_SIP, .name = "t4", .type = TYPE_DURATION, .scale = 1,
	    .min = 50, .max = 40 * SECOND, .preset = "5s",
	    .offset = CONFIG(sip.t4),
	    .help = "Timer T4 of RFC 3261: how long a message may stay in the "
		    "network." },
	{ .group = GROUP_SIP, .name = "ring", .type = TYPE_DURATION, .scale = 1,
	    .min = 5 * SECOND, .max = HOUR, .preset = "3m",
	    .offset = CONFIG(sip.ring),
	    .help = "How long a call may ring before it is cancelled." },
	{ .group = GROUP_SIP, .name = "udp_max", .type = TYPE_INTEGER,
	    .min = 500, .max = 65000, .unit = "bytes", .preset = "1300",
	    .offset = CONFIG(sip.udp_max),
	    .help = "A larger request goes over the tcp_listener of its trunk, "
		    "where it has one." },

	{ .group = GROUP_LIMITS, .name = "calls", .type = TYPE_INTEGER,
	    .min = 1, .max = 1000000, .unit = "calls", .preset = "10000",
	    .offset = CONFIG(limits.calls),
	    .help = "The most calls at once, over all trunks." },
	{ .group = GROUP_LIMITS, .name = "lag", .type = TYPE_DURATION,
	    .scale = 1, .min = 10, .max = 10 * SECOND, .preset = "200ms",
	    .offset = CONFIG(limits.lag),
	    .help = "New calls get 503 while what is read has waited this "
		    "long, or while the receive buffer of a UDP socket is "
		    "more than half full. Whatever belongs to a call that is "
		    "there goes on." },
	{ .group = GROUP_LIMITS, .name = "retry_after", .type = TYPE_DURATION,
	    .scale = SECOND, .min = SECOND, .max = HOUR, .preset = "10s",
	    .offset = CONFIG(limits.retry_after),
	    .help = "What Retry-After says when we refuse a call for "
		    "overload." },
	{ .group = GROUP_LIMITS, .name = "connections_per_source",
	    .type = TYPE_INTEGER, .min = 1, .max = 10000,
	    .unit = "connections", .preset = "16",
	    .offset = CONFIG(limits.connections_per_source),
	    .help = "The most TCP and TLS connections from one address." },
	{ .group = GROUP_LIMITS, .name = "handshake", .type = TYPE_DURATION,
	    .scale = 1, .min = 100, .max = MINUTE, .preset = "5s",
	    .offset = CONFIG(limits.handshake),
	    .help = "How long a TLS handshake may take." },
	{ .group = GROUP_LIMITS, .name = "idle", .type = TYPE_DURATION,
	    .scale = 1, .min = SECOND, .max = 24 * HOUR, .preset = "10m",
	    .offset = CONFIG(limits.idle),
	    .help = "A TCP or TLS connection without traffic is closed after "
		    "this time." },
	{ .group = GROUP_LIMITS, .name = "half_message", .type = TYPE_DURATION,
	    .scale = 1, .min = 100, .max = 5 * MINUTE, .preset = "10s",
	    .offset = CONFIG(limits.half_message),
	    .help = "A connection whose message does not end is closed after "
		    "this time." },
	{ .group = GROUP_LIMITS, .name = "drain", .type = TYPE_DURATION,
	    .scale = 1, .min = 0, .max = 24 * HOUR, .preset = "30s",
	    .offset = CONFIG(limits.drain),
	    .help = "How long calls may go on after SIGTERM before they are "
		    "hung up." },
	{ .group = GROUP_LIMITS, .name = "max_duration",
	    .type = TYPE_DURATION, .scale = SECOND, .max = 7 * 24 * HOUR,
	    .preset = "0s", .example = "\"4h\"",
	    .offset = CONFIG(limits.max_duration),
	    .help = "A call is hung up this long after its answer; 0 for no "
		    "limit." },

	{ .group = GROUP_LISTENER, .name = "name", .type = TYPE_STRING,
	    .form = FORM_NAME, .min = 1, .max = 63, .required = true,
	    .example = "\"inside\"", .offset = LISTENER(name),
	    .help = "The name that trunks call it by." },
	{ .group = GROUP_LISTENER, .name = "transport", .type = TYPE_CHOICE,
	    .choices = transports, .preset = "udp",
	    .offset = LISTENER(transport),
	    .help = "What is spoken there." },
	{ .group = GROUP_LISTENER, .name = "address", .type = TYPE_ADDRESS,
	    .required = true, .example = "\"127.0.0.1:5060\"",
	    .offset = LISTENER(address),
	    .help = "Its address; the port is 5060, for TLS 5061, where none "
		    "is given." },
	TLS_OPTIONS(GROUP_LISTENER, LISTENER,
	    "PEM file with our certificate and the chain up to its CA; needed "
	    "for TLS.",
	    "PEM file with the CAs that sign the certificates of peers."),
	{ .group = GROUP_LISTENER, .name = "client_certificate",
	    .type = TYPE_CHOICE, .choices = client_certificates,
	    .preset = "none", .offset = LISTENER(client_certificate),
	    .help = "Is a peer that connects asked for its certificate, and "
		    "refused without?" },
	{ .group = GROUP_LISTENER, .name = "client_usage", .type = TYPE_BOOL,
	    .preset = "false", .offset = LISTENER(client_usage),
	    .help = "Refuse a peer's certificate that is not made for "
		    "clients; many carriers have only server certificates." },

	{ .group = GROUP_TRUNK, .name = "name", .type = TYPE_STRING,
	    .form = FORM_NAME, .min = 1, .max = 63, .required = true,
	    .example = "\"pbx\"", .offset = TRUNK(name),
	    .help = "The name that routes, the journal and the cordon command "
		    "call it by." },
	{ .group = GROUP_TRUNK, .name = "listener", .type = TYPE_STRING,
	    .form = FORM_NAME, .min = 1, .max = 63, .required = true,
	    .example = "\"inside\"", .offset = TRUNK(listener),
	    .help = "The listener that its messages come in and go out by." },
	{ .group = GROUP_TRUNK, .name = "tcp_listener", .type = TYPE_STRING,
	    .form = FORM_NAME, .max = 63, .example = "\"inside-tcp\"",
	    .offset = TRUNK(tcp_listener),
	    .help = "The listener for requests that are too large for UDP." },
	{ .group = GROUP_TRUNK, .name = "peers", .type = TYPE_ADDRESSES,
	    .max = 32, .shown = true, .example = "[ \"127.0.0.1:5070\" ]",
	    .offset = TRUNK(peers),
	    .help = "Where requests are sent, in this order; requests from "
		    "these addresses are the trunk's too." },
	{ .group = GROUP_TRUNK, .name = "sources", .type = TYPE_PREFIXES,
	    .max = 256, .example = "[ \"192.0.2.0/24\", \"198.51.100.7\" ]",
	    .offset = TRUNK(sources),
	    .help = "Where requests of the trunk come from, besides its "
		    "peers." },
	{ .group = GROUP_TRUNK, .name = "tls_names", .type = TYPE_STRINGS,
	    .form = FORM_HOST_WILD, .max = 32,
	    .example = "[ \"sbc.carrier.example\" ]",
	    .offset = TRUNK(tls_names),
	    .help = "The peer's certificate has to carry one of these names; "
		    "empty for no such check." },
	TLS_OPTIONS(GROUP_TRUNK, TRUNK,
	    "PEM file with the certificate that we present when we connect; "
	    "empty for that of the listener.",
	    "PEM file with the CAs that sign the peer's certificate; empty for "
	    "those of the listener."),
	{ .group = GROUP_TRUNK, .name = "fqdn", .type = TYPE_STRING,
	    .form = FORM_HOST, .example = "\"sbc.example.com\"",
	    .offset = TRUNK(fqdn),
	    .help = "Our name toward this trunk, in Contact; with TLS our "
		    "certificate has to carry it." },
	{ .group = GROUP_TRUNK, .name = "advertise", .type = TYPE_STRING,
	    .form = FORM_HOST_OR_IP, .example = "\"198.51.100.7\"",
	    .offset = TRUNK(advertise),
	    .help = "Our public address or name, in Via, Contact and SDP; "
		    "empty for the address of the listener." },
	{ .group = GROUP_TRUNK, .name = "media_address", .type = TYPE_STRING,
	    .form = FORM_IP, .example = "\"198.51.100.7\"",
	    .offset = TRUNK(media_address),
	    .help = "What stands in SDP in the place of private addresses; "
		    "empty for that of advertise." },
	{ .group = GROUP_TRUNK, .name = "domain", .type = TYPE_STRING,
	    .form = FORM_HOST_OR_IP, .example = "\"sip.carrier.example\"",
	    .offset = TRUNK(domain),
	    .help = "The host in the Request-URI and in To; empty for the "
		    "address of the peer." },
	{ .group = GROUP_TRUNK, .name = "policy_in", .type = TYPE_POLICY,
	    .example = "\"pbx.conf\"", .offset = TRUNK(policy_in),
	    .help = "The policy file for messages from the trunk." },
	{ .group = GROUP_TRUNK, .name = "policy_out", .type = TYPE_POLICY,
	    .example = "\"carrier.conf\"", .offset = TRUNK(policy_out),
	    .help = "The policy file for messages to the trunk." },
	{ .group = GROUP_TRUNK, .name = "country", .type = TYPE_STRING,
	    .form = FORM_COUNTRY, .example = "\"GB\"",
	    .offset = TRUNK(country),
	    .help = "The country whose dialling plan national numbers are "
		    "read by." },
	{ .group = GROUP_TRUNK, .name = "area", .type = TYPE_STRING,
	    .form = FORM_DIGITS, .max = 8, .example = "\"20\"",
	    .offset = TRUNK(area),
	    .help = "The area code of the site, without trunk prefix, for "
		    "numbers dialled locally." },
	{ .group = GROUP_TRUNK, .name = "owners", .type = TYPE_STRINGS,
	    .max = 64, .example = "[ \"acme\" ]", .offset = TRUNK(owners),
	    .help = "Whose numbers of the inventory are owned on this trunk; "
		    "empty for all of them." },
	{ .group = GROUP_TRUNK, .name = "default_caller", .type = TYPE_STRING,
	    .form = FORM_E164, .max = 16, .example = "\"+442079460000\"",
	    .offset = TRUNK(default_caller),
	    .help = "The number that stands for callers whose own may not be "
		    "shown, where the policy names none." },
	{ .group = GROUP_TRUNK, .name = "media", .type = TYPE_CHOICE,
	    .choices = media_modes, .preset = "direct",
	    .offset = TRUNK(media_mode),
	    .help = "Audio goes directly between the two sides." },
	{ .group = GROUP_TRUNK, .name = "transfer", .type = TYPE_CHOICE,
	    .choices = transfer_modes, .preset = "auto",
	    .offset = TRUNK(transfer),
	    .help = "What becomes of a REFER from the trunk: local makes the "
		    "transfer here (a call to the target, then a re-INVITE), "
		    "forward passes it on, auto passes it on where the other "
		    "side's Allow has REFER." },
	{ .group = GROUP_TRUNK, .name = "transfer_caller",
	    .type = TYPE_CHOICE, .choices = transfer_callers,
	    .preset = "transferee", .offset = TRUNK(transfer_caller),
	    .help = "Who calls the target of a transfer that the trunk asked "
		    "for: the party that is transferred, or the one that "
		    "transfers." },
	{ .group = GROUP_TRUNK, .name = "replaces", .type = TYPE_CHOICE,
	    .choices = replaces_ways, .preset = "transfer",
	    .offset = TRUNK(replaces),
	    .help = "Who may name a call of the trunk in a Replaces: the trunk "
		    "itself, with transfer also another trunk in the Refer-To "
		    "of a REFER, with any also in an INVITE." },
	{ .group = GROUP_TRUNK, .name = "relay_headers", .type = TYPE_STRINGS,
	    .form = FORM_HEADER, .max = 64, .example = "[ \"X-Account-*\" ]",
	    .offset = TRUNK(relay_headers),
	    .help = "More header fields that are let through to and from the "
		    "trunk; a name may end in an asterisk." },
	{ .group = GROUP_TRUNK, .name = "allow", .type = TYPE_STRINGS,
	    .form = FORM_METHOD, .max = 32,
	    .example = "[ \"INVITE\", \"ACK\", \"BYE\", \"CANCEL\" ]",
	    .offset = TRUNK(allow),
	    .help = "The methods in Allow toward the trunk; empty for all that "
		    "Cordon knows." },
	{ .group = GROUP_TRUNK, .name = "require", .type = TYPE_CHOICE,
	    .choices = require_ways, .preset = "refuse",
	    .offset = TRUNK(require),
	    .help = "What becomes of a request of the trunk that requires an "
		    "extension which Cordon does not do itself: it is refused "
		    "with 420, or goes on with the extension in Supported." },
	{ .group = GROUP_TRUNK, .name = "offer", .type = TYPE_CHOICE,
	    .choices = offer_ways, .preset = "as-received",
	    .offset = TRUNK(offer),
	    .help = "What becomes of an INVITE without a session description "
		    "that leaves by the trunk: it goes as it came, or with an "
		    "offer of our own (early), for peers that want one in the "
		    "INVITE. See LATE OFFERS." },
	{ .group = GROUP_TRUNK, .name = "codecs", .type = TYPE_STRINGS,
	    .form = FORM_NAME, .max = 16,
	    .example = "[ \"PCMU\", \"PCMA\", \"telephone-event\" ]",
	    .offset = TRUNK(codecs),
	    .help = "The codecs of our own offer, in that order; empty for "
		    "PCMA, PCMU and telephone-event." },
	{ .group = GROUP_TRUNK, .name = "hold", .type = TYPE_CHOICE,
	    .choices = hold_forms, .preset = "as-received",
	    .offset = TRUNK(hold),
	    .help = "How the peers of the trunk are told that they are on hold: "
		    "as it came, by a=sendonly, by a=inactive, or by the address "
		    "0.0.0.0 of old devices. The answer is put back into what the "
		    "other side can take." },
	{ .group = GROUP_TRUNK, .name = "prack", .type = TYPE_CHOICE,
	    .choices = prack_ways, .preset = "off", .offset = TRUNK(prack),
	    .help = "Reliable provisional responses (RFC 3262) with the trunk: "
		    "off for calls that require them only; supported to offer "
		    "them, and to use them where the peer offers them; "
		    "required to demand them of the peers that we call." },
	{ .group = GROUP_TRUNK, .name = "forks", .type = TYPE_CHOICE,
	    .choices = fork_ways, .preset = "collapse", .offset = TRUNK(forks),
	    .help = "What a caller of the trunk sees when the other side forks "
		    "its call: one early dialog, in provisional responses with "
		    "the SDP of the first fork that has any and no other; or "
		    "keep for all that each fork says, each under a To tag of "
		    "its own, where provisional responses are not reliable." },
	{ .group = GROUP_TRUNK, .name = "ringing", .type = TYPE_CHOICE,
	    .choices = ringing_ways, .preset = "keep", .offset = TRUNK(ringing),
	    .help = "Which of 180 and 183 a caller of the trunk gets: keep for "
		    "the one that came; 180 makes a 180 of each 183 that "
		    "carries no SDP on its way out, and leaves one with SDP a "
		    "183; 183 makes a 183 of each 180, with or without SDP." },
	{ .group = GROUP_TRUNK, .name = "ringing_after",
	    .type = TYPE_DURATION, .scale = 1, .max = 5 * MINUTE,
	    .preset = "0s", .offset = TRUNK(ringing_after),
	    .help = "A caller of the trunk gets a 180 from us when the other "
		    "side has sent none of 101 to 199 for this long; 0 for "
		    "never." },
	{ .group = GROUP_TRUNK, .name = "redirect", .type = TYPE_CHOICE,
	    .choices = redirect_ways, .preset = "refuse",
	    .offset = TRUNK(redirect),
	    .help = "What becomes of a call that the trunk redirects with 300, "
		    "301 or 302: refuse; follow to ask the numbers that it "
		    "names, each routed as one that the caller dials, at most "
		    "five in all; relay to name them to the caller with our "
		    "own address, where they have a route and theirs is not "
		    "private." },
	{ .group = GROUP_TRUNK, .name = "silence", .type = TYPE_DURATION,
	    .scale = 1, .max = 30 * SECOND, .preset = "6s",
	    .offset = TRUNK(silence),
	    .help = "How long an INVITE to a peer may meet no answer at all, not "
		    "even 100, before the next target of the call is asked; "
		    "where there is none it waits for 64 times sip.t1, as RFC "
		    "3261 has it. 0 to wait so long in any case. See FAILOVER." },
	{ .group = GROUP_TRUNK, .name = "retry_after_max",
	    .type = TYPE_DURATION, .scale = SECOND, .max = 1 * HOUR,
	    .preset = "5m", .offset = TRUNK(retry_after_max),
	    .help = "A peer whose failure carries Retry-After gets no new calls "
		    "for so long, and for this at the most; 0 to give it calls "
		    "all the same. See FAILOVER." },
	{ .group = GROUP_TRUNK, .name = "max_calls", .type = TYPE_INTEGER,
	    .max = 1000000, .unit = "calls", .preset = "0",
	    .offset = TRUNK(max_calls),
	    .help = "The most calls of the trunk at once, in and out together; "
		    "0 for no limit." },
	{ .group = GROUP_TRUNK, .name = "calls_per_second",
	    .type = TYPE_INTEGER, .max = 100000, .unit = "calls a second",
	    .preset = "0", .offset = TRUNK(calls_per_second),
	    .help = "The most new calls a second of the trunk; 0 for no "
		    "limit." },
	{ .group = GROUP_TRUNK, .name = "options_interval",
	    .type = TYPE_DURATION, .scale = SECOND, .max = 24 * HOUR,
	    .preset = "0s", .example = "\"30s\"",
	    .offset = TRUNK(options_interval),
	    .help = "How often each peer is sent an OPTIONS, to learn whether "
		    "it answers and what it can do; 0 for never." },
	{ .group = GROUP_TRUNK, .name = "session_expires",
	    .type = TYPE_DURATION, .scale = SECOND, .max = 24 * HOUR,
	    .preset = "30m", .offset = TRUNK(session_expires),
	    .help = "The session timer (RFC 4028) that each call of the trunk is "
		    "offered, and the most that a peer gets; 0 to ask for none. "
		    "A peer that knows no timers has none, and a peer that "
		    "asks for one has its own in either case." },
	{ .group = GROUP_TRUNK, .name = "session_minimum",
	    .type = TYPE_DURATION, .scale = SECOND, .min = 2 * SECOND,
	    .max = 24 * HOUR, .preset = "90s",
	    .offset = TRUNK(session_minimum),
	    .help = "A peer's session timer that is shorter is answered 422. "
		    "RFC 4028 forbids less than 90s, which is good for tests "
		    "only." },
	{ .group = GROUP_TRUNK, .name = "session_refresher",
	    .type = TYPE_CHOICE, .choices = refreshers, .preset = "auto",
	    .offset = TRUNK(session_refresher),
	    .help = "Who refreshes the session where the choice is ours: Cordon, "
		    "the peer, or (auto) the peer that we call decides and "
		    "Cordon refreshes for the peer that calls us. With us, a "
		    "peer that knows timers and wants none is refreshed all the "
		    "same." },
	{ .group = GROUP_TRUNK, .name = "session_refresh",
	    .type = TYPE_CHOICE, .choices = refreshes, .preset = "auto",
	    .offset = TRUNK(session_refresh),
	    .help = "The method that refreshes: UPDATE, INVITE, or (auto) UPDATE "
		    "where the peer allows it, else INVITE." },
	{ .group = GROUP_TRUNK, .name = "session_options",
	    .type = TYPE_DURATION, .scale = SECOND, .max = 24 * HOUR,
	    .preset = "0s", .example = "\"60s\"",
	    .offset = TRUNK(session_options),
	    .help = "How often a peer without a session timer is asked by "
		    "OPTIONS inside the call whether it is there still; two in a "
		    "row without an answer, or answered 408 or 481, end the "
		    "call. 0 for never." },
	{ .group = GROUP_TRUNK, .name = "max_duration",
	    .type = TYPE_DURATION, .scale = SECOND, .max = 7 * 24 * HOUR,
	    .preset = "0s", .example = "\"4h\"",
	    .offset = TRUNK(max_duration),
	    .help = "As limits.max_duration, for calls of the trunk; the "
		    "shortest counts. For a call that a transfer brings to "
		    "the trunk it begins then." },

	{ .group = GROUP_ROUTE, .name = "from", .type = TYPE_STRING,
	    .form = FORM_NAME, .min = 1, .max = 63, .required = true,
	    .example = "\"pbx\"", .offset = ROUTE(from),
	    .help = "The trunk that the call comes from." },
	{ .group = GROUP_ROUTE, .name = "to", .type = TYPE_STRING,
	    .form = FORM_NAME, .min = 1, .max = 63, .required = true,
	    .example = "\"carrier\"", .offset = ROUTE(to),
	    .help = "The trunk that it goes to." },
	{ .group = GROUP_ROUTE, .name = "then", .type = TYPE_STRINGS,
	    .form = FORM_NAME, .max = 31, .example = "[ \"second-carrier\" ]",
	    .offset = ROUTE(then),
	    .help = "The trunks that are tried behind it, in this order. See "
		    "FAILOVER." },
	{ .group = GROUP_ROUTE, .name = "prefix", .type = TYPE_STRING,
	    .form = FORM_DIALLED, .max = 32, .example = "\"+44\"",
	    .offset = ROUTE(prefix),
	    .help = "What the dialled number, as received, has to begin with; "
		    "empty for every number. A service URN is dialled whole: "
		    "\"urn:service:sos\"." },
};

const size_t option_table_n = ARRAY_LEN(option_table);

const struct option *
option_find(enum option_group group, struct span name)
{
	size_t i;

	for (i = 0; i < option_table_n; i++)
		if (option_table[i].group == group &&
		    span_eq(span_of(option_table[i].name), name))
			return &option_table[i];
	return NULL;
}

const char *
option_nearest(enum option_group group, struct span name)
{
	const char *words[ARRAY_LEN(option_table) + GROUPS];
	size_t i, n = 0;

	for (i = 0; i < option_table_n; i++)
		if (option_table[i].group == group)
			words[n++] = option_table[i].name;
	for (i = GROUP_TOP + 1; group == GROUP_TOP && i < GROUPS; i++)
		words[n++] = option_groups[i].name;
	return word_nearest(name, words, n);
}

struct elements
option_elements(const struct config *config, enum option_group group)
{
	const struct group *g = &option_groups[group];
	struct elements e = { .size = g->size };

	memcpy(&e.list, (const char *)config + g->list, sizeof(e.list));
	memcpy(&e.n, (const char *)config + g->n, sizeof(e.n));
	return e;
}
