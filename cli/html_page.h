/* SPDX-License-Identifier: MIT
 * The page of `report --html`, made from cli/page at build: what stands before its data and behind.
 */
#ifndef CLI_HTML_PAGE_H
#define CLI_HTML_PAGE_H

#include <stddef.h>

extern const unsigned char cli_html_before[], cli_html_behind[];
extern const size_t cli_html_before_length, cli_html_behind_length;

#endif
