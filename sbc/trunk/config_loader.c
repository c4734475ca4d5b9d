#include "trunk/config_loader.h"

#include <errno.h>
#include <stdlib.h>

#include "net/thread.h"

struct config_loader {
	struct loop_wake *wake;
	config_loaded_fn *loaded;
	void *arg;
	bool running; /* from the start until the loop has been told */
	pthread_t thread;
	/* The thread's while it runs; the join hands them back. */
	char *file;
	int64_t today;
	struct parts parts;
	struct net_profiles *profiles;
	struct problems problems;
};

static void *
run(void *arg)
{
	struct config_loader *loader = arg;
	struct problems *problems = &loader->problems;
	struct config *config = config_load(loader->file, problems);

	if (config != NULL) {
		parts_load(&loader->parts, config, loader->today, problems);
		loader->profiles = net_profiles_create(config, problems);
	}
	config_unref(config);
	loop_wake_send(loader->wake);
	return NULL;
}

static void
free_file(struct config_loader *loader)
{
	free(loader->file);
	loader->file = NULL;
}

/* The thread has rung, or will: it ends by itself. */
static void
take_over(struct config_loader *loader)
{
	pthread_join(loader->thread, NULL);
	free_file(loader);
	loader->running = false;
}

static void
on_wake(void *arg)
{
	struct config_loader *loader = arg;
	struct net_profiles *profiles;
	struct problems problems;
	struct parts parts;

	if (!loader->running)
		return;
	take_over(loader);
	profiles = loader->profiles;
	loader->profiles = NULL;
	parts = loader->parts;
	problems = loader->problems;
	loader->parts = (struct parts){ 0 };
	problems_init(&loader->problems);
	/* May start the next. */
	loader->loaded(loader->arg, &parts, profiles, &problems);
	net_profiles_destroy(profiles);
	parts_fini(&parts);
}

struct config_loader *
config_loader_create(struct loop *loop, config_loaded_fn *loaded, void *arg)
{
	struct config_loader *loader = calloc(1, sizeof(*loader));

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
config_loader_destroy(struct config_loader *loader)
{
	if (loader == NULL)
		return;
	if (loader->running)
		take_over(loader);
	net_profiles_destroy(loader->profiles);
	parts_fini(&loader->parts);
	problems_fini(&loader->problems);
	loop_wake_destroy(loader->wake);
	free(loader);
}

int
config_loader_start(
    struct config_loader *loader, const char *file, int64_t today)
{
	int error = ENOMEM;

	if (loader->running)
		return -EBUSY;
	loader->today = today;
	loader->file = strdup(file);
	if (loader->file != NULL)
		error = thread_start(
		    &loader->thread, "cordon-loader", run, loader);
	if (error != 0)
		free_file(loader);
	loader->running = error == 0;
	return -error;
}
