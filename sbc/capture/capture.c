#include "capture/capture.h"

#include <pcap/pcap.h>
#include <stdlib.h>

#include "base/container.h"
#include "capture/datagram.h"
#include "capture/segment.h"

struct capture {
	pcap_t *pcap;
	int link;
	struct fragments *fragments;
	struct flows *flows;
	struct capture_figures figures;
	struct capture_message packet; /* what is known of the last one */
	bool ended;   /* at the end, or where the file makes no sense */
	bool in_flow; /* the flow of the last packet may have more */
	bool cut;     /* the last packet was not captured whole */
	bool faulty;
	char fault[CAPTURE_ERROR_MAX];
};

bool
capture_is_magic(struct span bytes)
{
	static const char magics[][4] = {
		{ '\xd4', '\xc3', '\xb2', '\xa1' },
		{ '\xa1', '\xb2', '\xc3', '\xd4' },
		{ '\x4d', '\x3c', '\xb2', '\xa1' },
		{ '\xa1', '\xb2', '\x3c', '\x4d' },
		{ '\x34', '\xcd', '\xb2', '\xa1' },
		{ '\xa1', '\xb2', '\xcd', '\x34' },
		{ '\x0a', '\x0d', '\x0d', '\x0a' },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(magics); i++)
		if (span_starts(bytes, span_make(magics[i], 4)))
			return true;
	return false;
}

static struct capture *
fail(struct capture *capture, char error[static CAPTURE_ERROR_MAX],
    const char *why)
{
	snprintf(error, CAPTURE_ERROR_MAX, "%s", why);
	capture_close(capture);
	return NULL;
}

struct capture *
capture_open(FILE *file, char error[static CAPTURE_ERROR_MAX])
{
	struct capture *capture = calloc(1, sizeof(*capture));
	char why[PCAP_ERRBUF_SIZE] = "";

	if (capture == NULL) {
		fclose(file);
		return fail(NULL, error, "out of memory");
	}
	capture->pcap = pcap_fopen_offline(file, why);
	if (capture->pcap == NULL) {
		fclose(file);
		return fail(capture, error, why);
	}
	capture->link = pcap_datalink(capture->pcap);
	if (!datagram_knows_link(capture->link))
		return fail(capture, error,
		    "the link type of this capture is not known here");
	capture->fragments = fragments_create();
	capture->flows = flows_create(&capture->figures);
	if (capture->fragments == NULL || capture->flows == NULL)
		return fail(capture, error, "out of memory");
	return capture;
}

void
capture_close(struct capture *capture)
{
	if (capture == NULL)
		return;
	if (capture->pcap != NULL)
		pcap_close(capture->pcap);
	fragments_destroy(capture->fragments);
	flows_destroy(capture->flows);
	free(capture);
}

static bool
next_packet(struct capture *capture, struct span *frame)
{
	struct pcap_pkthdr *head;
	const unsigned char *bytes;
	int got = capture->ended ? PCAP_ERROR_BREAK
				 : pcap_next_ex(capture->pcap, &head, &bytes);

	if (got == 1) {
		*frame = span_make((const char *)bytes, head->caplen);
		capture->figures.packets++;
		capture->packet.packet = capture->figures.packets;
		capture->cut = head->caplen < head->len;
		capture->packet.time = (uint64_t)head->ts.tv_sec * 1000000 +
		    (uint64_t)head->ts.tv_usec;
		return true;
	}
	capture->ended = true;
	if (got != PCAP_ERROR_BREAK) {
		capture->faulty = true;
		snprintf(capture->fault, sizeof(capture->fault), "%s",
		    pcap_geterr(capture->pcap));
	}
	return false;
}

static void
count_packet(
    struct capture *capture, enum datagram_result result, bool reassembled)
{
	struct capture_figures *f = &capture->figures;

	if (capture->cut &&
	    (result == DATAGRAM_BROKEN || result == DATAGRAM_TCP))
		f->cut++;
	else if (result == DATAGRAM_BROKEN)
		f->broken++;
	f->cut += result == DATAGRAM_CUT;
	f->foreign += result == DATAGRAM_FOREIGN;
	f->fragments += result == DATAGRAM_FRAGMENT || reassembled;
}

/* As where the daemon reads them: line ends before a message are none of it. */
static struct span
skip_line_ends(struct span s)
{
	while (s.n > 0 && (s.p[0] == '\r' || s.p[0] == '\n'))
		s = span_from(s, 1);
	return s;
}

/* True when the packet is a message by itself. */
static bool
take_packet(struct capture *capture, struct span frame)
{
	struct capture_message *packet = &capture->packet;
	struct datagram d;
	enum datagram_result result = datagram_read(
	    capture->fragments, capture->link, packet->time, frame, &d);

	packet->from = d.from;
	packet->to = d.to;
	packet->stream = result == DATAGRAM_TCP;
	count_packet(capture, result, d.reassembled);
	if (result == DATAGRAM_TCP) {
		flows_take(capture->flows, &d);
		capture->in_flow = true;
	}
	if (result != DATAGRAM_UDP)
		return false;
	packet->bytes = skip_line_ends(d.payload);
	if (segment_begins_sip(packet->bytes))
		return true;
	capture->figures.foreign++;
	return false;
}

/* Behind the last packet: streams whose missing piece never came. */
static bool
next_drained(struct capture *capture)
{
	struct capture_message *packet = &capture->packet;

	packet->stream = true;
	capture->in_flow =
	    flows_drain(capture->flows, &packet->from, &packet->to);
	return capture->in_flow;
}

bool
capture_next(struct capture *capture, struct capture_message *message)
{
	struct span frame, bytes;

	for (;;) {
		if (capture->in_flow && flows_next(capture->flows, &bytes)) {
			capture->packet.bytes = bytes;
			if (segment_begins_sip(bytes))
				break;
			capture->figures.foreign++;
			continue;
		}
		capture->in_flow = false;
		if (!next_packet(capture, &frame)) {
			if (!next_drained(capture))
				return false;
			continue;
		}
		if (take_packet(capture, frame))
			break;
	}
	capture->figures.messages++;
	*message = capture->packet;
	return true;
}

const char *
capture_fault(const struct capture *capture)
{
	return capture->faulty ? capture->fault : NULL;
}

void
capture_get_figures(
    const struct capture *capture, struct capture_figures *out)
{
	*out = capture->figures;
	out->incomplete += fragments_incomplete(capture->fragments);
}
