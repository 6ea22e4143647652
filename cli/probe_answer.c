/* SPDX-License-Identifier: MIT
 * Errors become words here. */
#include "cli/probe_answer.h"
#include "cli/probe_line.h"
#include "policy/policy.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

void probe_answer(int out, const char *text)
{
	if (!probe_line_write(out, text))
		_exit(1);
}

/* "BEFORE NAME", or the number where it has no name. */
static void answer_errno(int out, const char *before, int error)
{
	const char *name = policy_errno_name(error);
	char text[48];

	if (name)
		snprintf(text, sizeof(text), "%s%s", before, name);
	else
		snprintf(text, sizeof(text), "%serrno %d", before, error);
	probe_answer(out, text);
}

void probe_answer_error(int out, int error)
{
	answer_errno(out, "", error);
}

void probe_answer_not_open(int out)
{
	answer_errno(out, "open: ", errno);
}

void probe_answer_lock(int out, int error)
{
	if (!error)
		probe_answer(out, "granted");
	else if (error == EAGAIN || error == EACCES)
		probe_answer(out, "refused");
	else
		probe_answer_error(out, error);
}

void probe_answer_done(int out, bool done)
{
	if (done)
		probe_answer(out, "ok");
	else
		probe_answer_error(out, errno);
}

void probe_answer_opened(int out, bool opened)
{
	if (opened)
		probe_answer(out, "ok");
	else
		probe_answer_not_open(out);
}
