/* container.h - from a member back to the structure around it */

#ifndef CORDON_BASE_CONTAINER_H
#define CORDON_BASE_CONTAINER_H

#include <stddef.h>

#define CONTAINER_OF(ptr, type, member)                                        \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
