/* SPDX-License-Identifier: MIT
 * What runs in each process stands together, before all other code and beside the symbols: each
 * place more is a page fault, and loading is mostly those. */
#ifndef LOCKSHIM_AT_LOAD_H
#define LOCKSHIM_AT_LOAD_H

#define AT_LOAD __attribute__((section(".text.startup")))

#endif
