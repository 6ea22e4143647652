/* SPDX-License-Identifier: MIT
 * A path costs a readlink in /proc: the number of a file's is kept for as long as its birth time
 * tells it from a later file of the same inode number. */
#include "shim/watch_name.h"

#include <string.h>

#include "policy/sys.h"
#include "shim/say.h"
#include "trace/writer.h"

/* A tag of 40 bits and the number in one word, so that both are read at once. */
#define KEPT 256
#define NUMBER_BITS 24
static uint64_t kept[KEPT];

static uint64_t hash_of(const struct object *object)
{
	uint64_t mixed = (object->inode ^ object->device << 20) * 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ mixed >> 29 ^ object->birth) * 0xff51afd7ed558ccdu;
	mixed = (mixed ^ mixed >> 32 ^ trace_epoch()) * 0xc4ceb9fe1a85ec53u;
	return mixed ^ mixed >> 31;
}

static uint32_t ask(int fd, const struct object *object)
{
	char *room = sys_pages(OBJECT_PATH_ROOM);
	const char *path = NULL;
	uint32_t number = 0;

	if (!room)
		return 0;
	if (!object_path(fd, room, &path) && path)
		number = trace_name(TRACE_NAME_FILE, object->device, object->inode, path);
	sys_pages_free(room, OBJECT_PATH_ROOM);
	return number;
}

uint32_t watch_name_path(int fd, const struct object *object)
{
	uint64_t hash = hash_of(object), tag = hash >> NUMBER_BITS << NUMBER_BITS, seen;
	uint32_t number;

	if (!trace_on())
		return 0;
	seen = __atomic_load_n(&kept[hash % KEPT], __ATOMIC_RELAXED);
	if (object->birth && seen && seen >> NUMBER_BITS << NUMBER_BITS == tag)
		return (uint32_t)(seen & ((1u << NUMBER_BITS) - 1));
	number = ask(fd, object);
	if (number && number < 1u << NUMBER_BITS)
		__atomic_store_n(&kept[hash % KEPT], tag | number, __ATOMIC_RELAXED);
	return number;
}

static size_t put(char *into, size_t used, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len > size - 1 - used)
		len = size - 1 - used;
	memcpy(into + used, text, len);
	into[used + len] = '\0';
	return used + len;
}

static const char *rule_text(const struct policy_rule *rule, char *into, size_t size)
{
	char line[24];
	size_t used = put(into, 0, size, rule->name);

	used = put(into, used, size, " at ");
	used = put(into, used, size, rule->file);
	used = put(into, used, size, ":");
	put(into, used, size, say_number(line, rule->line));
	return into;
}

uint32_t watch_name_rule(const struct shim_state *state, const struct policy_actions *actions,
			 const struct policy_rule *rule)
{
	char room[512];

	if (!trace_on() || (!rule && (actions != &state->policy->no_rule ||
				      !(actions->set & ~state->policy->recorded))))
		return 0;
	return trace_name(TRACE_NAME_RULE, 0, 0,
			  rule ? rule_text(rule, room, sizeof room) : "LOCKSHIM_SET");
}
