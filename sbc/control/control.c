#include "control/control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/container.h"
#include "control/request.h"
#include "record/log.h"

/* An answer goes on when less than this waits to be read. */
#define LOW_WATER   65536
#define IDLE_S      60 /* a client that says nothing */
#define STUCK_S     30 /* one that does not read what it asked for */
#define GROUPS_MAX  256
#define BACKLOG     64
#define EVENT_MAX   16384 /* a call whose texts are all escaped */

struct client {
	struct client *next;
	struct control *control;
	struct bufferevent *bev;
	struct event *again; /* the next step, in the next turn */
	struct request request;
	bool busy;   /* request is being answered */
	bool waits;  /* and goes on when it is woken */
	bool follow; /* it is told of events */
	bool ended;  /* it has said all; closed when it has been answered */
};

struct control {
	const struct control_ops *ops;
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *resume; /* accept again, after a shortage */
	struct client *clients;
	struct control_figures figures;
	char *path;
	struct stat socket; /* as made: only that one is removed */
	struct text step;   /* the buffer of one step */
};

static void
tick(const struct control *control)
{
	if (control->ops->tick != NULL)
		control->ops->tick(control->ops->arg);
}

/* ---- clients ---- */

static void
client_destroy(struct client *client)
{
	struct control *control = client->control;
	struct client **at = &control->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	control->figures.clients--;
	request_close(&client->request);
	if (client->again != NULL)
		event_free(client->again);
	if (client->bev != NULL)
		bufferevent_free(client->bev);
	free(client);
}

static void
client_drop(struct client *client)
{
	client->control->figures.dropped++;
	client_destroy(client);
}

static size_t
unread(const struct client *client)
{
	return evbuffer_get_length(bufferevent_get_output(client->bev));
}

static void
go_on_later(struct client *client)
{
	static const struct timeval now = { 0, 0 };

	event_add(client->again, &now);
}

/* Sends what a step made, and sees what is next. False without memory. */
static bool
take_step(struct client *client, enum request_state state)
{
	struct control *control = client->control;
	int failed = bufferevent_write(
	    client->bev, control->step.buf, control->step.len);

	client->waits = state == REQUEST_WAIT;
	client->busy = client->waits || state == REQUEST_MORE;
	client->follow = state == REQUEST_FOLLOW;
	if (client->follow)
		bufferevent_set_timeouts(client->bev, NULL, NULL);
	return failed == 0;
}

/* Refuses a line that does not end; the client is closed once it is told. */
static bool
refuse_long_line(struct client *client)
{
	static const char text[] =
	    "{\"error\":\"a request has at most 65536 bytes\",\"exit\":2}\n";
	struct evbuffer *in = bufferevent_get_input(client->bev);

	client->ended = true;
	bufferevent_disable(client->bev, EV_READ);
	evbuffer_drain(in, evbuffer_get_length(in));
	client->control->figures.dropped++;
	return bufferevent_write(client->bev, text, sizeof(text) - 1) == 0;
}

/* The next line, or nothing; false when the client is to go. */
static bool
next_line(struct client *client)
{
	struct control *control = client->control;
	struct evbuffer *in = bufferevent_get_input(client->bev);
	struct evbuffer_ptr end = evbuffer_search_eol(in, NULL, NULL,
	    EVBUFFER_EOL_LF);
	size_t n = end.pos == -1 ? evbuffer_get_length(in) : (size_t)end.pos;
	enum request_state state;
	const char *line;

	if (n >= CONTROL_LINE_MAX)
		return refuse_long_line(client);
	if (end.pos == -1)
		return true;
	line = (const char *)evbuffer_pullup(in, end.pos + 1);
	if (line == NULL)
		return false;
	control->figures.requests++;
	control->step.len = 0;
	state = request_start(&client->request, control->ops,
	    span_make(line, n), &control->step);
	evbuffer_drain(in, n + 1);
	if (!take_step(client, state))
		return false;
	go_on_later(client);
	return true;
}

static bool
next_step(struct client *client)
{
	struct text *step = &client->control->step;

	step->len = 0;
	if (!take_step(client, request_step(&client->request, step)))
		return false;
	go_on_later(client);
	return true;
}

/* One step a turn, and none while the client has much to read. */
static void
client_go_on(struct client *client)
{
	bool good = true;

	if (unread(client) > LOW_WATER || client->follow || client->waits)
		return;
	if (client->busy)
		good = next_step(client);
	else if (!client->ended ||
	    evbuffer_get_length(bufferevent_get_input(client->bev)) > 0)
		good = next_line(client);
	if (!good) {
		client_drop(client);
		return;
	}
	if (client->ended && !client->busy && unread(client) == 0 &&
	    !event_pending(client->again, EV_TIMEOUT, NULL))
		client_destroy(client);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;

	(void)fd;
	(void)what;
	tick(client->control);
	client_go_on(client);
}

static void
on_data(struct bufferevent *bev, void *arg)
{
	struct client *client = arg;

	(void)bev;
	tick(client->control);
	client_go_on(client);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *client = arg;

	tick(client->control);
	if ((what & BEV_EVENT_EOF) != 0 && !client->follow) {
		client->ended = true;
		client_go_on(client);
		return;
	}
	/* It is silent because it waits for us. */
	if (what == (BEV_EVENT_TIMEOUT | BEV_EVENT_READING) && client->busy) {
		bufferevent_enable(bev, EV_READ);
		return;
	}
	if ((what & BEV_EVENT_TIMEOUT) != 0)
		client_drop(client);
	else
		client_destroy(client);
}

/* ---- who may talk ---- */

/* The file is looked at each time: its group may be changed while we run. */
static bool
in_group(const struct control *control, int fd, const struct ucred *who)
{
	gid_t groups[GROUPS_MAX], group;
	socklen_t n = sizeof(groups);
	struct stat st;
	size_t i;

	if (stat(control->path, &st) != 0)
		return false;
	group = st.st_gid;
	if (who->gid == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n) != 0)
		return false;
	for (i = 0; i < n / sizeof(groups[0]); i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool
may_talk(const struct control *control, int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
		return false;
	return who.uid == 0 || who.uid == geteuid() ||
	    in_group(control, fd, &who);
}

static void
turn_away(struct control *control, int fd, const char *text)
{
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));

	request_add_error(&t, 2, span_of(text));
	/* What does not fit now is not worth waiting for. */
	if (send(fd, buf, t.len, MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
		errno = 0;
	close(fd);
	control->figures.refused++;
}

static bool
client_init(struct client *client, int fd)
{
	static const struct timeval idle = { IDLE_S, 0 }, stuck = { STUCK_S, 0 };
	struct control *control = client->control;

	client->bev = bufferevent_socket_new(
	    control->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (client->bev == NULL) {
		close(fd);
		return false;
	}
	client->again = evtimer_new(control->base, on_again, client);
	if (client->again == NULL)
		return false;
	bufferevent_setcb(client->bev, on_data, on_data, on_event, client);
	bufferevent_setwatermark(
	    client->bev, EV_READ, 0, CONTROL_LINE_MAX + 1);
	bufferevent_set_timeouts(client->bev, &idle, &stuck);
	return bufferevent_enable(client->bev, EV_READ | EV_WRITE) == 0;
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *sa, int len, void *arg)
{
	struct control *control = arg;
	struct client *client;

	(void)listener;
	(void)sa;
	(void)len;
	tick(control);
	if (!may_talk(control, fd)) {
		turn_away(control, fd, "not allowed: be root, or in the "
		                       "group of the socket");
		return;
	}
	if (control->figures.clients >= CONTROL_CLIENTS_MAX) {
		turn_away(control, fd, "too many clients at once");
		return;
	}
	client = calloc(1, sizeof(*client));
	if (client == NULL) {
		close(fd);
		return;
	}
	client->control = control;
	client->next = control->clients;
	control->clients = client;
	control->figures.clients++;
	control->figures.accepted++;
	if (!client_init(client, fd))
		client_drop(client);
}

/* No descriptors: the listener would spin. */
static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	static const struct timeval pause = { 1, 0 };
	struct control *control = arg;

	tick(control);
	evconnlistener_disable(listener);
	event_add(control->resume, &pause);
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;

	(void)fd;
	(void)what;
	tick(control);
	evconnlistener_enable(control->listener);
}

/* ---- events ---- */

static void
add_event(struct text *line, const char *event,
    const struct control_call *call)
{
	text_addf(line, "{\"event\":\"%s\",", event);
	request_add_call(line, &call->summary,
	    call->summary.end != 0 ? NULL : call->state);
	TEXT_LIT(line, "}\n");
}

void
control_call_event(struct control *control, const char *event,
    const struct control_call *call)
{
	struct client *client, *next;
	char buf[EVENT_MAX];
	struct text line = text_over(buf, 0);

	for (client = control->clients; client != NULL; client = next) {
		next = client->next;
		if (!client->follow)
			continue;
		if (line.cap == 0) {
			line.cap = sizeof(buf);
			add_event(&line, event, call);
		}
		if (unread(client) + line.len > CONTROL_UNREAD_MAX ||
		    bufferevent_write(client->bev, buf, line.len) != 0)
			client_drop(client);
	}
}

void
control_wake(struct control *control)
{
	struct client *client = control == NULL ? NULL : control->clients;

	for (; client != NULL; client = client->next) {
		if (!client->waits)
			continue;
		client->waits = false;
		go_on_later(client);
	}
}

/* ---- start and stop ---- */

static bool
say(struct problems *problems, const char *path, const char *text)
{
	problem_add(problems, PROBLEM_ERROR, path, 0, "%s", text);
	return false;
}

/* True when the path is free, or was: the socket of a dead daemon goes. */
static bool
clear_path(const struct sockaddr_un *sa, struct problems *problems)
{
	struct stat st;
	int fd, error;

	if (lstat(sa->sun_path, &st) != 0)
		return errno == ENOENT ||
		    say(problems, sa->sun_path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return say(problems, sa->sun_path,
		    "there is something that is not a socket");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return say(problems, sa->sun_path, strerror(errno));
	error = connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0 ?
	    0 : errno;
	close(fd);
	if (error == 0 || error == EAGAIN)
		return say(problems, sa->sun_path,
		    "another daemon answers on this socket");
	if (error != ECONNREFUSED)
		return say(problems, sa->sun_path, strerror(error));
	if (unlink(sa->sun_path) != 0 && errno != ENOENT)
		return say(problems, sa->sun_path, strerror(errno));
	return true;
}

static int
bind_socket(struct control *control, struct problems *problems)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t n = strlen(control->path);
	int fd;

	if (n == 0 || n >= sizeof(sa.sun_path)) {
		say(problems, control->path,
		    "a socket's path has 1 to 107 bytes");
		return -1;
	}
	memcpy(sa.sun_path, control->path, n + 1);
	if (!clear_path(&sa, problems))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* The mode of the socket becomes that of the file: it is never more
	 * open than it shall be, whatever the umask. */
	if (fd == -1 || fchmod(fd, 0660) != 0 ||
	    bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 ||
	    chmod(control->path, 0660) != 0 ||
	    stat(control->path, &control->socket) != 0) {
		say(problems, control->path, strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	return fd;
}

static bool
start_listening(struct control *control, struct problems *problems)
{
	int fd = bind_socket(control, problems);

	if (fd == -1)
		return false;
	control->listener = evconnlistener_new(control->base, on_accept,
	    control, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG,
	    fd);
	if (control->listener == NULL) {
		close(fd);
		return say(problems, control->path, "cannot listen");
	}
	evconnlistener_set_error_cb(control->listener, on_accept_error);
	return true;
}

struct control *
control_start(struct event_base *base, const char *path,
    const struct control_ops *ops, struct problems *problems)
{
	struct control *control = calloc(1, sizeof(*control));
	char *buf = malloc(REQUEST_STEP_MAX);

	if (control == NULL || buf == NULL) {
		say(problems, path, "out of memory");
		free(control);
		free(buf);
		return NULL;
	}
	control->step = text_over(buf, REQUEST_STEP_MAX);
	control->ops = ops;
	control->base = base;
	control->path = strdup(path);
	control->resume = evtimer_new(base, on_resume, control);
	if (control->path == NULL || control->resume == NULL)
		say(problems, path, "out of memory");
	else if (start_listening(control, problems))
		return control;
	control_stop(control);
	return NULL;
}

/* Another daemon may have put its own there since. */
static void
remove_socket(const struct control *control)
{
	struct stat st;

	if (lstat(control->path, &st) == 0 &&
	    st.st_dev == control->socket.st_dev &&
	    st.st_ino == control->socket.st_ino)
		unlink(control->path);
}

void
control_stop(struct control *control)
{
	if (control == NULL)
		return;
	while (control->clients != NULL)
		client_destroy(control->clients);
	if (control->listener != NULL) {
		remove_socket(control);
		evconnlistener_free(control->listener);
	}
	if (control->resume != NULL)
		event_free(control->resume);
	free(control->path);
	free(control->step.buf);
	free(control);
}

void
control_get_figures(
    const struct control *control, struct control_figures *out)
{
	*out = control->figures;
}
