#include "trunk/inventory_loader.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct inventory_loader {
	struct loop_wake *wake;
	inventory_loaded_fn *loaded;
	void *arg;
	bool running; /* from the start until the loop has been told */
	pthread_t thread;
	/* The thread's while it runs; the join hands them back. */
	char **files;
	size_t files_n;
	int64_t today;
	struct inventory *inventory;
	struct problems problems;
};

static void *
run(void *arg)
{
	struct inventory_loader *loader = arg;

	loader->inventory =
	    inventory_load((const char *const *)loader->files, loader->files_n,
		loader->today, &loader->problems);
	loop_wake_send(loader->wake);
	return NULL;
}

/* Signals are for the main thread. */
static int
start_thread(struct inventory_loader *loader)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&loader->thread, NULL, run, loader);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error == 0)
		pthread_setname_np(loader->thread, "cordon-numbers");
	return error;
}

static void
free_files(struct inventory_loader *loader)
{
	size_t i;

	for (i = 0; i < loader->files_n; i++)
		free(loader->files[i]);
	free(loader->files);
	loader->files = NULL;
	loader->files_n = 0;
}

static bool
copy_files(
    struct inventory_loader *loader, const struct config_strings *files)
{
	size_t i;

	loader->files = calloc(files->n + 1, sizeof(*loader->files));
	if (loader->files == NULL)
		return false;
	for (i = 0; i < files->n; i++) {
		loader->files[i] = strdup(files->list[i]);
		if (loader->files[i] == NULL)
			return false;
		loader->files_n++;
	}
	return true;
}

/* The thread has rung, or will: it ends by itself. */
static void
take_over(struct inventory_loader *loader)
{
	pthread_join(loader->thread, NULL);
	free_files(loader);
	loader->running = false;
}

static void
on_wake(void *arg)
{
	struct inventory_loader *loader = arg;
	struct inventory *inventory;
	struct problems problems;

	if (!loader->running)
		return;
	take_over(loader);
	inventory = loader->inventory;
	problems = loader->problems;
	loader->inventory = NULL;
	problems_init(&loader->problems);
	/* May start the next. */
	loader->loaded(loader->arg, inventory, &problems);
}

struct inventory_loader *
inventory_loader_create(
    struct loop *loop, inventory_loaded_fn *loaded, void *arg)
{
	struct inventory_loader *loader = calloc(1, sizeof(*loader));

	if (loader == NULL)
		return NULL;
	loader->loaded = loaded;
	loader->arg = arg;
	problems_init(&loader->problems);
	loader->wake = loop_wake_create(loop, on_wake, loader);
	if (loader->wake != NULL)
		return loader;
	free(loader);
	return NULL;
}

void
inventory_loader_destroy(struct inventory_loader *loader)
{
	if (loader == NULL)
		return;
	if (loader->running)
		take_over(loader);
	inventory_unref(loader->inventory);
	problems_fini(&loader->problems);
	loop_wake_destroy(loader->wake);
	free(loader);
}

int
inventory_loader_start(struct inventory_loader *loader,
    const struct config_strings *files, int64_t today)
{
	int error = ENOMEM;

	if (loader->running)
		return -EBUSY;
	loader->today = today;
	if (copy_files(loader, files))
		error = start_thread(loader);
	if (error != 0)
		free_files(loader);
	loader->running = error == 0;
	return -error;
}
