/* SPDX-License-Identifier: MIT
 * What a line of the log says of each call, to the byte. */
#include "tests/preload/log_acts.h"

#include "shim/log_call.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LOCK(operation_, flags_)                                                                   \
	.id = TRACE_LOCK, .fd = 5, .operation = TRACE_##operation_, .flags = flags_
#define WAITING LOCK(EXCLUSIVE, TRACE_BLOCKING)
#define AT_ONCE LOCK(EXCLUSIVE, 0)

static const char *call_of(const struct trace_event *event, const char *path, const char *rule)
{
	static struct log_line line;
	const struct log_words words = { path, rule };

	line.used = 0;
	log_put_call(&line, event, &words);
	line.text[line.used] = '\0';
	return line.text;
}

static void test_log_prints_calls_as_strace_does(void **state)
{
	static const struct {
		struct trace_event event;
		const char *expected;
	} rows[] = {
		{ { WAITING }, "flock(5</x>, LOCK_EX) = 0" },
		{ { LOCK(SHARED, 0) }, "flock(5</x>, LOCK_SH|LOCK_NB) = 0" },
		{ { AT_ONCE, .error = EAGAIN }, "flock(5</x>, LOCK_EX|LOCK_NB) = -1 EAGAIN" },
		{ { WAITING, .error = 524 }, "flock(5</x>, LOCK_EX) = -1 524" },
		{ { .id = TRACE_RELEASE,
		    .fd = 5,
		    .operation = TRACE_UNLOCK,
		    .flags = TRACE_HELD,
		    .held = 3100000 },
		  "flock(5</x>, LOCK_UN) = 0, held 3.100 ms" },
		{ { WAITING, .call = TRACE_CALL_FCNTL, .start = 100, .length = 20 },
		  "fcntl(5</x>, F_SETLKW, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=100, "
		  "l_len=20}) = 0" },
		{ { .id = TRACE_QUERY, .call = TRACE_CALL_FCNTL, .fd = 5, .blocker = 77 },
		  "fcntl(5</x>, F_GETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=0, "
		  "l_len=0}) = 0, held by 77" },
		{ { LOCK(UNLOCK, 0), .call = TRACE_CALL_OFD },
		  "fcntl(5</x>, F_OFD_SETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=0, "
		  "l_len=0}) = 0" },
		{ { WAITING, .call = TRACE_CALL_LOCKF, .start = 7, .length = 2 },
		  "lockf(5</x>, F_LOCK, 2) = 0, from byte 7" },
		{ { AT_ONCE, .call = TRACE_CALL_LOCKF }, "lockf(5</x>, F_TLOCK, 0) = 0" },
		{ { .id = TRACE_RELEASE,
		    .call = TRACE_CALL_CLOSE,
		    .fd = 5,
		    .flags = TRACE_HELD,
		    .asked = TRACE_FAMILY_FLOCK,
		    .used = TRACE_FAMILY_OFD,
		    .held = UINT64_C(61002000000) },
		  "close(5</x>) = 0 lets go of flock as OFD, held 61.002 s" },
		{ { .id = TRACE_RELEASE,
		    .call = TRACE_CALL_EXIT,
		    .fd = -1,
		    .asked = TRACE_FAMILY_POSIX,
		    .used = TRACE_FAMILY_POSIX },
		  "exit(</x>) = 0 lets go of POSIX" },
		{ { .id = TRACE_WAIT,
		    .fd = 5,
		    .operation = TRACE_EXCLUSIVE,
		    .flags = TRACE_BLOCKING,
		    .blocker = 4712 },
		  "flock(5</x>, LOCK_EX <unfinished ...>, held by 4712" },
		{ { .id = TRACE_HAZARD,
		    .call = TRACE_CALL_FORK,
		    .fd = -1,
		    .hazards = 1u << TRACE_HAZARD_FORK },
		  "fork(</x>), hazard fork" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(call_of(&rows[i].event, "/x", NULL), rows[i].expected);
}

static void test_log_says_what_a_call_became(void **state)
{
	static const struct {
		struct trace_event event;
		const char *expected;
	} rows[] = {
		{ { WAITING, .asked = TRACE_FAMILY_FLOCK, .used = TRACE_FAMILY_FLOCK },
		  "flock(5</x>, LOCK_EX) = 0, rule web" },
		{ { LOCK(EXCLUSIVE, TRACE_BLOCKING | TRACE_WAITED | TRACE_KEEPER),
		    .asked = TRACE_FAMILY_FLOCK, .used = TRACE_FAMILY_OFD, .waited = 1204000 },
		  "flock(5</x>, LOCK_EX) = 0 as OFD, by a keeper, waited 1.204 ms, rule web" },
		{ { LOCK(EXCLUSIVE, TRACE_BLOCKING | TRACE_CONVERTED | TRACE_HELD),
		    .asked = TRACE_FAMILY_FLOCK, .used = TRACE_FAMILY_FLOCK | TRACE_FAMILY_OFD,
		    .held = 999 },
		  "flock(5</x>, LOCK_EX) = 0 as flock and OFD, upgraded, held 0.000 ms, rule web" },
		{ { LOCK(EXCLUSIVE, TRACE_LOST), .asked = TRACE_FAMILY_FLOCK,
		    .error = EWOULDBLOCK },
		  "flock(5</x>, LOCK_EX|LOCK_NB) = -1 EAGAIN, what was held is lost, rule web" },
		{ { WAITING, .asked = TRACE_FAMILY_FLOCK, .used = TRACE_FAMILY_POSIX,
		    .hazards = 1u << TRACE_HAZARD_CLOSE | 1u << TRACE_HAZARD_DEADLOCK },
		  "flock(5</x>, LOCK_EX) = 0 as POSIX, rule web, hazard close+deadlock" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(call_of(&rows[i].event, "/x", "web"), rows[i].expected);
}

static void test_log_escapes_names(void **state)
{
	static const struct {
		const char *path, *expected;
	} rows[] = {
		{ "/a b", "</a b>" },
		{ "/a\nlockshim: ", "</a\\012lockshim: >" },
		{ "/x>, LOCK_EX) = 0", "</x\\076, LOCK_EX) = 0>" },
		{ "/\"\\\033[2J\177", "</\\\"\\\\\\033[2J\\177>" },
		{ "/\303\244\302\205", "</\\303\\244\\302\\205>" },
	};
	struct trace_event event = { .id = TRACE_LOCK, .fd = -1 };
	char expected[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(expected, sizeof expected, "flock(%s, LOCK_SH|LOCK_NB) = 0",
			 rows[i].expected);
		assert_string_equal(call_of(&event, rows[i].path, NULL), expected);
	}
	event.device = UINT64_C(8) << 32 | 17;
	event.inode = 5;
	assert_string_equal(call_of(&event, NULL, "a\nb"),
			    "flock(<8:17 inode 5>, LOCK_SH|LOCK_NB) = 0, rule a\\012b");
}

/* The name's end is what tells files apart; no line grows beyond its room. */
static void test_log_cuts_what_is_too_long(void **state)
{
	struct trace_event event = log_granted();
	static char path[4096], rule[4096];
	static struct log_line line;
	const struct log_words words = { path, rule };

	(void)state;
	memset(path, '\n', sizeof path - 1);
	memset(rule, 'r', sizeof rule - 1);
	memcpy(path + sizeof path - 5, "/end", 4);
	assert_non_null(strstr(call_of(&event, path, NULL), "flock(5<...\\012\\012"));
	assert_non_null(strstr(call_of(&event, path, NULL), "\\012/end>, LOCK_EX) = 0 as OFD"));
	for (size_t from = 0; from < LOG_LINE_ROOM; from++) {
		line.used = 0;
		while (line.used < from)
			log_put(&line, "x");
		event.hazards = (1u << TRACE_HAZARD_COUNT) - 1;
		log_put_call(&line, &event, &words);
		log_put_end(&line);
		assert_in_range(line.used, 1, LOG_LINE_ROOM);
		assert_ptr_equal(memchr(line.text, '\n', line.used), line.text + line.used - 1);
	}
	assert_memory_equal(line.text + LOG_LINE_ROOM - 4, "...\n", 4);
}

/* Numbers that a later layout may bring. */
static void test_log_survives_numbers_it_does_not_know(void **state)
{
	const struct trace_event event = { .id = 99,
					   .call = 200,
					   .operation = 200,
					   .asked = 0xff,
					   .used = 0xfe,
					   .fd = INT32_MIN,
					   .error = -1,
					   .start = INT64_MIN,
					   .hazards = UINT32_MAX,
					   .flags = UINT32_MAX };

	(void)state;
	assert_non_null(strstr(call_of(&event, NULL, NULL), "other()"));
}

static void test_log_times_are_of_the_day(void **state)
{
	static const struct {
		uint64_t time;
		const char *expected;
	} rows[] = {
		{ 0, "00:00:00.000000Z" },
		{ UINT64_C(86399999999999), "23:59:59.999999Z" },
		{ UINT64_C(86400000000000), "00:00:00.000000Z" },
		{ UINT64_C(1700000000001000000), "22:13:20.001000Z" },
	};
	struct log_line line;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		line.used = 0;
		log_put_time(&line, rows[i].time);
		line.text[line.used] = '\0';
		assert_string_equal(line.text, rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_prints_calls_as_strace_does),
		cmocka_unit_test(test_log_says_what_a_call_became),
		cmocka_unit_test(test_log_escapes_names),
		cmocka_unit_test(test_log_cuts_what_is_too_long),
		cmocka_unit_test(test_log_survives_numbers_it_does_not_know),
		cmocka_unit_test(test_log_times_are_of_the_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
