#include "base/bucket.h"

#define TOKEN 1000

void
bucket_init(struct bucket *bucket, uint64_t rate, uint64_t burst, uint64_t now)
{
	*bucket = (struct bucket){ rate, burst, burst * TOKEN, now };
}

/* A token is 1000 units: `rate` tokens a second are
 * `rate` units a millisecond. */
static void
fill(struct bucket *bucket, uint64_t now)
{
	uint64_t room = bucket->burst * TOKEN - bucket->level, passed;

	if (now <= bucket->at)
		return;
	passed = now - bucket->at;
	bucket->at = now;
	if (bucket->rate == 0)
		return;
	bucket->level += passed > room / bucket->rate ? room
						      : passed * bucket->rate;
}

bool
bucket_take(struct bucket *bucket, uint64_t now)
{
	fill(bucket, now);
	if (bucket->level < TOKEN)
		return false;
	bucket->level -= TOKEN;
	return true;
}
