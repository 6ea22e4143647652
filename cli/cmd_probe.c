/* SPDX-License-Identifier: MIT
 * lockshim probe: what locks do in a directory, tried out there in processes of our own. */
#include "cli/duration.h"
#include "cli/file.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "cli/probe_peer.h"
#include "cli/probe_print.h"
#include "cli/probe_scratch.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECOND 1000000000ull
#define TIMEOUT (30 * SECOND)
/* Of 30 s, 5: an NFSv4.0 client that waits asks again after a second. */
#define PATIENCE_SHARE 6
#define LOCAL_SETTLE 10 /* ms */
#define SERVER_SETTLE 50

/* What the options came to. */
struct task {
	const char *directory;
	unsigned families;
	bool with_policy, second; /* second: the other side asks, this one does */
	const struct cli_arguments *arguments;
	struct probe_place place;
	struct probe_peer peer;
};

static bool read_families(const char *list, unsigned *ret)
{
	if (!strcmp(list, "all")) {
		*ret = PROBE_ALL;
		return true;
	}
	*ret = 0;
	for (const char *at = list;; at++) {
		size_t length = strcspn(at, ",");
		enum probe_family family = probe_family_find(at, length);

		if (family == PROBE_FAMILIES) {
			warnx("--families %s: use all, or some of flock,fcntl,lockf,ofd", list);
			return false;
		}
		*ret |= PROBE_BIT(family);
		at += length;
		if (!*at)
			return true;
	}
}

static bool read_timeout(const char *text, uint64_t *ret)
{
	if (cli_duration_read(text, ret) && *ret && *ret < 1000000 * SECOND)
		return true;
	warnx("--timeout %s: not a time, as 30s", text);
	return false;
}

static const char *scratch_name(const struct task *task)
{
	const char *peer = task->arguments->peer;
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	if (peer)
		return cli_memory_format("%s/lockshim-probe-%s", task->directory, peer);
	return cli_memory_format("%s/lockshim-probe-%s-%d-%llx", task->directory, host,
				 (int)getpid(), (unsigned long long)probe_clock());
}

static int read_task(const struct cli_arguments *arguments, struct task *ret)
{
	const char *peer = arguments->peer;

	*ret = (struct task){ .arguments = arguments, .place.timeout = TIMEOUT };
	if (arguments->operands_count != 1) {
		warnx(arguments->operands_count ? "more than one directory" : "no directory given");
		return cli_options_hint(&cli_cmd_probe);
	}
	if (peer && (!*peer || strchr(peer, '/'))) {
		warnx("--peer %s: not a name", peer);
		return CLI_WRONG;
	}
	ret->directory = arguments->operands[0];
	ret->with_policy = arguments->policy_file || arguments->service || arguments->set.count;
	ret->families =
		ret->with_policy ? PROBE_ALL : PROBE_BIT(PROBE_FCNTL) | PROBE_BIT(PROBE_LOCKF);
	if ((arguments->families && !read_families(arguments->families, &ret->families)) ||
	    (arguments->timeout && !read_timeout(arguments->timeout, &ret->place.timeout)))
		return CLI_WRONG;
	return CLI_OK;
}

static void stop(int number)
{
	probe_stopped = number;
}

static void take_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = stop };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN); /* an actor that is gone is an answer */
}

/* What a preloaded library makes of close() and open() would be ours too. */
static void warn_preloaded(void)
{
	const char *maps = cli_memory_read("/proc/self/maps", NULL);

	if (maps && strstr(maps, "/liblockshim.so"))
		warnx("warning: the library is preloaded into this command; its lock calls go past "
		      "it, and show what locks do without it");
}

/* Makes the scratch directory, or joins the one that the other side made. */
static int settle(struct task *task)
{
	struct probe_place *place = &task->place;
	bool local = false;
	int error;

	place->scratch = scratch_name(task);
	error = probe_scratch_make(place->scratch, place->timeout, &local);
	place->flat = (error == ENOSYS || error == EOPNOTSUPP) && !task->arguments->peer;
	if (place->flat)
		error = probe_scratch_try(place->scratch, place->timeout);
	task->second = error == EEXIST && task->arguments->peer;
	if (task->second)
		error = probe_scratch_join(place->scratch, place->timeout);
	place->settle = local ? LOCAL_SETTLE : SERVER_SETTLE;
	place->patience = local && !task->arguments->peer ? 0 : place->timeout / PATIENCE_SHARE;
	if (task->arguments->peer) {
		task->peer.scratch = place->scratch;
		task->peer.patience = 2 * place->timeout + 10 * SECOND;
	}
	if (error && !probe_stopped)
		warnx("%s: %s", place->scratch, strerror(error));
	return error ? CLI_FAILED : CLI_OK;
}

static const char *file_system_of(const char *directory)
{
	struct cli_mounts mounts;
	struct cli_file file;

	cli_mounts_read(&mounts);
	return cli_file_look(directory, &mounts, NULL, &file) ? file.facts.fstype : NULL;
}

static void print(const struct task *task, const struct probe_results *results,
		  const struct probe_policy *policy)
{
	if (task->arguments->json)
		probe_print_json(results, policy);
	else
		probe_print_text(results, policy);
}

static int find_out(struct task *task)
{
	struct probe_results *results = cli_memory_get(sizeof(*results));
	struct probe_policy *policy = task->with_policy ? cli_memory_get(sizeof(*policy)) : NULL;
	unsigned paired = 0;

	results->directory = task->directory;
	results->peer = task->arguments->peer;
	results->families = task->families;
	if (policy) {
		int status = probe_policy_load(task->arguments, task->directory, policy);

		if (status != CLI_OK)
			return status;
		paired = probe_policy_families(policy, task->families);
	}
	results->fstype = file_system_of(task->directory);
	if (!probe_results_find(&task->place, paired, results))
		return CLI_FAILED;
	print(task, results, policy);
	return CLI_OK;
}

static int lead(struct task *task)
{
	int status = CLI_FAILED;

	if (!task->arguments->peer) {
		status = find_out(task);
	} else if (probe_peer_meet(&task->peer)) {
		task->place.peer = &task->peer;
		status = find_out(task);
		probe_peer_leave(&task->peer);
	}
	if (!probe_scratch_remove(task->place.scratch, task->place.flat, task->place.timeout))
		warnx("%s could not be removed", task->place.scratch);
	return status;
}

static int run(const struct cli_arguments *arguments)
{
	struct task task;
	int status = read_task(arguments, &task);

	if (status != CLI_OK)
		return status;
	take_signals();
	warn_preloaded();
	status = settle(&task);
	if (status == CLI_OK)
		status = task.second ? probe_peer_serve(&task.place, &task.peer) : lead(&task);
	if (probe_stopped) {
		signal(probe_stopped, SIG_DFL);
		raise(probe_stopped);
	}
	return status;
}

const struct cli_command cli_cmd_probe = {
	.name = "probe",
	.synopsis = "[options] <directory>",
	.summary = "Try out what file locks do in a directory.",
	.takes = CLI_TAKES_POLICY | CLI_TAKES(SERVICE) | CLI_TAKES(PROGRAM) | CLI_TAKES(USER) |
		 CLI_TAKES(FAMILIES) | CLI_TAKES(PEER) | CLI_TAKES(TIMEOUT) | CLI_TAKES(JSON),
	.more_help = "With --peer it is started twice, with the same name, where both see the\n"
		     "directory. With -p, -s or -o it shows what the policy would change.\n",
	.run = run,
};
