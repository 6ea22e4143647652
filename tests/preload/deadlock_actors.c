/* SPDX-License-Identifier: MIT
 * One byte for the order, one for the file; one byte back. */
#include "tests/preload/deadlock_actors.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

/* In an actor's process. */
static struct {
	int from[2], to[2], files[ACTOR_FILES];
	pthread_t thread;
	sigjmp_buf out;
	volatile sig_atomic_t jumps;
} self;

const char *actor_file(const struct place *place, int file)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%d", place->directory, file);
	return path;
}

static bool obey(int lane);

static void *obey_lane_1(void *unused)
{
	while (obey(1))
		;
	return unused;
}

static int set_record(int file, short type)
{
	struct flock record = { .l_type = type, .l_whence = SEEK_SET };

	return fcntl(self.files[file], F_SETLKW, &record) ? errno : 0;
}

static int fork_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		obey_lane_1(NULL);
		_exit(0);
	}
	return pid < 0 ? errno : 0;
}

static void on_signal_obey(int number)
{
	int saved = errno;

	(void)number;
	obey_lane_1(NULL);
	errno = saved;
}

static void on_signal_jump(int number)
{
	(void)number;
	if (self.jumps)
		siglongjmp(self.out, 1);
}

static int handle_by(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	return sigaction(SIGUSR1, &action, NULL) ? errno : 0;
}

static int cancel_thread(void)
{
	int error = pthread_cancel(self.thread);

	return error ? error : pthread_join(self.thread, NULL);
}

static int carry_out(char order, int file)
{
	int fd = self.files[file];

	switch (order) {
	case ACTOR_SHARED:
		return flock(fd, LOCK_SH) ? errno : 0;
	case ACTOR_EXCLUSIVE:
		return flock(fd, LOCK_EX) ? errno : 0;
	case ACTOR_UNLOCK:
		return flock(fd, LOCK_UN) ? errno : 0;
	case ACTOR_RECORD:
		return set_record(file, F_WRLCK);
	case ACTOR_FREE:
		return set_record(file, F_UNLCK);
	case ACTOR_THREAD:
		return pthread_create(&self.thread, NULL, obey_lane_1, NULL);
	case ACTOR_CHILD:
		return fork_child();
	case ACTOR_CANCEL:
		return cancel_thread();
	case ACTOR_OBEY:
		return handle_by(on_signal_obey);
	case ACTOR_JUMP:
		return handle_by(on_signal_jump);
	default:
		return ENOSYS;
	}
}

static bool obey(int lane)
{
	volatile char answer = EINTR;
	unsigned char order[2];
	ssize_t got;

	do
		got = read(self.from[lane], order, sizeof order);
	while (got < 0 && errno == EINTR);
	if (got != sizeof order || order[0] == ACTOR_END)
		return false;
	if (lane || !sigsetjmp(self.out, 1)) {
		self.jumps = !lane;
		answer = (char)carry_out((char)order[0], order[1]);
	}
	if (!lane)
		self.jumps = 0;
	return write(self.to[lane], (const void *)&answer, 1) == 1;
}

static _Noreturn void act(const struct place *place)
{
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < ACTOR_FILES; i++)
		self.files[i] = open(actor_file(place, i), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	while (obey(0))
		;
	_exit(0);
}

static void start(const struct place *place, struct actor *actor)
{
	int down[2], up[2], lane;

	for (lane = 0; lane < 2; lane++) {
		assert_return_code(pipe2(down, O_CLOEXEC), errno);
		assert_return_code(pipe2(up, O_CLOEXEC), errno);
		self.from[lane] = down[0];
		self.to[lane] = up[1];
		actor->to[lane] = down[1];
		actor->from[lane] = up[0];
	}
	actor->pid = fork();
	assert_return_code(actor->pid, errno);
	if (!actor->pid)
		act(place);
	for (lane = 0; lane < 2; lane++) {
		close(self.from[lane]);
		close(self.to[lane]);
	}
}

void actors_start(const struct place *place, struct actor *actors, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++)
		start(place, &actors[i]);
}

void actors_stop(struct actor *actors, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		kill(actors[i].pid, SIGKILL);
		assert_int_equal(waitpid(actors[i].pid, NULL, 0), actors[i].pid);
		close(actors[i].to[0]);
		close(actors[i].to[1]);
		close(actors[i].from[0]);
		close(actors[i].from[1]);
	}
}

void actor_tell(const struct actor *actor, int lane, enum actor_order order, int file)
{
	const unsigned char bytes[2] = { (unsigned char)order, (unsigned char)file };

	assert_int_equal(write(actor->to[lane], bytes, sizeof bytes), sizeof bytes);
}

int actor_answer(const struct actor *actor, int lane)
{
	unsigned char answer;

	assert_int_equal(read(actor->from[lane], &answer, 1), 1);
	return answer;
}

int actor_does(const struct actor *actor, int lane, enum actor_order order, int file)
{
	actor_tell(actor, lane, order, file);
	return actor_answer(actor, lane);
}

bool actor_answered(const struct actor *actor, int lane)
{
	struct pollfd ask = { .fd = actor->from[lane], .events = POLLIN };

	return poll(&ask, 1, 0) == 1;
}

unsigned actors_first(const struct actor *actors, unsigned count, int *ret_answer)
{
	struct pollfd ask[8];
	unsigned i;

	for (i = 0; i < count; i++)
		ask[i] = (struct pollfd){ .fd = actors[i].from[0], .events = POLLIN };
	assert_true(poll(ask, count, -1) > 0);
	for (i = 0; !ask[i].revents; i++)
		;
	*ret_answer = actor_answer(&actors[i], 0);
	return i;
}

static unsigned long sleeps_of(const struct actor *actor)
{
	static const char name[] = "voluntary_ctxt_switches:";
	unsigned long sleeps = 0;
	char line[256];
	FILE *status;

	snprintf(line, sizeof line, "/proc/%d/status", (int)actor->pid);
	status = fopen(line, "re");
	assert_non_null(status);
	while (fgets(line, sizeof line, status))
		if (!strncmp(line, name, sizeof name - 1))
			sleeps = strtoul(line + sizeof name - 1, NULL, 10);
	fclose(status);
	return sleeps;
}

void actor_await_sleeps(const struct actor *actor, unsigned times)
{
	unsigned long until = sleeps_of(actor) + times;

	while (sleeps_of(actor) < until && !actor_answered(actor, 0))
		sched_yield();
}

void actors_await_waiter(const struct place *place, int file)
{
	outsider_await_waiter(actor_file(place, file));
}
