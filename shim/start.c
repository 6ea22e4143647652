/* SPDX-License-Identifier: MIT
 * Start: next symbols, environment, policy. Whatever is wrong is said once, and everything passes.
 */
#include "shim/start.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "policy/sys.h"
#include "shim/at_load.h"
#include "shim/exports.h"
#include "shim/flush.h"
#include "shim/heir.h"
#include "shim/keeper.h"
#include "shim/layers.h"
#include "shim/mounts.h"
#include "shim/next.h"
#include "shim/note.h"
#include "shim/say.h"
#include "shim/slurp.h"
#include "shim/watch.h"

#define PATH_ROOM 4096

const struct shim_state *shim_started;

static const struct policy no_policy;
static const struct shim_state passing = { .policy = &no_policy };

/* The variables, and what is known of the process before the policy is read. */
struct start {
	struct policy_memory memory;
	struct policy_trust trust;
	struct policy_error error;
	struct policy_process process;
	struct slurp passwd;
	const char *file, *set, *trace, *log;
	bool named; /* the file was named by LOCKSHIM_POLICY: it has to be there */
	bool debug;
};

static void *more_pages(void *context, size_t size)
{
	(void)context;
	return sys_pages(size);
}

static void say_error(const struct policy_error *error, const char *then)
{
	char line[24], column[24];

	if (error->line)
		say(error->file, ":", say_number(line, error->line), ":",
		    say_number(column, error->column), ": ", error->text, then, NULL);
	else
		say(error->file, ": ", error->text, then, NULL);
}

AT_LOAD static bool is_on(const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value || !strcmp(value, "0"))
		return false;
	if (!strcmp(value, "1"))
		return true;
	say(name, "=", value, " means nothing; only 1 switches it on", NULL);
	return false;
}

static void read_environment(struct start *start)
{
	start->file = LOCKSHIM_POLICY_FILE;
	if (start->trust.root_only)
		return;
	start->process.service = getenv("LOCKSHIM_SERVICE");
	start->set = getenv("LOCKSHIM_SET");
	start->trace = getenv("LOCKSHIM_TRACE");
	start->log = getenv("LOCKSHIM_LOG");
	start->named = getenv("LOCKSHIM_POLICY") != NULL;
	if (start->named)
		start->file = getenv("LOCKSHIM_POLICY");
}

/* A variable that can't be followed costs the host nothing but what it asked for. */
static void record(struct start *start, struct policy *policy, enum policy_action action,
		   const char *name, const char *where)
{
	if (where && *where &&
	    policy_record(policy, action, name, where, &start->memory, &start->error))
		say_error(&start->error, "; it is left out");
}

/* The file's policy with LOCKSHIM_SET laid over it; NULL where it is broken, which has been said.
 */
static struct policy *read_policy(struct start *start)
{
	struct policy *policy = NULL;
	int error = policy_load(&policy, start->file, &start->trust, &start->memory, &start->error);

	if (error == -ENOENT && !start->named)
		error = policy_empty(&policy, &start->memory);
	if (!error) {
		record(start, policy, POLICY_TRACE, "LOCKSHIM_TRACE", start->trace);
		record(start, policy, POLICY_LOG, "LOCKSHIM_LOG", start->log);
	}
	if (!error && start->set)
		error = policy_overlay(policy, "LOCKSHIM_SET", start->set, strlen(start->set),
				       &start->memory, &start->error);
	if (!error)
		return policy;
	say_error(&start->error, "; everything passes unchanged");
	return NULL;
}

static uint32_t all_matches(const struct policy *policy)
{
	uint32_t all = 0;
	size_t i;

	for (i = 0; i < policy->rules_count; i++)
		all |= policy->rules[i]->match_set;
	return all;
}

static const char *executable_path(void)
{
	char *path = sys_pages(PATH_ROOM);
	long len = path ? sys_readlink("/proc/self/exe", path, PATH_ROOM - 1) : -1;

	return len > 0 ? path : NULL;
}

static void learn_process(struct start *start, uint32_t asked)
{
	if (asked & 1u << POLICY_PROGRAM) {
		start->process.executable = executable_path();
		start->process.started_as = (const char *)getauxval(AT_EXECFN);
		start->process.argv0 = program_invocation_name;
	}
	start->process.user = start->trust.user;
	if (asked & 1u << POLICY_USER && !slurp_file(&start->passwd, "/etc/passwd")) {
		start->process.passwd = start->passwd.text;
		start->process.passwd_len = start->passwd.len;
	}
}

static bool converts_somewhere(const struct policy *policy)
{
	bool converts = policy->no_rule.value[POLICY_FLOCK] != POLICY_FLOCK_PASS;
	size_t i;

	for (i = 0; i < policy->rules_count; i++)
		converts |= policy->rules[i]->actions.value[POLICY_FLOCK] != POLICY_FLOCK_PASS;
	return converts;
}

static bool changes_records(const struct policy_actions *actions)
{
	return actions->value[POLICY_FCNTL] != POLICY_FCNTL_PASS ||
	       actions->value[POLICY_OFD_CALLS] != POLICY_OFD_CALLS_PASS;
}

static bool converts_flock(const struct policy_actions *actions)
{
	return actions->value[POLICY_FLOCK] != POLICY_FLOCK_PASS;
}

static bool flushes(const struct policy_actions *actions)
{
	return !actions->value[POLICY_SHADOW] &&
	       (actions->value[POLICY_ON_UNLOCK] || actions->value[POLICY_ON_LOCK]);
}

static bool carries_records(const struct policy_actions *actions)
{
	return actions->value[POLICY_FCNTL] == POLICY_FCNTL_OFD;
}

AT_LOAD bool shim_may_choose(const struct policy *policy,
			     bool (*such)(const struct policy_actions *actions))
{
	bool chosen = such(&policy->no_rule);
	size_t i;

	for (i = 0; i < policy->bound_count; i++)
		chosen |= such(&policy->bound[i]->actions);
	return chosen;
}

static void raise_around(struct policy_actions *most, const struct policy_actions *actions)
{
	static const enum policy_action around[] = { POLICY_ON_UNLOCK, POLICY_FLUSH_ERROR,
						     POLICY_ON_LOCK };
	size_t i;

	for (i = 0; i < sizeof around / sizeof around[0]; i++)
		if (actions->value[around[i]] > most->value[around[i]])
			most->value[around[i]] = actions->value[around[i]];
}

static void read_around(struct shim_state *state, const struct policy *policy)
{
	size_t i;

	state->flushes = shim_may_choose(policy, flushes);
	raise_around(&state->around_most, &policy->no_rule);
	for (i = 0; i < policy->bound_count; i++)
		raise_around(&state->around_most, &policy->bound[i]->actions);
}

/* "DIRECTORY/lockshim/lockshim-keeper" beside the library. */
static void use_keeper(void)
{
	const char *library = next_own_path(), *slash = library ? strrchr(library, '/') : NULL;
	char *path = slash && *library == '/' ? sys_pages(PATH_ROOM) : NULL;
	size_t len = path ? (size_t)(slash + 1 - library) : 0;

	if (!path || len + sizeof LOCKSHIM_KEEPER > PATH_ROOM)
		return;
	memcpy(path, library, len);
	strcpy(path + len, LOCKSHIM_KEEPER);
	keeper_use(path);
}

/* The first to start takes the one at hand; who starts at the same time needs another. */
static struct shim_state *state_new(void)
{
	static struct shim_state at_hand;
	static bool taken;

	return __atomic_test_and_set(&taken, __ATOMIC_ACQ_REL) ? sys_pages(sizeof at_hand)
							       : &at_hand;
}

static const struct shim_state *state_of(struct policy *policy)
{
	const struct policy_file nothing = { 0 };
	struct shim_state *state = state_new();
	const struct policy_rule *rule;
	bool converts;

	if (!state)
		return &passing;
	state->policy = policy;
	converts = converts_somewhere(policy);
	read_around(state, policy);
	state->active = converts || state->flushes;
	state->asks_file = policy_asks_file(policy) || state->flushes;
	state->asks_path = policy_asks_path(policy);
	state->any_match = all_matches(policy);
	if (!policy_asks_file(policy))
		state->constant = policy_decide(policy, &nothing, &rule);
	state->asks_records = shim_may_choose(policy, changes_records) || state->flushes;
	state->passes_all = !shim_may_choose(policy, converts_flock);
	if (state->active || state->asks_records)
		note_start();
	if (converts)
		use_keeper();
	if (shim_may_choose(policy, carries_records)) {
		heir_start(converts);
		note_watch_twins();
		layers_watch();
	}
	if (policy->bound_match & POLICY_MOUNT_KEYS)
		mounts_start(policy);
	if (policy->bound_match & 1u << POLICY_EXPORTED)
		exports_start();
	return state;
}

static void say_policy(const struct start *start, const struct policy *policy)
{
	char count[24], line[24];
	size_t i;

	if (!start->debug)
		return;
	say("policy ", start->file, ", rules: ", say_number(count, policy->rules_count), NULL);
	for (i = 0; i < policy->rules_count; i++)
		if (policy->rules[i]->process_matches)
			say("stands: [rule ", policy->rules[i]->name, "] at ",
			    policy->rules[i]->file, ":", say_number(line, policy->rules[i]->line),
			    NULL);
	if (start->set)
		say("LOCKSHIM_SET: ", start->set, NULL);
}

static const struct shim_state *build(struct start *start)
{
	struct policy *policy;

	start->debug = !start->trust.root_only && is_on("LOCKSHIM_DEBUG");
	if (!start->trust.root_only && is_on("LOCKSHIM_DISABLE"))
		return &passing;
	read_environment(start);
	if (!start->named && !start->set && !start->trace && !start->log &&
	    sys_access(start->file) == -ENOENT)
		return &passing;
	policy = read_policy(start);
	if (!policy)
		return &passing;
	learn_process(start, all_matches(policy));
	policy_bind(policy, &start->process);
	slurp_free(&start->passwd);
	say_policy(start, policy);
	return state_of(policy);
}

/* The executable's, and not the name it was started by, which is the program's to change. */
static const char *program_name(void)
{
	const char *path = executable_path(), *slash;

	if (!path)
		path = program_invocation_name;
	slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

AT_LOAD const struct shim_state *shim_start(void)
{
	struct start start = { .memory.more = more_pages };
	const struct shim_state *state, *first = NULL;

	next_resolve();
	start.trust.user = (uint32_t)syscall(SYS_geteuid);
	start.trust.root_only = getauxval(AT_SECURE) != 0;
	state = build(&start);
	if (!__atomic_compare_exchange_n(&shim_started, &first, state, 0, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		return first;
	if (state->around_most.value[POLICY_ON_UNLOCK])
		flush_start();
	if (watch_wanted(state))
		watch_start(state, program_name());
	say_start(start.debug, watch_on());
	return state;
}

__attribute__((constructor)) AT_LOAD static void start_at_load(void)
{
	(void)shim_state();
}
