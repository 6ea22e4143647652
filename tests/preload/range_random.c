/* SPDX-License-Identifier: MIT
 * range_random [--flock] [SEED]: random requests of three processes, one of them out of the shim's
 * reach, against a model of POSIX locks. The bare run proves the model, the preloaded one the
 * answers. */
#include "tests/preload/range_model.h"

#include <sys/mman.h>

#define SEEDS 40
#define STEPS 80

static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245u + 12345u;
	return *state >> 16;
}

static bool with_flock;

/* By a description that may be asked for either lock, whatever its number. */
static void make_flock(struct request *request)
{
	request->owner %= OUTSIDER;
	request->through %= 2;
	if (!with_flock)
		request->kind = SET;
}

static struct request random_request(unsigned *state)
{
	static const short types[] = { F_RDLCK, F_WRLCK, F_UNLCK };
	struct request request = {
		.kind = (enum kind)(next_random(state) % KINDS),
		.owner = (int)(next_random(state) % OWNERS),
		.through = (int)(next_random(state) % DESCRIPTORS),
		.type = types[next_random(state) % 3],
		.start = (int)(next_random(state) % (BYTES - 1)),
	};

	request.end = request.start + (int)(next_random(state) % 10);
	if (request.end >= BYTES - 1 || next_random(state) % 8 == 0)
		request.end = BYTES - 1;
	/* A close is rare: bare it ends all that was built up. */
	if (request.kind == OPEN_AND_CLOSE && next_random(state) % 3)
		request.kind = SET;
	if (request.kind == FLOCK)
		make_flock(&request);
	if (request.kind == GET && request.type == F_UNLCK)
		request.type = F_WRLCK;
	return request;
}

static void print_request(const struct request *request)
{
	static const char *const kinds[KINDS] = { "fcntl", "lockf", "F_GETLK", "open and close",
						  "flock" };

	printf("%c %s, descriptor %d, type %c, bytes %d to %d%s\n", 'A' + request->owner,
	       kinds[request->kind], request->through,
	       request->type == F_RDLCK   ? 'R'
	       : request->type == F_WRLCK ? 'W'
					  : 'U',
	       request->start, request->end, request->end == BYTES - 1 ? " (end)" : "");
}

static void fail_at(unsigned seed, int step, const char *what, const char *got, const char *wanted)
{
	unsigned state = seed;
	struct request request;
	int i;

	for (i = 0; i <= step; i++) {
		request = random_request(&state);
		print_request(&request);
	}
	fail_msg("seed %u: %s: got %s, wanted %s", seed, what, got, wanted);
}

static const char *reply_text(const struct reply *reply)
{
	static char text[60];

	snprintf(text, sizeof text, "type %d, bytes %d to %d, pid %d", reply->type, reply->start,
		 reply->end, reply->pid);
	return text;
}

/* The manual's limit: a process with flock on one description and record locks on another may be
 * refused where nobody else is, and a part of it have been done. An unlock never is. */
static bool may_refuse(const struct request *request, int error)
{
	return with_flock && request->type != F_UNLCK &&
	       (error == EAGAIN || error == EDEADLK || error == EBADF);
}

static void run_seed(const char *path, unsigned seed)
{
	char got[BYTES + 1], wanted[BYTES + 1];
	struct owner owners[OWNERS];
	struct model model = { 0 };
	unsigned state = seed;
	int step, i;

	for (i = 0; i < OWNERS; i++)
		owner_start(&owners[i], path, i == OUTSIDER);
	for (step = 0; step < STEPS; step++) {
		struct request request = random_request(&state);
		struct reply reply = owner_ask(&owners[request.owner], &request);
		struct model before = model;

		if (!model_agrees(&model, &request, reply.error)) {
			model = before;
			if (may_refuse(&request, reply.error))
				break;
			fail_at(seed, step, "answer", strerror(reply.error), "another");
		}
		if (request.kind == GET && !model_has(&model, &request, &reply, owners))
			fail_at(seed, step, "F_GETLK", reply_text(&reply), "a lock that stands");
		seen_map(path, got);
		if (!model_looks(&model, got, wanted))
			fail_at(seed, step, "locks", got, wanted);
	}
	for (i = 0; i < OWNERS; i++)
		owner_stop(&owners[i]);
	assert_free(path);
}

static const char *only_seed;

static void test_preload_answers_are_those_of_posix_locks(void **state)
{
	const struct place *place = *state;
	unsigned seed;

	if (only_seed) {
		run_seed(place->file, (unsigned)strtoul(only_seed, NULL, 0));
		return;
	}
	for (seed = 1; seed <= SEEDS; seed++)
		run_seed(place->file, seed);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_answers_are_those_of_posix_locks),
	};

	with_flock = argc > 1 && !strcmp(argv[1], "--flock");
	only_seed = argc > 1 + with_flock ? argv[1 + with_flock] : NULL;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
