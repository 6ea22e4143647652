/* SPDX-License-Identifier: MIT
 * What a trace looks like on disk: one layout for writer, reader and the metadata that
 * babeltrace2 reads (metadata.h). Fixed width, the same for 32- and 64-bit programs. */
#ifndef LOCKSHIM_TRACE_EVENT_H
#define LOCKSHIM_TRACE_EVENT_H

#include <stdint.h>

/* A directory holds `metadata` and, for each process, one stream of names and a stream of events
 * for each thread. A stream is a file with one packet: a head and records behind each other. Its
 * size is set when it is made; head.content grows after each record, so that whatever it covers is
 * whole although the writer was killed. */
#define TRACE_MAGIC 0xc1fc1fc1u
#define TRACE_LAYOUT 3 /* changes with any of the structures */

enum trace_stream {
	TRACE_STREAM_EVENTS, /* struct trace_event, trace_brief and trace_part, back to back */
	TRACE_STREAM_NAMES,  /* struct trace_name with its text, back to back */
};

/* Times are nanoseconds of CLOCK_REALTIME, since traces of several hosts and boots are read
 * together; in one stream they never go back. */
struct trace_head {
	uint32_t magic;
	uint32_t stream;          /* enum trace_stream */
	uint64_t begin, end;      /* no record is earlier or later */
	uint64_t content, packet; /* bits used, head included; bits in all */
	uint64_t discarded;       /* events that found no room */
	uint64_t process;         /* the same in all streams of a process, never used again */
	uint64_t started;         /* when the process first wrote */
	uint32_t pid, uid;
	uint32_t layout;  /* TRACE_LAYOUT */
	uint32_t word;    /* bits of a pointer in the traced program */
	char program[48]; /* base name of the executable, cut, ends in NUL */
};

/* What a record is about: its id. */
enum trace_id {
	TRACE_LOCK,    /* a request was answered: error 0: granted */
	TRACE_RELEASE, /* let go, by an unlock, a close or an exit */
	TRACE_QUERY,   /* F_GETLK and its kind */
	TRACE_WAIT,    /* a request was refused and now waits; TRACE_LOCK follows */
	TRACE_HAZARD,  /* a hazard outside of any call; in a call `hazards` has it */
	TRACE_NAME,    /* only in the stream of names */
};

/* On disk alone: a lock that was granted at once, or let go. The reader makes of them what they
 * stand for. */
enum trace_brief_id {
	TRACE_BRIEF_LOCK = TRACE_NAME + 1, /* struct trace_brief */
	TRACE_BRIEF_RELEASE,
	TRACE_PART_LOCK, /* struct trace_part */
	TRACE_PART_RELEASE,
};

/* The function that the program called. */
enum trace_call {
	TRACE_CALL_FLOCK,
	TRACE_CALL_FCNTL, /* F_SETLK, F_SETLKW, F_GETLK */
	TRACE_CALL_OFD,   /* fcntl with F_OFD_* */
	TRACE_CALL_LOCKF,
	TRACE_CALL_CLOSE, /* close, dup2, dup3, fclose, close_range, closefrom */
	TRACE_CALL_EXIT,
	TRACE_CALL_FORK, /* hazards of */
	TRACE_CALL_OTHER,
	TRACE_CALL_COUNT,
};

enum trace_operation {
	TRACE_SHARED,
	TRACE_EXCLUSIVE,
	TRACE_UNLOCK,
	TRACE_OPERATION_COUNT,
};

/* Lock families, as bits: of what was asked, and of what was done. 0: no lock was taken. */
enum trace_family {
	TRACE_FAMILY_FLOCK = 1 << 0,
	TRACE_FAMILY_OFD = 1 << 1,
	TRACE_FAMILY_POSIX = 1 << 2,
};

enum trace_flag {
	TRACE_BLOCKING = 1 << 0,  /* the request was one that waits */
	TRACE_WAITED = 1 << 1,    /* and had to: `waited` was measured */
	TRACE_HELD = 1 << 2,      /* `held` tells how long what was let go or converted was held */
	TRACE_LOST = 1 << 3,      /* refused, and what was held before is gone (flock's upgrade) */
	TRACE_KEEPER = 1 << 4,    /* a keeper holds the lock */
	TRACE_INHERITED = 1 << 5, /* another process may have the description, and the lock by it */
	TRACE_READ_ONLY = 1 << 6, /* the descriptor is open for reading alone */
	TRACE_CONVERTED = 1 << 7, /* the description held a lock of the other mode (an upgrade where
				     operation is EXCLUSIVE, a downgrade where SHARED) */
	TRACE_SHADOW = 1 << 8,    /* shadow = yes: nothing was changed */
};

/* One record of a stream of events. A field that has no meaning for an id is 0. */
struct trace_event {
	uint64_t time; /* when the call returned; TRACE_WAIT: when waiting began */
	uint8_t id;    /* enum trace_id */
	uint8_t zero[3];
	uint32_t pid, tid;
	uint8_t call;      /* enum trace_call */
	uint8_t operation; /* enum trace_operation; a query: what was asked for */
	uint8_t asked;     /* enum trace_family, one bit: what the program asked for */
	uint8_t used;      /* enum trace_family, bits: what it became; 0 where no lock was taken */
	uint32_t flags;    /* enum trace_flag, bits */
	int32_t fd;        /* -1: none */
	int32_t error;     /* errno, 0: success */
	uint32_t hazards;  /* bits 1 << enum trace_hazard */
	uint64_t device;   /* of the file: major << 32 | minor */
	uint64_t inode;
	int64_t start;  /* of the section, in bytes */
	int64_t length; /* 0: to the end, however the file grows */
	uint64_t waited;
	uint64_t held;
	uint32_t file;   /* names: the file's path; 0: not known */
	uint32_t rule;   /* names: the rule that decided; 0: none */
	uint32_t module; /* names: the object that called; 0: not known */
	int32_t blocker; /* TRACE_WAIT, F_GETLK: the process in the way; 0: not known */
	uint64_t offset; /* of the call's return address in the module, as addr2line wants it */
};

/* The same of a lock of the whole file, as far as the fields have room. The pid is the head's;
 * device and inode stand with the file's name; what it has no field for is 0. */
struct trace_brief {
	uint64_t time;
	uint8_t id; /* enum trace_brief_id */
	uint8_t call : 4, operation : 4;
	uint8_t asked : 4, used : 4;
	uint8_t flags;
	uint32_t tid;
	uint16_t fd, file, rule, module; /* file is never 0 */
	uint32_t offset, held;
};

/* Of a section. */
struct trace_part {
	struct trace_brief brief;
	int64_t start, length;
};

enum trace_name_kind {
	TRACE_NAME_FILE,   /* the path when it was first locked */
	TRACE_NAME_RULE,   /* "NAME at FILE:LINE", or "LOCKSHIM_SET" */
	TRACE_NAME_MODULE, /* the path of an executable or library */
};

/* One record of a stream of names; followed by the text, which ends in NUL. */
struct trace_name {
	uint64_t time;
	uint8_t id; /* TRACE_NAME */
	uint8_t zero[3];
	uint32_t pid, tid;
	uint32_t number; /* what events have; 1 and up, unique in the process */
	uint32_t kind;   /* enum trace_name_kind */
	uint32_t length; /* of the text with its NUL and what fills it to a multiple of 8 */
	uint64_t device, inode;
};

/* In the order of the manual's table. */
enum trace_hazard {
	TRACE_HAZARD_CLOSE,
	TRACE_HAZARD_FORK,
	TRACE_HAZARD_EXEC,
	TRACE_HAZARD_SAME_PROCESS,
	TRACE_HAZARD_FCNTL,
	TRACE_HAZARD_SHARED_DESCRIPTION,
	TRACE_HAZARD_FAMILIES_MEET,
	TRACE_HAZARD_TWO_NAMES,
	TRACE_HAZARD_STANDIN_LOST,
	TRACE_HAZARD_KEEPER_LOST,
	TRACE_HAZARD_POLICY_DIFFERS,
	TRACE_HAZARD_DEADLOCK,
	TRACE_HAZARD_FLUSH_FAILED,
	TRACE_HAZARD_COUNT,
};

_Static_assert(sizeof(struct trace_head) == 128, "as in the metadata");
_Static_assert(sizeof(struct trace_event) == 112, "as in the metadata");
_Static_assert(sizeof(struct trace_brief) == 32, "as in the metadata");
_Static_assert(sizeof(struct trace_part) == 48, "as in the metadata");
_Static_assert(sizeof(struct trace_name) == 48, "as in the metadata");

/* The words for the numbers, as in the metadata: for text and JSON. NULL beyond the end. */
extern const char *const trace_id_names[];
extern const char *const trace_call_names[];      /* by enum trace_call */
extern const char *const trace_operation_names[]; /* by enum trace_operation */
extern const char *const trace_family_names[];    /* by the bits: 0 to 7 */
extern const char *const trace_hazard_names[];    /* by enum trace_hazard */

#endif
