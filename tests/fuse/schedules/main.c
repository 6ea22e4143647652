/* SPDX-License-Identifier: MIT
 * schedules MOUNT FIRST COUNT [--uncovered] [--syncs]: runs the schedules of the seeds FIRST… on a
 * mounted lockfs, one file each, and prints for each way to let go of a lock: WAY HOLDS RECORDS
 * LOST LOSING, which are holds that ended before the crash, their records, those that the next
 * holder does not find, and the schedules that lost any. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuse/schedules/act.h"
#include "tests/fuse/schedules/holder.h"
#include "tests/fuse/schedules/place.h"
#include "tests/fuse/schedules/plan.h"

static struct {
	unsigned holds, records, lost;
} totals[WAY_COUNT];

static enum ways ways;
static bool syncs; /* the programs themselves */

/* One turn after the other; a contended one's successor asks before it ends. */
static void perform(const struct plan *plan, const struct place *place)
{
	struct holder holder = holder_start(plan, 0, place->path, syncs), next = { 0 };
	unsigned waiters = 0;
	bool written, started;

	for (unsigned turn = 0;; turn++) {
		written = holder_has_written(&holder);
		started = written && turn + 1 < plan->turns && plan->turn[turn].contended;
		if (started) {
			next = holder_start(plan, turn + 1, place->path, syncs);
			place_await_waiters(place, ++waiters);
		}
		holder_finish(&holder);
		if (turn + 1 == plan->turns)
			return;
		if (!started)
			next = holder_start(plan, turn + 1, place->path, syncs);
		holder = next;
	}
}

/* What a holder after the crash finds. */
static ssize_t read_under_lock(const struct plan *plan, const struct place *place, char *text,
			       size_t size)
{
	int fd = open(place->path, O_RDWR | O_CLOEXEC);
	ssize_t got = -1;

	if (fd >= 0 && act_lock(plan->family, fd, F_WRLCK) == 0)
		got = pread(fd, text, size, 0);
	if (got < 0) {
		perror(place->path);
		exit(2);
	}
	close(fd);
	return got;
}

static unsigned lost_of(const struct plan *plan, unsigned turn, const char *text, ssize_t size)
{
	unsigned first = plan_first_record(plan, turn), lost = 0;
	char record[RECORD_SIZE + 1];

	for (unsigned i = first; i < first + plan->turn[turn].records; i++) {
		record_make(record, plan->seed, i);
		lost += (i + 1) * RECORD_SIZE > (size_t)size ||
			memcmp(text + (size_t)i * RECORD_SIZE, record, RECORD_SIZE) != 0;
	}
	return lost;
}

/* OVER: how many turns are, from the first on. */
static void judge(const struct plan *plan, unsigned over, const char *text, ssize_t size)
{
	for (unsigned turn = 0; turn < over; turn++) {
		enum way way = plan->turn[turn].way;

		totals[way].holds++;
		totals[way].records += plan->turn[turn].records;
		totals[way].lost += lost_of(plan, turn, text, size);
	}
}

static void run(const char *mount, uint64_t seed)
{
	struct plan plan = plan_make(seed, ways);
	char name[32], text[TURNS_MAX * RECORDS_MAX * RECORD_SIZE];
	struct place place;
	unsigned over;

	snprintf(name, sizeof(name), "s%" PRIu64, seed);
	place = place_make(mount, name, plan.crash_at);
	perform(&plan, &place);
	place_crash(&place);
	over = place_holders_over(&place);
	place_restart(&place);
	judge(&plan, over, text, read_under_lock(&plan, &place, text, sizeof(text)));
}

static void print(void)
{
	for (unsigned way = 0; way < WAY_COUNT; way++)
		if (totals[way].holds)
			printf("%s %u %u %u\n", way_names[way], totals[way].holds,
			       totals[way].records, totals[way].lost);
}

int main(int argc, char **argv)
{
	uint64_t first, count;

	if (argc < 4) {
		fprintf(stderr,
			"usage: schedules MOUNT FIRST COUNT [--converted|--uncovered] [--syncs]\n");
		return 2;
	}
	for (int i = 4; i < argc; i++) {
		if (!strcmp(argv[i], "--converted"))
			ways = WAYS_CONVERTED;
		if (!strcmp(argv[i], "--uncovered"))
			ways = WAYS_UNCOVERED;
		syncs |= strcmp(argv[i], "--syncs") == 0;
	}
	signal(SIGPIPE, SIG_IGN);
	first = strtoull(argv[2], NULL, 10);
	count = strtoull(argv[3], NULL, 10);
	for (uint64_t seed = first; seed < first + count; seed++)
		run(argv[1], seed);
	print();
	return 0;
}
