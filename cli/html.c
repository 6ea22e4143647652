/* SPDX-License-Identifier: MIT
 * lockshim report --html: reads the trace, and writes the page. */
#include "cli/html.h"
#include "cli/html_collect.h"
#include "cli/html_page.h"
#include "cli/html_text.h"
#include "cli/trace_open.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MOST_SPANS = 600000, /* in memory, 34 MB; on the page at most half of them */
	MOST_BYTES = 32 << 20,
};

/* Into memory, so that a page is written whole or not at all. */
static void fill(struct cli_html_page *page, struct cli_html_text *text)
{
	size_t target = MOST_SPANS / 2;

	do {
		if (page->store.count > target)
			cli_html_thin(&page->store, target);
		*text = (struct cli_html_text){ .at = text->at, .room = text->room };
		text->most = MOST_BYTES - cli_html_before_length - cli_html_behind_length;
		cli_html_data_put(text, &page->data, &page->store);
		target = page->store.count / 2;
	} while (text->full && target);
}

static bool write_to(FILE *to, const struct cli_html_text *text)
{
	return fwrite(cli_html_before, 1, cli_html_before_length, to) == cli_html_before_length &&
	       fwrite(text->at, 1, text->length, to) == text->length &&
	       fwrite(cli_html_behind, 1, cli_html_behind_length, to) == cli_html_behind_length;
}

static int write_page(struct cli_html_page *page, const char *file)
{
	bool standard = !strcmp(file, "-");
	struct cli_html_text text = { 0 };
	FILE *to;
	bool written;

	fill(page, &text);
	to = standard ? stdout : fopen(file, "we");
	if (!to) {
		warn("%s", file);
		return CLI_FAILED;
	}
	written = write_to(to, &text);
	if ((standard ? fflush(to) : fclose(to)) || !written) {
		warn("%s", file);
		return CLI_FAILED;
	}
	free(text.at);
	return CLI_OK;
}

int cli_report_html(const struct cli_arguments *arguments, const char *file)
{
	static struct cli_html_page page;
	struct trace_reader *reader;
	int status;

	page.data.directory = cli_trace_directory(arguments);
	if (!page.data.directory)
		return CLI_WRONG;
	status = cli_filter_make(arguments, &page.filter);
	if (status == CLI_OK)
		status = cli_trace_open(page.data.directory, &reader);
	if (status != CLI_OK)
		return status;
	cli_html_spans_init(&page.store, MOST_SPANS);
	cli_html_collect(&page, reader);
	status = write_page(&page, file);
	cli_trace_say_discarded(reader);
	trace_reader_close(reader);
	return status;
}
