/* SPDX-License-Identifier: MIT
 * Shared by the tests of hazards. */
#include "tests/preload/hazard_acts.h"

#define ACTS_MAX 64
#define GIVEN "TEST_GIVEN"

static char self[4096];

void act_main(int argc, char **argv, const struct act *const tables[])
{
	struct scenario scenarios[ACTS_MAX] = { { NULL, NULL } };
	const struct act *act;
	size_t count = 0;

	assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
	for (; *tables; tables++)
		for (act = *tables; act->name; act++) {
			assert_true(count + 1 < ACTS_MAX);
			scenarios[count++] = (struct scenario){ act->name, act->run };
		}
	scenario_main(argc, argv, scenarios);
}

/* The name of the next hazard in TEXT, and where to go on; NULL: none. */
static const char *next_hazard(const char *text, char into[40])
{
	static const char word[] = ": hazard ";
	const char *at = strstr(text, word);
	size_t len;

	if (!at)
		return NULL;
	at += sizeof word - 1;
	len = strcspn(at, ":\n");
	assert_true(len < 40);
	memcpy(into, at, len);
	into[len] = '\0';
	return at + len;
}

static void assert_named(const struct act *act, const char *output, const struct stat *file)
{
	const char *wanted = shimmed() ? act->hazard : NULL, *at = output;
	char found[40], line[160];
	unsigned named = 0;

	while ((at = next_hazard(at, found))) {
		if (!wanted || strcmp(found, wanted))
			fail_msg("%s names %s: %s", act->name, found, output);
		named++;
	}
	if (!wanted)
		return;
	if (!named)
		fail_msg("%s does not name %s: %s", act->name, wanted, output);
	snprintf(line, sizeof line,
		 "device %llu inode %llu: hazard %s: ", (unsigned long long)file->st_dev,
		 (unsigned long long)file->st_ino, wanted);
	if (!strstr(output, line))
		fail_msg("no \"%s\" in: %s", line, output);
}

void assert_act(const struct act *act, const struct place *place, const char *policy)
{
	const char *argv[] = { self, act->name, place->directory, NULL };
	char set[256];
	const char *environment[4] = { "LOCKSHIM_DEBUG=1", set, policy, NULL };
	static char output[16384];
	struct stat file;
	int status;

	/* Other tests use inode numbers again, under other policies. */
	snprintf(set, sizeof set, "%s;state-dir=%s", act->set, place->directory);
	assert_int_equal(stat(place->file, &file), 0);
	status = run_with(argv, environment, output, sizeof output);
	/* It said why. */
	if (status == 77)
		return;
	if (status)
		fail_msg("%s: status %d: %s", act->name, status, output);
	assert_named(act, output, &file);
}

void assert_acts(const struct act *acts, const struct place *place)
{
	for (; acts->name; acts++)
		assert_act(acts, place, NULL);
}

void assert_acts_cured(const struct act *acts, const struct place *place, const char *set)
{
	struct act cured;

	for (; acts->name; acts++) {
		cured = *acts;
		cured.set = set;
		cured.hazard = NULL;
		assert_act(&cured, place, NULL);
	}
}

void act_with(const struct place *place, const char *act, int fd)
{
	const char *argv[] = { self, act, place->directory, NULL };
	const char *const *become;
	char given[40];
	int status;
	pid_t pid = fork();

	assert_return_code(pid, errno);
	if (!pid) {
		snprintf(given, sizeof given, GIVEN "=%d", fd);
		putenv(given);
		fcntl(fd, F_SETFD, 0);
		become = runnable(argv);
		execv(become[0], (char **)(uintptr_t)become);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int act_given(void)
{
	const char *given = getenv(GIVEN);

	assert_non_null(given);
	return atoi(given);
}
