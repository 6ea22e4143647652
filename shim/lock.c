/* SPDX-License-Identifier: MIT
 * Chooses the backend, calls it, remembers where it went. */
#include "shim/lock.h"

#include <errno.h>
#include <stddef.h>
#include <sys/file.h>

#include "shim/backend.h"
#include "shim/decide.h"
#include "shim/note.h"
#include "shim/own_ofd.h"

static enum note note_after(const struct lock_backend *backend, const struct lock_request *request)
{
	if (backend->note == NOTE_OFD &&
	    (request->operation == LOCK_SH || note_get(request->fd) == NOTE_OFD_SHARED))
		return NOTE_OFD_SHARED;
	return backend->note;
}

/* A verdict by path is not kept where files have no time of birth: the lock that this one converts
 * may be in the other family. */
static void leave_other_family(const struct lock_backend *backend,
			       const struct lock_request *request)
{
	enum note note = note_get(request->fd);

	if (note == NOTE_NATIVE && backend->note == NOTE_OFD)
		(void)backend_native.release(&(struct lock_request){
			.fd = request->fd, .operation = LOCK_UN, .asked = LOCK_UN });
	if (note >= NOTE_OFD && backend->note == NOTE_NATIVE && !ofd_used_by_program())
		(void)backend_ofd.release(request);
}

static int act(const struct lock_backend *backend, const struct policy_actions *actions,
	       const struct lock_request *request)
{
	int result = backend->acquire(request, actions);

	/* Not where it was refused: a lock taken before exec may still be there, in any family. */
	if (result)
		return result;
	leave_other_family(backend, request);
	note_set(request->fd, note_after(backend, request));
	return 0;
}

static int acquire_decided(const struct shim_state *state, const struct lock_request *request)
{
	const struct policy_actions *actions;
	int error = decide_lock(state, request->fd, &actions);

	if (error)
		return error == -EBADF ? backend_native.acquire(request, NULL) : error;
	return act(backend_of(actions), actions, request);
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

int lock_acquire(const struct shim_state *state, const struct lock_request *request)
{
	int result;

	if (state->asks_file)
		return acquire_decided(state, request);
	if (state->passes_all)
		return acquire_native(request);
	/* A number that was closed unseen may be anything: a directory takes a read lock, but never
	 * a write lock. */
	if (request->operation == LOCK_SH || note_get(request->fd) < NOTE_OFD)
		return acquire_decided(state, request);
	result = backend_ofd.acquire(request, state->constant);
	if (result != -EBADF)
		return result;
	note_forget(request->fd);
	return acquire_decided(state, request);
}

static int release_all(const struct shim_state *state, const struct lock_request *request)
{
	unsigned families;
	int result = 0, native;

	if (decide_unlock(state, request->fd, &families))
		families = POLICY_FAMILY_NATIVE;
	if (families & POLICY_FAMILY_OFD)
		result = backend_ofd.release(request);
	native = backend_native.release(request);
	return native ? native : result;
}

int lock_release(const struct shim_state *state, const struct lock_request *request)
{
	switch (note_get(request->fd)) {
	case NOTE_OFD:
	case NOTE_OFD_SHARED:
		return backend_ofd.release(request);
	case NOTE_NATIVE:
		return backend_native.release(request);
	default:
		return release_all(state, request);
	}
}
