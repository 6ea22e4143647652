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

static bool is_refused(const struct model *model, const struct request *request, short type)
{
	int owner, i;

	for (owner = 0; owner < OWNERS; owner++)
		for (i = request->start; owner != request->owner && i <= request->end; i++)
			if (stands_against(model->held[owner][i], type))
				return true;
	return false;
}

/* lockf knows no shared lock: F_TEST stands for it, and looks for exclusive ones. */
static int model_lockf(const struct model *model, const struct request *request)
{
	if (request->type == F_RDLCK)
		return is_refused(model, request, F_RDLCK) ? EACCES : 0;
	if (request->type == F_WRLCK && request->through == READ_ONLY)
		return EBADF;
	return request->type == F_WRLCK && is_refused(model, request, F_WRLCK) ? EAGAIN : 0;
}

static int model_set(const struct model *model, const struct request *request)
{
	if (request->type == F_WRLCK && request->through == READ_ONLY)
		return EBADF;
	return request->type != F_UNLCK && is_refused(model, request, request->type) ? EAGAIN : 0;
}

int model_ask(struct model *model, const struct request *request)
{
	int error = request->kind == SET     ? model_set(model, request)
		    : request->kind == LOCKF ? model_lockf(model, request)
					     : 0;
	bool drops = request->kind == OPEN_AND_CLOSE && !is_converted(request->owner);

	if (drops)
		memset(model->held[request->owner], 0, BYTES);
	if (!error &&
	    (request->kind == SET || (request->kind == LOCKF && request->type != F_RDLCK)))
		memset(&model->held[request->owner][request->start], letter_of(request->type),
		       (size_t)(request->end - request->start + 1));
	return error;
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

bool model_has(const struct model *model, const struct request *request, const struct reply *reply,
	       const struct owner owners[OWNERS])
{
	int i;

	if (reply->type == F_UNLCK)
		return !is_refused(model, request, request->type);
	if (reply->start > request->end || reply->end < request->start ||
	    !stands_against(letter_of(reply->type), request->type))
		return false;
	for (i = 0; i < OWNERS; i++)
		if (i != request->owner && is_pid_of(reply->pid, i, owners) &&
		    is_run(model->held[i], is_converted(i), reply))
			return true;
	return false;
}

void model_map(const struct model *model, char ret[BYTES + 1])
{
	int owner, i;

	memset(ret, '.', BYTES);
	ret[BYTES] = '\0';
	for (owner = 0; owner < OWNERS; owner++)
		for (i = 0; i < BYTES; i++)
			if (model->held[owner][i])
				ret[i] = model->held[owner][i];
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
