/* SPDX-License-Identifier: MIT
 * Words for the numbers of a trace. */
#include "trace/event.h"

#include <stddef.h>

const char *const trace_id_names[] = {
	[TRACE_LOCK] = "lock",
	[TRACE_RELEASE] = "release",
	[TRACE_QUERY] = "query",
	[TRACE_WAIT] = "wait",
	[TRACE_HAZARD] = "hazard",
	[TRACE_NAME] = "name",
	NULL,
};

const char *const trace_call_names[] = {
	[TRACE_CALL_FLOCK] = "flock", [TRACE_CALL_FCNTL] = "fcntl", [TRACE_CALL_OFD] = "ofd",
	[TRACE_CALL_LOCKF] = "lockf", [TRACE_CALL_CLOSE] = "close", [TRACE_CALL_EXIT] = "exit",
	[TRACE_CALL_FORK] = "fork",   [TRACE_CALL_OTHER] = "other", [TRACE_CALL_COUNT] = NULL,
};

const char *const trace_operation_names[] = {
	[TRACE_SHARED] = "shared",
	[TRACE_EXCLUSIVE] = "exclusive",
	[TRACE_UNLOCK] = "unlock",
	[TRACE_OPERATION_COUNT] = NULL,
};

const char *const trace_family_names[] = {
	"none",          "flock", "OFD", "flock and OFD", "POSIX", "flock and POSIX",
	"OFD and POSIX", "all",   NULL,
};

const char *const trace_hazard_names[] = {
	[TRACE_HAZARD_CLOSE] = "close",
	[TRACE_HAZARD_FORK] = "fork",
	[TRACE_HAZARD_EXEC] = "exec",
	[TRACE_HAZARD_SAME_PROCESS] = "same-process",
	[TRACE_HAZARD_FCNTL] = "fcntl",
	[TRACE_HAZARD_SHARED_DESCRIPTION] = "shared-description",
	[TRACE_HAZARD_FAMILIES_MEET] = "families-meet",
	[TRACE_HAZARD_TWO_NAMES] = "two-names",
	[TRACE_HAZARD_STANDIN_LOST] = "standin-lost",
	[TRACE_HAZARD_KEEPER_LOST] = "keeper-lost",
	[TRACE_HAZARD_POLICY_DIFFERS] = "policy-differs",
	[TRACE_HAZARD_DEADLOCK] = "deadlock",
	[TRACE_HAZARD_FLUSH_FAILED] = "flush-failed",
	[TRACE_HAZARD_COUNT] = NULL,
};
