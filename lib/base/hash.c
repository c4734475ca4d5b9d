#include "base/hash.h"

#include <stdlib.h>

static uint64_t key0, key1;

static uint64_t
load64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

void
hash_seed(const uint8_t key[16])
{
	key0 = load64(key);
	key1 = load64(key + 8);
}

static inline uint64_t
rotate(uint64_t v, int bits)
{
	return v << bits | v >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static inline void
absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

/* Up to seven bytes, as a little-endian number. */
static inline uint64_t
load_tail(const char *p, size_t n)
{
	uint32_t low, high;

	if (n >= 4) {
		memcpy(&low, p, 4);
		memcpy(&high, p + n - 4, 4);
		return low | (uint64_t)high << 8 * (n - 4);
	}
	if (n == 0)
		return 0;
	return (unsigned char)p[0] |
	    (uint64_t)(unsigned char)p[n / 2] << 8 * (n / 2) |
	    (uint64_t)(unsigned char)p[n - 1] << 8 * (n - 1);
}

/* Each part is absorbed with its length, as a message of its own would be;
 * where the one byte for that is too small, the length follows. */
static inline void
absorb_span(uint64_t v[4], struct span s)
{
	uint64_t tail = (uint64_t)s.n << 56;
	const char *p = s.n == 0 ? "" : s.p; /* that may be NULL */
	size_t i;

	for (i = 0; i + 8 <= s.n; i += 8)
		absorb(v, load64(p + i));
	absorb(v, tail | load_tail(p + i, s.n - i));
	if (s.n > 255)
		absorb(v, s.n);
}

uint64_t
hash_of(const struct span *parts, size_t n)
{
	uint64_t v[4] = {
		key0 ^ 0x736f6d6570736575, key1 ^ 0x646f72616e646f6d,
		key0 ^ 0x6c7967656e657261, key1 ^ 0x7465646279746573
	};
	size_t i;

	for (i = 0; i < n; i++)
		absorb_span(v, parts[i]);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static inline uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15;
	return h ^ h >> 32;
}

uint64_t
hash_quick(const struct span *parts, size_t n)
{
	uint64_t h = key0;
	size_t i, at;

	for (i = 0; i < n; i++) {
		struct span s = parts[i];

		h = mix(h, s.n ^ key1);
		for (at = 0; at + 8 <= s.n; at += 8)
			h = mix(h, load64(s.p + at));
		if (at < s.n)
			h = mix(h, load_tail(s.p + at, s.n - at));
	}
	return mix(h, key1);
}

/* Without memory the table stays as it is: slower, never wrong. */
static void
grow(struct hash_table *table)
{
	size_t n = table->buckets == 0 ? 64 : table->buckets * 2, i;
	struct hash_node **bucket = calloc(n, sizeof(struct hash_node *));

	if (bucket == NULL)
		return;
	for (i = 0; i < table->buckets; i++) {
		struct hash_node *node, *next;

		for (node = table->bucket[i]; node != NULL; node = next) {
			struct hash_node **to = &bucket[node->hash & (n - 1)];

			next = node->next;
			node->next = *to;
			*to = node;
		}
	}
	free(table->bucket);
	table->bucket = bucket;
	table->buckets = n;
}

bool
hash_insert(struct hash_table *table, struct hash_node *node, uint64_t hash)
{
	struct hash_node **to;

	/* Between one and two buckets a node: what
	 * finished calls cost is theirs. */
	if (table->used >= table->buckets)
		grow(table);
	if (table->buckets == 0)
		return false;
	to = &table->bucket[hash & (table->buckets - 1)];
	node->hash = hash;
	node->next = *to;
	*to = node;
	table->used++;
	return true;
}

void
hash_remove(struct hash_table *table, struct hash_node *node)
{
	struct hash_node **at;

	if (table->buckets == 0)
		return;
	at = &table->bucket[node->hash & (table->buckets - 1)];
	while (*at != NULL && *at != node)
		at = &(*at)->next;
	if (*at == NULL)
		return;
	*at = node->next;
	node->next = NULL;
	table->used--;
}

struct hash_node *
hash_first(const struct hash_table *table, uint64_t hash)
{
	struct hash_node *node;

	if (table->buckets == 0)
		return NULL;
	node = table->bucket[hash & (table->buckets - 1)];
	while (node != NULL && node->hash != hash)
		node = node->next;
	return node;
}

struct hash_node *
hash_again(const struct hash_node *node)
{
	uint64_t hash = node->hash;
	struct hash_node *next = node->next;

	while (next != NULL && next->hash != hash)
		next = next->next;
	return next;
}

void
hash_fini(struct hash_table *table)
{
	free(table->bucket);
	*table = (struct hash_table){ 0 };
}
