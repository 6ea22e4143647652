/* SPDX-License-Identifier: MIT
 * Keepers that are killed, stand-ins that can't follow and files with two names are told by name,
 * and their ordinary lives are not. */
#include "tests/preload/hazard_acts.h"
#include "tests/preload/keeper_find.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define KEEPER "LOCKSHIM_SET=flock=ofd"
#define STANDIN "LOCKSHIM_SET=flock=ofd;open-mode=reopen"
#define NOTHING "LOCKSHIM_SET="
#define NUMBERS 5000

#define BY_PATH "[rule r]\npath = %s/fil?\nflock = ofd\n"
#define BY_PROGRAM "[rule r]\nprogram = test_*\nflock = ofd\n"

static int locked(const struct place *place, const struct kept *as)
{
	int fd = must_open(place->file, as->flags);

	assert_int_equal(flock(fd, as->operation), 0);
	return fd;
}

static void lose_keeper(const struct place *place, const struct kept *as)
{
	pid_t keeper = user_of(place->file, "lockshim-keeper");

	if (!shimmed())
		return;
	assert_int_not_equal(keeper, 0);
	assert_int_equal(kill(keeper, SIGKILL), 0);
	while (user_of(place->file, "lockshim-keeper") == keeper)
		;
	while (outsider_try(place->file, BY_OFD, as->operation == LOCK_EX ? LOCK_SH : LOCK_EX))
		;
}

static void unlock_a_lost_one(const struct place *place)
{
	int fd = locked(place, &kept[0]);

	lose_keeper(place, &kept[0]);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

static void unlock_a_lost_shared_one(const struct place *place)
{
	int fd = locked(place, &kept[1]);

	lose_keeper(place, &kept[1]);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

static void lock_a_lost_one(const struct place *place)
{
	int fd = locked(place, &kept[0]);

	lose_keeper(place, &kept[0]);
	assert_int_equal(flock(fd, LOCK_EX), 0);
}

static void live_with_a_keeper(const struct place *place)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		int fd = locked(place, &kept[i]);

		assert_int_equal(flock(fd, kept[i].operation), 0);
		assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_int_equal(flock(fd, LOCK_SH), 0);
		assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_int_equal(flock(fd, LOCK_UN), 0);
		assert_int_equal(flock(fd, LOCK_UN), 0);
		assert_int_equal(flock(fd, kept[i].operation), 0);
		close(fd);
		await_free(place->file);
	}
}

static int unlock_there(const struct place *place);
static int shared_fd;

/* Whoever shares the description may let go of the lock. */
static void unlock_in_a_child(const struct place *place)
{
	shared_fd = locked(place, &kept[0]);
	assert_int_equal(status_of(unlock_there, place), 0);
	assert_int_equal(flock(shared_fd, LOCK_EX), 0);
	assert_int_equal(status_of(unlock_there, place), 0);
	assert_int_equal(flock(shared_fd, LOCK_UN), 0);
}

static int unlock_there(const struct place *place)
{
	(void)place;
	return flock(shared_fd, LOCK_UN) ? 1 : 0;
}

static int stand_in_of(const struct place *place, int fd)
{
	struct stat file, st;
	int at;

	assert_int_equal(stat(place->file, &file), 0);
	for (at = NUMBERS - 1; at > fd; at--)
		if (!fstat(at, &st) && st.st_dev == file.st_dev && st.st_ino == file.st_ino)
			return at;
	return -1;
}

static void close_the_stand_in(const struct place *place)
{
	int fd = locked(place, &kept[0]);

	syscall(SYS_close, stand_in_of(place, fd));
	assert_int_equal(flock(fd, LOCK_EX), 0);
}

static void close_the_original_unseen(const struct place *place)
{
	int fd = locked(place, &kept[0]);

	syscall(SYS_close, fd);
	assert_int_equal(open("/dev/null", O_RDONLY | O_CLOEXEC), fd);
	assert_int_equal(flock(fd, LOCK_EX), 0);
}

static void duplicate_out_of_sight(const struct place *place)
{
	const struct rlimit many = { NUMBERS, NUMBERS };
	int fd = locked(place, &kept[0]);

	if (setrlimit(RLIMIT_NOFILE, &many))
		skip_here();
	assert_return_code(fcntl(fd, F_DUPFD_CLOEXEC, 4096), errno);
}

static void live_with_a_stand_in(const struct place *place)
{
	int fd = locked(place, &kept[0]), twin = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	assert_int_equal(flock(twin, LOCK_SH), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	close(fd);
	assert_int_equal(flock(twin, LOCK_EX), 0);
	close(twin);
	close(locked(place, &kept[1]));
}

static void lock_it(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

/* The same state, another policy. */
static void lock_it_otherwise(const struct place *place)
{
	char set[160];

	snprintf(set, sizeof set, "flock=both;state-dir=%s", place->directory);
	setenv("LOCKSHIM_SET", set, 1);
	act_with(place, "lock_it", 2);
}

static void lock_beside_another_policy(const struct place *place)
{
	lock_it(place);
	lock_it_otherwise(place);
}

static void lock_beside_the_same_policy(const struct place *place)
{
	lock_it(place);
	act_with(place, "lock_it", 2);
}

/* Another file's policy is no matter of this one. */
static void lock_another_file(const struct place *place)
{
	struct place beside = *place;

	snprintf(beside.file, sizeof beside.file, "%s/beside", place->directory);
	close(must_open(beside.file, O_RDWR | O_CREAT));
	lock_it(&beside);
	lock_it_otherwise(place);
}

#define ACT(set, act, hazard)                                                                      \
	{                                                                                          \
#act, act, set, hazard                                                             \
	}

static const struct act keepers[] = {
	ACT(KEEPER, unlock_a_lost_one, "keeper-lost"),
	ACT(KEEPER, unlock_a_lost_shared_one, "keeper-lost"),
	ACT(KEEPER, lock_a_lost_one, "keeper-lost"),
	ACT(KEEPER, live_with_a_keeper, NULL),
	ACT(KEEPER, unlock_in_a_child, NULL),
	{ NULL, NULL, NULL, NULL },
};

static const struct act others[] = {
	ACT(STANDIN, close_the_stand_in, "standin-lost"),
	ACT(STANDIN, close_the_original_unseen, "standin-lost"),
	ACT(STANDIN, duplicate_out_of_sight, "standin-lost"),
	ACT(STANDIN, live_with_a_stand_in, NULL),
	{ NULL, NULL, NULL, NULL },
};

static const struct act policies[] = {
	ACT(KEEPER, lock_beside_another_policy, "policy-differs"),
	ACT(KEEPER, lock_beside_the_same_policy, NULL),
	ACT(KEEPER, lock_another_file, NULL),
	{ NULL, NULL, NULL, NULL },
};

static const struct act named[] = {
	ACT(NOTHING, lock_it, "two-names"),
	ACT(NOTHING, lock_it, NULL),
	{ NULL, NULL, NULL, NULL },
};

static void test_preload_killed_keepers_are_named(void **state)
{
	need_no_emulator("the keeper's clone");
	assert_acts(keepers, *state);
}

static void test_preload_stand_ins_that_cannot_follow_are_named(void **state)
{
	assert_acts(others, *state);
}

static void test_preload_other_policies_are_named(void **state)
{
	need_no_emulator("a process does not learn when it was started");
	assert_acts(policies, *state);
}

static void test_preload_files_with_two_names_are_named(void **state)
{
	const struct place *place = *state;
	const char *policy = policy_of(place, BY_PATH, place->directory);
	char other[128];

	assert_act(&named[1], place, policy);
	snprintf(other, sizeof other, "%s/other", place->directory);
	assert_int_equal(link(place->file, other), 0);
	assert_act(&named[0], place, policy);
	policy = policy_of(place, "%s", BY_PROGRAM);
	assert_act(&named[1], place, policy);
}

int main(int argc, char **argv)
{
	const struct act *const tables[] = { keepers, others, policies, named, NULL };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_killed_keepers_are_named),
		place_test(test_preload_stand_ins_that_cannot_follow_are_named),
		place_test(test_preload_other_policies_are_named),
		place_test(test_preload_files_with_two_names_are_named),
	};

	act_main(argc, argv, tables);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
