/* SPDX-License-Identifier: MIT
 * Chooses the backend, calls it, remembers where it went. */
#include "shim/lock.h"

#include <errno.h>
#include <stddef.h>
#include <sys/file.h>

#include "shim/backend.h"
#include "shim/decide.h"
#include "shim/flush.h"
#include "shim/note.h"
#include "shim/own_ofd.h"
#include "shim/revalidate.h"

static unsigned note_after(const struct lock_backend *backend, const struct lock_request *request,
			   unsigned extra)
{
	unsigned shared = note_get(request->fd) & NOTE_SHARED;

	if (!(backend->families & NOTE_CONVERTED))
		return backend->families;
	if (request->operation == LOCK_SH)
		shared = NOTE_SHARED;
	return backend->families | shared | extra;
}

/* Record locks first: under `both` they were taken last. */
static int release_families(unsigned families, const struct lock_request *request)
{
	static const struct lock_backend *const order[] = { &backend_ofd, &backend_posix,
							    &backend_native };
	int result = 0, failed = 0;
	size_t i;

	for (i = 0; i < sizeof order / sizeof order[0]; i++) {
		if (!(families & order[i]->families))
			continue;
		result = order[i]->release(request);
		if (result)
			failed = result;
	}
	return failed;
}

/* A verdict by path is not kept where files have no time of birth: the lock that this one converts
 * may be in another family. */
static void leave_other_families(const struct lock_backend *backend,
				 const struct lock_request *request)
{
	unsigned other = note_get(request->fd) & NOTE_FAMILIES & ~backend->families;

	if (ofd_used_by_program())
		other &= ~(unsigned)NOTE_OFD;
	if (other && backend->families)
		(void)release_families(other, &(struct lock_request){ .fd = request->fd,
								      .operation = LOCK_UN,
								      .asked = LOCK_UN });
}

static int act(const struct lock_backend *backend, const struct policy_actions *actions,
	       const struct lock_request *request)
{
	int result = backend->acquire(request, actions);

	/* Not where it was refused: a lock taken before exec may still be there, in any family. */
	if (result < 0)
		return result;
	leave_other_families(backend, request);
	note_set(request->fd, note_after(backend, request, (unsigned)result));
	return 0;
}

/* What is let go by a conversion is flushed first. The lock stands although that failed, so only
 * LOCK_SH, which let go of something, tells. */
static __attribute__((noinline)) int act_around(const struct decision *made,
						const struct lock_request *request)
{
	const struct lock_backend *backend = backend_of(made->calls);
	bool keeps = made->calls->value[POLICY_UPGRADE] == POLICY_UPGRADE_ATOMIC &&
		     !(backend->families & NOTE_NATIVE);
	int failed = flush_before_flock(request->fd, request->operation, made->around, keeps);
	int result = act(backend, made->calls, request);

	if (result)
		return result;
	note_set(request->fd, note_get(request->fd) | NOTE_AROUND);
	flush_note_flock(request->fd, request->operation == LOCK_EX, made);
	if (made->around->value[POLICY_ON_LOCK] == POLICY_ON_LOCK_REVALIDATE)
		(void)revalidate(request->fd);
	return request->operation == LOCK_SH ? failed : 0;
}

/* Apart, as release_noted(). */
static __attribute__((noinline)) int acquire_decided(const struct shim_state *state,
						     const struct lock_request *request)
{
	struct decision made;
	int error = decide_lock(state, request->fd, &made);

	if (error)
		return error == -EBADF ? backend_native.acquire(request, NULL) : error;
	if (made.around)
		return act_around(&made, request);
	return act(backend_of(made.calls), made.calls, request);
}

/* Asks nothing that a sandbox for flock alone would not know. In a process that converts nothing no
 * other note is ever written, so a vfork child's does no harm to its parent. */
static int acquire_native(const struct lock_request *request)
{
	int result = backend_native.acquire(request, NULL);

	if (!result)
		note_put(request->fd, NOTE_NATIVE);
	return result;
}

int lock_acquire(const struct shim_state *state, struct lock_request *request)
{
	const struct lock_backend *backend;
	int result;

	if (state->asks_file)
		return acquire_decided(state, request);
	if (state->passes_all)
		return acquire_native(request);
	/* A number that was closed unseen may be anything: a directory takes a read lock, but never
	 * a write lock. */
	if (request->operation == LOCK_SH || !(note_get(request->fd) & NOTE_CONVERTED))
		return acquire_decided(state, request);
	backend = backend_of(state->constant);
	request->unsure = true;
	result = backend->acquire(request, state->constant);
	request->unsure = false;
	if (result < 0 && result != -EBADF)
		return result;
	if (!result && !(note_get(request->fd) & NOTE_KEPT))
		return 0;
	if (result >= 0) {
		note_set(request->fd, note_after(backend, request, (unsigned)result));
		return 0;
	}
	return acquire_decided(state, request);
}

static int release_all(const struct shim_state *state, const struct lock_request *request)
{
	unsigned families;

	if (decide_unlock(state, request->fd, &families))
		families = POLICY_FAMILY_NATIVE;
	return release_families(families, request);
}

static int release_by(const struct shim_state *state, unsigned families,
		      const struct lock_request *request)
{
	return families ? release_families(families, request) : release_all(state, request);
}

/* Apart, so that the common call has no frame of theirs. */
static __attribute__((noinline)) int
release_noted(const struct shim_state *state, unsigned families, const struct lock_request *request)
{
	int failed, result;

	if (!state->flushes)
		return release_by(state, families, request);
	failed = flush_before_unlock(request->fd);
	result = release_by(state, families, request);
	if (!result)
		flush_note_unlock(request->fd);
	return result ? result : failed;
}

int lock_release(const struct shim_state *state, const struct lock_request *request)
{
	unsigned note = note_get(request->fd) & (NOTE_FAMILIES | NOTE_AROUND);

	if (note == NOTE_OFD)
		return backend_ofd.release(request);
	return release_noted(state, note & NOTE_FAMILIES, request);
}
