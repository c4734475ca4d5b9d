/*
 * hash.h - an intrusive hash table with a keyed hash
 *
 * Keys come from the wire, so the hash is SipHash-2-4 with a key drawn at
 * start: nobody outside can make them collide.
 */

#ifndef CORDON_BASE_HASH_H
#define CORDON_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct hash_node {
	struct hash_node *next;
	uint64_t hash;
};

struct hash_table {
	struct hash_node **bucket;
	size_t buckets; /* a power of two, 0 before the first insert */
	size_t used;
};

/* Draws the key of the process. Call once before the first hash_of(). */
void hash_seed(const uint8_t key[16]);

/* The keyed hash of a few parts, in order; part borders count. */
uint64_t hash_of(const struct span *parts, size_t n);

/* The same at a fifth of the cost, for what somebody who made two collide would
 * gain nothing by: whether a text is that of before. Never for a table, and
 * never for what has to be hard to guess. */
uint64_t hash_quick(const struct span *parts, size_t n);

/* Inserts; the caller has looked that the key is not there. False without
 * memory for the very first bucket array. */
bool hash_insert(
    struct hash_table *table, struct hash_node *node, uint64_t hash);
void hash_remove(struct hash_table *table, struct hash_node *node);

/* The first node with that hash, and the next one: the caller compares keys. */
struct hash_node *hash_first(const struct hash_table *table, uint64_t hash);
struct hash_node *hash_again(const struct hash_node *node);

void hash_fini(struct hash_table *table);

#endif
