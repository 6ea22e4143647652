/* SPDX-License-Identifier: MIT
 * Object before rule, rule before family. A cached verdict is a rule's number and whether the
 * object passes; it belongs to a file, never to a descriptor number. */
#include "shim/decide.h"

#include <sys/mman.h>

#include "policy/sys.h"
#include "shim/backend.h"
#include "shim/cache.h"
#include "shim/exports.h"
#include "shim/mounts.h"
#include "shim/note.h"
#include "shim/object.h"
#include "shim/say.h"

#define VERDICT_PASS 0u
#define VERDICT_NO_RULE 1u
#define VERDICT_RULES 2u /* and from here on the rule's place */

static const struct policy_actions pass_actions; /* flock = pass is 0, and so is all else */

static const struct policy_actions *actions_of(const struct shim_state *state, uint32_t verdict)
{
	if (verdict == VERDICT_PASS)
		return &pass_actions;
	if (verdict == VERDICT_NO_RULE)
		return &state->policy->no_rule;
	return &state->policy->rules[verdict - VERDICT_RULES]->actions;
}

static uint32_t verdict_of(const struct policy *policy, const struct policy_rule *rule)
{
	size_t i;

	for (i = 0; rule && i < policy->rules_count; i++)
		if (policy->rules[i] == rule)
			return (uint32_t)i + VERDICT_RULES;
	return VERDICT_NO_RULE;
}

static void learn_mount(const struct policy *policy, int fd, const struct object *object,
			struct policy_file *file)
{
	const struct mount_fact *fact = mounts_find(policy, fd, object->device);

	if (!fact)
		say_aside(ASIDE_NO_MOUNTS, object->device, object->inode, NULL);
	file->device = fact ? fact->device : object->device;
	file->fstype = fact ? fact->fstype : NULL;
	file->filesystem_device = mounts_filesystem_devices();
}

/* Fills what rules with these match keys can ask. The path lies in pages that the caller frees. */
static void learn_file(const struct policy *policy, uint32_t asked, int fd,
		       const struct object *object, struct policy_file *file)
{
	char *room;

	*file = (struct policy_file){ 0 };
	if (asked & POLICY_MOUNT_KEYS)
		learn_mount(policy, fd, object, file);
	if (!(asked & POLICY_PATH_KEYS))
		return;
	room = sys_pages(OBJECT_PATH_ROOM);
	file->path = room ? object_path(fd, object, room) : NULL;
	if (!file->path)
		say_aside(ASIDE_NO_PATH, object->device, object->inode, NULL);
	if (room && !file->path)
		sys_pages_free(room, OBJECT_PATH_ROOM);
	if (asked & 1u << POLICY_EXPORTED)
		file->exported = exports_ask(file->device, file->path);
}

static void forget_file(struct policy_file *file)
{
	if (file->path)
		sys_pages_free((void *)(uintptr_t)file->path, OBJECT_PATH_ROOM);
}

static void say_passed(const struct object *object, const char *why)
{
	say_aside(object->kind ? ASIDE_OBJECT : ASIDE_FILE_SYSTEM, object->device, object->inode,
		  why);
}

static uint32_t decide_regular(const struct shim_state *state, int fd, const struct object *object)
{
	const char *why;
	enum policy_treatment treatment = object_treatment(fd, object, &why);
	const struct policy_rule *rule;
	const struct policy_actions *actions;
	struct policy_file file;
	uint32_t verdict;

	learn_file(state->policy, state->policy->bound_match, fd, object, &file);
	actions = policy_decide(state->policy, &file, &rule);
	forget_file(&file);
	verdict = verdict_of(state->policy, rule);
	if (policy_treatment_passes(treatment, rule)) {
		if (actions->value[POLICY_FLOCK] != POLICY_FLOCK_PASS)
			say_passed(object, why);
		return VERDICT_PASS;
	}
	if (actions->value[POLICY_SHADOW]) {
		say_aside(ASIDE_SHADOW, object->device, object->inode, backend_of(actions)->name);
		return VERDICT_PASS;
	}
	return verdict;
}

static struct cache_key key_of(const struct shim_state *state, const struct object *object)
{
	return (struct cache_key){
		.device = object->device,
		.inode = state->asks_path ? object->inode : 0,
		.birth = object->birth,
	};
}

static uint32_t decide_cached(const struct shim_state *state, int fd, const struct object *object)
{
	const struct cache_key key = key_of(state, object);
	uint32_t verdict;

	if (cache_find(&key, &verdict))
		return verdict;
	verdict = decide_regular(state, fd, object);
	if (!state->asks_path || object->birth)
		cache_put(&key, verdict);
	return verdict;
}

int decide_lock(const struct shim_state *state, int fd, const struct policy_actions **ret_actions)
{
	struct object object;
	int error;

	error = object_look(fd, state->asks_path, &object);
	if (error)
		return error;
	*ret_actions = &pass_actions;
	if (object.kind)
		say_passed(&object, object.kind);
	else
		*ret_actions = actions_of(state, decide_cached(state, fd, &object));
	return 0;
}

/* What this process decided for the file before, by a path that it may no longer have. */
static unsigned families_decided(const struct shim_state *state, const struct object *object)
{
	const struct cache_key key = key_of(state, object);
	uint32_t verdict;

	if (!cache_find(&key, &verdict))
		return 0;
	return backend_of(actions_of(state, verdict))->note == NOTE_OFD ? POLICY_FAMILY_OFD : 0;
}

int decide_unlock(const struct shim_state *state, int fd, unsigned *ret_families)
{
	struct policy_file file;
	struct object object;
	const char *why;
	int error = object_look(fd, state->asks_path, &object);

	if (error)
		return error;
	*ret_families = POLICY_FAMILY_NATIVE;
	if (object.kind || object_treatment(fd, &object, &why) == POLICY_PASS_ALWAYS)
		return 0;
	learn_file(state->policy, state->any_match, fd, &object, &file);
	*ret_families |= policy_families(state->policy, &file) | families_decided(state, &object);
	forget_file(&file);
	return 0;
}
