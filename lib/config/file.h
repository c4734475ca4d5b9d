/*
 * file.h - whole files of bounded size, read without surprises
 */

#ifndef CORDON_CONFIG_FILE_H
#define CORDON_CONFIG_FILE_H

#include <stddef.h>
#include <sys/stat.h>

/*
 * The content of a regular file, with a NUL behind it that `*n` does not count;
 * the caller frees it. NULL when it cannot be had, and `*why` says so in a few
 * words: also where it is written to meanwhile. Never waits for a pipe or a
 * device. `st` may be NULL.
 */
char *file_read(const char *path, size_t max, size_t *n, struct stat *st,
    const char **why);

#endif
