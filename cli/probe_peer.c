/* SPDX-License-Identifier: MIT
 * A message is a file with a name of its own, renamed into place: an NFS client that looks for it
 * asks the server, since it made and removed a directory there just before. */
#include "cli/probe_peer.h"
#include "cli/cli.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND 1000000000u
#define MEETING (600ull * SECOND)
#define LONGEST_NAP 50 /* ms */
#define BYE "bye"

static void path_of(const struct probe_peer *peer, const char *kind, unsigned number,
		    char path[4096])
{
	snprintf(path, 4096, "%s/%s-%u", peer->scratch, kind, number);
}

/* What a client has cached of a directory ends by a change of its own. */
static void refresh(const struct probe_peer *peer, const char *side)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s-looks", peer->scratch, side);
	if (!mkdir(path, 0700))
		rmdir(path);
}

/* False where there is none yet. */
static bool take(const char *path, char text[PROBE_LINE_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, PROBE_LINE_MAX - 1);

	if (fd >= 0)
		close(fd);
	if (got < 0)
		return false;
	text[got] = '\0';
	unlink(path);
	return true;
}

static bool await(const struct probe_peer *peer, const char *side, const char *path,
		  uint64_t patience, char text[PROBE_LINE_MAX])
{
	uint64_t end = probe_clock() + patience;

	for (int nap = 1; probe_clock() < end && !probe_stopped;) {
		if (take(path, text))
			return true;
		poll(NULL, 0, nap);
		nap = nap < LONGEST_NAP / 2 ? nap * 2 : LONGEST_NAP;
		refresh(peer, side);
	}
	return false;
}

static void put(const struct probe_peer *peer, const char *kind, unsigned number, const char *text)
{
	char path[4096], draft[4096];
	int fd;

	path_of(peer, kind, number, path);
	path_of(peer, "draft", number, draft);
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd) || rename(draft, path))
		warn("%s", path);
}

bool probe_peer_meet(struct probe_peer *peer)
{
	char path[4096], text[PROBE_LINE_MAX];

	fprintf(stderr, "lockshim: waiting for the other side\n");
	snprintf(path, sizeof(path), "%s/hello", peer->scratch);
	if (await(peer, "first", path, MEETING, text))
		return true;
	if (!probe_stopped)
		warnx("nobody came to %s", peer->scratch);
	return false;
}

void probe_peer_ask(struct probe_peer *peer, const char *text, char answer[PROBE_LINE_MAX])
{
	unsigned number = peer->asked++;
	char path[4096];

	put(peer, "question", number, text);
	path_of(peer, "answer", number, path);
	if (!await(peer, "first", path, peer->patience, answer))
		snprintf(answer, PROBE_LINE_MAX, "%s", probe_stopped ? PROBE_STOPPED : PROBE_GONE);
}

void probe_peer_leave(struct probe_peer *peer)
{
	char path[4096], answer[PROBE_LINE_MAX];
	sig_atomic_t stopped = probe_stopped;

	probe_stopped = 0; /* the other side is not to wait for nothing */
	put(peer, "question", peer->asked, BYE);
	path_of(peer, "answer", peer->asked, path);
	await(peer, "first", path, 2ull * SECOND, answer);
	probe_stopped |= stopped;
}

/* One file at a time: with the next one the actors of the last are no longer needed. */
static void obey(struct probe_stage *stage, struct probe_place *place, const char *text,
		 char answer[PROBE_LINE_MAX])
{
	long long number, timeout, actor;

	snprintf(answer, PROBE_LINE_MAX, "not understood");
	if (!probe_line_number(&text, &number) || !probe_line_number(&text, &timeout) ||
	    !probe_line_number(&text, &actor) || actor < 0 || actor >= PROBE_ACTORS)
		return;
	place->timeout = (uint64_t)timeout;
	if (!stage->place || stage->number != (unsigned)number) {
		probe_stage_end(stage);
		probe_stage_begin(stage, place, (unsigned)number);
	}
	probe_stage_ask(stage, (int)actor, text, answer);
}

int probe_peer_serve(struct probe_place *place, struct probe_peer *peer)
{
	char path[4096], text[PROBE_LINE_MAX], answer[PROBE_LINE_MAX] = "ok";
	struct probe_stage stage = { 0 };
	bool heard;

	path_of(peer, "question", peer->asked, path);
	while ((heard = await(peer, "second", path, peer->patience, text)) && strcmp(text, BYE)) {
		obey(&stage, place, text, answer);
		put(peer, "answer", peer->asked++, answer);
		path_of(peer, "question", peer->asked, path);
	}
	probe_stage_end(&stage);
	if (heard)
		put(peer, "answer", peer->asked, "ok");
	else if (!probe_stopped)
		warnx("nobody answers in %s; where an earlier probe left it behind, remove it",
		      peer->scratch);
	return heard ? CLI_OK : CLI_FAILED;
}
