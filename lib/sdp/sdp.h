/*
 * sdp.h - a session description (RFC 4566, RFC 8866): its lines, read once
 *
 * The reader is tolerant: a bare LF, a missing last line end, unknown lines
 * and lines in an odd order are taken as they are. What cannot be made sense
 * of is refused with a sentence. Nothing is copied or allocated: everything
 * points into the body. Changes are made by sdp_edit.h, which keeps every
 * other byte.
 */

#ifndef CORDON_SDP_SDP_H
#define CORDON_SDP_SDP_H

#include "base/address.h"
#include "base/span.h"

#define SDP_BODY_MAX    65536
#define SDP_LINES_MAX   512
#define SDP_MEDIA_MAX   32
#define SDP_FORMATS_MAX 128 /* of one m-line */

/* The session itself, where a function takes the index of a media. */
#define SDP_SESSION (-1)

enum sdp_direction {
	SDP_NO_DIRECTION, /* not said: sendrecv */
	SDP_SENDRECV,
	SDP_SENDONLY,
	SDP_RECVONLY,
	SDP_INACTIVE
};

/* An address of a c=, o= or a=rtcp line. */
struct sdp_host {
	struct span type;  /* "IP4" */
	struct span text;  /* "192.0.2.1" or a name; without "/ttl" */
	struct address ip; /* family 0: a name */
};

struct sdp_origin {
	struct span user; /* may hold blanks: some devices send a full name */
	struct span session;
	struct span version;
	struct sdp_host host;
};

/* One m= line, and the lines that belong to it. */
struct sdp_media {
	struct span kind; /* "audio" */
	uint16_t port;    /* 0: refused or switched off */
	uint16_t count;   /* behind the '/', 1 when absent */
	struct span proto;   /* "RTP/AVP" */
	struct span formats; /* "0 8 101"; empty only when the port is 0 */
	unsigned first;      /* index of the m= line */
	unsigned end;        /* behind its last line */
	int connection;      /* index of its first c= line, -1: none */
	enum sdp_direction direction; /* its own, not the session's */
};

struct sdp {
	struct span body;
	struct span lines[SDP_LINES_MAX]; /* without their ends */
	unsigned lines_n;
	unsigned session_end; /* index of the first m= line */
	int connection;       /* of the session, -1: none */
	int origin;           /* index of the o= line, -1: none */
	enum sdp_direction direction; /* of the session */
	unsigned media_n;
	struct sdp_media media[SDP_MEDIA_MAX];
};

/*
 * Reads `body`, which must outlive the result. False with a sentence in *fault
 * (answer 488, SDP-INVALID): no v=0 first, a second v=, a line that is not
 * "x=...", an m= line that is not "kind port[/n] proto format...", an
 * unreadable c=, a media in use without any c=, a control byte, or more than
 * the limits above.
 */
bool sdp_read(struct sdp *sdp, struct span body, const char **fault);

/* Reads the text of one m= line; first, end, connection and direction are left
 * alone. */
bool sdp_media_parse(struct span line, struct sdp_media *media);

/* The address in a c=, o=, a=rtcp or a=candidate line (a candidate has no
 * type). False when it has none. */
bool sdp_host_parse(struct span line, struct sdp_host *host);

/* The next line of that type in the session part or in a media, at or behind
 * index `from` (0: from its start); -1 when there is none. */
int sdp_find(const struct sdp *sdp, int media, char type, unsigned from);

/* The next "a=name" or "a=name:value" (names are case-sensitive); *value is
 * empty without a colon. `value` may be NULL. */
int sdp_find_attribute(const struct sdp *sdp, int media, struct span name,
    unsigned from, struct span *value);

/* Cuts the next field, as of media->formats, off *rest: fields are separated
 * by blanks. False at the end. */
bool sdp_field_next(struct span *rest, struct span *field);

/* Splits the text of an a= line; false for other lines. */
bool sdp_attribute_parse(
    struct span line, struct span *name, struct span *value);

/* Where media is to be sent: the media's c= line, else the session's.
 * ip.port is the media's port. False when there is none (the port is then
 * 0). */
bool sdp_connection(const struct sdp *sdp, int media, struct sdp_host *host);

/* False without a readable o= line. */
bool sdp_origin(const struct sdp *sdp, struct sdp_origin *origin);

/* Its own direction, else the session's, else sendrecv. */
enum sdp_direction sdp_direction(const struct sdp *sdp, int media);
/* What an a= line says; SDP_NO_DIRECTION for every other line. */
enum sdp_direction sdp_direction_parse(struct span line);
/* "sendrecv"; of SDP_NO_DIRECTION too. */
const char *sdp_direction_name(enum sdp_direction direction);

/* The other side is put on hold: sendonly, inactive, or the address 0.0.0.0 or
 * :: of RFC 2543. A media with port 0 is not held but off. */
bool sdp_media_held(const struct sdp *sdp, int media);

/* How one media is held by who wrote the description (RFC 3264 section 8.4). A
 * direction counts before the address: of sendonly and 0.0.0.0 the first is
 * told. */
enum sdp_hold {
	SDP_HOLD_NONE,     /* sendrecv, with an address */
	SDP_HOLD_SENDONLY, /* music may come */
	SDP_HOLD_RECVONLY, /* held by the other side */
	SDP_HOLD_INACTIVE,
	SDP_HOLD_ADDRESS, /* 0.0.0.0 or :: (RFC 2543), sendrecv or no direction */
	SDP_HOLD_OFF      /* port 0: refused or switched off */
};
enum sdp_hold sdp_hold(const struct sdp *sdp, int media);

/* Line by line the same but for the o= line and for line ends: what another
 * author may send for it. */
bool sdp_same_but_origin(const struct sdp *a, const struct sdp *b);
/* The same m-lines by kind, number and order, as an answer has those of its
 * offer (RFC 3264 section 6). */
bool sdp_same_media(const struct sdp *a, const struct sdp *b);

#endif
