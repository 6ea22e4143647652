/* SPDX-License-Identifier: MIT
 * What this host exports over NFS: exportfs's etab, and the kernel's table where it may be read
 * (which names a client's export only once that client has asked). */
#ifndef LOCKSHIM_EXPORTS_H
#define LOCKSHIM_EXPORTS_H

#include "policy/policy.h"

/* Reads the lists while /proc and /var/lib are there: at load, where rules ask for exports. */
void exports_start(void);

/* Whether the file is exported; reads the lists again where etab has changed since. PATH may be
 * NULL. Asked once a file: the verdict is kept. */
enum policy_answer exports_ask(uint64_t device, const char *path);

#endif
