/* SPDX-License-Identifier: MIT
 * Locks that go without an unlock: by a close, or at exit. */
#include "policy/sys.h"
#include "shim/hazard_posix.h"
#include "shim/object.h"
#include "shim/watch_internal.h"
#include "shim/watch_range.h"

struct leaving {
	enum trace_call call;
	const void *site;
	int fd;       /* the number that is closed; -1: the process ends */
	uint64_t now; /* 0: the clock was not read yet */
};

static struct trace_event release(struct leaving *leaving, const struct watch_file *file, int fd)
{
	if (!leaving->now)
		leaving->now = trace_now();
	return (struct trace_event){
		.time = leaving->now,
		.id = TRACE_RELEASE,
		.call = (uint8_t)leaving->call,
		.operation = TRACE_UNLOCK,
		.fd = leaving->fd < 0 ? fd : leaving->fd,
		.device = file->device,
		.inode = file->inode,
		.file = file->path,
		.rule = file->rule,
		.flags = (watch_file_is_shared(file) ? TRACE_INHERITED : 0) |
			 (file->read_only ? TRACE_READ_ONLY : 0),
	};
}

static void tell(struct leaving *leaving, struct trace_event *event, const struct watch_file *file,
		 unsigned before)
{
	if (probes_attached())
		probes_answered(event);
	watch_tell(event, file, watch_sinks(event, file, before), leaving->site);
}

static void let_flock_go(struct leaving *leaving, struct watch_file *file, int fd)
{
	struct trace_event event;

	/* Where this process never locked it is the business of the one that did. */
	if (!file->granted || !file->locked)
		return;
	event = release(leaving, file, fd);
	event.asked = TRACE_FAMILY_FLOCK;
	event.used = file->used;
	watch_held_since(&event, file->granted);
	file->granted = 0;
	tell(leaving, &event, file, file->recorded);
}

static void let_section_go(struct leaving *leaving, const struct watch_section *section,
			   const struct watch_file *file)
{
	struct watch_file unknown = { .device = section->device, .inode = section->inode };
	struct trace_event event = release(leaving, file ? file : &unknown, section->fd);

	event.asked = section->call == TRACE_CALL_OFD ? TRACE_FAMILY_OFD : TRACE_FAMILY_POSIX;
	event.used = section->used;
	event.start = section->start;
	event.length = section->end == INT64_MAX ? 0 : section->end - section->start + 1;
	watch_held_since(&event, section->granted);
	tell(leaving, &event, file, section->recorded);
}

static bool same_file(const struct watch_file *one, uint64_t device, uint64_t inode)
{
	return one->device == device && one->inode == inode;
}

/* Any close of the file drops them, whatever the description. */
static void drop_posix(struct leaving *leaving, uint64_t device, uint64_t inode)
{
	struct watch_section section;
	struct watch_file *file;
	int fd;

	while (watch_range_take_posix(device, inode, &section))
		let_section_go(leaving, &section, watch_file_known(section.fd));
	for (fd = watch_file_next(0); fd >= 0; fd = watch_file_next(fd + 1)) {
		file = watch_file_known(fd);
		if (file && file->used == TRACE_FAMILY_POSIX && same_file(file, device, inode))
			let_flock_go(leaving, file, fd);
	}
}

static void close_known(struct leaving *leaving, int fd)
{
	struct watch_file *file = watch_file_known(fd);
	struct watch_section section;

	leaving->fd = fd;
	drop_posix(leaving, file->device, file->inode);
	file = watch_file_closed(fd);
	if (!file)
		return;
	let_flock_go(leaving, file, fd);
	while (watch_range_take_ofd(file, &section))
		let_section_go(leaving, &section, file);
	watch_file_end(file);
}

/* A number that never locked, of a file that another one locked by POSIX locks. */
static void close_unknown(struct leaving *leaving, int fd)
{
	struct object object;

	leaving->fd = fd;
	if (!object_look(fd, &object))
		drop_posix(leaving, object.device, object.inode);
}

void watch_closing(unsigned first, unsigned last, const void *site)
{
	struct leaving leaving = { .call = TRACE_CALL_CLOSE, .site = site };
	bool posix = watch_range_has_posix() || hazard_posix_watched();
	int fd;

	if (first == last && posix && !watch_file_known((int)first) && watch_file_is_own())
		close_unknown(&leaving, (int)first);
	if (first > INT32_MAX)
		return;
	fd = watch_file_next((int)first);
	if (fd < 0 || (unsigned)fd > last || !watch_file_is_own())
		return;
	for (; fd >= 0 && (unsigned)fd <= last; fd = watch_file_next(fd + 1))
		close_known(&leaving, fd);
}

bool watch_locks_posix(uint64_t device, uint64_t inode)
{
	const struct watch_file *file;
	int fd = watch_file_next(0);

	for (; fd >= 0; fd = watch_file_next(fd + 1)) {
		file = watch_file_known(fd);
		if (file && file->granted && file->used & TRACE_FAMILY_POSIX &&
		    same_file(file, device, inode))
			return true;
	}
	return watch_range_has_posix_on(device, inode);
}

void watch_exit(void)
{
	struct leaving leaving = { .call = TRACE_CALL_EXIT, .fd = -1 };
	struct watch_section section;
	int fd = watch_file_next(0);

	for (; fd >= 0; fd = watch_file_next(fd + 1))
		let_flock_go(&leaving, watch_file_known(fd), fd);
	while (watch_range_take_any(&section))
		let_section_go(&leaving, &section, watch_file_known(section.fd));
}
