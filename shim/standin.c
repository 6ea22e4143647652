/* SPDX-License-Identifier: MIT
 * Follows descriptors by what passes the wrappers. A number closed unseen is found by device and
 * inode when it matters; until then the lock lives longer than it should, never shorter. */
#include "shim/standin.h"

#include "policy/sys.h"
#include "shim/hazard.h"
#include "shim/mixed_own.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/record.h"
#include "shim/standin_table.h"

static int highest; /* no number above has a stand-in */

bool standin_rules;
struct standin standins[STANDINS + 1];
uint16_t standin_of[STANDIN_NUMBERS];

static int number_of(unsigned entry)
{
	return __atomic_load_n(&standins[entry].number, __ATOMIC_ACQUIRE);
}

unsigned standin_known(int fd)
{
	if (fd < 0 || fd >= STANDIN_NUMBERS)
		return STANDIN_SHARED;
	return __atomic_load_n(&standin_of[fd], __ATOMIC_ACQUIRE);
}

static bool change(int fd, unsigned from, unsigned to)
{
	uint16_t seen = (uint16_t)from;

	return __atomic_compare_exchange_n(&standin_of[fd], &seen, (uint16_t)to, 0,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static void raise_highest(int fd)
{
	int seen = __atomic_load_n(&highest, __ATOMIC_RELAXED);

	while (seen < fd && !__atomic_compare_exchange_n(&highest, &seen, fd, 1, __ATOMIC_ACQ_REL,
							 __ATOMIC_RELAXED))
		;
}

bool standin_map(int fd, unsigned known, unsigned entry)
{
	raise_highest(fd);
	return change(fd, known, entry);
}

unsigned standin_claim(void)
{
	unsigned entry;
	int none;

	for (entry = 1; entry <= STANDINS; entry++) {
		none = 0;
		if (__atomic_compare_exchange_n(&standins[entry].number, &none, -1, 0,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return entry;
	}
	return 0;
}

bool standin_fits(const struct standin *standin, int number)
{
	struct stat st;

	return number > 0 && !sys_fstat(number, &st) && st.st_dev == standin->device &&
	       st.st_ino == standin->inode;
}

bool standin_is_cloexec(int fd)
{
	return sys_fcntl(fd, F_GETFD, NULL) == FD_CLOEXEC;
}

/* The first number from AT on that ENTRY stands in for; -1: none. */
static int next_of(unsigned entry, int at)
{
	int last = __atomic_load_n(&highest, __ATOMIC_ACQUIRE);

	for (; at <= last; at++)
		if ((standin_known(at) & (STANDIN_ENTRY | STANDIN_LEAVING)) == entry)
			return at;
	return -1;
}

/* The host closed it in a way that we don't see, and its lock went with it. */
static void forget(unsigned entry, int number)
{
	struct standin *lost = &standins[entry];
	int fd;

	if (!__atomic_compare_exchange_n(&lost->number, &number, -1, 0, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return;
	hazard_met(HAZARD_STANDIN_LOST, lost->device, lost->inode,
		   "it was closed unseen, and its lock with it");
	note_forget(number);
	for (fd = next_of(entry, 0); fd >= 0; fd = next_of(entry, fd + 1))
		(void)change(fd, entry, lost->shared ? STANDIN_SHARED : STANDIN_TWIN);
	__atomic_store_n(&lost->number, 0, __ATOMIC_RELEASE);
}

/* Nobody has the description any more, as far as we can see: the host's own close has just dropped
 * what POSIX locks it had on the file. */
static void close_unless_used(unsigned entry)
{
	int number = number_of(entry);
	bool fits;

	if (number <= 0 || __atomic_load_n(&standins[entry].pinned, __ATOMIC_RELAXED) ||
	    next_of(entry, 0) >= 0)
		return;
	fits = standin_fits(&standins[entry], number);
	if (!__atomic_compare_exchange_n(&standins[entry].number, &number, -1, 0, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return;
	note_forget(number);
	/* Its close would drop a POSIX lock of the program's: it stays open, unlocked. */
	if (fits && own_posix_meets(number))
		(void)record_set(number, F_OFD_SETLK, F_UNLCK, 0, 0);
	else if (fits)
		sys_close(number);
	__atomic_store_n(&standins[entry].number, 0, __ATOMIC_RELEASE);
}

/* In a child that may not write: its own descriptors tell. */
static void close_unless_open(unsigned entry)
{
	const struct standin *standin = &standins[entry];
	int number = number_of(entry), fd;

	if (number <= 0 || __atomic_load_n(&standin->pinned, __ATOMIC_RELAXED) ||
	    !standin_fits(standin, number))
		return;
	for (fd = next_of(entry, 0); fd >= 0; fd = next_of(entry, fd + 1))
		if (standin_fits(standin, fd))
			return;
	sys_close(number);
}

static void left_unseen(unsigned entry)
{
	if (next_of(entry, 0) < 0)
		hazard_met(HAZARD_STANDIN_LOST, standins[entry].device, standins[entry].inode,
			   "its original was closed unseen, and the lock stayed");
	close_unless_used(entry);
}

int standin_find(int fd)
{
	unsigned known = standin_known(fd), entry = known & STANDIN_ENTRY;
	int number = entry && !(known & STANDIN_LEAVING) ? number_of(entry) : 0;

	if (number <= 0)
		return fd;
	if (!standin_fits(&standins[entry], fd)) {
		if (standin_may_write() && change(fd, known, 0))
			left_unseen(entry);
		return fd;
	}
	if (standin_fits(&standins[entry], number))
		return number;
	if (standin_may_write())
		forget(entry, number);
	return fd;
}

void standin_granted(int number, bool shared)
{
	note_set(number, NOTE_OFD | (note_get(number) & NOTE_SHARED) | (shared ? NOTE_SHARED : 0));
}

/* The place of the stand-in with this number; 0: none. */
static unsigned entry_by(int number)
{
	unsigned entry;

	for (entry = 1; number > 0 && entry <= STANDINS; entry++)
		if (number_of(entry) == number)
			return entry;
	return 0;
}

bool standin_is(int fd)
{
	unsigned entry = entry_by(fd);

	if (!entry || standin_fits(&standins[entry], fd))
		return entry;
	if (standin_may_write())
		forget(entry, fd);
	return false;
}

int standin_next(unsigned at, unsigned last)
{
	unsigned entry;
	int lowest = -1, number;

	for (entry = 1; entry <= STANDINS; entry++) {
		number = number_of(entry);
		if (number > 0 && (unsigned)number >= at && (unsigned)number <= last &&
		    (lowest < 0 || number < lowest) && standin_fits(&standins[entry], number))
			lowest = number;
	}
	return lowest;
}

/* In a vfork child it only has to live on until exec. */
void standin_make_way(int fd)
{
	unsigned entry = standin_is(fd) ? entry_by(fd) : 0;
	int number = fd, duplicate = standin_is_cloexec(fd) ? F_DUPFD_CLOEXEC : F_DUPFD;
	long to;

	if (!entry)
		return;
	to = sys_fcntl(fd, duplicate, (void *)(uintptr_t)(fd + 1));
	if (to < 0)
		to = sys_fcntl(fd, duplicate, (void *)(uintptr_t)(fd / 2));
	if (to < 0 || !standin_may_write())
		return;
	note_set((int)to, note_get(fd));
	(void)__atomic_compare_exchange_n(&standins[entry].number, &number, (int)to, 0,
					  __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

unsigned standin_leave(int fd)
{
	unsigned known = fd < 0 || fd >= STANDIN_NUMBERS ? 0 : standin_known(fd);

	if (known && standin_may_write())
		(void)change(fd, known, known | STANDIN_LEAVING);
	return known;
}

void standin_left(int fd, unsigned leaving)
{
	unsigned entry = leaving & STANDIN_ENTRY;

	if (!leaving)
		return;
	if (!standin_may_write()) {
		if (entry)
			close_unless_open(entry);
		return;
	}
	(void)change(fd, leaving | STANDIN_LEAVING, 0);
	if (entry)
		close_unless_used(entry);
}

void standin_stays(int fd, unsigned leaving)
{
	if (leaving && standin_may_write())
		(void)change(fd, leaving | STANDIN_LEAVING, leaving & ~STANDIN_LEAVING);
}

static unsigned above(unsigned last)
{
	return last < STANDIN_NUMBERS ? last + 1 : STANDIN_NUMBERS;
}

void standin_leave_range(unsigned first, unsigned last)
{
	for (; first < above(last); first++)
		(void)standin_leave((int)first);
}

void standin_left_range(unsigned first, unsigned last)
{
	unsigned entry;

	for (; first < above(last); first++)
		if (standin_known((int)first) & STANDIN_LEAVING)
			standin_left((int)first, standin_known((int)first));
	if (standin_may_write())
		return;
	for (entry = 1; entry <= STANDINS; entry++)
		close_unless_open(entry);
}

void standin_stays_range(unsigned first, unsigned last)
{
	for (; first < above(last); first++)
		if (standin_known((int)first) & STANDIN_LEAVING)
			standin_stays((int)first, standin_known((int)first));
}

/* Close-on-exec where all numbers have it. */
static void settle(unsigned entry)
{
	int number = number_of(entry), fd;

	if (number <= 0 || !standin_may_write() ||
	    __atomic_load_n(&standins[entry].pinned, __ATOMIC_RELAXED) ||
	    !standin_fits(&standins[entry], number))
		return;
	for (fd = next_of(entry, 0); fd >= 0; fd = next_of(entry, fd + 1))
		if (!sys_fcntl(fd, F_GETFD, NULL))
			return;
	sys_fcntl(number, F_SETFD, (void *)(uintptr_t)FD_CLOEXEC);
}

/* Before, since another thread may exec in between. */
void standin_copying(int from, bool cloexec)
{
	unsigned entry = standin_known(from) & STANDIN_ENTRY;
	int number = entry && !cloexec ? number_of(entry) : 0;

	if (number > 0 && standin_fits(&standins[entry], number))
		sys_fcntl(number, F_SETFD, NULL);
}

/* What becomes known of FROM when it has a twin. */
static unsigned mark_twin(int from, unsigned mark)
{
	unsigned known = standin_known(from);

	if (from < 0 || from >= STANDIN_NUMBERS)
		return known;
	while (!(known & (STANDIN_ENTRY | STANDIN_SHARED)) && !change(from, known, known | mark))
		known = standin_known(from);
	return standin_known(from);
}

static void pin(unsigned entry)
{
	__atomic_store_n(&standins[entry].pinned, true, __ATOMIC_RELAXED);
	hazard_met(HAZARD_STANDIN_LOST, standins[entry].device, standins[entry].inode,
		   "a duplicate has a number above 4095, and the lock will stay");
}

void standin_copied(int from, int to)
{
	bool followed = to < STANDIN_NUMBERS;
	unsigned known;

	if (to < 0 || !standin_may_write())
		return;
	known = mark_twin(from, followed ? STANDIN_TWIN : STANDIN_SHARED) & ~STANDIN_LEAVING;
	if (followed && known & STANDIN_ENTRY)
		raise_highest(to);
	if (followed)
		__atomic_store_n(&standin_of[to], (uint16_t)known, __ATOMIC_RELEASE);
	else if (known & STANDIN_ENTRY)
		pin(known & STANDIN_ENTRY);
	if (known & STANDIN_ENTRY)
		settle(known & STANDIN_ENTRY);
}

void standin_flagged(int fd)
{
	unsigned known = standin_known(fd);

	if (known & STANDIN_ENTRY)
		settle(known & STANDIN_ENTRY);
}

void standin_flagged_all(void)
{
	unsigned entry;

	for (entry = 1; entry <= STANDINS; entry++)
		settle(entry);
}
