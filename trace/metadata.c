/* SPDX-License-Identifier: MIT
 * struct trace_head, the events and trace_name once more, in TSDL. Integers are packed, as the
 * structures have no holes but for what follows the id of a record that is no brief one. */
#include "trace/metadata.h"

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define ORDER "be"
#else
#define ORDER "le"
#endif

#define CALL_ENUM(type)                                                                            \
	"	enum : " type " { flock, fcntl, ofd, lockf, close, exit, fork, other } call;\n"
#define OPERATION_ENUM(type) "	enum : " type " { shared, exclusive, unlock } operation;\n"
#define FAMILY_ENUM(type, field)                                                                   \
	"	enum : " type " { none = 0, flock = 1, \"OFD\" = 2, \"flock and OFD\" = 3,\n"      \
	"		\"POSIX\" = 4, \"flock and POSIX\" = 5, \"OFD and POSIX\" = 6,\n"                       \
	"		all = 7 } " field ";\n"

#define TYPES                                                                                      \
	"typealias integer { size = 4; align = 1; signed = false; } := uint4_t;\n"                 \
	"typealias integer { size = 8; align = 8; signed = false; } := uint8_t;\n"                 \
	"typealias integer { size = 16; align = 8; signed = false; } := uint16_t;\n"               \
	"typealias integer { size = 32; align = 8; signed = false; } := uint32_t;\n"               \
	"typealias integer { size = 64; align = 8; signed = false; } := uint64_t;\n"               \
	"typealias integer { size = 32; align = 8; signed = true; } := int32_t;\n"                 \
	"typealias integer { size = 64; align = 8; signed = true; } := int64_t;\n"                 \
	"typealias integer { size = 8; align = 8; signed = false; } := byte;\n"                    \
	"typealias integer { size = 8; align = 8; base = 16; } := hex8_t;\n"                       \
	"typealias integer { size = 32; align = 8; base = 16; } := hex32_t;\n"                     \
	"typealias integer { size = 64; align = 8; base = 16; } := hex64_t;\n"                     \
	"typealias integer { size = 8; align = 8; encoding = UTF8; } := text_t;\n"

#define TRACE                                                                                      \
	"trace { major = 1; minor = 8; byte_order = " ORDER ";\n"                                  \
	"	packet.header := struct { uint32_t magic; uint32_t stream_id; }; };\n"                   \
	"env { domain = \"ust\"; tracer_name = \"lockshim\"; tracer_layout = 3; };\n"              \
	"clock { name = realtime; freq = 1000000000; offset = 0; absolute = true;\n"               \
	"	description = \"CLOCK_REALTIME\"; };\n"                                                  \
	"typealias integer { size = 64; align = 8; map = clock.realtime.value; } := time_t;\n"

#define HEADS                                                                                      \
	"struct packet_context {\n"                                                                \
	"	time_t timestamp_begin; time_t timestamp_end;\n"                                         \
	"	uint64_t content_size; uint64_t packet_size; uint64_t events_discarded;\n"               \
	"	hex64_t process; uint64_t started; uint32_t pid; uint32_t uid;\n"                        \
	"	uint32_t layout; uint32_t word; text_t program[48]; };\n"                                \
	"struct event_header { time_t timestamp; uint8_t id; };\n"

#define STREAM(number)                                                                             \
	"stream { id = " number "; packet.context := struct packet_context;\n"                     \
	"	event.header := struct event_header; };\n"

#define BEGINNING(type)                                                                            \
	CALL_ENUM(type) OPERATION_ENUM(type) FAMILY_ENUM(type, "asked") FAMILY_ENUM(type, "used")

#define BRIEF                                                                                      \
	BEGINNING("uint4_t")                                                                       \
	"	hex8_t flags; uint32_t tid; uint16_t fd;\n"                                              \
	"	uint16_t file; uint16_t rule; uint16_t module; hex32_t offset; uint32_t held;\n"

#define FIELDS                                                                                     \
	"struct event_fields {\n"                                                                  \
	"	uint32_t pid; uint32_t tid;\n" BEGINNING(                                          \
		"uint8_t") "	hex32_t flags; int32_t fd; int32_t error; hex32_t hazards;\n"         \
			   "	uint64_t device; uint64_t inode; int64_t start; int64_t length;\n"    \
			   "	uint64_t waited; uint64_t held;\n"                                    \
			   "	uint32_t file; uint32_t rule; uint32_t module; int32_t blocker;\n"    \
			   "	hex64_t offset; } align(32);\n"                                       \
			   "struct brief_fields {\n" BRIEF "};\n"                                  \
			   "struct part_fields {\n" BRIEF                                          \
			   "	int64_t start; int64_t length; };\n"                                  \
			   "struct name_fields {\n"                                                \
			   "	uint32_t pid; uint32_t tid;\n"                                        \
			   "	uint32_t number; enum : uint32_t { file, rule, module } kind; "       \
			   "uint32_t length;\n"                                                    \
			   "	uint64_t device; uint64_t inode; text_t text[length]; } "             \
			   "align(32);\n"

#define EVENT(number, name, fields)                                                                \
	"event { name = \"lockshim:" name "\"; id = " number "; stream_id = 0;\n"                  \
	"	fields := struct " fields "_fields; };\n"

#define EVENTS                                                                                     \
	EVENT("0", "lock", "event")                                                                \
	EVENT("1", "release", "event")                                                             \
	EVENT("2", "query", "event")                                                               \
	EVENT("3", "wait", "event")                                                                \
	EVENT("4", "hazard", "event")                                                              \
	EVENT("6", "lock", "brief")                                                                \
	EVENT("7", "release", "brief")                                                             \
	EVENT("8", "lock", "part")                                                                 \
	EVENT("9", "release", "part")

#define NAME                                                                                       \
	"event { name = \"lockshim:name\"; id = 5; stream_id = 1;\n"                               \
	"	fields := struct name_fields; };\n"

const char trace_metadata[] =
	"/* CTF 1.8 */\n" TYPES TRACE HEADS FIELDS STREAM("0") STREAM("1") EVENTS NAME;
