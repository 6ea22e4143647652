/* SPDX-License-Identifier: MIT
 * The table: NFS as measured on Linux 6.1, the others by the documentation of their mount options.
 */
#include "cli/doctor_families.h"
#include "cli/memory.h"

#include <string.h>

#define HERE "this host alone"
#define CLIENTS "the server's clients, and record locks on the server"
#define AS_SERVER "as its server has it"

#define NOT_SENT(option)                                                                           \
	"mounted with " option ": locks of no family leave this host, and no policy cures that"
#define MOUNT_WITHOUT(option)                                                                      \
	"mount it without " option ", on every host that locks there, if they are to meet"

static const struct cli_families table[] = {
	{ "nfs*", "nolock", CLI_APART, HERE, HERE, NOT_SENT("nolock"), MOUNT_WITHOUT("nolock"),
	  false },
	{ "nfs*", "local_lock=all", CLI_APART, HERE, HERE, NOT_SENT("local_lock=all"),
	  MOUNT_WITHOUT("local_lock=all"), false },
	{ "nfs*", "local_lock=flock", CLI_APART, HERE, CLIENTS, NULL, NULL, true },
	{ "nfs*", "local_lock=posix", CLI_UNSURE, CLIENTS, HERE,
	  "mounted with local_lock=posix: record locks do not leave this host",
	  MOUNT_WITHOUT("local_lock=posix"), false },
	{ "nfs*", NULL, CLI_TOGETHER, CLIENTS, CLIENTS, NULL, NULL, false },
	{ "cifs", "nobrl", CLI_APART, HERE, HERE, NOT_SENT("nobrl"), MOUNT_WITHOUT("nobrl"),
	  false },
	{ "smb3", "nobrl", CLI_APART, HERE, HERE, NOT_SENT("nobrl"), MOUNT_WITHOUT("nobrl"),
	  false },
	{ "cifs", NULL, CLI_TOGETHER, "the server's clients", "the server's clients", NULL, NULL,
	  false },
	{ "smb3", NULL, CLI_TOGETHER, "the server's clients", "the server's clients", NULL, NULL,
	  false },
	{ "lustre", "flock", CLI_UNSURE, "all clients", "all clients", NULL, NULL, false },
	{ "lustre", "localflock", CLI_UNSURE, HERE, HERE, NOT_SENT("localflock"),
	  "mount it with flock instead, if hosts are to meet", false },
	{ "lustre", NULL, CLI_UNSURE, "refused: ENOSYS", "refused: ENOSYS",
	  "mounted without flock or localflock: every lock call is answered ENOSYS",
	  "mount it with flock", false },
	{ "gfs2", "localflocks", CLI_APART, HERE, HERE, NOT_SENT("localflocks"),
	  MOUNT_WITHOUT("localflocks"), false },
	{ "ocfs2", "localflocks", CLI_APART, HERE, "all nodes",
	  "mounted with localflocks: flock does not leave this host", MOUNT_WITHOUT("localflocks"),
	  false },
	{ "gfs2", NULL, CLI_UNSURE, "all nodes", "all nodes", NULL, NULL, false },
	{ "ocfs2", NULL, CLI_UNSURE, "all nodes", "all nodes", NULL, NULL, false },
	{ "ceph", NULL, CLI_UNSURE, "all clients", "all clients", NULL, NULL, false },
	{ "fuse*", NULL, CLI_UNSURE, AS_SERVER, AS_SERVER, NULL, NULL, false },
	{ "virtiofs", NULL, CLI_UNSURE, AS_SERVER, AS_SERVER, NULL, NULL, false },
	{ "9p", NULL, CLI_UNSURE, AS_SERVER, AS_SERVER, NULL, NULL, false },
	{ "**", NULL, CLI_APART, HERE, HERE, NULL, NULL, false },
};

#define ROWS (sizeof(table) / sizeof(table[0]))

const struct cli_families *cli_families_of(const struct policy_mount *mount)
{
	const char *fstype =
		mount ? cli_memory_format("%.*s", (int)mount->fstype_len, mount->fstype) : "";

	for (size_t i = 0; i + 1 < ROWS; i++) {
		if (mount && policy_glob(table[i].fstype, fstype) &&
		    (!table[i].option || policy_mount_has(mount, table[i].option)))
			return &table[i];
	}
	return &table[ROWS - 1];
}

const char *cli_families_options(const struct policy_mount *mount)
{
	static const char *const options[] = {
		"nolock",
		"local_lock=none",
		"local_lock=flock",
		"local_lock=posix",
		"local_lock=all",
		"nobrl",
		"flock",
		"localflock",
		"noflock",
		"localflocks",
		"vers=2",
		"vers=3",
		"vers=4.0",
		"vers=4.1",
		"vers=4.2",
		"soft",
	};
	const char *text = "";

	for (size_t i = 0; mount && i < sizeof(options) / sizeof(options[0]); i++) {
		if (policy_mount_has(mount, options[i]))
			text = cli_memory_format("%s%s%s", text, *text ? "," : "", options[i]);
	}
	return *text ? text : "none that matter to locks";
}

const char *cli_meets_text(enum cli_meets meets)
{
	static const char *const words[] = {
		[CLI_APART] = "no",
		[CLI_TOGETHER] = "yes",
		[CLI_UNSURE] = "not known; --try tells",
	};

	return words[meets];
}
