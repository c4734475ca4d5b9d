/*
 * thread.h - a thread beside the loop
 */

#ifndef CORDON_NET_THREAD_H
#define CORDON_NET_THREAD_H

#include <pthread.h>

/*
 * Starts run(arg) on a thread that takes no signals: they are for the main
 * thread, and what would raise one (SIGPIPE, SIGXFSZ) is an error of the call.
 * `name` has at most 15 characters. 0, or a positive errno; who starts a thread
 * joins or detaches it.
 */
int thread_start(
    pthread_t *thread, const char *name, void *(*run)(void *), void *arg);

#endif
