/* SPDX-License-Identifier: MIT
 * Everybody in the storm, from the judge's side: started, waited for, asked to end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/storm/judge.h"

#define TICK_MS 50
#define PATIENCE_S 60 /* to end in, where it is not hanging */

/* A forked child has its parent's threads on the list, and nobody to join them: no leak. */
static void set_sanitizer_options(void)
{
	const char *old = getenv("TSAN_OPTIONS");
	char text[600];

	snprintf(text, sizeof text,
		 "%s:die_after_fork=0:report_thread_leaks=0:log_path=%s/sanitizer", old ? old : "",
		 storm.place);
	setenv("TSAN_OPTIONS", text, 1);
}

static void set_environment(const struct judge *judge)
{
	char policy[300];

	snprintf(policy, sizeof policy, "%s/policy.conf", storm.place);
	setenv("LOCKSHIM_POLICY", policy, 1);
	setenv("LOCKSHIM_SET", judge->set ? judge->set : "", 1);
	set_sanitizer_options();
	if (judge->preload)
		setenv("LD_PRELOAD", judge->preload, 1);
}

static _Noreturn void become_host(const struct judge *judge, uint32_t number, unsigned row)
{
	char slot[16], argument[16], self[] = "/proc/self/exe", mode[] = "host";
	char *argv[] = { self, mode, storm.place, slot, argument, NULL };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, judge->group);
	snprintf(slot, sizeof slot, "%u", number);
	snprintf(argument, sizeof argument, "%u", row);
	set_environment(judge);
	execv(self, argv);
	_exit(127);
}

static pid_t start(const struct judge *judge, unsigned row)
{
	struct actor actor = actor_new(row);
	pid_t pid = fork();

	if (pid < 0) {
		perror("storm: fork");
		exit(2);
	}
	if (pid)
		actor.slot->pid = (uint32_t)pid;
	if (!pid && rows[row].run)
		become_host(judge, actor.number, row);
	if (!pid)
		outsider_main(judge, &actor);
	return pid;
}

/* One outsider: two in different families would not exclude each other. */
void crowd_start(struct judge *judge)
{
	unsigned row;
	int job;
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1); /* nobody ends unseen */
	for (row = 0; row < rows_count; row++) {
		if (judge_leaves_out(judge, &rows[row]))
			continue;
		for (job = 0; job < (rows[row].run ? judge->jobs : 1); job++) {
			pid = start(judge, row);
			if (!rows[row].run)
				judge->group = pid;
			setpgid(pid, judge->group);
		}
	}
}

/* False where nobody is left. */
static bool reap(struct judge *judge)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (!status)
			continue;
		fprintf(stderr, "storm: process %d ended with status %#x\n", (int)pid,
			(unsigned)status);
		judge->bad_ends++;
	}
	return !pid || errno != ECHILD;
}

static void tick(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = TICK_MS * 1000000 }, NULL);
}

void crowd_let_run(struct judge *judge)
{
	int left = judge->seconds * (1000 / TICK_MS);

	while (left-- && reap(judge))
		tick();
}

/* Of /proc/locks the lines about FILE. */
static void show_locks(enum storm_file file)
{
	char line[256], inode[64];
	struct stat st = { 0 };
	FILE *locks = fopen("/proc/locks", "re");

	stat(storm.path[file], &st);
	snprintf(inode, sizeof inode, ":%lu ", (unsigned long)st.st_ino);
	fprintf(stderr, "locks of %s:\n", storm.path[file]);
	while (locks && fgets(line, sizeof line, locks))
		if (strstr(line, inode))
			fputs(line, stderr);
	if (locks)
		fclose(locks);
}

static void show_who_is_left(void)
{
	const struct ledger *ledger = storm.ledger;
	uint32_t i;

	for (i = 0; i < ledger->slots_used; i++)
		if (ledger->slots[i].pid && !kill((pid_t)ledger->slots[i].pid, 0))
			fprintf(stderr, "process %u, row %s, did not end\n", ledger->slots[i].pid,
				rows[ledger->slots[i].row].name);
	show_locks(FILE_COUNTER);
	show_locks(FILE_OTHER);
}

void crowd_end(struct judge *judge)
{
	int left = PATIENCE_S * (1000 / TICK_MS);

	PUT(storm.ledger->stop, 1);
	while (reap(judge) && left--)
		tick();
	if (left >= 0)
		return;
	show_who_is_left();
	kill(-judge->group, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	judge->bad_ends++;
}
