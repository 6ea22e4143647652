/* SPDX-License-Identifier: MIT
 * Whether the program itself asked for an OFD lock, by fcntl. */
#ifndef LOCKSHIM_OWN_OFD_H
#define LOCKSHIM_OWN_OFD_H

#include <stdbool.h>

void ofd_note_program(void);
bool ofd_used_by_program(void);

#endif
