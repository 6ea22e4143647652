/* SPDX-License-Identifier: MIT
 * What trace and log are told of a request for a record lock. */
#ifndef LOCKSHIM_WATCH_RECORD_H
#define LOCKSHIM_WATCH_RECORD_H

#include "shim/record_argument.h"
#include "shim/watch.h"

/* Fills in a request for a lock or an unlock. Errors of the request leave the section empty. */
void watch_record_set(struct watch *watch, const struct record_argument *asked);

/* A question, before it is asked; and what was answered: type F_UNLCK where nothing stands there.
 */
void watch_record_ask(struct watch *watch, const struct record_argument *asked);
void watch_record_answer(struct watch *watch, const struct record_argument *answer);

#endif
