/* SPDX-License-Identifier: MIT
 * The model, and what is seen of the kernel through a description that has no lock. */
#include "tests/preload/range_model.h"

static bool is_converted(int owner)
{
	return shimmed() && owner != OUTSIDER;
}

static char letter_of(short type)
{
	return type == F_WRLCK ? 'W' : type == F_RDLCK ? 'R' : 0;
}

static bool stands_against(char held, short type)
{
	return held == 'W' || (held == 'R' && type == F_WRLCK);
}

/* Some flock of OWNER's, but for the one through EXCEPT. */
static bool flock_stands_against(const struct model *model, int owner, int except, short type)
{
	int i;

	for (i = 0; i < DESCRIPTORS; i++)
		if (i != except && stands_against(model->flocked[owner][i], type))
			return true;
	return false;
}

static char stronger(char a, char b)
{
	return a == 'W' || b == 'W' ? 'W' : a ? a : b;
}

/* A flock that became a record has the end, and what the owner's records leave; of what they have
 * it may have more, where both were asked for through one description. */
enum view { LEAST, MOST };

static char met_at(const struct model *model, enum view view, int owner, int byte)
{
	char held = model->held[owner][byte], flocked = 0;
	int i;

	for (i = 0; i < DESCRIPTORS && is_converted(owner); i++)
		flocked = stronger(flocked, model->flocked[owner][i]);
	return held && view == LEAST && byte < BYTES - 1 ? held : stronger(held, flocked);
}

static bool is_refused(const struct model *model, enum view view, const struct request *request,
		       short type)
{
	int owner, i;

	for (owner = 0; owner < OWNERS; owner++)
		for (i = request->start; owner != request->owner && i <= request->end; i++)
			if (stands_against(met_at(model, view, owner, i), type))
				return true;
	return false;
}

static int answer_set(const struct model *model, enum view view, const struct request *request)
{
	if (request->type == F_WRLCK && request->through == READ_ONLY)
		return EBADF;
	return request->type != F_UNLCK && is_refused(model, view, request, request->type) ? EAGAIN
											   : 0;
}

/* lockf knows no shared lock: F_TEST stands for it, and looks for exclusive ones. */
static int answer_lockf(const struct model *model, enum view view, const struct request *request)
{
	if (request->type == F_RDLCK)
		return is_refused(model, view, request, F_RDLCK) ? EACCES : 0;
	return answer_set(model, view, request);
}

static int answer_always(const struct model *model, enum view view, const struct request *request)
{
	(void)model;
	(void)view;
	(void)request;
	return 0;
}

/* Records of others stand against it where it is one itself. */
static bool is_flock_refused(const struct model *model, const struct request *request)
{
	const struct request whole = { .owner = request->owner, .end = BYTES - 1 };
	int owner;

	for (owner = 0; owner < OWNERS; owner++)
		if (flock_stands_against(model, owner,
					 owner == request->owner ? request->through : -1,
					 request->type))
			return true;
	return is_converted(request->owner) && is_refused(model, MOST, &whole, request->type);
}

static int answer_flock(const struct model *model, enum view view, const struct request *request)
{
	char held = model->flocked[request->owner][request->through];
	char wanted = letter_of(request->type);

	(void)view;
	if (!wanted || wanted == held || held == 'W')
		return 0;
	return is_flock_refused(model, request) ? EAGAIN : 0;
}

/* A refused upgrade has lost the shared lock. */
static void apply(struct model *model, const struct request *request, int error)
{
	int owner = request->owner;

	if (request->kind == FLOCK)
		model->flocked[owner][request->through] = error ? 0 : letter_of(request->type);
	if (request->kind == OPEN_AND_CLOSE && !is_converted(owner))
		memset(model->held[owner], 0, BYTES);
	if (!error &&
	    (request->kind == SET || (request->kind == LOCKF && request->type != F_RDLCK)))
		memset(&model->held[owner][request->start], letter_of(request->type),
		       (size_t)(request->end - request->start + 1));
}

bool model_agrees(struct model *model, const struct request *request, int error)
{
	static int (*const answers[KINDS])(const struct model *model, enum view view,
					   const struct request *request) = {
		[SET] = answer_set,     [LOCKF] = answer_lockf,
		[GET] = answer_always,  [OPEN_AND_CLOSE] = answer_always,
		[FLOCK] = answer_flock,
	};
	bool agrees = error == answers[request->kind](model, LEAST, request) ||
		      error == answers[request->kind](model, MOST, request);

	apply(model, request, error);
	return agrees;
}

/* The whole run of bytes that is HELD so, as the kernel has it; a part of it where descriptions of
 * one process can share it. */
static bool is_run(const char *held, bool may_be_part, const struct reply *reply)
{
	char letter = letter_of(reply->type);
	int i;

	for (i = reply->start; i <= reply->end; i++)
		if (held[i] != letter)
			return false;
	return may_be_part || ((!reply->start || held[reply->start - 1] != letter) &&
			       (reply->end == BYTES - 1 || held[reply->end + 1] != letter));
}

/* What the shim made an OFD lock has no pid. */
static bool is_pid_of(int pid, int owner, const struct owner owners[OWNERS])
{
	return is_converted(owner) ? pid == -1 : pid == owners[owner].pid;
}

static bool names_flock(const struct model *model, int owner, const struct reply *reply)
{
	int i;

	for (i = 0; i < DESCRIPTORS && is_converted(owner); i++)
		if (model->flocked[owner][i] == letter_of(reply->type))
			return true;
	return false;
}

bool model_has(const struct model *model, const struct request *request, const struct reply *reply,
	       const struct owner owners[OWNERS])
{
	int i;

	if (reply->type == F_UNLCK)
		return !is_refused(model, LEAST, request, request->type);
	if (reply->start > request->end || reply->end < request->start ||
	    !stands_against(letter_of(reply->type), request->type))
		return false;
	for (i = 0; i < OWNERS; i++)
		if (i != request->owner && is_pid_of(reply->pid, i, owners) &&
		    (names_flock(model, i, reply) ||
		     is_run(model->held[i], is_converted(i), reply)))
			return true;
	return false;
}

static void map_of(const struct model *model, enum view view, char ret[BYTES + 1])
{
	int owner, i;
	char met;

	for (i = 0; i < BYTES; i++) {
		for (met = 0, owner = 0; owner < OWNERS; owner++)
			met = stronger(met, met_at(model, view, owner, i));
		ret[i] = met ? met : '.';
	}
	ret[BYTES] = '\0';
}

bool model_looks(const struct model *model, const char *seen, char ret_least[BYTES + 1])
{
	char most[BYTES + 1];
	int i;

	map_of(model, LEAST, ret_least);
	map_of(model, MOST, most);
	for (i = 0; i < BYTES; i++)
		if (seen[i] != ret_least[i] && seen[i] != most[i])
			return false;
	return true;
}

static bool is_refused_raw(int fd, short type, int at)
{
	struct flock record = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = at < BYTES - 1
	};
	bool refused = syscall(RAW_FCNTL, fd, F_OFD_SETLK, &record) != 0;

	record.l_type = F_UNLCK;
	syscall(RAW_FCNTL, fd, F_OFD_SETLK, &record);
	return refused;
}

void seen_map(const char *path, char ret[BYTES + 1])
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC), i;

	for (i = 0; i < BYTES; i++)
		ret[i] = !is_refused_raw(fd, F_WRLCK, i)  ? '.'
			 : is_refused_raw(fd, F_RDLCK, i) ? 'W'
							  : 'R';
	ret[BYTES] = '\0';
	syscall(SYS_close, fd);
}
