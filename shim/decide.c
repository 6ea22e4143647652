/* SPDX-License-Identifier: MIT
 * Object before rule, rule before family. A cached verdict is a rule's number and whether the
 * object passes; it belongs to a file, never to a descriptor number. */
#include "shim/decide.h"

#include <sys/sysmacros.h>
#include <time.h>

#include "policy/sys.h"
#include "shim/backend.h"
#include "shim/cache.h"
#include "shim/exports.h"
#include "shim/hazard.h"
#include "shim/mounts.h"
#include "shim/object.h"
#include "shim/own_ofd.h"
#include "shim/say.h"
#include "shim/state.h"

#define VERDICT_NOTHING 0u /* shadow */
#define VERDICT_NO_RULE 1u
#define VERDICT_UNSURE 2u
#define VERDICT_RULES 3u /* and from here on the rule's place */
/* Beside the rule's: calls pass all the same; what is done around them could not be learned. */
#define VERDICT_PASSES (1u << 31)
#define VERDICT_AROUND_UNSURE (1u << 30)
#define VERDICT_RULE (VERDICT_AROUND_UNSURE - 1)

static const struct policy_actions pass_actions; /* flock = pass is 0, and so is all else */

/* Also where calls pass. */
static const struct policy_actions *said_by(const struct shim_state *state, uint32_t verdict)
{
	verdict &= VERDICT_RULE;
	if (verdict == VERDICT_NOTHING)
		return &pass_actions;
	if (verdict == VERDICT_NO_RULE)
		return &state->policy->no_rule;
	return &state->policy->rules[verdict - VERDICT_RULES]->actions;
}

static const struct policy_actions *actions_of(const struct shim_state *state, uint32_t verdict)
{
	return verdict & VERDICT_PASSES ? &pass_actions : said_by(state, verdict);
}

static const struct policy_actions *around_of(const struct shim_state *state, uint32_t verdict)
{
	if (verdict == VERDICT_UNSURE || verdict & VERDICT_AROUND_UNSURE)
		return &state->around_most;
	return said_by(state, verdict);
}

static uint32_t verdict_of(const struct policy *policy, const struct policy_rule *rule)
{
	size_t i;

	for (i = 0; rule && i < policy->rules_count; i++)
		if (policy->rules[i] == rule)
			return (uint32_t)i + VERDICT_RULES;
	return VERDICT_NO_RULE;
}

static void say_of(enum step_aside kind, const struct object *object, const char *detail)
{
	say_aside(kind, makedev((unsigned)(object->device >> 32), (unsigned)object->device),
		  object->inode, detail);
}

/* What rules can ask, and which of it could not be learned. */
struct learned {
	struct policy_file file;
	const struct mount_fact *fact;
	uint32_t unknown; /* bits of enum policy_match */
};

/* Block devices carry no file system that is passed but fuseblk: no mount table is read for them.
 */
static bool wants_mount(const struct object *object, uint32_t asked)
{
	return asked & POLICY_MOUNT_KEYS || !(object->device >> 32);
}

static void learn_mount(const struct policy *policy, int fd, const struct object *object,
			struct learned *learned)
{
	struct policy_file *file = &learned->file;

	if (mounts_find(policy, fd, object->device, object->mount, &learned->fact)) {
		learned->unknown |= POLICY_MOUNT_KEYS;
		say_of(ASIDE_NO_MOUNTS, object, NULL);
		return;
	}
	file->device = learned->fact ? learned->fact->device : object->device;
	file->fstype = learned->fact ? learned->fact->fstype : NULL;
	file->filesystem_device = mounts_filesystem_devices();
}

static void learn_path(int fd, const struct object *object, struct learned *learned)
{
	char *room = sys_pages(OBJECT_PATH_ROOM);
	int error = room ? object_path(fd, room, &learned->file.path) : -ENOMEM;

	if (error) {
		learned->unknown |= POLICY_PATH_KEYS;
		say_of(ASIDE_NO_PATH, object, NULL);
	}
	if (room && !learned->file.path)
		sys_pages_free(room, OBJECT_PATH_ROOM);
}

/* Learns what rules with these match keys can ask. The path lies in pages that the caller frees. */
static void learn_file(const struct policy *policy, uint32_t asked, int fd,
		       const struct object *object, struct learned *ret)
{
	*ret = (struct learned){ 0 };
	if (wants_mount(object, asked))
		learn_mount(policy, fd, object, ret);
	if (asked & POLICY_PATH_KEYS)
		learn_path(fd, object, ret);
	if (asked & 1u << POLICY_EXPORTED)
		ret->file.exported = exports_ask(ret->file.device, ret->file.path);
	ret->unknown &= asked;
}

static void forget_file(struct policy_file *file)
{
	if (file->path)
		sys_pages_free((void *)(uintptr_t)file->path, OBJECT_PATH_ROOM);
}

static void say_passed(const struct object *object, const char *why)
{
	say_of(object->kind ? ASIDE_OBJECT : ASIDE_FILE_SYSTEM, object, why);
}

/* Against a name that no rule takes. What an export of a whole file system takes in is so by every
 * name. */
static void look_for_names(const struct policy *policy, const struct object *object,
			   const struct learned *learned)
{
	uint32_t by_name = policy->bound_match & POLICY_PATH_KEYS;
	struct policy_file nameless = learned->file;
	const struct policy_actions *actions;
	const struct policy_rule *rule;

	nameless.path = NULL;
	if (by_name & 1u << POLICY_EXPORTED)
		nameless.exported = exports_ask(nameless.device, NULL);
	if (nameless.exported != POLICY_UNKNOWN)
		by_name &= ~(1u << POLICY_EXPORTED);
	actions = policy_decide(policy, &nameless, &rule);
	if (by_name && policy_could_differ(policy, &nameless, by_name, actions))
		hazard_met_on(HAZARD_TWO_NAMES, object->device, object->inode, NULL, 0);
}

static const char *shadowed(const struct policy_actions *actions)
{
	return actions->value[POLICY_FLOCK] != POLICY_FLOCK_PASS ? backend_of(actions)->name
								 : "what fcntl or ofd say";
}

/* The verdict from what was learned; VERDICT_UNSURE where that was not enough. */
static uint32_t decide_learned(const struct shim_state *state, int fd, const struct object *object,
			       const struct learned *learned)
{
	const struct policy_rule *rule;
	const struct policy_actions *actions = policy_decide(state->policy, &learned->file, &rule);
	const char *why;
	enum policy_treatment treatment = object_treatment(fd, learned->fact, &why);

	if (learned->unknown &&
	    policy_could_differ(state->policy, &learned->file, learned->unknown, actions))
		return VERDICT_UNSURE;
	if (hazard_shown() && object->links > 1)
		look_for_names(state->policy, object, learned);
	if (policy_treatment_passes(treatment, rule)) {
		if (policy_changes_calls(actions))
			say_passed(object, why);
		if (!actions->value[POLICY_SHADOW])
			return verdict_of(state->policy, rule) | VERDICT_PASSES;
		return VERDICT_NOTHING;
	}
	if (actions->value[POLICY_SHADOW]) {
		say_of(ASIDE_SHADOW, object, shadowed(actions));
		return VERDICT_NOTHING;
	}
	return verdict_of(state->policy, rule);
}

static uint32_t decide_regular(const struct shim_state *state, int fd, const struct object *object)
{
	struct learned learned;
	uint32_t verdict;

	learn_file(state->policy, state->policy->bound_match, fd, object, &learned);
	verdict = decide_learned(state, fd, object, &learned);
	if (learned.unknown && verdict != VERDICT_UNSURE && state->flushes)
		verdict |= VERDICT_AROUND_UNSURE;
	forget_file(&learned.file);
	return verdict;
}

static struct cache_key key_of(const struct shim_state *state, const struct object *object)
{
	return (struct cache_key){
		.device = object->device,
		.mount = object->mount,
		.inode = state->asks_path ? object->inode : 0,
		.birth = state->asks_path ? object->birth : 0,
	};
}

/* Birth times are as coarse as the kernel's tick, and an inode number is used again within one:
 * only an older birth tells two files apart. */
static bool birth_tells(const struct object *object)
{
	struct timespec now;

	if (!object->birth || clock_gettime(CLOCK_REALTIME_COARSE, &now))
		return false;
	return object->birth < (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint32_t decide_cached(const struct shim_state *state, int fd, const struct object *object)
{
	const struct cache_key key = key_of(state, object);
	uint32_t verdict;

	if (cache_find(&key, &verdict))
		return verdict;
	verdict = decide_regular(state, fd, object);
	if (verdict != VERDICT_UNSURE && !(verdict & VERDICT_AROUND_UNSURE) &&
	    (!state->asks_path || birth_tells(object)))
		cache_put(&key, verdict);
	return verdict;
}

/* Asked once a file, as what is said of it. */
static void look_for_policies(const struct object *object)
{
	int pid = 0;

	if (say_first_time(ASIDE_COUNT + HAZARD_COUNT, object->device, object->inode) &&
	    state_policy_differs(object->device, object->inode, &pid))
		hazard_met_on(HAZARD_POLICY_DIFFERS, object->device, object->inode, "process", pid);
}

int decide_lock(const struct shim_state *state, int fd, struct decision *ret)
{
	struct object object;
	uint32_t verdict;
	int error = object_look(fd, &object);

	if (error)
		return error == -EBADF ? error : -ENOLCK;
	ret->calls = &pass_actions;
	ret->around = NULL;
	if (object.kind) {
		say_passed(&object, object.kind);
		return 0;
	}
	if (hazard_shown())
		look_for_policies(&object);
	verdict = decide_cached(state, fd, &object);
	if (verdict == VERDICT_UNSURE)
		return -ENOLCK;
	ret->calls = actions_of(state, verdict);
	if (state->flushes) {
		ret->around = around_of(state, verdict);
		ret->file = object_hash(&object);
	}
	return 0;
}

const struct policy_actions *decide_around(const struct shim_state *state, int fd,
					   const struct object *object)
{
	return around_of(state, decide_cached(state, fd, object));
}

/* What this process decided for the file before, by a path that it may no longer have. */
static unsigned families_decided(const struct shim_state *state, const struct object *object)
{
	const struct cache_key key = key_of(state, object);
	uint32_t verdict;

	if (!cache_find(&key, &verdict))
		return 0;
	return backend_of(actions_of(state, verdict))->families;
}

/* A lock that came from elsewhere may have been taken under another path. But where the program
 * takes OFD locks of its own, a family more to unlock is not harmless. */
static uint32_t keys_for_unlock(const struct shim_state *state)
{
	return ofd_used_by_program() ? state->any_match : state->any_match & ~POLICY_PATH_KEYS;
}

int decide_unlock(const struct shim_state *state, int fd, unsigned *ret_families)
{
	struct learned learned;
	struct object object;
	const char *why;
	int error = object_look(fd, &object);

	if (error)
		return error;
	*ret_families = POLICY_FAMILY_NATIVE;
	if (object.kind)
		return 0;
	learn_file(state->policy, keys_for_unlock(state), fd, &object, &learned);
	if (object_treatment(fd, learned.fact, &why) != POLICY_PASS_ALWAYS)
		*ret_families |= policy_families(state->policy, &learned.file) |
				 families_decided(state, &object);
	forget_file(&learned.file);
	return 0;
}

static const struct policy_rule *rule_of(const struct policy *policy,
					 const struct policy_actions *actions)
{
	size_t i;

	for (i = 0; i < policy->rules_count; i++)
		if (&policy->rules[i]->actions == actions)
			return policy->rules[i];
	return NULL;
}

const struct policy_actions *decide_watched(const struct shim_state *state, int fd,
					    const struct object *object,
					    const struct policy_rule **ret_rule)
{
	const struct cache_key key = key_of(state, object);
	const struct policy_actions *actions = state->constant;
	const struct policy *policy = state->policy;
	const uint32_t asked = policy->bound_match;
	struct learned learned;
	uint32_t verdict;

	if (!actions && cache_find(&key, &verdict) && verdict != VERDICT_NOTHING)
		actions = said_by(state, verdict);
	*ret_rule = rule_of(policy, actions);
	if (actions)
		return actions;
	learn_file(policy, asked, fd, object, &learned);
	actions = policy_decide(policy, &learned.file, ret_rule);
	forget_file(&learned.file);
	return actions;
}
