/*
 * pcap_fuzz.c - any file as a capture: it ends, and messages lie in one
 * piece and begin like SIP
 */

#include "capture/segment.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[CAPTURE_ERROR_MAX];
	struct capture_message message;
	struct capture_figures figures;
	struct capture *capture;
	uint64_t messages = 0;
	unsigned sum = 0;
	size_t i;
	FILE *file;

	if (size == 0)
		return 0;
	file = fmemopen((void *)(uintptr_t)data, size, "r");
	FUZZ_CHECK(file != NULL);
	capture = capture_open(file, error);
	if (capture == NULL)
		return 0;
	while (capture_next(capture, &message)) {
		messages++;
		FUZZ_CHECK(message.packet > 0);
		FUZZ_CHECK(segment_begins_sip(message.bytes));
		for (i = 0; i < message.bytes.n; i++)
			sum += (unsigned char)message.bytes.p[i];
	}
	capture_get_figures(capture, &figures);
	FUZZ_CHECK(figures.messages == messages);
	FUZZ_CHECK(sum > 0 || messages == 0);
	FUZZ_CHECK(!capture_next(capture, &message));
	capture_close(capture);
	return 0;
}
