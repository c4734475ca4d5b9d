/*
 * config.c - any bytes as cordon.conf: refused with problems, or loaded, and
 * then what is printed loads again to the same
 */

#include "config/config.h"

#include <fcntl.h>
#include <sanitizer/allocator_interface.h>
#include <sanitizer/lsan_interface.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/container.h"

#define NOW ((time_t)1800000000)
#define SYNTAX_ERROR "syntax error" /* how that problem begins */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig loses the string before a syntax error: not ours to mend. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

static char directories[][32] = { "/dev/shm/cordon-fuzz-XXXXXX",
	"/tmp/cordon-fuzz-XXXXXX" };
static char *directory;
static char file[48];
static int fd = -1;
static long live; /* blocks allocated and not freed */
static bool lost_by_parser;

static void
remove_all(void)
{
	unlink(file);
	rmdir(directory);
}

static void
count_malloc(const volatile void *block, size_t n)
{
	(void)block;
	(void)n;
	live++;
}

static void
count_free(const volatile void *block)
{
	if (block != NULL)
		live--;
}

static void
prepare(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(directories) && directory == NULL; i++)
		directory = mkdtemp(directories[i]);
	if (directory == NULL)
		abort();
	snprintf(file, sizeof(file), "%s/c.conf", directory);
	atexit(remove_all);
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		abort();
	__sanitizer_install_malloc_and_free_hooks(count_malloc, count_free);
}

/* The loss in libconfig would have libFuzzer look for leaks after each such
 * run, and soon give up looking: check_leaks() does it where it is worth it. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char off[] = "-detect_leaks=0";
	char **args = calloc((size_t)*argc + 2, sizeof(*args));
	int i;

	if (args == NULL)
		abort();
	for (i = 0; i < *argc; i++)
		args[i] = (*argv)[i];
	args[i] = off;
	*argv = args;
	(*argc)++;
	prepare();
	return 0;
}

static bool
is_syntax_error(const struct problems *problems)
{
	return problems->n == 1 &&
	    strncmp(problems->list[0].text, SYNTAX_ERROR,
		strlen(SYNTAX_ERROR)) == 0;
}

static void
check_leaks(long before)
{
	if (live != before && !lost_by_parser &&
	    __lsan_do_recoverable_leak_check() != 0)
		abort();
}

static struct config *
load(const void *text, size_t n)
{
	struct problems problems;
	struct config *config;

	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, n, 0) != (ssize_t)n)
		abort();
	problems_init(&problems);
	config = config_load_at(file, NOW, &problems);
	if ((config == NULL) != (problems.errors > 0))
		abort();
	lost_by_parser = is_syntax_error(&problems);
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

static void
run(const uint8_t *data, size_t size)
{
	struct config *config, *again;
	struct problems problems;
	size_t n, m;
	char *first, *second;

	config = load(data, size);
	if (config == NULL)
		return;
	first = print(config, &n);
	again = load(first, n);
	if (again == NULL)
		abort();
	second = print(again, &m);
	if (n != m || memcmp(first, second, n) != 0)
		abort();
	problems_init(&problems);
	if (config_keep_fixed(config, again, &problems) != 0)
		abort();
	problems_fini(&problems);
	free(first);
	free(second);
	config_unref(config);
	config_unref(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	long before = live;

	run(data, size);
	check_leaks(before);
	return 0;
}
