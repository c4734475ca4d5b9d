/*
 * config.c - any bytes as cordon.conf: refused with problems, or loaded, and
 * then what is printed loads again to the same
 */

#include "config/config.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW ((time_t)1800000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig loses the string before a syntax error: not ours to mend. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

static char directory[] = "/tmp/cordon-fuzz-XXXXXX";
static char file[sizeof(directory) + 16];

static void
remove_all(void)
{
	unlink(file);
	rmdir(directory);
}

static void
prepare(void)
{
	if (file[0] != '\0')
		return;
	if (mkdtemp(directory) == NULL)
		abort();
	snprintf(file, sizeof(file), "%s/c.conf", directory);
	atexit(remove_all);
}

static struct config *
load(const void *text, size_t n)
{
	FILE *out = fopen(file, "w");
	struct problems problems;
	struct config *config;

	if (out == NULL || fwrite(text, 1, n, out) != n || fclose(out) != 0)
		abort();
	problems_init(&problems);
	config = config_load_at(file, NOW, &problems);
	if ((config == NULL) != (problems.errors > 0))
		abort();
	problems_fini(&problems);
	return config;
}

static char *
print(const struct config *config, size_t *n)
{
	char *text;
	FILE *out = open_memstream(&text, n);

	if (out == NULL)
		abort();
	config_print(config, out);
	fclose(out);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config, *again;
	struct problems problems;
	size_t n, m;
	char *first, *second;

	prepare();
	config = load(data, size);
	if (config == NULL)
		return 0;
	first = print(config, &n);
	again = load(first, n);
	if (again == NULL)
		abort();
	second = print(again, &m);
	if (n != m || memcmp(first, second, n) != 0)
		abort();
	problems_init(&problems);
	if (config_compare_fixed(config, again, &problems) != 0)
		abort();
	problems_fini(&problems);
	free(first);
	free(second);
	config_unref(config);
	config_unref(again);
	return 0;
}
