#include "cli/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_S 20

static int
connect_to(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd;

	if (n >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sa.sun_path, path, n + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static const char *
advice(int error)
{
	if (error == ENOENT || error == ECONNREFUSED)
		return " (is cordond running?)";
	if (error == EACCES || error == EPERM)
		return " (be root, or in the group of the socket)";
	return "";
}

FILE *
client_open(const char *path, bool follow, FILE *err)
{
	const struct timeval patience = { PATIENCE_S, 0 };
	int fd = connect_to(path);
	FILE *daemon;

	if (fd == -1) {
		fprintf(err, "cordon: %s: %s%s\n", path, strerror(errno),
		    advice(errno));
		return NULL;
	}
	if (!follow)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		    sizeof(patience));
	daemon = fdopen(fd, "r+");
	if (daemon == NULL) {
		fprintf(err, "cordon: %s\n", strerror(errno));
		close(fd);
	}
	return daemon;
}

/* Sent by one write on the descriptor: a stream that is read and written in
 * turn would have to be positioned in between. */
static bool
send_request(FILE *daemon, const char *command, char *const arguments[],
    size_t n)
{
	json_t *list = json_array(), *request;
	char *text;
	bool sent = false;
	size_t i;

	for (i = 0; i < n; i++)
		if (json_array_append_new(
			list, json_string(arguments[i])) != 0) {
			json_decref(list);
			return false;
		}
	request =
	    json_pack("{s:s, s:o}", "command", command, "arguments", list);
	text = request == NULL ? NULL : json_dumps(request, JSON_COMPACT);
	if (text != NULL) {
		size_t length = strlen(text);

		text[length++] = '\n';
		sent = send(fileno(daemon), text, length, MSG_NOSIGNAL) ==
		    (ssize_t)length;
	}
	free(text);
	json_decref(request);
	return sent;
}

static bool
is_end(const json_t *line)
{
	return json_is_true(json_object_get(line, "end"));
}

static enum client_end
complain(FILE *err, const char *text)
{
	fprintf(err, "cordon: %s\n", text);
	return CLIENT_BROKEN;
}

static enum client_end
take_line(char *text, ssize_t n, client_line_fn *take, void *arg, FILE *err,
    bool *ended)
{
	enum client_end end = CLIENT_ANSWERED;
	json_t *line;

	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	line = json_loads(text, 0, NULL);
	if (!json_is_object(line)) {
		json_decref(line);
		return complain(err, "the daemon's answer is not understood");
	}
	*ended = is_end(line);
	if (!*ended)
		take(arg, line, text);
	if (json_object_get(line, "error") != NULL)
		end = CLIENT_REFUSED;
	json_decref(line);
	return end;
}

enum client_end
client_ask(FILE *daemon, const char *command, char *const arguments[],
    size_t n, bool many, client_line_fn *take, void *arg, FILE *err)
{
	enum client_end end = CLIENT_ANSWERED;
	char *text = NULL;
	size_t room = 0;
	bool ended = false;

	/* A daemon that refuses at once has closed before it is asked: what it
	 * said is read all the same. */
	if (!send_request(daemon, command, arguments, n) && errno != EPIPE)
		return complain(err, "the request cannot be sent "
		                     "(are the arguments UTF-8?)");
	do {
		ssize_t length;

		errno = 0;
		length = getline(&text, &room, daemon);
		if (length <= 0) {
			end = complain(err,
			    errno == EAGAIN ? "the daemon does not answer" :
			                      "the daemon hung up");
			break;
		}
		end = take_line(text, length, take, arg, err, &ended);
	} while (many && !ended && end == CLIENT_ANSWERED);
	free(text);
	return end;
}
