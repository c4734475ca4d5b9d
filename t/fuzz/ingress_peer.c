#include "ingress.h"

static char buffer[TEXT_MAX];

/* --- what a peer remembers --- */

static bool
keep(char *to, size_t size, struct span s)
{
	if (s.n >= size)
		return false;
	if (s.n > 0)
		memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	return true;
}

static struct talk *
add_talk(struct peer *peer)
{
	struct talk *talk = &peer->talks[peer->talks_n++ % TALKS];

	*talk = (struct talk){ .used = true };
	return talk;
}

static struct talk *
find_talk(struct peer *peer, struct span call_id, struct span own_tag)
{
	size_t i;

	for (i = 0; i < TALKS; i++) {
		struct talk *talk = &peer->talks[i];

		if (talk->used && span_eq(span_of(talk->call_id), call_id) &&
		    span_eq(span_of(talk->own_tag), own_tag))
			return talk;
	}
	return NULL;
}

/* A new call for the peer: it may ask in its dialog from now on. */
static void
hear_call(struct peer *peer, const struct sip_view *view)
{
	struct talk *talk = add_talk(peer);

	snprintf(talk->own_tag, sizeof(talk->own_tag), "%s-u0", peer->mark);
	talk->used = keep(talk->call_id, sizeof(talk->call_id), view->call_id) &&
	    keep(talk->their_tag, sizeof(talk->their_tag), view->from_tag);
}

static void
hear_request(struct peer *peer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	struct asked *a = &peer->asked[peer->asked_n++ % ASKED];

	a->path = *path;
	a->method = msg->method;
	a->tagged = view->to_tag.n > 0;
	a->used = keep(a->via, sizeof(a->via), view->via.whole) &&
	    keep(a->from, sizeof(a->from), view->from) &&
	    keep(a->to, sizeof(a->to), view->to) &&
	    keep(a->call_id, sizeof(a->call_id), view->call_id) &&
	    keep(a->cseq, sizeof(a->cseq), sip_value(msg, SIP_CSEQ));
	if (msg->method == SIP_METHOD_INVITE && !a->tagged)
		hear_call(peer, view);
}

void
peer_hears(struct peer *peer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	struct talk *talk;

	if (msg->request) {
		/* Nobody answers an ACK. */
		if (msg->method != SIP_METHOD_ACK)
			hear_request(peer, msg, view, path);
		return;
	}
	talk = find_talk(peer, view->call_id, view->from_tag);
	if (talk != NULL && talk->their_tag[0] == '\0' && msg->status > 100)
		keep(talk->their_tag, sizeof(talk->their_tag), view->to_tag);
	if (talk != NULL && sip_has(msg, SIP_RSEQ))
		sip_rseq_read(sip_value(msg, SIP_RSEQ), &talk->rseq);
}

/* --- from a template to the wire --- */

static const char *const pieces[] = { "\r\n", "\r\n ", "\"", "<", ">", ";",
	",", ";tag=x", ":", "\t", "%", "\\", "\xff", "sip:", "0000000000",
	"\r\nTo: <sip:a@b>" };

static size_t
insert(char *text, size_t n, size_t at, const char *what, size_t len)
{
	if (n + len > TEXT_MAX)
		return n;
	memmove(text + at + len, text + at, n - at);
	memcpy(text + at, what, len);
	return n + len;
}

static size_t
line_end(const char *text, size_t n, size_t at)
{
	const char *end = memchr(text + at, '\n', n - at);

	return end == NULL ? n : (size_t)(end - text) + 1;
}

/* One change, as its four bytes say: which, where (2), with what. */
static size_t
mutate(char *text, size_t n, const unsigned char how[static 4])
{
	size_t at = (size_t)(how[1] << 8 | how[2]) % (n + 1), end;
	const char *piece = pieces[how[3] % ARRAY_LEN(pieces)];

	switch (how[0] % 6) {
	case 0:
		return insert(text, n, at, piece, strlen(piece));
	case 1:
		return insert(text, n, at, (const char *)&how[3], 1);
	case 2:
		if (at < n)
			text[at] = (char)how[3];
		return n;
	case 3:
		end = at + how[3] < n ? at + how[3] : n;
		break;
	case 4: /* the rest of a line, and its end */
		end = line_end(text, n, at);
		break;
	default:
		return how[3] < 64 ? at : n;
	}
	memmove(text + at, text + end, n - end);
	return n - (end - at);
}

static size_t
mutate_all(char *text, size_t n)
{
	size_t i;

	for (i = 0; i + 4 <= world.mutation_n; i += 4)
		n = mutate(text, n,
		    (const unsigned char *)world.mutation + i);
	if (world.mutation_n >= 4)
		world.dirty = true;
	world.mutation_n = 0;
	return n;
}

void
peer_says(struct peer *peer, const char *bytes, size_t n)
{
	free(peer->last);
	peer->last = malloc(n + 1);
	FUZZ_CHECK(peer->last != NULL);
	memcpy(peer->last, bytes, n);
	peer->last_n = n;
	peer_repeats(peer);
}

void
peer_repeats(struct peer *peer)
{
	if (peer->last != NULL)
		world_receive(&peer->path, peer->last, peer->last_n, 0, 0);
}

/* --- pieces of templates --- */

#define SDP                                                                    \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\n"   \
	"t=0 0\r\nm=audio 4000 RTP/AVP 8 0 101\r\n"                            \
	"a=rtpmap:101 telephone-event/8000\r\n"

static const struct {
	const char *type;
	const char *text;
} bodies[] = {
	{ NULL, "" },
	{ "application/sdp", SDP },
	{ "application/sdp", SDP "a=sendonly\r\nm=video 0 RTP/AVP 31\r\n" },
	{ NULL, "" },
	{ "multipart/mixed;boundary=x",
	    "--x\r\nContent-Type: application/sdp\r\n\r\n" SDP
	    "\r\n--x\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x--\r\n" },
	{ "application/sdp", "v=0\r\nm=audio\r\n" },
	{ "text/plain", "hello" },
	{ "application/dtmf-relay", "Signal=1\r\n" },
};

static const char *const fields[] = {
	"",
	"",
	"P-Asserted-Identity: \"B\" <sip:02079460001@192.0.2.10>\r\n",
	"P-Asserted-Identity: <tel:+442079460001>\r\nPrivacy: id\r\n",
	"Diversion: <sip:02079460002@192.0.2.10>;reason=no-answer\r\n",
	"Reason: Q.850;cause=16;text=\"Normal\"\r\n",
	"Supported: 100rel, timer\r\nSession-Expires: 90\r\nMin-SE: 90\r\n",
	"Require: 100rel\r\nRSeq: 1\r\nUnsupported: 100rel\r\n",
	"Proxy-Require: a, b\r\n",
	"Remote-Party-ID: <sip:1@192.0.2.10>;party=calling\r\n",
	"X-Thing: 1\r\nX-Secret: 2\r\nSubject: a\r\n folded\r\n",
	"Content-Encoding: gzip\r\n",
	"Warning: 399 a \"b\"\r\nRetry-After: 5\r\n",
	"WWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\n",
	"Refer-To: <sip:+442079460009@192.0.2.1>\r\nEvent: refer\r\n",
	"Referred-By: <sip:b@192.0.2.10>\r\nP-Early-Media: supported\r\n",
	"RAck: 1 1 INVITE\r\nAllow: INVITE, ACK\r\nAccept: text/plain\r\n",
};

/* A Contact that may be missing or odd, and routes. */
static void
add_contact(struct text *t, const struct peer *peer, unsigned how)
{
	switch (how % 8) {
	case 0:
		return;
	case 1:
		text_addf(t, "Contact: *\r\n");
		return;
	case 2:
		text_addf(t, "Contact: <sip:%s@far.example.com;transport=tcp>\r\n",
		    peer->mark);
		break;
	default:
		text_addf(t, "Contact: <sip:%s@%s>\r\n", peer->mark,
		    peer->address);
	}
	if (how % 8 == 3)
		text_addf(t, "Record-Route: <sip:%s;lr>, <sip:%s.example>\r\n",
		    peer->address, peer->mark);
	if (how % 8 == 4)
		text_addf(t, "Record-Route: <sip:%s.example>\r\n", peer->mark);
}

static void
add_body(struct text *t, unsigned which)
{
	const char *type = bodies[which % ARRAY_LEN(bodies)].type;
	const char *text = bodies[which % ARRAY_LEN(bodies)].text;

	if (type != NULL)
		text_addf(t, "Content-Type: %s\r\n", type);
	text_addf(t, "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
}

static void
send_text(struct peer *peer, struct text *t)
{
	FUZZ_CHECK(!t->overflow);
	peer_says(peer, buffer, mutate_all(buffer, t->len));
}

/* --- requests --- */

static const char *const dialled[] = { "+442079460000", "02079460000",
	"+15551234", "999", "a%20b", "+44;phone-context=x", "", "*31#" };

static void
add_via(struct text *t, const struct peer *peer, unsigned branch, bool more)
{
	text_addf(t, "Via: SIP/2.0/%s %s;branch=z9hG4bK%s%u%s\r\n", peer->via,
	    peer->address, peer->mark, branch, branch % 4 ? ";rport" : "");
	if (more)
		text_addf(t,
		    "Via: SIP/2.0/TCP a.example;branch=z9hG4bK-%s,\r\n"
		    " SIP/2.0/UDP [2001:db8::1]:5070;branch=1\r\n",
		    peer->mark);
}

void
peer_invites(struct peer *peer, const uint8_t how[static 3])
{
	const char *number = dialled[how[0] % ARRAY_LEN(dialled)];
	struct talk *talk = add_talk(peer);
	struct text t = text_over(buffer, sizeof(buffer));

	talk->caller = true;
	snprintf(talk->call_id, sizeof(talk->call_id), "%u@%s", peer->talks_n,
	    peer->mark);
	snprintf(talk->own_tag, sizeof(talk->own_tag), "%s-c", peer->mark);
	talk->cseq = talk->invite_cseq = 1;
	talk->branch = talk->invite_branch = peer->talks_n * 1000;
	text_addf(&t, "INVITE sip:%s@%s SIP/2.0\r\n", number, peer->us);
	add_via(&t, peer, talk->branch, how[1] & 16);
	text_addf(&t,
	    "Max-Forwards: %u\r\n"
	    "From: \"A\" <sip:02079461111@192.0.2.10>;tag=%s\r\n"
	    "To: <sip:%s@%s>\r\n"
	    "Call-ID: %s\r\nCSeq: 1 INVITE\r\n%s",
	    how[1] & 32 ? 0 : 70, talk->own_tag, number, peer->us,
	    talk->call_id, fields[how[1] % ARRAY_LEN(fields)]);
	add_contact(&t, peer, 7 - how[2] / 8u % 8);
	add_body(&t, how[2] + 1u);
	send_text(peer, &t);
}

enum ask { ASK_ACK, ASK_ACK_FAILURE, ASK_CANCEL, ASK_OTHER };

static const struct {
	const char *name;
	enum ask kind;
} methods[] = {
	{ "ACK", ASK_ACK },
	{ "BYE", ASK_OTHER },
	{ "INVITE", ASK_OTHER },
	{ "CANCEL", ASK_CANCEL },
	{ "UPDATE", ASK_OTHER },
	{ "ACK", ASK_ACK_FAILURE },
	{ "INFO", ASK_OTHER },
	{ "OPTIONS", ASK_OTHER },
	{ "REFER", ASK_OTHER },
	{ "MESSAGE", ASK_OTHER },
	{ "PRACK", ASK_OTHER },
	{ "NOTIFY", ASK_OTHER },
	{ "SUBSCRIBE", ASK_OTHER },
	{ "REGISTER", ASK_OTHER },
	{ "PUBLISH", ASK_OTHER },
	{ "WONDER", ASK_OTHER },
};

/* The next request of that kind: which CSeq and branch it has. */
static void
count_request(struct talk *talk, enum ask kind, bool invite, unsigned *cseq,
    unsigned *branch)
{
	*cseq = talk->invite_cseq;
	*branch = talk->invite_branch;
	if (kind == ASK_ACK)
		*branch = ++talk->branch;
	if (kind != ASK_OTHER)
		return;
	*cseq = ++talk->cseq;
	*branch = ++talk->branch;
	if (invite) {
		talk->invite_cseq = *cseq;
		talk->invite_branch = *branch;
	}
}

#define WRONG_CALL_ID 16
#define WRONG_TAG     32
#define NO_TAG        64
#define OLD_CSEQ      128

static void
add_dialog(struct text *t, const struct peer *peer, const struct talk *talk,
    bool tagged, unsigned flags)
{
	text_addf(t,
	    "Max-Forwards: 70\r\n"
	    "From: <sip:02079461111@192.0.2.10>;tag=%s\r\n"
	    "To: <sip:+442079460000@%s>%s%s%s\r\n"
	    "Call-ID: %s%s\r\n",
	    talk->own_tag, peer->us, tagged ? ";tag=" : "",
	    tagged ? talk->their_tag : "", flags & WRONG_TAG ? "1" : "",
	    talk->call_id, flags & WRONG_CALL_ID ? "x" : "");
}

void
peer_asks(struct peer *peer, const uint8_t how[static 3])
{
	size_t which = how[0] % ARRAY_LEN(methods);
	struct talk *talk =
	    &peer->talks[(peer->talks_n + TALKS - 1 - how[1] % 4u) % TALKS];
	struct text t = text_over(buffer, sizeof(buffer));
	bool invite = which == 2, tagged;
	unsigned cseq, branch;

	if (!talk->used) {
		peer_asks_outside(peer, how);
		return;
	}
	count_request(talk, methods[which].kind, invite, &cseq, &branch);
	if (how[1] & OLD_CSEQ)
		cseq = cseq > 1 ? cseq - 2 : 4294967295u;
	tagged = talk->their_tag[0] != '\0' && !(how[1] & NO_TAG) &&
	    (methods[which].kind != ASK_CANCEL || talk->invite_cseq > 1);
	text_addf(
	    &t, "%s sip:%s SIP/2.0\r\n", methods[which].name, peer->us);
	add_via(&t, peer, branch, false);
	add_dialog(&t, peer, talk, tagged, how[1]);
	text_addf(&t, "CSeq: %u %s\r\n%s", cseq, methods[which].name,
	    fields[how[0] / 16 % ARRAY_LEN(fields)]);
	if (talk->rseq != 0 && strcmp(methods[which].name, "PRACK") == 0)
		text_addf(&t, "RAck: %u 1 INVITE\r\n", talk->rseq);
	add_contact(&t, peer, 7 - how[2] / 8u % 8);
	add_body(&t, how[2]);
	send_text(peer, &t);
}

void
peer_asks_outside(struct peer *peer, const uint8_t how[static 3])
{
	const char *method = methods[how[0] % ARRAY_LEN(methods)].name;
	struct text t = text_over(buffer, sizeof(buffer));

	text_addf(&t, "%s sip:%s@%s SIP/2.0\r\n", method,
	    dialled[how[1] % ARRAY_LEN(dialled)], peer->us);
	add_via(&t, peer, 100000u + how[1], how[1] & 16);
	text_addf(&t,
	    "Max-Forwards: 70\r\n"
	    "From: <sip:a@%s>;tag=%s-o\r\nTo: <sip:b@%s>%s\r\n"
	    "Call-ID: out%u@%s\r\nCSeq: %u %s\r\n%s",
	    peer->address, peer->mark, peer->us,
	    how[1] & 32 ? ";tag=no-such" : "", how[1], peer->mark, how[2],
	    method, fields[how[0] / 16 % ARRAY_LEN(fields)]);
	add_contact(&t, peer, how[2]);
	add_body(&t, how[2] / 8u);
	send_text(peer, &t);
}

/* --- responses --- */

static const char *const statuses[] = { "200 OK", "180 Ringing", "100 Trying",
	"183 Session Progress", "486 Busy Here", "481 No", "302 Moved",
	"407 Proxy Authentication Required", "408 Request Timeout",
	"487 Request Terminated", "491 Request Pending", "500 Server Error",
	"503 Service Unavailable", "420 Bad Extension", "199 Early", "202 Accepted" };

/* What a 302 names. */
static const char *const targets[] = {
	"<sip:+442079460001@203.0.113.9>",
	"<sip:+442079460002@10.0.0.1;cause=486?Subject=x>;q=0.2, "
	"<sip:+442079460003@x>;q=0.7, <tel:+14155550100>",
	"<sip:+442079460000@x>, <sip:+442079460001@x>, <sip:4@x>, <sip:5@x>, "
	"<sip:6@x>, <sip:7@x>, <sip:8@x>",
	"\"B\" <sip:112@192.0.2.1>;q=1.5, *, <sip:%00@x>, <>",
};

#define WRONG_BRANCH 16
#define WRONG_CSEQ   32

static void
add_echo(struct text *t, const struct peer *peer, const struct asked *a,
    unsigned flags, unsigned fork)
{
	text_addf(t, "Via: %s%s\r\nFrom: %s\r\nTo: %s", a->via,
	    flags & WRONG_BRANCH ? "x" : "", a->from, a->to);
	if (!a->tagged && fork < 4)
		text_addf(t, ";tag=%s-u%u", peer->mark, fork);
	text_addf(t, "\r\nCall-ID: %s\r\nCSeq: %s%s\r\n", a->call_id,
	    flags & WRONG_CSEQ ? "1" : "", a->cseq);
}

/* Which of the last, whose tag, and what is wrong with it: the second byte. */
void
peer_answers(struct peer *peer, const uint8_t how[static 3])
{
	unsigned from_last = how[1] % 4u, fork = how[0] / 16u % 8;
	struct asked *a =
	    &peer->asked[(peer->asked_n + ASKED - 1 - from_last) % ASKED];
	struct text t = text_over(buffer, sizeof(buffer));
	struct net_path own = peer->path;

	if (peer->asked_n == 0 || !a->used)
		return;
	text_addf(&t, "SIP/2.0 %s\r\n", statuses[how[0] % ARRAY_LEN(statuses)]);
	add_echo(&t, peer, a, how[1], fork > 4 ? 0 : fork);
	text_addf(&t, "%s", how[1] & 64 ? fields[how[2] % ARRAY_LEN(fields)] :
					  "");
	if (statuses[how[0] % ARRAY_LEN(statuses)][0] == '3')
		text_addf(&t, "Contact: %s\r\n",
		    targets[how[2] / 8u % ARRAY_LEN(targets)]);
	else
		add_contact(&t, peer, 7 - how[2] / 8u % 8);
	add_body(&t, a->method == SIP_METHOD_INVITE ? how[2] + 1u : how[2]);
	if (!(how[1] & 128))
		peer->path = a->path;
	send_text(peer, &t);
	peer->path = own;
}
