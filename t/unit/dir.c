#include "dir.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

static char directory[] = "/tmp/cordon-test-XXXXXX";

void
dir_make(void)
{
	strcpy(strrchr(directory, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void
dir_remove(void)
{
	ck_assert_int_eq(
	    nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

const char *
dir_path(const char *name)
{
	static char paths[8][128];
	static unsigned at;
	char *path = paths[at++ % 8];

	snprintf(path, sizeof(paths[0]), "%s%s%s", directory,
	    name[0] == '\0' ? "" : "/", name);
	return path;
}

void
dir_write_bytes(const char *name, const void *bytes, size_t n)
{
	FILE *file = fopen(dir_path(name), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
	ck_assert_int_eq(fclose(file), 0);
}

void
dir_write(const char *name, const char *text)
{
	dir_write_bytes(name, text, strlen(text));
}
