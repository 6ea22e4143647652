/* SPDX-License-Identifier: MIT
 * The kernel's answers, section by section, where they tell enough; else the list of all locks,
 * less our own. */
#include "shim/foreign.h"

#include <string.h>

#include "policy/sys.h"
#include "shim/foreign_own.h"
#include "shim/ofd_commands.h"

static bool asked(int fd, int command, const struct mixed_range *range, struct flock *ret)
{
	*ret = (struct flock){
		.l_type = range->type,
		.l_whence = SEEK_SET,
		.l_start = range->start,
		.l_len = range->end == MIXED_EOF ? 0 : range->end - range->start + 1,
	};
	return !sys_fcntl(fd, command, ret) && ret->l_type != F_UNLCK;
}

static int64_t end_of(const struct flock *named)
{
	return named->l_len ? named->l_start + (named->l_len - 1) : MIXED_EOF;
}

static void answer(struct foreign_lock *ret, const struct flock *named)
{
	ret->range = (struct mixed_range){ named->l_start, end_of(named), named->l_type };
	ret->pid = named->l_pid;
}

enum verdict { NOBODY, SOMEBODY, UNTOLD };

/* The OFD locks of this process over a section that each of them covers or leaves alone. */
struct cover {
	unsigned count;
	bool writes;
	int fd;
};

/* What begins at SECTION's start, and cuts its end to where the next of our locks begins or ends.
 */
static struct cover cover_of(const struct own *own, struct mixed_range *section)
{
	struct cover cover = { .fd = -1 };
	unsigned i;

	for (i = 0; i < own->locks; i++) {
		const struct listed_lock *lock = &own->lock[i].is;
		bool begun = lock->start <= section->start;

		if (lock->family != LISTED_OFD || lock->end < section->start)
			continue;
		if (begun ? lock->end < section->end : lock->start <= section->end)
			section->end = begun ? lock->end : lock->start - 1;
		if (!begun)
			continue;
		cover.count++;
		cover.writes |= lock->type == F_WRLCK;
		cover.fd = own->lock[i].fd;
	}
	return cover;
}

/* Where none of our OFD locks is, whom the kernel names is another. One of ours hides the others
 * from that question, but not from the one that is asked through it; two hide them from both. */
static enum verdict ask_section(const struct cover *cover, int fd,
				const struct mixed_range *section, struct foreign_lock *ret)
{
	struct flock named;

	if (cover->writes)
		return NOBODY;
	if (cover->count && (cover->count > 1 || cover->fd < 0))
		return UNTOLD;
	if (!asked(cover->count ? cover->fd : fd, cover->count ? F_OFD_GETLK : F_GETLK, section,
		   &named))
		return NOBODY;
	if (named.l_pid == sys_getpid())
		return UNTOLD;
	answer(ret, &named);
	return SOMEBODY;
}

static enum verdict ask_sections(const struct own *own, int fd, struct foreign_lock *ret)
{
	struct mixed_range section = *own->range;
	enum verdict verdict, all = NOBODY;

	for (;;) {
		struct cover cover = cover_of(own, &section);

		verdict = ask_section(&cover, fd, &section, ret);
		if (verdict == SOMEBODY)
			return verdict;
		if (verdict == UNTOLD)
			all = UNTOLD;
		if (section.end == own->range->end)
			return all;
		section.start = section.end + 1;
		section.end = own->range->end;
	}
}

static bool is_same(const struct foreign_lock *a, const struct foreign_lock *b)
{
	return a->pid == b->pid && a->range.start == b->range.start &&
	       a->range.end == b->range.end && a->range.type == b->range.type;
}

/* What other threads of ours take or let go between two questions looks like another's, and the
 * list may lack a line, or have one twice: so many answers have to agree. More where one is wrong
 * more often: one that found somebody, or was read from the list. Such a one counts half where
 * what we hold changed meanwhile. */
#define WHOLE 2
#define AGREE (3 * WHOLE)
#define AGREE_DOUBTED (8 * WHOLE)
/* Some eight lines less each time: one of ours is not where a page begins in all of them. */
#define FIRST(round) (4096 - (round) % 5 * 500)
#define ROUNDS 40

struct answers {
	struct foreign_lock last; /* of those that found somebody */
	unsigned agreed, found, none;
	bool is_found, listed;
};

static uint64_t sum_of(const struct own *own)
{
	uint64_t sum = own->fds;
	unsigned i;

	for (i = 0; i < own->locks; i++) {
		const struct listed_lock *lock = &own->lock[i].is;

		sum = (sum ^ (uint64_t)lock->start) * UINT64_C(0x9e3779b97f4a7c15);
		sum = (sum ^ (uint64_t)lock->end) * UINT64_C(0xbf58476d1ce4e5b9);
		sum = (sum ^ (uint64_t)lock->type) * UINT64_C(0x94d049bb133111eb) + i;
	}
	return sum;
}

/* USED: of what OWN was. */
static bool still_holds(struct own *own, int fd, uint64_t used)
{
	foreign_own_read(own, fd);
	return sum_of(own) == used;
}

static void count_answer(struct answers *answers, bool found, const struct foreign_lock *lock,
			 unsigned weight)
{
	if (found != answers->is_found || (found && !is_same(lock, &answers->last)))
		answers->agreed = 0;
	answers->agreed += weight;
	answers->is_found = found;
	*(found ? &answers->found : &answers->none) += weight;
	if (found)
		answers->last = *lock;
}

static void ask_once(struct own *own, int fd, unsigned round, struct answers *answers)
{
	struct foreign_lock lock;
	enum verdict verdict;
	uint64_t used;
	bool whole;

	foreign_own_read(own, fd);
	used = sum_of(own);
	verdict = ask_sections(own, fd, &lock);
	answers->listed = verdict == UNTOLD;
	if (answers->listed)
		verdict = foreign_own_missing(own, FIRST(round), &lock) ? SOMEBODY : NOBODY;
	whole = (verdict == NOBODY && !answers->listed) || still_holds(own, fd, used);
	count_answer(answers, verdict == SOMEBODY, &lock, whole ? WHOLE : WHOLE / 2);
}

/* Where they never agree, what most of them said. */
static bool ask_until_sure(struct own *own, int fd, struct foreign_lock *ret)
{
	struct answers answers = { .agreed = 0 };
	unsigned round, enough = AGREE;

	for (round = 0; round < ROUNDS && answers.agreed < enough; round++) {
		ask_once(own, fd, round, &answers);
		enough = answers.is_found || answers.listed ? AGREE_DOUBTED : AGREE;
	}
	*ret = answers.last;
	return answers.agreed >= enough ? answers.is_found : answers.found > answers.none;
}

/* Against the range stand OFD locks, ours or others'. */
static bool beyond_own(struct own *own, int fd, struct foreign_lock *ret)
{
	struct flock named;

	foreign_own_read(own, fd);
	if (!own->unknown && (own->fds != 1 || own->kept))
		return ask_until_sure(own, fd, ret);
	if (!asked(fd, F_OFD_GETLK, own->range, &named))
		return false;
	if (named.l_pid == sys_getpid())
		return !own->unknown && ask_until_sure(own, fd, ret);
	answer(ret, &named);
	return true;
}

bool foreign_against(int fd, const struct mixed_range *range, struct foreign_lock *ret)
{
	struct flock named;
	struct own *own;
	bool found;

	if (!asked(fd, F_GETLK, range, &named))
		return false;
	if (named.l_pid != -1) {
		answer(ret, &named);
		return true;
	}
	own = sys_pages(OWN_ROOM);
	if (!own)
		return false;
	own->range = range;
	found = beyond_own(own, fd, ret);
	sys_pages_free(own, OWN_ROOM);
	return found;
}
