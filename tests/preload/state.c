/* SPDX-License-Identifier: MIT
 * Whatever stands in the shared state, or in its place: locks exclude, and everybody who waits gets
 * its lock. */
#include "tests/preload/deadlock_actors.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "shim/state_layout.h"

#define HANGS 300
#define NOBODY 65534

static const char *state_directory(const struct place *place)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/shared", place->directory);
	return path;
}

static const char *state_file(const struct place *place)
{
	static char path[160];

	snprintf(path, sizeof path, "%s/state", state_directory(place));
	return path;
}

static const char *policy(const struct place *place)
{
	return policy_of(place, "[rule all]\nflock = ofd\nupgrade = atomic\nstate-dir = %s\n",
			 state_directory(place));
}

/* Held, waited for, handed on; the outsider is no friend of the state. */
static void hand_over(const struct place *place, const struct actor *actors)
{
	assert_int_equal(actor_does(&actors[0], 0, ACTOR_EXCLUSIVE, 0), 0);
	assert_int_equal(outsider_try(actor_file(place, 0), BY_OFD, LOCK_SH), EAGAIN);
	actor_tell(&actors[1], 0, ACTOR_EXCLUSIVE, 0);
	actors_await_waiter(place, 0);
	assert_false(actor_answered(&actors[1], 0));
	assert_int_equal(outsider_try(actor_file(place, 0), BY_OFD, LOCK_SH), EAGAIN);
	assert_int_equal(actor_does(&actors[0], 0, ACTOR_UNLOCK, 0), 0);
	assert_int_equal(actor_answer(&actors[1], 0), 0);
	assert_int_equal(outsider_try(actor_file(place, 0), BY_OFD, LOCK_SH), EAGAIN);
	assert_int_equal(actor_does(&actors[1], 0, ACTOR_UNLOCK, 0), 0);
	assert_int_equal(outsider_try(actor_file(place, 0), BY_OFD, LOCK_EX), 0);
}

/* 0 is answered to one of the two and EDEADLK to the other, where the state serves. */
static void assert_cycle_ends(const struct actor *actors)
{
	int answer;
	unsigned who;

	assert_int_equal(actor_does(&actors[0], 0, ACTOR_EXCLUSIVE, 0), 0);
	assert_int_equal(actor_does(&actors[1], 0, ACTOR_EXCLUSIVE, 1), 0);
	actor_tell(&actors[0], 0, ACTOR_EXCLUSIVE, 1);
	actor_tell(&actors[1], 0, ACTOR_EXCLUSIVE, 0);
	who = actors_first(actors, 2, &answer);
	assert_int_equal(answer, EDEADLK);
	assert_int_equal(actor_does(&actors[who], 0, ACTOR_UNLOCK, (int)who), 0);
	assert_int_equal(actor_answer(&actors[!who], 0), 0);
	assert_int_equal(actor_does(&actors[!who], 0, ACTOR_UNLOCK, 0), 0);
	assert_int_equal(actor_does(&actors[!who], 0, ACTOR_UNLOCK, 1), 0);
}

static void run_hand_over(const struct place *place)
{
	struct actor actors[2];

	alarm(HANGS);
	actors_start(place, actors, 2);
	hand_over(place, actors);
	actors_stop(actors, 2);
}

static void run_cycle(const struct place *place)
{
	struct actor actors[2];

	alarm(HANGS);
	actors_start(place, actors, 2);
	hand_over(place, actors);
	assert_cycle_ends(actors);
	actors_stop(actors, 2);
}

/* As a cleaner of /tmp does. */
static void run_removed(const struct place *place)
{
	struct actor actors[2];

	alarm(HANGS);
	actors_start(place, actors, 2);
	hand_over(place, actors);
	assert_return_code(unlink(state_file(place)), errno);
	assert_cycle_ends(actors);
	assert_return_code(truncate(state_file(place), 0), errno);
	hand_over(place, actors);
	assert_return_code(truncate(state_file(place), 4096), errno);
	hand_over(place, actors);
	actors_stop(actors, 2);
}

/* From here on the file holds these words over and over. */
static void fill(const struct place *place, const uint32_t *words, size_t count, bool magic)
{
	struct state *state = calloc(1, sizeof *state);
	uint32_t *at = (uint32_t *)state;
	size_t i;
	int fd;

	assert_non_null(state);
	for (i = 0; i < sizeof *state / sizeof *at; i++)
		at[i] = words[i % count];
	if (magic) {
		state->magic[0] = STATE_MAGIC_0;
		state->magic[1] = STATE_MAGIC_1;
		state->version = STATE_VERSION;
		state->size = sizeof *state;
	}
	fd = open(state_file(place), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_return_code(fd, errno);
	assert_int_equal(write(fd, state, sizeof *state), sizeof *state);
	close(fd);
	free(state);
}

static void make_directory(const struct place *place, unsigned mode)
{
	assert_return_code(mkdir(state_directory(place), 0700), errno);
	assert_return_code(chmod(state_directory(place), mode), errno);
}

#define need_shim()                                                                                \
	do {                                                                                       \
		if (!shimmed())                                                                    \
			skip();                                                                    \
	} while (0)

static void test_preload_state_is_made(void **state)
{
	const struct place *place = *state;
	struct stat is;

	need_shim();
	assert_scenario("cycle", place, policy(place), NULL);
	assert_return_code(stat(state_directory(place), &is), errno);
	assert_int_equal(is.st_mode & 07777, 0700);
	assert_return_code(stat(state_file(place), &is), errno);
	assert_int_equal(is.st_mode & 07777, 0600);
	assert_int_equal(is.st_size, sizeof(struct state));
	/* Once more in what the first left. */
	assert_scenario("cycle", place, policy(place), NULL);
}

static void test_preload_state_removed(void **state)
{
	const struct place *place = *state;

	need_shim();
	assert_scenario("removed", place, policy(place), NULL);
}

static void test_preload_state_of_garbage(void **state)
{
	const struct place *place = *state;
	uint32_t words[997], seed = 4711, round;
	size_t i;

	need_shim();
	make_directory(place, 0700);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < sizeof words / sizeof words[0]; i++)
			words[i] = seed = seed * 1664525 + 1013904223;
		fill(place, words, sizeof words / sizeof words[0], round > 0);
		assert_scenario("hand over", place, policy(place), NULL);
	}
}

/* Every record is a living process's. */
static void test_preload_state_without_room(void **state)
{
	const struct place *place = *state;
	const uint32_t words[] = { (uint32_t)getpid() };

	need_shim();
	make_directory(place, 0700);
	fill(place, words, 1, true);
	assert_scenario("hand over", place, policy(place), NULL);
}

static void test_preload_state_of_another_version(void **state)
{
	const struct place *place = *state;
	const uint32_t words[] = { STATE_MAGIC_0, STATE_MAGIC_1, STATE_VERSION + 1,
				   sizeof(struct state) };
	struct stat before, after;

	need_shim();
	make_directory(place, 0700);
	fill(place, words, 4, false);
	assert_return_code(stat(state_file(place), &before), errno);
	assert_scenario("hand over", place, policy(place), NULL);
	assert_return_code(stat(state_file(place), &after), errno);
	assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

static void test_preload_state_cut_short(void **state)
{
	static const off_t sizes[] = {
		0, 1, 100, 4096, sizeof(struct state) - 1, sizeof(struct state) + 1
	};
	const struct place *place = *state;
	size_t i;

	need_shim();
	make_directory(place, 0700);
	close(must_open(state_file(place), O_RDWR | O_CREAT));
	assert_return_code(chmod(state_file(place), 0600), errno);
	for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		assert_return_code(truncate(state_file(place), sizes[i]), errno);
		assert_scenario("hand over", place, policy(place), NULL);
	}
}

/* What it leads to stays as it is. */
static void test_preload_state_behind_a_link(void **state)
{
	const struct place *place = *state;
	char target[128];
	struct stat is;

	need_shim();
	make_directory(place, 0700);
	snprintf(target, sizeof target, "%s/victim", place->directory);
	close(must_open(target, O_RDWR | O_CREAT));
	assert_return_code(symlink(target, state_file(place)), errno);
	assert_scenario("hand over", place, policy(place), NULL);
	assert_return_code(unlink(state_file(place)), errno);
	assert_return_code(link(target, state_file(place)), errno);
	assert_scenario("hand over", place, policy(place), NULL);
	assert_return_code(stat(target, &is), errno);
	assert_int_equal(is.st_size, 0);
	assert_return_code(unlink(state_file(place)), errno);
	assert_return_code(mkfifo(state_file(place), 0600), errno);
	assert_scenario("hand over", place, policy(place), NULL);
}

static void assert_not_made(const struct place *place)
{
	struct stat is;

	assert_scenario("hand over", place, policy(place), NULL);
	assert_int_equal(stat(state_file(place), &is), -1);
}

static void test_preload_state_in_a_bad_directory(void **state)
{
	const struct place *place = *state;
	char target[128];

	need_shim();
	make_directory(place, 0777);
	assert_not_made(place);
	assert_return_code(chmod(state_directory(place), 01777), errno);
	assert_not_made(place);
	if (!geteuid()) {
		assert_return_code(chmod(state_directory(place), 0700), errno);
		assert_return_code(chown(state_directory(place), NOBODY, NOBODY), errno);
		assert_not_made(place);
	}
	assert_return_code(rmdir(state_directory(place)), errno);
	snprintf(target, sizeof target, "%s/elsewhere", place->directory);
	assert_return_code(mkdir(target, 0700), errno);
	assert_return_code(symlink(target, state_directory(place)), errno);
	assert_not_made(place);
}

/* Nothing was written into it. */
static void assert_left_alone(const struct place *place)
{
	uint32_t word = 1;
	int fd;

	assert_scenario("hand over", place, policy(place), NULL);
	fd = must_open(state_file(place), O_RDONLY);
	assert_int_equal(read(fd, &word, sizeof word), sizeof word);
	assert_int_equal(word, 0);
	close(fd);
}

static void test_preload_state_of_another_user(void **state)
{
	const struct place *place = *state;
	const uint32_t nothing = 0;

	need_shim();
	if (geteuid())
		skip();
	make_directory(place, 0700);
	fill(place, &nothing, 1, false);
	assert_return_code(chown(state_file(place), NOBODY, NOBODY), errno);
	assert_left_alone(place);
	assert_return_code(chown(state_file(place), 0, 0), errno);
	assert_return_code(chmod(state_file(place), 0622), errno);
	assert_left_alone(place);
}

/* A store into a hole would be SIGBUS there. */
static void run_full(const struct place *place)
{
	char filler[192];
	static char block[65536];
	int fd;

	mount_new("tmpfs", state_directory(place));
	assert_return_code(chmod(state_directory(place), 0700), errno);
	snprintf(filler, sizeof filler, "%s/filler", state_directory(place));
	fd = must_open(filler, O_WRONLY | O_CREAT);
	host_command("true");
	if (mount("none", state_directory(place), NULL, MS_REMOUNT, "size=256k"))
		skip_here();
	while (write(fd, block, sizeof block) > 0)
		;
	run_hand_over(place);
}

static void test_preload_state_on_a_full_file_system(void **state)
{
	const struct place *place = *state;

	need_shim();
	assert_scenario("full", place, policy(place), NULL);
}

/* A larger file is SIGXFSZ. */
static void forbid_files(void)
{
	const struct rlimit none = { 4096, 4096 };

	setrlimit(RLIMIT_FSIZE, &none);
}

static void test_preload_state_over_the_limit(void **state)
{
	const struct place *place = *state;

	need_shim();
	assert_scenario("hand over", place, policy(place), forbid_files);
}

static struct state *map_state(const struct place *place)
{
	int fd = must_open(state_file(place), O_RDWR);
	struct state *state = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(state, MAP_FAILED);
	close(fd);
	return state;
}

static uint64_t started_of(pid_t pid)
{
	char path[64], text[512], *at;
	unsigned long long started = 0;
	FILE *file;
	int i;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof text, file));
	fclose(file);
	for (at = strrchr(text, ')'), i = 0; i < 20; i++)
		at = strchr(at + 1, ' ');
	started = strtoull(at, NULL, 10);
	return started;
}

static uint64_t space_of_all(void)
{
	char text[64] = "";

	assert_true(readlink("/proc/self/ns/pid", text, sizeof text - 1) > 0);
	return strtoull(strchr(text, '[') + 1, NULL, 10);
}

/* PROCESS claims to wait for one file and to hold the other. */
static void forge(const struct place *place, struct state *state, unsigned at, pid_t process,
		  uint32_t phase)
{
	struct state_wait wait = { .started = started_of(process),
				   .space = space_of_all(),
				   .thread = process,
				   .end = INT64_MAX,
				   .fd = 3,
				   .type = F_WRLCK,
				   .phase = phase,
				   .count = 2 };
	struct stat is;
	int i;

	for (i = 0; i < 2; i++) {
		assert_return_code(stat(actor_file(place, i), &is), errno);
		wait.holdings[i] = (struct state_holding){
			.device = (uint64_t)major(is.st_dev) << 32 | minor(is.st_dev),
			.inode = is.st_ino,
			.end = INT64_MAX,
			.type = F_WRLCK,
			.fd = 3,
		};
		wait.device = wait.holdings[i].device;
		wait.inode = wait.holdings[i].inode;
	}
	memcpy(&state->waits[at][STATE_CONTENT], &wait, sizeof wait);
	state->waits[at][STATE_SEQUENCE] = 2;
	state->waits[at][STATE_OWNER] = (uint32_t)process;
}

/* The holder runs, whatever is said of it. Asleep, it is seen that it is not: no EDEADLK. */
static void run_forged(const struct place *place)
{
	struct actor actors[2];
	struct state *state;
	unsigned i;

	alarm(HANGS);
	actors_start(place, actors, 2);
	hand_over(place, actors);
	state = map_state(place);
	for (i = 0; i < STATE_WAITS - 1; i++)
		forge(place, state, i, i % 2 ? actors[0].pid : getpid(), 0);
	hand_over(place, actors);
	for (i = 0; i < STATE_WAITS - 1; i++) {
		forge(place, state, i, getpid(), 0);
		state->waits[i][STATE_CONTENT + offsetof(struct state_wait, count) / 4] = ~0u >> 1;
	}
	hand_over(place, actors);
	state->verdict = (uint32_t)getpid();
	hand_over(place, actors);
	actors_stop(actors, 2);
}

static void test_preload_state_of_forged_cycles(void **state)
{
	const struct place *place = *state;

	need_shim();
	assert_scenario("forged", place, policy(place), NULL);
}

/* Somebody writes it all the time. */
static void run_scribbled(const struct place *place)
{
	struct actor actors[2];
	uint32_t *words, seed = 815;
	pid_t scribbler;
	int i;

	alarm(HANGS);
	actors_start(place, actors, 2);
	hand_over(place, actors);
	words = (uint32_t *)map_state(place);
	scribbler = fork();
	if (!scribbler)
		for (;;) {
			seed = seed * 1664525 + 1013904223;
			words[4 + (seed >> 8) % (sizeof(struct state) / 4 - 4)] = seed % 64;
		}
	for (i = 0; i < 40; i++)
		hand_over(place, actors);
	kill(scribbler, SIGKILL);
	waitpid(scribbler, NULL, 0);
	actors_stop(actors, 2);
}

static void test_preload_state_scribbled_on(void **state)
{
	const struct place *place = *state;

	need_shim();
	assert_scenario("scribbled", place, policy(place), NULL);
}

int main(int argc, char **argv)
{
	static const struct scenario scenarios[] = {
		{ "hand over", run_hand_over },
		{ "cycle", run_cycle },
		{ "removed", run_removed },
		{ "full", run_full },
		{ "forged", run_forged },
		{ "scribbled", run_scribbled },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_state_is_made),
		place_test(test_preload_state_removed),
		place_test(test_preload_state_of_garbage),
		place_test(test_preload_state_without_room),
		place_test(test_preload_state_of_another_version),
		place_test(test_preload_state_cut_short),
		place_test(test_preload_state_behind_a_link),
		place_test(test_preload_state_in_a_bad_directory),
		place_test(test_preload_state_of_another_user),
		place_test(test_preload_state_on_a_full_file_system),
		place_test(test_preload_state_over_the_limit),
		place_test(test_preload_state_of_forged_cycles),
		place_test(test_preload_state_scribbled_on),
	};

	scenario_main(argc, argv, scenarios);
	/* Its own threads wait for no lock, so no cycle shows that a state is in use. */
	if (getenv("TEST_EMULATOR"))
		return 77;
#ifdef __SANITIZE_THREAD__
	return 77; /* nor does the sanitizer's */
#endif
	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
