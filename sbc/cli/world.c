#include "cli/world.h"

#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/container.h"
#include "cli/arguments.h"

/* Addresses of the documentation; nothing is sent to them. */
static const char made_up[] =
    "listeners = (\n"
    "  { name = \"inside\"; transport = \"udp\"; address = \"192.0.2.1:5060\"; },\n"
    "  { name = \"outside\"; transport = \"udp\"; address = \"198.51.100.1:5060\"; }\n"
    ");\n"
    "trunks = (\n"
    "  { name = \"caller\"; listener = \"inside\"; peers = [ \"192.0.2.10\" ];\n"
    "    %s },\n"
    "  { name = \"callee\"; listener = \"outside\"; peers = [ \"198.51.100.10\" ];\n"
    "    fqdn = \"sbc.example.com\"; %s }\n"
    ");\n"
    "routes = ( { from = \"caller\"; to = \"callee\"; } );\n";

int64_t
world_today(void)
{
	return (int64_t)(time(NULL) / 86400);
}

/* config_load() wants a file: this one has no name and is gone when closed. */
static struct config *
make_up(const char *country, struct problems *problems)
{
	struct config *config = NULL;
	char name[32], plan[64] = "";
	int fd = memfd_create("cordon.conf", MFD_CLOEXEC);

	if (fd < 0) {
		problem_add(problems, PROBLEM_ERROR, NULL, 0,
		    "no memory for a file");
		return NULL;
	}
	if (country != NULL)
		snprintf(plan, sizeof(plan), "country = \"%.8s\";", country);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (dprintf(fd, made_up, plan, plan) > 0)
		config = config_load(name, problems);
	close(fd);
	return config;
}

/* Listeners are numbered from 1, as in the file. */
static bool
bind_offline(void *arg, const struct config_trunk *trunk,
    struct trunk_binding *binding)
{
	const struct config *config = arg;
	const struct config_listener *own =
	    config_find_listener(config, span_of(trunk->listener));
	const struct config_listener *tcp =
	    config_find_listener(config, span_of(trunk->tcp_listener));

	*binding = (struct trunk_binding){ 0 };
	if (own == NULL)
		return false;
	binding->listener = (uint32_t)(own - config->listeners) + 1;
	binding->local = own->address;
	if (tcp == NULL)
		return true;
	binding->tcp_listener = (uint32_t)(tcp - config->listeners) + 1;
	binding->tcp_local = tcp->address;
	binding->tcp_transport = (enum net_transport)tcp->transport;
	return true;
}

static bool
is_country(struct cli *cli, const char *country)
{
	const char *near = number_plan_nearest(span_of(country));
	char behind[64] = "";

	if (number_plan_find(span_of(country)) != NULL)
		return true;
	if (near != NULL)
		snprintf(behind, sizeof(behind), ", is it %s?", near);
	arguments_complain(
	    cli, "no numbering plan for the country ", country, behind);
	return false;
}

bool
world_open(struct world *world, struct cli *cli, const char *file,
    const char *country)
{
	struct problems problems;

	*world = (struct world){ .made_up = file == NULL,
		.today = world_today() };
	if (country != NULL && !is_country(cli, country))
		return false;
	problems_init(&problems);
	world->config = file == NULL ? make_up(country, &problems)
				     : config_load(file, &problems);
	if (world->config != NULL)
		world->trunks = trunks_create(world->config, NULL, 0,
		    world->today, &problems);
	if (world->trunks != NULL &&
	    !trunks_bind(world->trunks, bind_offline, world->config)) {
		problem_add(&problems, PROBLEM_ERROR, file, 0,
		    "a trunk has no name or listener that can be used");
		trunks_unref(world->trunks);
		world->trunks = NULL;
	}
	if (world->trunks == NULL)
		problems_print(&problems, cli->err);
	problems_fini(&problems);
	if (world->trunks == NULL)
		world_close(world);
	return world->trunks != NULL;
}

void
world_close(struct world *world)
{
	trunks_unref(world->trunks);
	config_unref(world->config);
	world->trunks = NULL;
	world->config = NULL;
}

struct trunk *
world_trunk(const struct world *world, struct cli *cli, const char *name)
{
	struct trunk *trunk = trunk_find(world->trunks, span_of(name));
	size_t i;

	if (trunk != NULL)
		return trunk;
	fputs("cordon: no trunk \"", cli->err);
	print_safe(cli->err, span_of(name));
	fputs("\", there is", cli->err);
	for (i = 0; i < world->trunks->n; i++)
		fprintf(cli->err, "%s %.*s", i == 0 ? "" : ",",
		    SPAN_ARG(world->trunks->list[i].name));
	fputc('\n', cli->err);
	return NULL;
}

/* --- whose message? --- */

static bool
is_listener(const struct config_listener *listener, const struct address *a,
    bool stream)
{
	if ((listener->transport != CONFIG_UDP) != stream ||
	    listener->address.port != a->port)
		return false;
	return address_is_unspecified(&listener->address) ||
	    address_same_ip(&listener->address, a);
}

static bool
any_peer(void *arg, slab_handle connection, uint32_t tls)
{
	(void)arg;
	(void)connection;
	(void)tls;
	return true;
}

static bool
is_ours(const struct config *config, const struct address *from)
{
	size_t i;

	for (i = 0; i < config->listeners_n; i++)
		if (address_eq(&config->listeners[i].address, from))
			return true;
	return false;
}

struct trunk *
world_sender(const struct world *world, const struct capture_message *m,
    bool *ours)
{
	const struct config *config = world->config;
	struct net_path path = { .remote = m->from };
	struct trunk *trunk = NULL;
	bool known = false;
	size_t i;

	*ours = is_ours(config, &m->from);
	if (*ours)
		return NULL;
	for (i = 0; i < config->listeners_n && trunk == NULL; i++) {
		if (!is_listener(&config->listeners[i], &m->to, m->stream))
			continue;
		known = true;
		path.listener = (uint32_t)i + 1;
		trunk = trunk_match(world->trunks, &path, any_peer, NULL);
	}
	for (i = 0; !known && i < config->listeners_n && trunk == NULL; i++) {
		path.listener = (uint32_t)i + 1;
		trunk = trunk_match(world->trunks, &path, any_peer, NULL);
	}
	return trunk;
}

/* --- policies by name --- */

const char *
world_policy_file(const char *name, char buf[static WORLD_PATH_MAX])
{
	static const char *const places[] = {
		"",
		CORDON_SYSCONFDIR "/policies/",
		CORDON_DATADIR "/policies/",
	};
	static const char *const endings[] = { "", ".conf" };
	size_t n = strchr(name, '/') == NULL ? ARRAY_LEN(places) : 1;
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < ARRAY_LEN(endings); j++) {
			struct text t = text_over(buf, WORLD_PATH_MAX);

			text_add_str(&t, places[i]);
			text_add_str(&t, name);
			text_add_str(&t, endings[j]);
			if (!t.overflow && access(text_cstr(&t), R_OK) == 0)
				return buf;
		}
	}
	return NULL;
}

static struct policy *
load_policy(struct cli *cli, const char *name,
    struct policy *(*load)(const char *, int64_t, struct problems *))
{
	char buf[WORLD_PATH_MAX];
	const char *file = world_policy_file(name, buf);
	struct problems problems;
	struct policy *policy;

	if (file == NULL && access(name, F_OK) == 0)
		file = name; /* what is wrong with it says who reads it */
	if (file == NULL) {
		arguments_complain(
		    cli, "no policy \"", name, "\": cordon policy list");
		return NULL;
	}
	problems_init(&problems);
	policy = load(file, world_today(), &problems);
	problems_print(&problems, cli->err);
	problems_fini(&problems);
	return policy;
}

struct policy *
world_policy(struct cli *cli, const char *name)
{
	return load_policy(cli, name, policy_load);
}

struct policy *
world_draft(struct cli *cli, const char *name)
{
	return load_policy(cli, name, policy_load_draft);
}
