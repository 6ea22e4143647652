/* SPDX-License-Identifier: MIT
 * Takes, converts and lets go of locks in any order; says so on the board. */
#include "tests/cycles/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define UNIT 10 /* bytes */
#define COPIES 2

static int files[BOARD_FILES][COPIES];
static sigjmp_buf out;
static volatile sig_atomic_t may_jump;

static unsigned below(struct worker *worker, unsigned limit)
{
	worker->random = worker->random * 1664525u + 1013904223u;
	return (worker->random >> 8) % limit;
}

static void on_interrupt(int number)
{
	(void)number;
}

static void on_jump(int number)
{
	(void)number;
	if (may_jump) {
		may_jump = 0;
		siglongjmp(out, 1);
	}
}

static struct board_process *own(const struct worker *worker)
{
	return &worker->board->process[worker->me];
}

/* flock's LOCK_EX to LOCK_SH and fcntl's over its own sections change what is held at once. */
static int ask(const struct worker *worker, int copy, int file, int first, int last,
	       enum board_type type)
{
	static const int operations[] = { LOCK_UN, LOCK_SH, LOCK_EX };
	static const short types[] = { F_UNLCK, F_RDLCK, F_WRLCK };
	struct flock record = { .l_type = types[type],
				.l_whence = SEEK_SET,
				.l_start = first * UNIT,
				.l_len = (last - first + 1) * UNIT };

	if (!worker->records)
		return flock(files[file][0], operations[type]) ? errno : 0;
	return fcntl(files[file][copy], F_SETLKW, &record) ? errno : 0;
}

/* Wiped out before it is let go. */
static void let_go(struct worker *worker, int file, int first, int last)
{
	board_lock(worker->board);
	memset(own(worker)->held[file] + first, BOARD_NONE, (size_t)(last - first + 1));
	own(worker)->waits = false;
	own(worker)->changes++;
	board_unlock(worker->board);
	if (ask(worker, (int)below(worker, COPIES), file, first, last, BOARD_NONE)) {
		board_lock(worker->board);
		board_fault(worker->board, "an unlock failed", worker->me);
		board_unlock(worker->board);
	}
}

static void let_go_of_all(struct worker *worker)
{
	unsigned file;

	for (file = 0; file < worker->files; file++)
		let_go(worker, (int)file, 0, BOARD_UNITS - 1);
}

static void announce(struct worker *worker, int file, int first, int last, enum board_type type)
{
	struct board_process *process = own(worker);

	board_lock(worker->board);
	process->file = file;
	process->first = first;
	process->last = last;
	process->type = type;
	process->waits = true;
	process->changes++;
	process->undisturbed = worker->board->disturbances;
	board_unlock(worker->board);
}

/* The other members of a cycle wait until this one lets go, unless something wakes them. */
static void judge(const struct worker *worker)
{
	struct board *board = worker->board;

	if (board_is_cycle(board, worker->me))
		return;
	if (own(worker)->undisturbed == board->disturbances)
		board_fault(board, "EDEADLK without a cycle", worker->me);
	else
		board->unjudged++;
}

static void write_answer(struct worker *worker, int answer)
{
	struct board_process *process = own(worker);
	struct board *board = worker->board;

	board_lock(board);
	if (!answer && board_is_broken(board, worker->me))
		board_fault(board, "granted beside another's lock", worker->me);
	if (answer == EDEADLK)
		judge(worker);
	if (answer && answer != EDEADLK && answer != EINTR)
		board_fault(board, strerror(answer), worker->me);
	if (!answer)
		memset(process->held[process->file] + process->first, process->type,
		       (size_t)(process->last - process->first + 1));
	board->granted += !answer;
	board->deadlocks += answer == EDEADLK;
	board->interrupted += answer == EINTR;
	board->disturbances += answer == EINTR;
	process->waits = false;
	process->changes++;
	board_unlock(board);
}

static int wait_for(struct worker *worker, int file, int first, int last, enum board_type type)
{
	int answer;

	if (sigsetjmp(out, 1))
		return -1;
	may_jump = 1;
	answer = ask(worker, (int)below(worker, COPIES), file, first, last, type);
	may_jump = 0;
	return answer;
}

static void take(struct worker *worker)
{
	const int file = (int)below(worker, worker->files);
	int first = 0, last = BOARD_UNITS - 1, answer;
	enum board_type type = below(worker, 3) ? BOARD_EXCLUSIVE : BOARD_SHARED;

	if (worker->records) {
		first = (int)below(worker, BOARD_UNITS);
		last = first + (int)below(worker, (unsigned)(BOARD_UNITS - first));
	}
	announce(worker, file, first, last, type);
	answer = wait_for(worker, file, first, last, type);
	if (answer < 0) {
		/* Granted or not: it is let go. */
		board_lock(worker->board);
		worker->board->jumped++;
		worker->board->disturbances++;
		board_unlock(worker->board);
		let_go(worker, file, first, last);
		return;
	}
	write_answer(worker, answer);
	if (answer == EDEADLK)
		let_go_of_all(worker);
}

static void open_files(const struct worker *worker)
{
	char path[256];
	unsigned file;
	int copy;

	for (file = 0; file < worker->files; file++)
		for (copy = 0; copy < COPIES; copy++) {
			snprintf(path, sizeof path, "%s/%u", worker->directory, file);
			files[file][copy] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		}
}

static void handle_signals(void)
{
	struct sigaction interrupt = { .sa_handler = on_interrupt };
	struct sigaction restart = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART };
	struct sigaction jump = { .sa_handler = on_jump };

	sigaction(SIGUSR1, &interrupt, NULL);
	sigaction(SIGHUP, &restart, NULL);
	sigaction(SIGUSR2, &jump, NULL);
}

_Noreturn void worker_run(struct worker *worker)
{
	handle_signals();
	open_files(worker);
	board_lock(worker->board);
	own(worker)->ready = true;
	board_unlock(worker->board);
	for (;;) {
		unsigned what = below(worker, 8);

		if (what < 5)
			take(worker);
		else if (what < 7)
			let_go(worker, (int)below(worker, worker->files), 0, BOARD_UNITS - 1);
		else
			let_go_of_all(worker);
		if (!below(worker, 4))
			sched_yield();
	}
}
