/* SPDX-License-Identifier: MIT
 * A process of the model's stage: makes the calls that it is told, by libc, and says what came of
 * them. Its descriptors go by places, a forked child has a copy of them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PLACES 8
#define WORDS 6

static int place[PLACES];
static int input = 0, output = 1;

struct call {
	char what;
	long long word[WORDS];
	char path[128];
	int result, error;
	struct flock record;
};

static int record_call(struct call *call)
{
	static const int commands[] = { F_SETLK,     F_GETLK,     F_SETLKW,
					F_OFD_SETLK, F_OFD_GETLK, F_OFD_SETLKW };
	static const short types[] = { F_RDLCK, F_WRLCK, F_UNLCK };

	call->record.l_type = types[call->word[2]];
	call->record.l_whence = (short)call->word[3];
	call->record.l_start = call->word[4];
	call->record.l_len = call->word[5];
	return fcntl(place[call->word[0]], commands[call->word[1]], &call->record);
}

static int flock_call(const struct call *call)
{
	static const int operations[] = { LOCK_SH | LOCK_NB, LOCK_EX | LOCK_NB, LOCK_UN };

	return flock(place[call->word[0]], operations[call->word[1]]);
}

static int lockf_call(const struct call *call)
{
	static const int commands[] = { F_TLOCK, F_ULOCK, F_TEST };

	return lockf(place[call->word[0]], commands[call->word[1]], call->word[2]);
}

static int open_call(const struct call *call)
{
	static const int modes[] = { O_RDWR, O_RDONLY, O_WRONLY };

	place[call->word[0]] = open(call->path, modes[call->word[1]] | O_CLOEXEC);
	return place[call->word[0]] < 0 ? -1 : 0;
}

static int dup_call(const struct call *call)
{
	place[call->word[1]] = dup(place[call->word[0]]);
	return place[call->word[1]] < 0 ? -1 : 0;
}

/* Its own lines come and go by two descriptors that were open from the start. */
static int fork_call(const struct call *call)
{
	pid_t pid = fork();

	if (!pid) {
		input = (int)call->word[0];
		output = (int)call->word[1];
	}
	return pid;
}

static int make(struct call *call)
{
	switch (call->what) {
	case 'o':
		return open_call(call);
	case 'd':
		return dup_call(call);
	case 'c':
		return close(place[call->word[0]]);
	case 'k':
		return (int)lseek(place[call->word[0]], call->word[1], SEEK_SET);
	case 's':
		return record_call(call);
	case 'l':
		return lockf_call(call);
	case 'f':
		return flock_call(call);
	case 'F':
		return fork_call(call);
	case 'x':
		exit(0);
	default:
		_exit(2);
	}
}

static void *make_and_keep(void *argument)
{
	struct call *call = argument;

	errno = 0;
	call->result = make(call);
	call->error = call->result < 0 ? errno : 0;
	return NULL;
}

static void say(const struct call *call)
{
	const struct flock *record = &call->record;
	char line[160];
	int size = snprintf(line, sizeof line, "%d %d %d %d %lld %lld %d\n", call->result,
			    call->error, record->l_type, record->l_whence,
			    (long long)record->l_start, (long long)record->l_len, record->l_pid);

	if (write(output, line, (size_t)size) != size)
		_exit(3);
}

/* "WHAT T N N N N N N PATH": by a thread of its own where T is 1. */
static void act(const char *line)
{
	struct call call = { .what = line[0] };
	long long *word = call.word;
	pthread_t thread;
	int threaded = 0;

	if (sscanf(line + 1, "%d %lld %lld %lld %lld %lld %lld %127s", &threaded, word, word + 1,
		   word + 2, word + 3, word + 4, word + 5, call.path) < 7)
		_exit(4);
	if (threaded && !pthread_create(&thread, NULL, make_and_keep, &call))
		pthread_join(thread, NULL);
	else
		make_and_keep(&call);
	say(&call);
}

static int hear(char *line, size_t size)
{
	size_t len = 0;

	while (len + 1 < size && read(input, line + len, 1) == 1)
		if (line[len++] == '\n') {
			line[len] = '\0';
			return 1;
		}
	return 0;
}

int main(void)
{
	char line[256];

	memset(place, -1, sizeof place);
	while (hear(line, sizeof line))
		act(line);
	return 0;
}
