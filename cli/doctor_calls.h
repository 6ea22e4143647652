/* SPDX-License-Identifier: MIT
 * Whether an executable asks the kernel for locks past libc, by its machine code. */
#ifndef CLI_DOCTOR_CALLS_H
#define CLI_DOCTOR_CALLS_H

/* "flock", "fcntl", "flock and fcntl"; NULL: none was found, or FILE is of another machine than
 * x86-64 and arm64. What is found may be data that looks like code. */
const char *cli_calls_past_libc(const char *file);

#endif
