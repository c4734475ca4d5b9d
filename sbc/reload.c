/*
 * reload.c - another configuration beside the one in force, and in its
 * place when all of it is good
 */

#include "private.h"

#include "record/log.h"
#include "trunk/changes.h"

static void
note_reload(struct border *border, enum diagnostic diagnostic, const char *text)
{
	struct journal_entry entry = {
		.kind = JOURNAL_SYSTEM,
		.diagnostic = diagnostic,
		.target = SPAN("configuration"),
		.after = span_of(border->file),
		.reason = span_of(text),
	};

	record_set_time(&border->record, border_wall_clock());
	calls_note_system(border->calls, &entry);
}

/* The network side first: it changes everything or nothing. */
static bool
put_in_force(struct border *border, const struct parts *parts,
    struct net_profiles *profiles, struct problems *problems)
{
	struct trunks *trunks = trunks_create_of(parts,
	    calls_trunks(border->calls), loop_now(border->loop), border_today(),
	    problems);
	bool good = trunks != NULL && profiles != NULL &&
	    problems->errors == 0 &&
	    net_apply_with(border->net, parts->config, profiles, problems) &&
	    trunks_bind(trunks, border_bind_trunk, border);

	if (good) {
		changes_note(calls_trunks(border->calls), trunks, problems);
		calls_set_trunks(border->calls, trunks);
	}
	trunks_unref(trunks);
	return good;
}

/* "2 changes: trunk "x" is new; ..." */
static void
add_changes(struct text *t, const struct problems *found)
{
	const char *between = ": ";
	size_t i, n = 0;

	for (i = 0; i < found->n; i++)
		n += found->list[i].level == PROBLEM_NOTE;
	text_addf(t, "%zu change%s", n, n == 1 ? "" : "s");
	for (i = 0; i < found->n; i++) {
		const struct problem *p = &found->list[i];
		const char *what = p->text == NULL ? "?" : p->text;

		if (p->level != PROBLEM_NOTE)
			continue;
		if (t->len + strlen(what) + 8 > t->cap) {
			TEXT_LIT(t, "; ...");
			return;
		}
		text_add_str(t, between);
		text_add_str(t, what);
		between = "; ";
	}
}

static void
use_next(struct border *border, struct config *config)
{
	char buf[400];
	struct text changes = text_over(buf, sizeof(buf));

	add_changes(&changes, &border->found);
	border->reloads_done++;
	border_log_problems(&border->found);
	config_unref(border->config);
	border->config = config_ref(config);
	border->loaded = border_wall_clock();
	log_set_level((enum log_level)config->log.level);
	note_reload(border, DIAG_CFG_RELOADED, text_cstr(&changes));
	log_write(LOG_LEVEL_INFO, "reloaded %s", border->file);
}

/* The first error, by which somebody finds the others in the log. */
static void
refuse_next(struct border *border)
{
	const struct problems *found = &border->found;
	const struct problem *p;
	char text[512], line[16] = "";
	size_t i;

	for (i = 0; i < found->n; i++)
		if (found->list[i].level == PROBLEM_ERROR)
			break;
	p = i < found->n ? &found->list[i] : NULL;
	if (p != NULL && p->line > 0)
		snprintf(line, sizeof(line), ":%d", p->line);
	snprintf(text, sizeof(text),
	    "the configuration before stays; %zu error%s, the first in "
	    "%s%s: %s",
	    found->errors, found->errors == 1 ? "" : "s",
	    p == NULL || p->file == NULL ? border->file : p->file, line,
	    p == NULL || p->text == NULL ? "out of memory" : p->text);
	border->reloads_refused++;
	border_log_problems(&border->found);
	note_reload(border, DIAG_CFG_REFUSED, text);
}

/* Who has heard STOPPING=1 is told of no reload. */
static void
tell(const struct border *border, const char *state)
{
	if (border->drain_deadline == 0)
		border_tell_supervisor(state);
}

static void reload_begin(struct border *border);

/* A new snapshot beside the old one; a bad file changes nothing. */
static void
reload_end(struct border *border, const struct parts *parts,
    struct net_profiles *profiles)
{
	bool good = parts != NULL && parts->config != NULL &&
	    put_in_force(border, parts, profiles, &border->found);

	/* Nothing refuses without a word, but for want of memory. */
	if (!good && border->found.errors == 0)
		problem_add(&border->found, PROBLEM_ERROR, border->file, 0,
		    "out of memory");
	if (good)
		use_next(border, parts->config);
	else
		refuse_next(border);
	problems_fini(&border->last.problems);
	border->last = (struct reloaded){ border->reloading, good,
		border->found };
	problems_init(&border->found);
	border->reloading = 0;
	control_wake(border->control);
	if (border->reloads > border->last.number)
		reload_begin(border);
	else
		tell(border, "READY=1");
}

void
reload_on_loaded(void *arg, const struct parts *parts,
    struct net_profiles *profiles, struct problems *problems)
{
	struct border *border = arg;

	problems_move(&border->found, problems);
	if (parts->config != NULL)
		config_keep_fixed(
		    border->config, parts->config, &border->found);
	reload_end(border, parts, profiles);
}

static void
reload_begin(struct border *border)
{
	int error;

	tell(border, "RELOADING=1");
	border->reloading = border->reloads;
	error = config_loader_start(
	    border->loader, border->file, border_today());
	if (error == 0)
		return;
	problem_add(&border->found, PROBLEM_ERROR, border->file, 0,
	    "no thread to read it: %s", strerror(-error));
	reload_end(border, NULL, NULL);
}

uint64_t
reload_ask(void *arg)
{
	struct border *border = arg;

	border->reloads++;
	if (border->reloading == 0)
		reload_begin(border);
	return border->reloads;
}

bool
reload_result(void *arg, uint64_t number, bool *good,
    const struct problems **problems)
{
	struct border *border = arg;

	if (border->last.number < number)
		return false;
	*good = border->last.good;
	*problems = &border->last.problems;
	return true;
}
