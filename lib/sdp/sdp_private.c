/*
 * sdp_private.c - addresses that the other side cannot reach
 */

#include "sdp/sdp_target.h"

struct replacing {
	struct sdp_edits *edits;
	const struct sdp_replacement *how;
	const struct sdp_changed *changed;
	int media;
	unsigned line;
	unsigned changes;
};

static bool
is_wanted(const struct replacing *r, const struct address *ip)
{
	return ip->family != 0 && !address_is_unspecified(ip) &&
	       !address_same_ip(ip, r->how->with) &&
	       r->how->wanted(r->how->arg, ip);
}

static void
tell(struct replacing *r, const char *part, struct span before,
    struct span after)
{
	struct sdp_target target;

	r->changes++;
	sdp_tell(
	    r->changed, sdp_target(&target, r->media, part), before, after);
}

/* The line with another address; what stands before and behind it is kept, but
 * for a TTL, which only an IPv4 address may have. */
static void
replace_host(struct replacing *r, struct span line, const char *part,
    const struct sdp_host *host)
{
	const struct address *with = r->how->with;
	struct text *t = &r->edits->scratch;
	size_t mark = sdp_edit_mark(r->edits), at;
	struct span behind = span_between(span_end(host->text), span_end(line));
	struct span type = with->family == AF_INET ? SPAN("IP4") : SPAN("IP6");
	struct span text, after;

	if (span_ieq(host->type, type)) {
		text_add(t, span_between(line.p, host->text.p));
	} else {
		text_add(t, span_between(line.p, host->type.p));
		text_add(t, type);
		text_add_char(t, ' ');
		while (behind.n > 0 && behind.p[0] != ' ')
			behind = span_from(behind, 1);
	}
	at = t->len;
	address_add_ip(t, with);
	after = text_since(t, at);
	text_add(t, behind);
	text = sdp_edit_keep(r->edits, mark);
	if (!span_empty(text) && sdp_edit_replace(r->edits, r->line, text))
		tell(r, part, host->text, after);
}

static bool
any_wanted(const struct replacing *r, struct span value)
{
	struct span word;
	struct address ip;

	while (!span_empty(value)) {
		word = span_cut(value, ' ', &value);
		if (address_parse_ip(word, &ip) && is_wanted(r, &ip))
			return true;
	}
	return false;
}

static bool
is_dead_candidate(const struct replacing *r, struct span line)
{
	struct sdp_host host;

	if (!sdp_host_parse(line, &host))
		return false;
	/* A name of multicast DNS is private too (RFC 8828). */
	if (host.ip.family == 0)
		return span_iends(host.text, SPAN(".local"));
	return is_wanted(r, &host.ip);
}

static void
look_at_attribute(struct replacing *r, struct span line)
{
	struct span name, value;
	struct sdp_host host;
	const char *part = NULL;

	if (!sdp_attribute_parse(line, &name, &value))
		return;
	if (span_eq(name, SPAN("rtcp"))) {
		if (sdp_host_parse(line, &host) && is_wanted(r, &host.ip))
			replace_host(r, line, "rtcp", &host);
		return;
	}
	if (r->how->keep_candidates)
		return;
	if (span_eq(name, SPAN("candidate")) && is_dead_candidate(r, line))
		part = "candidate";
	else if (span_eq(name, SPAN("remote-candidates")) &&
		 any_wanted(r, value))
		part = "remote-candidates";
	if (part != NULL && sdp_edit_delete(r->edits, r->line))
		tell(r, part, value, SPAN_NONE);
}

static void
look_at_line(struct replacing *r)
{
	struct span line = sdp_edit_line(r->edits, r->line);
	struct sdp_host host;

	if (line.n < 2)
		return;
	if (line.p[0] == 'a')
		look_at_attribute(r, line);
	else if ((line.p[0] == 'c' || line.p[0] == 'o') &&
		 sdp_host_parse(line, &host) && is_wanted(r, &host.ip))
		replace_host(r, line, line.p[0] == 'c' ? "c" : "o", &host);
}

unsigned
sdp_replace_addresses(struct sdp_edits *edits,
    const struct sdp_replacement *how, const struct sdp_changed *changed)
{
	const struct sdp *sdp = edits->sdp;
	struct replacing r = { edits, how, changed, SDP_SESSION, 0, 0 };

	if (how->with->family == 0)
		return 0;
	for (; r.line < sdp->lines_n; r.line++) {
		if (r.media + 1 < (int)sdp->media_n &&
		    r.line == sdp->media[r.media + 1].first)
			r.media++;
		look_at_line(&r);
	}
	return r.changes;
}

static bool
is_private(void *arg, const struct address *ip)
{
	(void)arg;
	return address_is_private(ip);
}

unsigned
sdp_replace_private(struct sdp_edits *edits, const struct address *with,
    bool keep_candidates, const struct sdp_changed *changed)
{
	struct sdp_replacement how = {
		.wanted = is_private,
		.with = with,
		.keep_candidates = keep_candidates,
	};

	return sdp_replace_addresses(edits, &how, changed);
}
