/* SPDX-License-Identifier: MIT
 * Numbers come in rising order as a rule: then a number's place is known beforehand. */
#include "trace/reader_names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct reader_text {
	struct reader_text *next;
	uint64_t hash;
	size_t len;
	char text[];
};

static uint64_t hash_of(const char *text, size_t len)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
	return hash ^ hash >> 32;
}

static bool grow(struct reader_texts *texts)
{
	size_t size = texts->size ? texts->size * 2 : 256;
	struct reader_text **buckets = calloc(size, sizeof(struct reader_text *));

	if (!buckets)
		return texts->size; /* slower, and as good */
	for (size_t i = 0; i < texts->size; i++) {
		for (struct reader_text *at = texts->buckets[i], *next; at; at = next) {
			next = at->next;
			at->next = buckets[at->hash % size];
			buckets[at->hash % size] = at;
		}
	}
	free(texts->buckets);
	texts->buckets = buckets;
	texts->size = size;
	return true;
}

const char *reader_texts_keep(struct reader_texts *texts, const char *text, size_t len)
{
	uint64_t hash = hash_of(text, len);
	struct reader_text *at;

	if (texts->count >= texts->size && !grow(texts))
		return NULL;
	for (at = texts->buckets[hash % texts->size]; at; at = at->next) {
		if (at->hash == hash && at->len == len && !memcmp(at->text, text, len))
			return at->text;
	}
	at = malloc(sizeof(*at) + len + 1);
	if (!at)
		return NULL;
	at->hash = hash;
	at->len = len;
	memcpy(at->text, text, len);
	at->text[len] = '\0';
	at->next = texts->buckets[hash % texts->size];
	texts->buckets[hash % texts->size] = at;
	texts->count++;
	return at->text;
}

void reader_texts_free(struct reader_texts *texts)
{
	for (size_t i = 0; i < texts->size; i++) {
		for (struct reader_text *at = texts->buckets[i], *next; at; at = next) {
			next = at->next;
			free(at);
		}
	}
	free(texts->buckets);
}

/* The place of NUMBER, or where it would be. */
static size_t place_of(const struct reader_names *names, uint32_t number)
{
	size_t low = 0, high = names->count;

	if (number - 1 < names->count && names->numbers[number - 1].number == number)
		return number - 1;
	if (!high || names->numbers[high - 1].number < number)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (names->numbers[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct reader_number *look_up(const struct reader_names *names, uint32_t number)
{
	size_t place = place_of(names, number);

	if (place == names->count || names->numbers[place].number != number)
		return NULL;
	return &names->numbers[place];
}

/* The first text of a number stays. */
static void add(struct reader_names *names, const struct trace_name *record, const char *text)
{
	uint32_t number = record->number;
	size_t place = place_of(names, number);
	void *more;

	if (!text || (place < names->count && names->numbers[place].number == number))
		return;
	if (names->count == names->room) {
		more = realloc(names->numbers, (names->room * 2 + 4) * sizeof(*names->numbers));
		if (!more)
			return;
		names->numbers = more;
		names->room = names->room * 2 + 4;
	}
	memmove(names->numbers + place + 1, names->numbers + place,
		(names->count - place) * sizeof(*names->numbers));
	names->numbers[place] =
		(struct reader_number){ number, record->device, record->inode, text };
	names->count++;
}

/* False where the records end, or where nothing behind can be believed. */
static bool read_one(struct reader_common *common, struct reader_texts *texts,
		     struct reader_names *names)
{
	struct reader_stream *stream = names->stream;
	struct trace_name record;
	const char *bytes = reader_stream_peek(common, stream, sizeof(record));
	const char *text;
	size_t len;

	if (!bytes)
		return false;
	memcpy(&record, bytes, sizeof(record));
	if (record.id != TRACE_NAME || record.length > READER_WINDOW_MIN - sizeof(record)) {
		reader_stream_tell(common, stream, "it has a name that is none at byte %" PRIu64,
				   stream->at);
		stream->passed = true;
		return false;
	}
	bytes = reader_stream_peek(common, stream, sizeof(record) + record.length);
	if (!bytes)
		return false;
	text = bytes + sizeof(record);
	len = strnlen(text, record.length);
	add(names, &record, reader_texts_keep(texts, text, len));
	reader_stream_skip(stream, sizeof(record) + record.length);
	return true;
}

const struct reader_number *reader_names_find(struct reader_common *common,
					      struct reader_texts *texts,
					      struct reader_names *names, uint32_t number)
{
	const struct reader_number *name;

	if (!number)
		return NULL;
	name = look_up(names, number);
	/* Its record was written before the event's, and so is there if it ever will be. */
	if (name || !names->stream || names->asked == common->fills)
		return name;
	if (reader_stream_look(common, names->stream)) {
		while (read_one(common, texts, names))
			;
	}
	names->asked = common->fills;
	return look_up(names, number);
}
