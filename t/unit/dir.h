/*
 * dir.h - a directory of the test's own under /tmp
 *
 * One at a time, as a fixture: dir_make() before a test, dir_remove() behind it.
 * Each fails the test where something goes wrong.
 */

#ifndef CORDON_T_UNIT_DIR_H
#define CORDON_T_UNIT_DIR_H

#include "unit.h"

void dir_make(void);
/* With all that lies in it. */
void dir_remove(void);

/* "DIRECTORY/name", or the directory itself for "". Valid until the eighth call
 * from then on. */
const char *dir_path(const char *name);

/* Makes the file, or writes it anew. */
void dir_write(const char *name, const char *text);
void dir_write_bytes(const char *name, const void *bytes, size_t n);

#endif
