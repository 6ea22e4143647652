/* SPDX-License-Identifier: MIT
 * A log to syslog, with a daemon of the test's own behind /dev/log, one that is full, and none. */
#include "tests/preload/log_acts.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

static int daemon_socket;

static void make_daemon(void)
{
	const struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	const struct timeval second = { 10, 0 };

	daemon_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(!setsockopt(daemon_socket, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second));
	must(!bind(daemon_socket, (const struct sockaddr *)&at, sizeof at));
}

static const char *received(void)
{
	static char text[4096];
	ssize_t len = recv(daemon_socket, text, sizeof text - 1, 0);

	must(len > 0);
	text[len] = '\0';
	return text;
}

static void log_one(int error)
{
	const struct log_words words = { "/x", "web" };
	struct trace_event event = log_granted();

	event.error = error;
	errno = EMLINK;
	log_event(&event, &words);
}

static void log_to_daemon(const struct place *place)
{
	static const char what[] =
		"]: lockshim: 12:31:02.123456Z flock(5</x>, LOCK_EX) = 0 as OFD, rule web";
	const char *text;

	(void)place;
	make_daemon();
	log_start("syslog");
	log_one(0);
	text = received();
	must(!strncmp(text, "<14>test_preload_log_syslog[", 28));
	must(strtol(text + 28, NULL, 10) == getpid());
	must(!strcmp(strchr(text, ']'), what));
	log_one(EAGAIN);
	must(!strncmp(received(), "<12>test_preload_log_syslog[", 28));
	errno = EMLINK;
}

/* The queue of a daemon that does not read is short: in a network namespace of one's own, where no
 * administrator has made it longer. */
static void log_to_stuck_daemon(const struct place *place)
{
	unsigned sent = 150, got = 0;
	const char *text;
	int more = 0;

	(void)place;
	(void)!unshare(CLONE_NEWNET);
	make_daemon();
	log_start("syslog");
	while (sent--)
		log_one(0);
	for (;; got++) {
		more = recv(daemon_socket, NULL, 0, MSG_DONTWAIT | MSG_TRUNC) >= 0;
		if (!more)
			break;
	}
	must(got && got < 150);
	log_one(0);
	text = strchr(received(), 'Z');
	must(strtoul(text + 2, NULL, 10) == 150 - got && strstr(text, " lines left out; flock("));
	errno = EMLINK;
}

static void log_to_nobody(const struct place *place)
{
	(void)place;
	log_start("syslog");
	log_one(0);
	must(errno == EMLINK);
	make_daemon();
	close(daemon_socket);
	log_one(0);
	must(errno == EMLINK && !unlink("/dev/log"));
	make_daemon();
	log_one(0);
	must(strstr(received(), "Z 2 lines left out; flock(") != NULL);
	errno = EMLINK;
}

static void with_own_dev(void (*act)(const struct place *place), const struct place *place)
{
	need_mounts();
	mount_new("tmpfs", "/dev");
	log_in_process(act, place);
	assert_int_equal(umount("/dev"), 0);
}

static void test_log_sends_datagrams_to_syslog(void **state)
{
	with_own_dev(log_to_daemon, *state);
}

static void test_log_does_not_wait_for_syslog(void **state)
{
	with_own_dev(log_to_stuck_daemon, *state);
}

static void test_log_counts_what_no_syslog_took(void **state)
{
	with_own_dev(log_to_nobody, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_log_sends_datagrams_to_syslog),
		place_test(test_log_does_not_wait_for_syslog),
		place_test(test_log_counts_what_no_syslog_took),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
