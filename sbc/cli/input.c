#include "cli/input.h"

#include <errno.h>
#include <stdlib.h>

#include "capture/capture.h"
#include "cli/arguments.h"
#include "trunk/rehearse.h"

#define INPUT_MAX ((size_t)4 << 20) /* a capture is not held in memory */
#define CHUNK     65536
#define MAGIC     4

/* A file of which the first bytes have been looked at. */
struct source {
	FILE *file;
	char head[MAGIC];
	size_t head_n, at;
};

static ssize_t
source_read(void *arg, char *to, size_t n)
{
	struct source *source = arg;
	size_t got = source->head_n - source->at;

	if (got == 0) {
		got = fread(to, 1, n, source->file);
		return got == 0 && ferror(source->file) ? -1 : (ssize_t)got;
	}
	got = got < n ? got : n;
	memcpy(to, source->head + source->at, got);
	source->at += got;
	return (ssize_t)got;
}

/* The whole of it again; closed apart from `source`. NULL without memory. */
static FILE *
source_open(struct source *source)
{
	return fopencookie(
	    source, "r", (cookie_io_functions_t){ .read = source_read });
}

void
input_fini(struct input *input)
{
	free(input->bytes);
	*input = (struct input){ 0 };
}

/* NULL, or why not. */
static const char *
read_all(struct input *input, FILE *file)
{
	size_t cap = 0, got;

	do {
		if (input->n == cap) {
			char *bytes;

			cap = cap == 0 ? CHUNK : cap * 2;
			if (cap > INPUT_MAX)
				return "it is too large";
			bytes = realloc(input->bytes, cap);
			if (bytes == NULL)
				return "out of memory";
			input->bytes = bytes;
		}
		got = fread(input->bytes + input->n, 1, cap - input->n, file);
		input->n += got;
	} while (got > 0);
	return ferror(file) ? strerror(errno) : NULL;
}

static bool
is_wanted(const struct capture_message *m, uint64_t packet)
{
	struct sip_message *msg;
	struct sip_view view;
	struct sip_fault fault;
	bool good;

	if (packet != 0)
		return m->packet == packet;
	if (!span_starts(m->bytes, SPAN("INVITE ")))
		return false;
	msg = malloc(sizeof(*msg));
	good = msg != NULL && rehearse_read(msg, &view, m->bytes, &fault);
	free(msg);
	return good;
}

/* NULL, or why not. */
static const char *
pick(struct input *input, struct capture *capture, uint64_t packet)
{
	struct capture_message m;
	char *bytes;

	while (capture_next(capture, &m)) {
		if (!is_wanted(&m, packet))
			continue;
		bytes = malloc(m.bytes.n + 1);
		if (bytes == NULL)
			return "out of memory";
		memcpy(bytes, m.bytes.p, m.bytes.n);
		*input = (struct input){ bytes, m.bytes.n, m.packet };
		return NULL;
	}
	return packet == 0 ? "there is no new INVITE in it"
			   : "that packet is no SIP message";
}

static const char *
read_capture(struct input *input, FILE *file, uint64_t packet,
    char error[static CAPTURE_ERROR_MAX])
{
	struct capture *capture = capture_open(file, error);
	const char *why;

	if (capture == NULL)
		return error;
	why = pick(input, capture, packet);
	if (why != NULL && capture_fault(capture) != NULL) {
		snprintf(error, CAPTURE_ERROR_MAX, "%s", capture_fault(capture));
		why = error;
	}
	capture_close(capture);
	return why;
}

/* Made by hand: the empty line behind the headers is easily forgotten. */
static const char *
mend_text(struct input *input)
{
	struct span all = span_make(input->bytes, input->n);
	bool ended = all.n > 0 && all.p[all.n - 1] == '\n';
	struct span end = ended ? SPAN("\r\n") : SPAN("\r\n\r\n");
	char *bytes;

	if (span_find_span(all, SPAN("\n\r\n")) >= 0 ||
	    span_find_span(all, SPAN("\n\n")) >= 0)
		return NULL;
	bytes = realloc(input->bytes, input->n + end.n);
	if (bytes == NULL)
		return "out of memory";
	memcpy(bytes + input->n, end.p, end.n);
	input->bytes = bytes;
	input->n += end.n;
	return NULL;
}

static const char *
read_text(struct input *input, FILE *file, uint64_t packet)
{
	const char *why = read_all(input, file);

	fclose(file);
	if (why != NULL)
		return why;
	if (packet != 0)
		return "it is no capture, and has no packets";
	return mend_text(input);
}

static const char *
read_input(struct input *input, FILE *file, uint64_t packet,
    char error[static CAPTURE_ERROR_MAX])
{
	struct source source = { .file = file };
	FILE *whole;

	source.head_n = fread(source.head, 1, MAGIC, file);
	if (ferror(file))
		return strerror(errno);
	if (source.head_n == 0)
		return "it is empty";
	whole = source_open(&source);
	if (whole == NULL)
		return "out of memory";
	if (capture_is_magic(span_make(source.head, source.head_n)))
		return read_capture(input, whole, packet, error);
	return read_text(input, whole, packet);
}

bool
input_read(struct input *input, struct cli *cli, const char *name,
    uint64_t packet)
{
	bool standard = strcmp(name, "-") == 0;
	FILE *file = standard ? stdin : fopen(name, "rb");
	char error[CAPTURE_ERROR_MAX], tail[CAPTURE_ERROR_MAX + 2];
	const char *why;

	*input = (struct input){ 0 };
	if (file == NULL) {
		snprintf(tail, sizeof(tail), ": %s", strerror(errno));
		arguments_complain(cli, "", name, tail);
		return false;
	}
	why = read_input(input, file, packet, error);
	if (!standard)
		fclose(file);
	if (why == NULL)
		return true;
	snprintf(tail, sizeof(tail), ": %s", why);
	arguments_complain(cli, "", name, tail);
	input_fini(input);
	return false;
}
