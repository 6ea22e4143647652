/* SPDX-License-Identifier: MIT
 * An address becomes an object and a place in it, as addr2line wants it. */
#include "tests/trace/traced.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct object {
	const char *name; /* its path ends so; "": the program */
	uintptr_t bias;
	bool found;
};

static int look(struct dl_phdr_info *info, size_t size, void *context)
{
	struct object *object = context;

	(void)size;
	if (*object->name ? !strstr(info->dlpi_name, object->name) : *info->dlpi_name)
		return 0;
	object->bias = info->dlpi_addr;
	object->found = true;
	return 1;
}

static uintptr_t bias_of(const char *name)
{
	struct object object = { .name = name };

	dl_iterate_phdr(look, &object);
	CHECK(object.found);
	return object.bias;
}

static void check_site(const void *address, const char *object)
{
	uint32_t module, again;
	uint64_t offset, offset_again;

	trace_site(address, &module, &offset);
	CHECK(module && offset == (uintptr_t)address - bias_of(object));
	trace_site(address, &again, &offset_again);
	CHECK(again == module && offset == offset_again);
	trace_site((const char *)address + 1, &again, &offset_again);
	CHECK(again == module && offset_again == offset + 1);
}

static void ask_for_sites(const char *trace)
{
	struct trace_event event = { .id = TRACE_LOCK };
	const void *in_libc = dlsym(RTLD_DEFAULT, "flock");
	const void *in_late = dlsym(dlopen(TRACED_LATE, RTLD_NOW), "traced_late");

	CHECK(in_libc && in_late && traced_start(trace));
	check_site((const void *)(uintptr_t)ask_for_sites, "");
	check_site(in_libc, "libc.");
	check_site(in_late, "traced_late");
	trace_site((const void *)(uintptr_t)ask_for_sites, &event.module, &event.offset);
	event.time = trace_now();
	trace_write(&event);
	trace_site(in_late, &event.module, &event.offset);
	trace_write(&event);
}

static void test_trace_writer_finds_call_sites(void **state)
{
	const struct traced *traced;
	char program[512];

	program[readlink("/proc/self/exe", program, sizeof program - 1)] = 0;
	traced_play(*state, ask_for_sites);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_int_equal(traced->names_count, 3);
	assert_string_equal(
		traced_text(traced, &traced->events[0], traced->events[0].event->module), program);
	assert_non_null(
		strstr(traced_text(traced, &traced->events[1], traced->events[1].event->module),
		       "traced_late"));
}

static void ask_for_strangers(const char *trace)
{
	void *jit = mmap(NULL, 65536, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t module = 7;
	uint64_t offset = 7;

	CHECK(jit != MAP_FAILED && traced_start(trace));
	trace_site(jit, &module, &offset);
	CHECK(!module && !offset);
	trace_site((void *)8, &module, &offset);
	CHECK(!module && !offset);
	traced_write(0, 1);
}

static void test_trace_writer_knows_no_object_of_strangers(void **state)
{
	traced_play(*state, ask_for_strangers);
	assert_int_equal(traced_assert(traced_path(*state, "trace"))->names_count, 0);
}

static void *ask_often(void *context)
{
	const void *addresses[] = { dlsym(RTLD_DEFAULT, "flock"), context,
				    dlsym(RTLD_DEFAULT, "trace_metadata") };

	for (unsigned i = 0; i < 20000; i++) {
		const void *address = addresses[i % 2];
		uint32_t module;
		uint64_t offset;

		trace_site(address, &module, &offset);
		CHECK(!module || offset == (uintptr_t)address - bias_of(i % 2 ? "" : "libc."));
	}
	return NULL;
}

static void ask_in_threads(const char *trace)
{
	pthread_t threads[4];

	CHECK(traced_start(trace));
	for (unsigned i = 0; i < 4; i++)
		CHECK(!pthread_create(&threads[i], NULL, ask_often,
				      (void *)(uintptr_t)ask_in_threads));
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void test_trace_writer_finds_call_sites_for_threads(void **state)
{
	traced_play(*state, ask_in_threads);
	assert_int_equal(traced_assert(traced_path(*state, "trace"))->names_count, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		traced_test(test_trace_writer_finds_call_sites),
		traced_test(test_trace_writer_knows_no_object_of_strangers),
		traced_test(test_trace_writer_finds_call_sites_for_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
