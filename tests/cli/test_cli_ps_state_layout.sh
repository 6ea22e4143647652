# SPDX-License-Identifier: MIT
# What ps takes the state file to be is what the library makes it.
. "$(dirname "$0")/lib.sh"
cat >agree.c <<'END'
#include "cli/converted_state.h"
#include "shim/state_layout.h"

#define AGREE(command, library) _Static_assert((command) == (library), #command)

AGREE(CLI_STATE_MAGIC_0, STATE_MAGIC_0);
AGREE(CLI_STATE_MAGIC_1, STATE_MAGIC_1);
AGREE(CLI_STATE_VERSION, STATE_VERSION);
AGREE(CLI_STATE_SIZE, sizeof(struct state));
AGREE(CLI_STATE_PROCESSES, STATE_PROCESSES);
AGREE(CLI_STATE_FIRST, offsetof(struct state, processes) / 4);
AGREE(CLI_STATE_WORDS, STATE_RECORD(struct state_process));
AGREE(CLI_STATE_STARTED, STATE_CONTENT + offsetof(struct state_process, started) / 4);
AGREE(CLI_STATE_SPACE, STATE_CONTENT + offsetof(struct state_process, space) / 4);
AGREE(CLI_STATE_HASH, STATE_CONTENT + offsetof(struct state_process, hash) / 4);
END
try "${CC:-cc}" -std=gnu11 -I"$SOURCE" -fsyntax-only agree.c
expect_status 0

# The comparison can fail.
sed 's/STATE_SIZE, sizeof/STATE_SIZE, 1 + sizeof/' agree.c >differ.c
try "${CC:-cc}" -std=gnu11 -I"$SOURCE" -fsyntax-only differ.c
[ "$status" -ne 0 ] || fail "a difference was not seen"
