#include "peer/load.h"

#include <stdlib.h>
#include <time.h>

uint64_t
load_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

struct load_call *
load_call_find(struct load *load, uint64_t number)
{
	struct load_call *call = &load->calls[number % load->slots];

	if (call->load == NULL || call->number != number)
		return NULL;
	return call;
}

bool
load_call_keep(struct load_repeat *repeat, struct span bytes)
{
	char *copy = malloc(bytes.n);

	if (copy == NULL)
		return false;
	memcpy(copy, bytes.p, bytes.n);
	free(repeat->bytes);
	repeat->bytes = copy;
	repeat->n = bytes.n;
	repeat->interval = LOAD_T1;
	repeat->waited = 0;
	return true;
}

void
load_call_drop(struct load *load, struct load_repeat *repeat)
{
	timer_stop(&load->timers, &repeat->timer);
	free(repeat->bytes);
	repeat->bytes = NULL;
	repeat->n = 0;
}

bool
load_call_repeat(struct load *load, struct load_repeat *repeat, uint32_t most,
    timer_fn *expired)
{
	repeat->waited += repeat->interval;
	if (repeat->waited >= LOAD_GIVE_UP)
		return false;
	repeat->interval *= 2;
	if (repeat->interval > most)
		repeat->interval = most;
	timer_start(&load->timers, &repeat->timer, repeat->interval, expired);
	return true;
}

void
load_call_end(struct load_call *call, uint64_t *counter)
{
	struct load *load = call->load;

	if (call->caller == CALLER_DONE)
		return;
	if (call->caller == CALLER_UP)
		load->up--;
	call->caller = CALLER_DONE;
	load_call_drop(load, &call->request);
	load_call_drop(load, &call->answer);
	free(call->dialog);
	call->dialog = NULL;
	load->alive--;
	(*counter)++;
}
