/* SPDX-License-Identifier: MIT
 * What a preloaded program would leave out in silence is said here. */
#include "cli/record.h"
#include "cli/memory.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSLOG_SOCKET "/dev/log"

static int refuse(const char *option, const char *where, const char *why)
{
	warnx("%s %s: %s", option, where, why);
	return CLI_WRONG;
}

/* Whether something can be made beside WHERE, an absolute path. */
static int check_directory(const char *option, const char *where)
{
	size_t len = (size_t)(strrchr(where, '/') - where);
	const char *directory = len ? cli_memory_format("%.*s", (int)len, where) : "/";

	if (!access(directory, W_OK | X_OK))
		return CLI_OK;
	return refuse(option, where,
		      cli_memory_format("%s: %s; name a place in a directory that you may write",
					directory, strerror(errno)));
}

/* As the library asks of it. */
static int check_file(const char *option, const char *where)
{
	struct stat is;

	if (lstat(where, &is))
		return errno == ENOENT ? check_directory(option, where)
				       : refuse(option, where, strerror(errno));
	if (!S_ISREG(is.st_mode) || is.st_nlink > 1)
		return refuse(option, where,
			      "is no regular file with one name; name one, or a new one");
	if ((is.st_uid && is.st_uid != geteuid()) || access(where, W_OK))
		return refuse(option, where,
			      "is another user's, or not to be written; name another file");
	return CLI_OK;
}

static int check_trace(const char *option, const char *where)
{
	struct stat is;

	if (lstat(where, &is))
		return errno == ENOENT ? check_directory(option, where)
				       : refuse(option, where, strerror(errno));
	if (!S_ISDIR(is.st_mode))
		return refuse(option, where, "is no directory; name one, or a new one");
	if (is.st_uid == geteuid() && is.st_uid && is.st_mode & 077)
		return refuse(option, where, "is open to others; chmod 700 closes it");
	if (is.st_uid && is.st_uid != geteuid())
		return refuse(option, where, "is another user's; name another directory");
	return CLI_OK;
}

static int warn_of_syslog(void)
{
	if (access(SYSLOG_SOCKET, W_OK))
		warn("warning: --log syslog: lines are left out as long as " SYSLOG_SOCKET
		     " cannot be used");
	return CLI_OK;
}

static int set(const char *variable, const char *where)
{
	if (setenv(variable, where, 1))
		err(CLI_FAILED, "%s", variable);
	return CLI_OK;
}

static int set_log(const char *where)
{
	bool word = !strcmp(where, "stderr") || !strcmp(where, "syslog");
	const char *place = word ? where : cli_memory_absolute(where);
	int status = CLI_OK;

	if (!*where)
		return refuse("--log", "\"\"", "goes to stderr, syslog or a file; name one");
	if (!word)
		status = check_file("--log", place);
	else if (!strcmp(where, "syslog"))
		status = warn_of_syslog();
	return status == CLI_OK ? set("LOCKSHIM_LOG", place) : status;
}

static int set_trace(const char *where)
{
	const char *place = cli_memory_absolute(where);
	size_t len = strlen(place);
	int status;

	if (!*where)
		return refuse("--trace", "\"\"", "goes into a directory; name one");
	if (len > 1 && place[len - 1] == '/')
		place = cli_memory_format("%.*s", (int)len - 1, place);
	status = check_trace("--trace", place);
	return status == CLI_OK ? set("LOCKSHIM_TRACE", place) : status;
}

int cli_record_set(const struct cli_arguments *arguments)
{
	int status = arguments->log ? set_log(arguments->log) : CLI_OK;

	if (status == CLI_OK && arguments->trace)
		status = set_trace(arguments->trace);
	return status;
}
