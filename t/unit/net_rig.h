/*
 * net_rig.h - two ends on one loop: what the tests of net/ stand on
 *
 * Each end is a net of its own, with a configuration made by hand. Waiting is
 * for a condition, with a deadline.
 */

#ifndef CORDON_T_NET_RIG_H
#define CORDON_T_NET_RIG_H

#include "net/net.h"
#include "unit.h"

#define RIG_MESSAGES 64
#define RIG_TEXT     2048
#define RIG_LISTENERS 4
#define RIG_TRUNKS    4

struct rig_message {
	struct net_path path;
	enum net_fault fault;
	uint32_t lag;
	size_t n;
	char text[RIG_TEXT];
};

struct rig_end {
	struct net *net;
	struct config config;
	struct config_listener listeners[RIG_LISTENERS];
	struct config_trunk trunks[RIG_TRUNKS];
	struct address peers[RIG_TRUNKS];
	char *names[RIG_TRUNKS];
	struct problems problems;
	struct rig_message messages[RIG_MESSAGES];
	unsigned received; /* also those for which there was no room */
	unsigned failures;
	int error; /* of the last failure */
	struct net_path failed_path;
	char reason[RIG_TEXT];
	unsigned logged;
	char log[RIG_TEXT]; /* the last line */
	const char *answer; /* sent back to everything that comes */
};

struct rig {
	struct loop *loop;
	struct timer pulse;
	struct rig_end a, b;
};

void rig_start(struct rig *rig);
void rig_stop(struct rig *rig);

/* One turn; never waits longer than a few ms. */
void rig_turn(struct rig *rig);

#define RIG_DEADLINE_MS 10000
/* Turns the loop until the condition holds; fails the test at the deadline. */
#define rig_wait(rig_, condition_)                                             \
	do {                                                                   \
		uint64_t rig_end_ = loop_tick((rig_)->loop) + RIG_DEADLINE_MS; \
		while (!(condition_)) {                                        \
			rig_turn(rig_);                                        \
			ck_assert_msg(                                         \
			    loop_now((rig_)->loop) < rig_end_, "waited for %s", \
			    #condition_);                                      \
		}                                                              \
	} while (0)

/* The configuration of an end. Addresses as "127.40.1.1"; port 0 everywhere. */
struct config_listener *rig_listener(struct rig_end *end, const char *name,
    enum config_transport transport, const char *ip);
struct config_trunk *rig_trunk(struct rig_end *end, const char *name,
    const char *listener, const struct address *peer);
/* Applies it; fails the test with the problems when that is refused. */
void rig_apply(struct rig_end *end);
/* Text of all problems. */
const char *rig_problems(struct rig_end *end);

/* A path from a listener of this end to an address. */
struct net_path rig_path(
    struct rig_end *end, const char *listener, struct address remote);
struct address rig_address(struct rig_end *end, const char *listener);
int rig_send(struct rig_end *end, struct net_path *path, const char *text);

/* A plain socket of the test itself, bound to 127.40.0.9 and connected. */
int rig_socket(int type, struct address remote);
/* Bytes that came on it; 0 at its end, -1: nothing yet. */
int rig_read(int fd, char *buf, size_t size);
void rig_write(int fd, const char *text);
unsigned rig_count_fds(void);

#define OPTIONS_HEAD                                                           \
	"OPTIONS sip:x@example.com SIP/2.0\r\n"                                \
	"Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n"
#define OPTIONS OPTIONS_HEAD "Content-Length: 0\r\n\r\n"

#endif
