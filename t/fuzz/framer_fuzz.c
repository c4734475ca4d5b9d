/*
 * framer_fuzz.c - any stream: the same messages in one piece and in many
 *
 * The first byte says how the rest is split.
 */

#include <stdlib.h>

#include "net/framer.h"

#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What came out, in order: kinds, lengths and a sum of the bytes. */
struct outcome {
	uint64_t sum;
	unsigned results;
	bool partial;
	bool broken;
};

static void
add(struct outcome *outcome, uint64_t v)
{
	outcome->sum = (outcome->sum ^ v) * UINT64_C(0x100000001b3);
}

static void
check_alone(struct span message)
{
	struct framer framer = { 0 };
	struct span again = SPAN_NONE;

	MUST(message.n <= FRAMER_MESSAGE_MAX);
	MUST(framer_add(&framer, message));
	MUST(framer_next(&framer, &again) == FRAMER_MESSAGE);
	MUST(span_eq(again, message) && !framer_partial(&framer));
	MUST(framer_next(&framer, &again) == FRAMER_MORE);
	framer_fini(&framer);
}

static void
take(struct framer *framer, struct outcome *outcome)
{
	while (!outcome->broken) {
		struct span message = SPAN_NONE;
		enum framer_result result = framer_next(framer, &message);
		size_t i;

		outcome->partial = framer_partial(framer);
		if (result == FRAMER_MORE)
			return;
		outcome->results++;
		add(outcome, result);
		add(outcome, message.n);
		for (i = 0; i < message.n; i++)
			add(outcome, (unsigned char)message.p[i]);
		if (result == FRAMER_MESSAGE)
			check_alone(message);
		else if (result != FRAMER_PING)
			outcome->broken = true;
	}
}

static struct outcome
run(struct span stream, unsigned split)
{
	struct outcome outcome = { 0 };
	struct framer framer = { 0 };
	struct span rest = stream;

	while (rest.n > 0) {
		/* Pieces of 1 to 64 bytes in an order that split chooses. */
		size_t n = split == 0 ? rest.n : (split >> 8) % 64 + 1;

		split = split * 1103515245 + (split != 0 ? 12345 : 0);
		n = n < rest.n ? n : rest.n;
		MUST(framer_add(&framer, span_make(rest.p, n)));
		rest = span_from(rest, n);
		take(&framer, &outcome);
		if (split & 0x10000)
			framer_rest(&framer);
	}
	framer_fini(&framer);
	return outcome;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, split;
	struct span stream;

	if (size == 0)
		return 0;
	stream = span_make((const char *)data + 1, size - 1);
	whole = run(stream, 0);
	split = run(stream, data[0] * 2654435761u + 1);
	MUST(whole.sum == split.sum && whole.results == split.results);
	MUST(whole.broken == split.broken);
	MUST(whole.broken || whole.partial == split.partial);
	return 0;
}
