/* SPDX-License-Identifier: MIT
 * Each lock call is one event in the trace, with what was asked, what became of it, and since when
 * what is let go was held. */
#include "tests/preload/traced.h"

#include <pthread.h>

#define PASS "LOCKSHIM_SET=trace=all"
#define OFD "LOCKSHIM_SET=flock=ofd;trace=all"

static void pair(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

static void test_preload_traced_pair(void **state)
{
	assert_traced("pair", *state, PASS,
		      "lock flock exclusive flock flock blocking\n"
		      "lock flock exclusive flock flock\n"
		      "release flock unlock flock flock held\n"
		      "release flock unlock flock flock\n");
	assert_traced("pair", *state, OFD,
		      "lock flock exclusive flock OFD blocking\n"
		      "lock flock exclusive flock OFD\n"
		      "release flock unlock flock OFD held\n"
		      "release flock unlock flock OFD\n");
	assert_traced("pair", *state, "LOCKSHIM_SET=flock=both;trace=all",
		      "lock flock exclusive flock flock and OFD blocking\n"
		      "lock flock exclusive flock flock and OFD\n"
		      "release flock unlock flock flock and OFD held\n"
		      "release flock unlock flock flock and OFD\n");
	assert_traced("pair", *state, "LOCKSHIM_SET=flock=ofd;shadow=yes;trace=all",
		      "lock flock exclusive flock OFD blocking shadow\n"
		      "lock flock exclusive flock OFD shadow\n"
		      "release flock unlock flock OFD held shadow\n"
		      "release flock unlock flock OFD shadow\n");
	assert_traced("pair", *state, "LOCKSHIM_SET=trace=contended", "");
	assert_traced("pair", *state, "LOCKSHIM_SET=trace=errors", "");
}

static void conversions(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR), other = must_open(place->file, O_RDWR);

	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(flock(other, LOCK_SH), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

static void test_preload_traced_conversions(void **state)
{
	assert_traced("conversions", *state, PASS,
		      "lock flock shared flock flock blocking\n"
		      "lock flock exclusive flock flock blocking held converted\n"
		      "lock flock shared flock flock blocking held converted\n"
		      "lock flock shared flock flock blocking\n"
		      "lock flock exclusive flock flock held lost converted error 11\n"
		      "release flock unlock flock flock\n"
		      "release exit unlock flock flock held\n");
	/* What is kept is held on. */
	assert_traced("conversions", *state, "LOCKSHIM_SET=flock=ofd;upgrade=atomic;trace=all",
		      "lock flock shared flock OFD blocking\n"
		      "lock flock exclusive flock OFD blocking held converted\n"
		      "lock flock shared flock OFD blocking held converted\n"
		      "lock flock shared flock OFD blocking\n"
		      "lock flock exclusive flock flock converted error 11\n"
		      "release flock unlock flock OFD held\n"
		      "release exit unlock flock OFD held\n");
}

static void closes(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR), copy;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	copy = dup(fd);
	assert_return_code(copy, errno);
	close(fd); /* lets go of nothing */
	assert_int_equal(flock(copy, LOCK_SH | LOCK_NB), 0);
	close(copy);
	fd = must_open(place->file, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	copy = must_open(place->file, O_RDONLY);
	assert_return_code(dup2(copy, fd), errno);
	assert_int_equal(flock(copy, LOCK_SH), 0);
}

static void test_preload_traced_closes(void **state)
{
	assert_traced("closes", *state, PASS,
		      "lock flock exclusive flock flock blocking\n"
		      "lock flock shared flock flock held converted\n"
		      "release close unlock flock flock held\n"
		      "lock flock exclusive flock flock blocking\n"
		      "release close unlock flock flock held\n"
		      "lock flock shared flock flock blocking read-only\n"
		      "release exit unlock flock flock held read-only\n");
}

static void sections(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR), other;

	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 10, 20), 0);
	assert_int_equal(record(fd, F_SETLKW, F_RDLCK, 10, 20), 0);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 10, 5), 0);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 100, 5), 0);
	other = must_open(place->file, O_RDWR);
	close(other); /* drops it */
	assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
	assert_int_equal(lockf(fd, F_LOCK, 3), 0);
	assert_int_equal(lockf(fd, F_ULOCK, 0), 0);
	assert_int_equal(record(fd, F_OFD_SETLK, F_WRLCK, 0, 0), 0);
}

static void test_preload_traced_sections(void **state)
{
	assert_traced("sections", *state, PASS,
		      "lock fcntl exclusive POSIX POSIX 10+20\n"
		      "lock fcntl shared POSIX POSIX blocking held converted 10+20\n"
		      "release fcntl unlock POSIX POSIX held 10+5\n"
		      "release fcntl unlock POSIX POSIX 100+5\n"
		      "release close unlock POSIX POSIX held 15+15\n"
		      "lock lockf exclusive POSIX POSIX blocking 7+3\n"
		      "release lockf unlock POSIX POSIX held 7+0\n"
		      "lock ofd exclusive OFD OFD\n"
		      "release exit unlock OFD OFD held\n");
	assert_traced("sections", *state, "LOCKSHIM_SET=fcntl=ofd;trace=all",
		      "lock fcntl exclusive POSIX OFD 10+20\n"
		      "lock fcntl shared POSIX OFD blocking held converted 10+20\n"
		      "release fcntl unlock POSIX OFD held 10+5\n"
		      "release fcntl unlock POSIX OFD 100+5\n"
		      "lock lockf exclusive POSIX OFD blocking 7+3\n"
		      "release lockf unlock POSIX OFD held 7+0\n"
		      "lock ofd exclusive OFD OFD\n"
		      "release exit unlock OFD OFD held\n");
}

static void questions(const struct place *place)
{
	struct outsider holder = outsider_hold(place->file, BY_POSIX, LOCK_EX);
	int fd = must_open(place->file, O_RDWR);
	struct flock asked = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 3 };

	assert_int_equal(fcntl(fd, F_GETLK, &asked), 0);
	assert_int_equal(asked.l_pid, holder.pid);
	outsider_stop(&holder);
	asked = (struct flock){ .l_type = F_RDLCK, .l_whence = SEEK_SET };
	assert_int_equal(fcntl(fd, F_GETLK, &asked), 0);
	assert_int_equal(asked.l_type, F_UNLCK);
}

static void test_preload_traced_questions(void **state)
{
	assert_traced("questions", *state, PASS,
		      "query fcntl exclusive POSIX POSIX 3+0 blocker\n"
		      "query fcntl shared POSIX POSIX\n");
}

static void errors(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY);

	errno = 0;
	assert_int_equal(flock(999, LOCK_EX), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 0, 0), -1);
	assert_int_equal(errno, EBADF);
	/* The kernel's to say, and never read by us. */
	assert_int_equal(fcntl(fd, F_SETLK, (void *)8), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(flock(fd, 77), -1);
	assert_int_equal(errno, EINVAL);
}

static void test_preload_traced_errors(void **state)
{
	const char *expected = "lock flock exclusive flock flock blocking error 9\n"
			       "lock fcntl exclusive POSIX POSIX error 9\n"
			       "lock fcntl shared POSIX POSIX read-only error 14\n";

	assert_traced("errors", *state, PASS, expected);
	assert_traced("errors", *state, "LOCKSHIM_SET=trace=errors", expected);
}

static void two_errors(const struct place *place)
{
	(void)place;
	errno = 0;
	assert_int_equal(fcntl(999, F_SETLK, (void *)8), -1);
	assert_int_equal(errno, EBADF);
}

static void test_preload_traced_two_errors(void **state)
{
	need_no_emulator("the section is read before the descriptor is looked at");
	assert_traced("two_errors", *state, PASS, "lock fcntl shared POSIX POSIX error 9\n");
	assert_traced("two_errors", *state, "LOCKSHIM_SET=trace=errors",
		      "lock fcntl shared POSIX POSIX error 9\n");
}

struct holder {
	struct outsider outsider;
	const char *path;
};

/* Lets go once the kernel lists the one who waits. */
static void *let_go(void *context)
{
	struct holder *holder = context;

	outsider_await_waiter(holder->path);
	outsider_stop(&holder->outsider);
	return NULL;
}

static void waits(const struct place *place)
{
	struct holder holder = { outsider_hold(place->file, BY_OFD, LOCK_EX), place->file };
	int fd = must_open(place->file, O_RDWR);
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, let_go, &holder), 0);
	errno = 77;
	assert_int_equal(record(fd, F_SETLKW, F_WRLCK, 5, 5), 0);
	assert_int_equal(errno, 77);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 5, 5), 0);
	assert_int_equal(record(fd, F_SETLK, F_WRLCK, 0, 0), 0);
}

static void test_preload_traced_waits(void **state)
{
	const char *contended = "wait fcntl exclusive POSIX POSIX blocking 5+5\n"
				"lock fcntl exclusive POSIX POSIX blocking waited 5+5\n"
				"release fcntl unlock POSIX POSIX held 5+5\n";

	assert_traced("waits", *state, "LOCKSHIM_SET=trace=contended", contended);
	assert_traced("waits", *state, PASS,
		      "wait fcntl exclusive POSIX POSIX blocking 5+5\n"
		      "lock fcntl exclusive POSIX POSIX blocking waited 5+5\n"
		      "release fcntl unlock POSIX POSIX held 5+5\n"
		      "lock fcntl exclusive POSIX POSIX\n"
		      "release exit unlock POSIX POSIX held\n");
}

static void pairs(int fd)
{
	int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_int_equal(flock(fd, LOCK_UN), 0);
	}
}

/* Calls of which nobody is told, before and after one that waits. */
static void waits_once(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);
	struct holder holder = { .path = place->file };
	pthread_t thread;

	pairs(fd);
	holder.outsider = outsider_hold(place->file, BY_FLOCK, LOCK_EX);
	assert_int_equal(pthread_create(&thread, NULL, let_go, &holder), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	pairs(fd);
}

static void test_preload_traced_waits_of_many(void **state)
{
	assert_traced("waits_once", *state, "LOCKSHIM_SET=trace=contended",
		      "wait flock exclusive flock flock blocking shared\n"
		      "lock flock exclusive flock flock blocking waited shared\n"
		      "release flock unlock flock flock held shared\n");
	assert_traced("waits_once", *state, "LOCKSHIM_SET=trace=errors", "");
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "pair", pair },
		{ "conversions", conversions },
		{ "closes", closes },
		{ "sections", sections },
		{ "questions", questions },
		{ "errors", errors },
		{ "two_errors", two_errors },
		{ "waits", waits },
		{ "waits_once", waits_once },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_traced_pair),
		place_test(test_preload_traced_conversions),
		place_test(test_preload_traced_closes),
		place_test(test_preload_traced_sections),
		place_test(test_preload_traced_questions),
		place_test(test_preload_traced_errors),
		place_test(test_preload_traced_two_errors),
		place_test(test_preload_traced_waits),
		place_test(test_preload_traced_waits_of_many),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
