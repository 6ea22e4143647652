/* SPDX-License-Identifier: MIT
 * cycles [--seconds N] [--seed N] [--processes N] [--files N] [--records] [--preload FILE]
 *   [--set ITEM]... [--expect-hang]: processes lock at random; each EDEADLK and each hang is
 * judged.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/cycles/board.h"
#include "tests/cycles/worker.h"

/* A cycle that nobody ended: this long after the last change of any of its processes. */
#define HANG_SECONDS 20

static struct {
	unsigned seconds, seed, processes, files;
	bool records, expect_hang;
	const char *preload;
	char set[512]; /* LOCKSHIM_SET */
	int worker;    /* -1: the one that starts the others */
} options = { .seconds = 20, .seed = 1, .processes = 6, .files = 3, .worker = -1 };

static char directory[] = "/tmp/lockshim-cycles-XXXXXX";
static const char *place = directory;
static struct board *board;
static pid_t workers[BOARD_PROCESSES];
static unsigned started;

static const struct option words[] = {
	{ "seconds", required_argument, NULL, 's' },
	{ "seed", required_argument, NULL, 'r' },
	{ "processes", required_argument, NULL, 'p' },
	{ "files", required_argument, NULL, 'f' },
	{ "preload", required_argument, NULL, 'l' },
	{ "set", required_argument, NULL, 'e' },
	{ "records", no_argument, NULL, 'R' },
	{ "expect-hang", no_argument, NULL, 'h' },
	{ "worker", required_argument, NULL, 'w' },
	{ "place", required_argument, NULL, 'd' },
	{ NULL, 0, NULL, 0 },
};

static unsigned number(const char *text, unsigned most)
{
	unsigned long value = strtoul(text, NULL, 10);

	return value < most ? (unsigned)value : most;
}

static void read_options(int argc, char **argv)
{
	int word;

	while ((word = getopt_long(argc, argv, "", words, NULL)) >= 0)
		switch (word) {
		case 's':
			options.seconds = number(optarg, 1u << 20);
			break;
		case 'r':
			options.seed = number(optarg, ~0u);
			break;
		case 'p':
			options.processes = number(optarg, BOARD_PROCESSES);
			break;
		case 'f':
			options.files = number(optarg, BOARD_FILES);
			break;
		case 'l':
			options.preload = optarg;
			break;
		case 'e':
			strncat(options.set, optarg, sizeof options.set - strlen(options.set) - 2);
			strcat(options.set, ";");
			break;
		case 'R':
			options.records = true;
			break;
		case 'h':
			options.expect_hang = true;
			break;
		case 'w':
			options.worker = (int)number(optarg, BOARD_PROCESSES - 1);
			break;
		case 'd':
			place = optarg;
			break;
		default:
			exit(2);
		}
}

static void map_board(int fd)
{
	board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (board == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
}

static _Noreturn void become_worker(unsigned me)
{
	char seed[16], files[16], worker[16];
	const char *words_of_worker[] = { "cycles",  "--worker", worker, "--seed",
					  seed,      "--files",  files,  "--place",
					  directory, NULL,       NULL };

	snprintf(seed, sizeof seed, "%u", options.seed + 1000003u * started + me);
	snprintf(files, sizeof files, "%u", options.files);
	snprintf(worker, sizeof worker, "%u", me);
	if (options.records)
		words_of_worker[9] = "--records";
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (options.preload)
		setenv("LD_PRELOAD", options.preload, 1);
	if (*options.set)
		setenv("LOCKSHIM_SET", options.set, 1);
	execv("/proc/self/exe", (char **)(uintptr_t)words_of_worker);
	_exit(127);
}

/* With a slot as of one that has nothing. */
static void start_worker(unsigned me)
{
	board_lock(board);
	memset(&board->process[me].held, BOARD_NONE, sizeof board->process[me].held);
	board->process[me].ready = board->process[me].waits = board->process[me].dying = false;
	board->process[me].changes++;
	board->disturbances++;
	board_unlock(board);
	started++;
	workers[me] = fork();
	if (!workers[me])
		become_worker(me);
}

/* What it held is free, which the board would not know. */
static void look_for_dead(void)
{
	int status;

	if (waitpid(-1, &status, WNOHANG) > 0) {
		board_lock(board);
		board_fault(board, "a process died", 0);
		board_unlock(board);
	}
}

static void kill_worker(unsigned me)
{
	board_lock(board);
	board->process[me].dying = true;
	board_unlock(board);
	kill(workers[me], SIGKILL);
	waitpid(workers[me], NULL, 0);
	board->killed++;
	start_worker(me);
}

static unsigned below(unsigned limit)
{
	static uint32_t random;

	random = (random ? random : options.seed) * 1664525u + 1013904223u;
	return (random >> 8) % limit;
}

static void disturb(void)
{
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGHUP };
	const unsigned me = below(options.processes);
	bool ready;

	board_lock(board);
	board->disturbances++;
	ready = board->process[me].ready;
	board_unlock(board);
	if (!ready)
		return;
	if (!below(40))
		kill_worker(me);
	else
		kill(workers[me], signals[below(3)]);
}

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* What process ME waited for when it was last seen to change, and since when. */
static struct {
	uint64_t changes;
	double since;
} seen[BOARD_PROCESSES];

static bool is_cycle_unchanged(double at)
{
	bool hangs = false;
	unsigned me;

	board_lock(board);
	for (me = 0; me < options.processes; me++) {
		if (seen[me].changes != board->process[me].changes || !board->process[me].waits) {
			seen[me].changes = board->process[me].changes;
			seen[me].since = at;
		}
		if (at - seen[me].since < HANG_SECONDS)
			continue;
		hangs = true;
		if (!options.expect_hang)
			board_fault(board,
				    board_is_cycle(board, me)      ? "a cycle that nobody ended"
				    : board_holder(board, me) >= 0 ? "waits behind another"
								   : "waits for a lock of nobody",
				    me);
	}
	board_unlock(board);
	return hangs;
}

/* Signals end a hang: where one is expected none are sent. Nor is what else comes up then a fault:
 * a bare flock that waits to become exclusive has let go of its shared lock, which the board can't
 * know.
 */
static bool run(void)
{
	const double end = now() + options.seconds;
	const struct timespec step = { 0, 20000000 };
	bool hangs = false;
	unsigned turn;

	for (turn = 0; !hangs && (options.expect_hang || !board->faults) && now() < end; turn++) {
		nanosleep(&step, NULL);
		if (!options.expect_hang && turn % 3 == 0)
			disturb();
		look_for_dead();
		hangs = is_cycle_unchanged(now());
	}
	return hangs;
}

static void stop_all(void)
{
	char command[64];
	unsigned me;

	board_lock(board);
	board->over = true;
	board_unlock(board);
	for (me = 0; me < options.processes; me++) {
		kill(workers[me], SIGKILL);
		waitpid(workers[me], NULL, 0);
	}
	snprintf(command, sizeof command, "rm -rf %s", directory);
	if (system(command))
		perror(command);
}

static int report(bool hangs)
{
	printf("seed %u: %llu granted, %llu deadlocks (%llu not judged), %llu interrupted, %llu "
	       "jumped out, %llu "
	       "killed\n",
	       options.seed, (unsigned long long)board->granted,
	       (unsigned long long)board->deadlocks, (unsigned long long)board->unjudged,
	       (unsigned long long)board->interrupted, (unsigned long long)board->jumped,
	       (unsigned long long)board->killed);
	if (board->faults && !options.expect_hang)
		printf("FAILED: %llu faults: %s\n", (unsigned long long)board->faults,
		       board->fault);
	if (options.expect_hang) {
		puts(hangs ? "hangs, as expected" : "FAILED: nothing hangs");
		return !hangs;
	}
	if (!board->faults && !board->deadlocks)
		puts("FAILED: no deadlock came up");
	return board->faults || !board->deadlocks;
}

int main(int argc, char **argv)
{
	unsigned me;
	bool hangs;
	int fd;

	read_options(argc, argv);
	if (options.worker >= 0) {
		map_board(3);
		worker_run(&(struct worker){ .board = board,
					     .me = (unsigned)options.worker,
					     .files = options.files,
					     .records = options.records,
					     .random = options.seed,
					     .directory = place });
	}
	if (!mkdtemp(directory))
		return 2;
	fd = memfd_create("board", 0);
	if (fd < 0 || ftruncate(fd, sizeof *board) || (fd != 3 && dup2(fd, 3) != 3))
		return 2;
	map_board(3);
	board_make(board, options.processes);
	for (me = 0; me < options.processes; me++)
		start_worker(me);
	hangs = run();
	stop_all();
	return report(hangs);
}
