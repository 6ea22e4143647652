/* SPDX-License-Identifier: MIT
 * Text into a line, piece by piece. */
#include "shim/log_text.h"

#include <stdbool.h>
#include <string.h>

#include "shim/say.h"

#define SECOND 1000000000u

/* The last byte is the newline's. */
static void put_bytes(struct log_line *line, const char *text, size_t len)
{
	size_t room = LOG_LINE_ROOM - 1 - line->used;

	if (len > room)
		len = room;
	memcpy(line->text + line->used, text, len);
	line->used += len;
}

void log_put(struct log_line *line, const char *text)
{
	put_bytes(line, text, strlen(text));
}

void log_put_number(struct log_line *line, uint64_t number)
{
	char digits[24];

	log_put(line, say_number(digits, number));
}

void log_put_signed(struct log_line *line, int64_t number)
{
	if (number < 0)
		log_put(line, "-");
	log_put_number(line, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

void log_put_digits(struct log_line *line, uint64_t number, unsigned digits)
{
	uint64_t least = 1;

	while (--digits)
		least *= 10;
	for (; least > 1 && number < least; least /= 10)
		log_put(line, "0");
	log_put_number(line, number);
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x7f && c != '<' && c != '>';
}

/* Writes C into the four bytes; how many of them. */
static size_t escape(char into[4], unsigned char c)
{
	into[0] = '\\';
	if (c == '\\' || c == '"') {
		into[1] = (char)c;
		return 2;
	}
	if (is_plain(c)) {
		into[0] = (char)c;
		return 1;
	}
	into[1] = (char)('0' + (c >> 6));
	into[2] = (char)('0' + (c >> 3 & 7));
	into[3] = (char)('0' + (c & 7));
	return 4;
}

/* The end of NAME that takes no more than MOST bytes. */
static const char *end_of(const char *name, size_t most)
{
	const char *at = name + strlen(name);
	char bytes[4];

	for (; at > name; at--) {
		size_t len = escape(bytes, (unsigned char)at[-1]);

		if (len > most)
			break;
		most -= len;
	}
	return at;
}

void log_put_name(struct log_line *line, const char *name, size_t most)
{
	const char *from = end_of(name, most);
	char bytes[4];

	if (from > name)
		log_put(line, "...");
	for (; *from; from++)
		put_bytes(line, bytes, escape(bytes, (unsigned char)*from));
}

void log_put_duration(struct log_line *line, uint64_t nanoseconds)
{
	bool seconds = nanoseconds >= SECOND;
	uint64_t thousandths = nanoseconds / (seconds ? SECOND / 1000 : 1000);

	log_put_number(line, thousandths / 1000);
	log_put(line, ".");
	log_put_digits(line, thousandths % 1000, 3);
	log_put(line, seconds ? " s" : " ms");
}

void log_put_time(struct log_line *line, uint64_t nanoseconds)
{
	uint64_t second = nanoseconds / SECOND % 86400;

	log_put_digits(line, second / 3600, 2);
	log_put(line, ":");
	log_put_digits(line, second / 60 % 60, 2);
	log_put(line, ":");
	log_put_digits(line, second % 60, 2);
	log_put(line, ".");
	log_put_digits(line, nanoseconds % SECOND / 1000, 6);
	log_put(line, "Z");
}

void log_put_end(struct log_line *line)
{
	if (line->used == LOG_LINE_ROOM - 1)
		memcpy(line->text + line->used - 3, "...", 3);
	line->text[line->used++] = '\n';
}
