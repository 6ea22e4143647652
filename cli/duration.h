/* SPDX-License-Identifier: MIT
 * Times that last: as a person writes them and reads them. */
#ifndef CLI_DURATION_H
#define CLI_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a number with a unit: ns, us, ms, s, m, h; "1.5s", "10ms". Without a unit only 0. False
 * where it is none, or 585 years or more. */
bool cli_duration_read(const char *text, uint64_t *ret_nanoseconds);

/* "0.012 ms", "1.204 ms", "3.500 s". In a buffer of its own for up to four calls in one expression.
 */
const char *cli_duration_text(uint64_t nanoseconds);

#endif
