/* SPDX-License-Identifier: MIT
 * From an address to the object that it lies in. What was asked once is kept: an object loaded
 * where another was unloaded keeps that one's name. */
#include "trace/writer.h"

#include "trace/writer_maps.h"
#include "trace/writer_state.h"

static bool is_in(const struct writer_object *object, uintptr_t address)
{
	return address >= object->start && address < object->end;
}

/* A thread's calls come from few places. */
static const struct writer_object *find(struct writer_state *state, uintptr_t address)
{
	uint32_t count = __atomic_load_n(&state->objects_count, __ATOMIC_ACQUIRE);
	uint8_t *hint = &state->hints[(address >> 4) % WRITER_HINTS];
	uint8_t guess = __atomic_load_n(hint, __ATOMIC_RELAXED);

	if (guess < count && is_in(&state->objects[guess], address))
		return &state->objects[guess];
	for (uint32_t i = 0; i < count; i++) {
		if (!is_in(&state->objects[i], address))
			continue;
		__atomic_store_n(hint, (uint8_t)i, __ATOMIC_RELAXED);
		return &state->objects[i];
	}
	return NULL;
}

/* What is no file's code (a JIT compiler's) is kept as such. */
static const struct writer_object *learn(struct writer_state *state, uintptr_t address)
{
	uint32_t count = state->objects_count, module = 0;
	struct writer_mapping mapping;

	if (count == WRITER_OBJECTS ||
	    !writer_maps_find(&mapping, address, state->line, sizeof state->line))
		return NULL;
	if (mapping.path[0] == '/') {
		module = trace_name(TRACE_NAME_MODULE, mapping.device, mapping.inode, mapping.path);
		if (!module)
			return NULL;
	}
	state->objects[count] = (struct writer_object){
		.start = mapping.start,
		.end = mapping.end,
		.bias = module ? writer_maps_bias(&mapping) : 0,
		.module = module,
	};
	__atomic_store_n(&state->objects_count, count + 1, __ATOMIC_RELEASE);
	return &state->objects[count];
}

static const struct writer_object *ask(struct writer_state *state, uintptr_t address)
{
	const struct writer_object *object;

	if (__atomic_load_n(&state->objects_count, __ATOMIC_RELAXED) == WRITER_OBJECTS ||
	    __atomic_exchange_n(&state->objects_busy, 1, __ATOMIC_ACQUIRE))
		return NULL;
	object = find(state, address);
	if (!object)
		object = learn(state, address);
	__atomic_store_n(&state->objects_busy, 0, __ATOMIC_RELEASE);
	return object;
}

void trace_site(const void *address, uint32_t *ret_module, uint64_t *ret_offset)
{
	struct writer_state *state = writer_state;
	const struct writer_object *object;

	*ret_module = 0;
	*ret_offset = 0;
	if (!trace_on() || writer_is_barred(state))
		return;
	object = find(state, (uintptr_t)address);
	if (!object)
		object = ask(state, (uintptr_t)address);
	if (!object || !object->module)
		return;
	*ret_module = object->module;
	*ret_offset = (uintptr_t)address - object->bias;
}
