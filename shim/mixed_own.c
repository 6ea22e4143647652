/* SPDX-License-Identifier: MIT
 * What this process holds on a file, read from the kernel: its POSIX locks from /proc/locks, its
 * OFD locks from the fdinfo of each descriptor. */
#include "shim/mixed_own.h"

#include <string.h>
#include <sys/sysmacros.h>

#include "policy/sys.h"
#include "shim/own_fd.h"
#include "shim/proc_fd.h"
#include "shim/slurp.h"

#define RANGES_ROOM ((size_t)32768)
#define RANGES_MAX (RANGES_ROOM / sizeof(struct mixed_range))

static const char *read_number(const char *at, uint64_t *ret)
{
	at += strspn(at, " ");
	for (*ret = 0; *at >= '0' && *at <= '9'; at++)
		*ret = *ret * 10 + (uint64_t)(*at - '0');
	return at;
}

static const char *read_hex(const char *at, unsigned *ret)
{
	for (*ret = 0;; at++) {
		if (*at >= '0' && *at <= '9')
			*ret = *ret * 16 + (unsigned)(*at - '0');
		else if (*at >= 'a' && *at <= 'f')
			*ret = *ret * 16 + 10 + (unsigned)(*at - 'a');
		else
			return at;
	}
}

struct wanted {
	uint64_t pid, inode;
	unsigned major, minor;
	bool any_device; /* some file systems have one for statistics and another for locks */
};

/* " fe:00:5678 ", major and minor in hexadecimal. */
static const char *read_file(const char *at, const struct wanted *wanted)
{
	unsigned device_major, device_minor;
	uint64_t inode;

	at = read_hex(at + strspn(at, " "), &device_major);
	at = read_hex(at + (*at == ':'), &device_minor);
	at = read_number(at + (*at == ':'), &inode);
	return inode == wanted->inode && (wanted->any_device || (device_major == wanted->major &&
								 device_minor == wanted->minor))
		       ? at
		       : NULL;
}

/* "4: POSIX  ADVISORY  WRITE 1234 fe:00:5678 0 EOF" of this process, on this file. */
static bool read_own(const char *line, size_t len, const struct wanted *wanted,
		     struct mixed_range *ret)
{
	const char *at = memmem(line, len, ": POSIX ", 8);
	uint64_t number;

	if (!at)
		return false;
	ret->type = memmem(line, len, " WRITE ", 7) ? F_WRLCK : F_RDLCK;
	at = memmem(line, len, ret->type == F_WRLCK ? " WRITE " : " READ ", 6);
	if (!at)
		return false;
	at = read_number(at + (ret->type == F_WRLCK ? 7 : 6), &number);
	at = number == wanted->pid ? read_file(at, wanted) : NULL;
	if (!at)
		return false;
	at = read_number(at, &number);
	ret->start = (int64_t)number;
	at = read_number(at, &number);
	ret->end = *at == 'E' ? MIXED_EOF : (int64_t)number;
	return true;
}

/* The list is in nobody's order. */
static void put_in_order(struct mixed_range *into, unsigned count, struct mixed_range found)
{
	for (; count && into[count - 1].start > found.start; count--)
		into[count] = into[count - 1];
	into[count] = found;
}

static unsigned read_once(const char *text, const struct wanted *wanted, struct mixed_range *into)
{
	struct mixed_range found;
	unsigned count = 0;
	size_t len;

	for (; *text && count < RANGES_MAX; text += len) {
		len = strcspn(text, "\n");
		if (read_own(text, len, wanted, &found))
			put_in_order(into, count++, found);
		len += text[len] == '\n';
	}
	return count;
}

/* The list is no snapshot: as long as it grows shorter it is read again, three times at least. */
static void read_list(struct own_ranges *ret, const struct wanted *wanted)
{
	struct slurp locks = { 0 };
	unsigned reading, count, rounds = 0;

	for (reading = 0; reading < 3 && rounds < 20; reading++, rounds++) {
		if (slurp_file(&locks, "/proc/locks"))
			return;
		count = read_once(locks.text, wanted, ret->at);
		slurp_free(&locks);
		if (count < ret->count)
			reading = 0;
		ret->count = count;
	}
}

bool own_posix_meets(int fd)
{
	struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return !sys_fcntl(fd, F_OFD_GETLK, &record) && record.l_type != F_UNLCK &&
	       record.l_pid == sys_getpid();
}

void own_ranges_read(struct own_ranges *ret, int fd)
{
	struct wanted wanted = { .pid = (uint64_t)sys_getpid() };
	struct stat st;

	ret->count = 0;
	ret->at = sys_pages(RANGES_ROOM);
	if (!ret->at || sys_fstat(fd, &st))
		return;
	wanted.inode = st.st_ino;
	wanted.major = major(st.st_dev);
	wanted.minor = minor(st.st_dev);
	read_list(ret, &wanted);
	if (!ret->count && own_posix_meets(fd)) {
		wanted.any_device = true;
		read_list(ret, &wanted);
	}
	if (ret->count == RANGES_MAX)
		ret->at[ret->count - 1].end = MIXED_EOF;
}

void own_ranges_free(struct own_ranges *own)
{
	if (own->at)
		sys_pages_free(own->at, RANGES_ROOM);
}

#define KEEPER_MARKS -1

/* KEEPER_MARKS where a keeper holds for it. */
__attribute__((noinline)) static short type_or_marks(int fd)
{
	char text[768];
	const char *line, *end;

	if (proc_fd_info(fd, text, sizeof text) < 0)
		return F_UNLCK;
	for (line = text; (line = strstr(line, "OFDLCK")); line = end) {
		end = line + strcspn(line, "\n");
		if (end - line < 4 || memcmp(end - 4, " EOF", 4))
			continue;
		if (memmem(line, (size_t)(end - line), " 9223372036854775805 ", 21))
			return KEEPER_MARKS;
		return memmem(line, (size_t)(end - line), " WRITE ", 7) ? F_WRLCK : F_RDLCK;
	}
	return F_UNLCK;
}

short own_ofd_type(int fd)
{
	short type = type_or_marks(fd);

	return type == KEEPER_MARKS ? F_UNLCK : type;
}

static void consider(struct own_holders *holders, int fd, const struct stat *wanted)
{
	struct stat found;
	short type;

	if (holders->count == OWN_HOLDERS_MAX || sys_fstat(fd, &found) ||
	    found.st_ino != wanted->st_ino || found.st_dev != wanted->st_dev)
		return;
	type = type_or_marks(fd);
	if (type == KEEPER_MARKS)
		holders->kept = true;
	else if (type != F_UNLCK)
		holders->at[holders->count++] = (struct own_holder){ fd, type };
}

struct entry {
	uint64_t inode, next;
	uint16_t size;
	char type, name[];
};

static int number_of(const char *name)
{
	int number = 0;

	if (*name < '0' || *name > '9')
		return -1;
	for (; *name >= '0' && *name <= '9'; name++)
		number = number * 10 + (*name - '0');
	return number;
}

static void consider_all(struct own_holders *holders, int list, const struct stat *wanted)
{
	char room[512] __attribute__((aligned(8)));
	const struct entry *entry;
	long size, at;
	int fd;

	while ((size = sys_getdents(list, room, sizeof room)) > 0)
		for (at = 0; at < size; at += entry->size) {
			entry = (const void *)(room + at);
			fd = number_of(entry->name);
			if (fd >= 0 && fd != list)
				consider(holders, fd, wanted);
		}
}

void own_holders_of(struct own_holders *ret, const struct stat *file)
{
	struct own_fd list;

	ret->count = 0;
	ret->kept = false;
	if (own_fd_open(&list, "/proc/thread-self/fd", O_RDONLY | O_DIRECTORY))
		return;
	consider_all(ret, list.fd, file);
	own_fd_close(&list);
}

/* Without /proc, FD at least. */
void own_holders_find(struct own_holders *ret, int fd)
{
	struct stat wanted;

	ret->count = 0;
	ret->kept = false;
	if (sys_fstat(fd, &wanted))
		return;
	own_holders_of(ret, &wanted);
	if (!ret->count && !ret->kept)
		consider(ret, fd, &wanted);
}
