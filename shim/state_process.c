/* SPDX-License-Identifier: MIT
 * What does not change while a process lives is read once, and again after a fork. */
#include "shim/state_process.h"

#include <string.h>
#include <sys/auxv.h>

#include "policy/sys.h"
#include "shim/own_fd.h"
#include "shim/say.h"

const char *state_path(char into[STATE_PATH_ROOM], int pid, const char *tail, int number,
		       const char *more)
{
	char digits[24];

	strcpy(into, "/proc/");
	strcat(into, say_number(digits, (unsigned)pid));
	strcat(into, tail);
	if (number < 0)
		return into;
	strcat(into, say_number(digits, (unsigned)number));
	return strcat(into, more);
}

long state_read(const char *path, char *into, size_t room)
{
	struct own_fd own;
	long len = own_fd_open(&own, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);

	if (!len)
		len = sys_read(own.fd, into, room - 1);
	own_fd_close(&own);
	into[len > 0 ? len : 0] = '\0';
	return len;
}

static uint64_t number_at(const char *at)
{
	uint64_t number = 0;

	for (; *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	return number;
}

/* The COUNTth word behind AT; NULL where there are fewer. */
static const char *skip_words(const char *at, unsigned count)
{
	for (; at && count; count--) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at;
}

/* "123 (a name) S 1 …": the name may hold blanks and parentheses. */
bool state_stat(const char *path, struct state_stat *ret)
{
	char text[512];
	const char *name, *end, *threads, *started;
	size_t len;

	if (state_read(path, text, sizeof text) <= 0)
		return false;
	name = strchr(text, '(');
	end = strrchr(text, ')');
	threads = end ? skip_words(end, 18) : NULL;
	started = skip_words(threads, 2);
	if (!name || !started || end < name)
		return false;
	len = (size_t)(end - name - 1);
	*ret = (struct state_stat){ .pid = (int)number_at(text), .state = end[2] };
	memcpy(ret->name, name + 1, len < sizeof ret->name ? len : sizeof ret->name - 1);
	ret->parent = (int)number_at(end + 4);
	ret->threads = (unsigned)number_at(threads);
	ret->started = number_at(started);
	return true;
}

/* A zombie with other threads is a process whose first thread ended. */
bool state_is_alive(int pid, uint64_t started)
{
	char path[STATE_PATH_ROOM];
	struct state_stat stat;

	if (pid <= 0)
		return false;
	return state_stat(state_path(path, pid, "/stat", -1, NULL), &stat) &&
	       stat.started == started &&
	       ((stat.state != 'Z' && stat.state != 'X') || stat.threads > 1);
}

/* "pid:[4026531836]" */
static uint64_t own_space(void)
{
	char text[64];
	long len = sys_readlink("/proc/self/ns/pid", text, sizeof text - 1);
	const char *digits;

	text[len > 0 ? len : 0] = '\0';
	digits = strchr(text, '[');
	return digits ? number_at(digits + 1) : 0;
}

static uint64_t own_image(void)
{
	const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);
	uint64_t image = 0;

	if (random)
		memcpy(&image, random, sizeof image);
	return image;
}

/* Under a sequence number, odd while written: a signal handler, another thread, a vfork child. */
static struct {
	uint32_t sequence, words[sizeof(struct state_self) / sizeof(uint32_t)];
} known;

static bool recall(struct state_self *ret)
{
	uint32_t before = __atomic_load_n(&known.sequence, __ATOMIC_ACQUIRE), word;
	size_t i;

	for (i = 0; i < sizeof known.words / sizeof known.words[0]; i++) {
		word = __atomic_load_n(&known.words[i], __ATOMIC_ACQUIRE);
		memcpy((char *)ret + 4 * i, &word, sizeof word);
	}
	return before && !(before & 1) &&
	       __atomic_load_n(&known.sequence, __ATOMIC_ACQUIRE) == before;
}

static void remember(const struct state_self *self)
{
	uint32_t before = __atomic_load_n(&known.sequence, __ATOMIC_RELAXED), word;
	size_t i;

	if (before & 1 || !__atomic_compare_exchange_n(&known.sequence, &before, before + 1, 0,
						       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	for (i = 0; i < sizeof known.words / sizeof known.words[0]; i++) {
		memcpy(&word, (const char *)self + 4 * i, sizeof word);
		__atomic_store_n(&known.words[i], word, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&known.sequence, before + 2, __ATOMIC_RELEASE);
}

bool state_self(struct state_self *ret)
{
	const int pid = sys_getpid();
	struct state_stat stat;

	if (recall(ret) && ret->pid == pid)
		return true;
	memset(ret, 0, sizeof *ret);
	if (!state_stat("/proc/self/stat", &stat) || stat.pid != pid)
		return false;
	ret->pid = pid;
	ret->started = stat.started;
	ret->space = own_space();
	ret->image = own_image();
	if (ret->space)
		remember(ret);
	return ret->space != 0;
}
