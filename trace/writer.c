/* SPDX-License-Identifier: MIT
 * The writer's entrances. Behind each of them errno is what it was. */
#include "trace/writer.h"

#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>

#include "trace/sys.h"
#include "trace/writer_clock.h"
#include "trace/writer_open.h"
#include "trace/writer_place.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18 /* Linux 4.14 */
#endif

#define SAME_PLACE(type, field)                                                                    \
	_Static_assert(offsetof(struct type, field) == offsetof(struct trace_event, field),        \
		       "whatever the record is")
SAME_PLACE(trace_brief, time);
SAME_PLACE(trace_brief, id);
SAME_PLACE(trace_name, id);
_Static_assert(TRACE_CONVERTED <= UINT8_MAX, "flags fit in a brief record");

#define NO_ADVICE 0x7fff
#define STREAM_SIZE (sizeof(void *) == 8 ? UINT64_C(256) << 20 : UINT64_C(8) << 20)

bool trace_is_on;
struct writer_state *writer_state;
const uint64_t *trace_epoch_at;
struct writer_setup writer_setup;

void writer_tell(int trouble)
{
	if (writer_setup.ended)
		writer_setup.ended(writer_words(trouble), writer_setup.directory);
}

void writer_off(int trouble)
{
	if (__atomic_exchange_n(&trace_is_on, false, __ATOMIC_RELAXED))
		writer_tell(trouble);
}

/* Who comes at the same time sets the same pid, and one of them the time. */
void writer_begin(struct writer_state *state)
{
	uint64_t none = 0;
	uint32_t no_pid = 0;

	if (__atomic_load_n(&state->started, __ATOMIC_ACQUIRE))
		return;
	__atomic_compare_exchange_n(&state->pid, &no_pid, sys_getpid(), 0, __ATOMIC_ACQ_REL,
				    __ATOMIC_ACQUIRE);
	__atomic_compare_exchange_n(&state->started, &none, trace_now(), 0, __ATOMIC_ACQ_REL,
				    __ATOMIC_ACQUIRE);
}

/* Pid and time, mixed so that no two of them give one number by chance of being near. */
uint64_t writer_process(uint32_t pid, uint64_t started)
{
	uint64_t mixed = started + pid * UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 31;
}

bool writer_is_guest(const struct writer_state *state)
{
	return sys_getpid() != writer_pid(state);
}

/* Where the kernel didn't. */
static void wipe(void)
{
	if (writer_pid(writer_state))
		memset(writer_state, 0, sizeof *writer_state);
}

/* True under an emulator that takes any advice for done (qemu-user). */
static bool takes_any_advice(void)
{
	return !sys_madvise(writer_state, writer_setup.page, NO_ADVICE);
}

static bool make_state(void)
{
	writer_state = sys_pages(sizeof *writer_state);
	if (!writer_state)
		return false;
	writer_setup.deaf = takes_any_advice();
	writer_setup.by_pid = sys_madvise(writer_state, sizeof *writer_state, MADV_WIPEONFORK) ||
			      writer_setup.deaf;
	if (writer_setup.by_pid)
		(void)pthread_atfork(NULL, NULL, wipe);
	writer_state->pid = sys_getpid();
	trace_epoch_at = &writer_state->started;
	return true;
}

static int set_up(const struct trace_setup *setup)
{
	size_t length = strlen(setup->directory);

	writer_setup.ended = setup->ended;
	if (length >= sizeof writer_setup.directory)
		return -ENAMETOOLONG;
	memcpy(writer_setup.directory, setup->directory, length + 1);
	for (size_t i = 0; i + 1 < sizeof writer_setup.program && setup->program[i]; i++)
		writer_setup.program[i] = setup->program[i];
	writer_setup.bytes = setup->bytes ? setup->bytes : STREAM_SIZE;
	writer_setup.overwrite = setup->full == TRACE_FULL_OVERWRITE;
	writer_setup.page = (size_t)getauxval(AT_PAGESZ);
	writer_clock_start();
	return writer_place_start();
}

bool trace_writer_start(const struct trace_setup *setup)
{
	static int came, failed;
	int error;

	if (__atomic_exchange_n(&came, 1, __ATOMIC_ACQ_REL))
		return !__atomic_load_n(&failed, __ATOMIC_ACQUIRE);
	error = set_up(setup);
	if (!error && !make_state())
		error = -ENOMEM;
	__atomic_store_n(&failed, error != 0, __ATOMIC_RELEASE);
	if (error)
		writer_tell(error);
	else
		__atomic_store_n(&trace_is_on, true, __ATOMIC_RELEASE);
	return !error;
}

uint64_t trace_epoch_begin(void)
{
	if (!trace_on())
		return 0;
	writer_begin(writer_state);
	return writer_started(writer_state);
}

void trace_write(const struct trace_event *event)
{
	struct trace_opened opened;
	struct trace_event ours;

	if (!trace_open(&opened, sizeof *event, event->time))
		return;
	ours = *event;
	ours.time = opened.time;
	ours.pid = writer_pid(writer_state);
	ours.tid = opened.tid;
	*opened.record = ours;
	trace_close(&opened);
}

static void prepare_names(struct writer_state *state, uint64_t now)
{
	int error = 0;

	if (!writer_stream_try(&state->names))
		return;
	if (!writer_stream_is_made(&state->names))
		error = writer_stream_make(&state->names, now);
	writer_stream_give(&state->names);
	if (error)
		writer_pool_failed(error);
}

void trace_prepare(void)
{
	struct writer_state *state = writer_state;
	struct writer_stream *stream;
	uint64_t now;

	if (!trace_on() || (writer_pid(state) && writer_is_guest(state)))
		return;
	now = trace_now();
	stream = writer_pool_take(now);
	if (!stream)
		return;
	writer_stream_make_second(stream, now);
	writer_stream_give(stream);
	prepare_names(state, now);
}

static void end(struct writer_stream *stream)
{
	if (!writer_stream_is_made(stream) || !writer_stream_try(stream))
		return;
	writer_stream_end(stream);
	writer_stream_give(stream);
}

void trace_writer_end(void)
{
	struct writer_state *state = writer_state;

	if (!state || !writer_started(state) || writer_is_guest(state))
		return;
	for (unsigned i = 0; i < WRITER_STREAMS; i++)
		end(&state->streams[i]);
	end(&state->names);
}
