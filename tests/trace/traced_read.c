/* SPDX-License-Identifier: MIT
 * Reads a trace by what event.h says, and nothing else. */
#include "tests/trace/traced.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct reading {
	struct traced *traced;
	const char *path;
	size_t events_room, names_room;
};

struct traced_map {
	struct traced_map *next;
	void *at;
	size_t size;
};

static bool wrong(const struct reading *reading, const char *what)
{
	fprintf(stderr, "%s: %s\n", reading->path, what);
	return false;
}

static void *grown(void *array, size_t *room, size_t count, size_t size)
{
	if (count < *room)
		return array;
	*room = *room * 2 + 1024;
	array = realloc(array, *room * size);
	if (!array)
		abort();
	return array;
}

static bool check_time(struct reading *reading, const struct trace_head *head, uint64_t time,
		       uint64_t *last)
{
	if (time < head->begin || time > head->end)
		return wrong(reading, "a record is outside of its head's times");
	if (time < *last)
		return wrong(reading, "times go back");
	*last = time;
	return true;
}

static size_t size_of(uint32_t id)
{
	if (id <= TRACE_HAZARD)
		return sizeof(struct trace_event);
	if (id == TRACE_BRIEF_LOCK || id == TRACE_BRIEF_RELEASE)
		return sizeof(struct trace_brief);
	return id == TRACE_PART_LOCK || id == TRACE_PART_RELEASE ? sizeof(struct trace_part) : 0;
}

static void add_event(struct reading *reading, const struct trace_head *head, const void *record,
		      bool brief)
{
	struct traced *traced = reading->traced;

	traced->events = grown(traced->events, &reading->events_room, traced->events_count,
			       sizeof *traced->events);
	traced->events[traced->events_count++] =
		(struct traced_event){ head, record, brief ? record : NULL,
				       (uint32_t)traced->files };
}

static bool is_somebodys(const struct trace_event *event, const struct trace_head *head)
{
	if (event->id > TRACE_HAZARD)
		return ((const struct trace_brief *)event)->tid != 0;
	return event->pid == head->pid && event->tid;
}

static bool read_events(struct reading *reading, const struct trace_head *head, size_t size)
{
	const char *at = (const char *)(head + 1), *end = (const char *)head + size;
	const struct trace_event *event;
	uint64_t last = 0;

	for (; at < end; at += size_of(event->id)) {
		event = (const void *)at;
		if ((size_t)(end - at) < sizeof(struct trace_brief) || !size_of(event->id) ||
		    (size_t)(end - at) < size_of(event->id))
			return wrong(reading, "an event is cut, or none");
		if (!is_somebodys(event, head))
			return wrong(reading, "an event is nobody's");
		if (!check_time(reading, head, event->time, &last))
			return false;
		add_event(reading, head, event, event->id > TRACE_HAZARD);
	}
	return true;
}

static bool add_name(struct reading *reading, const struct trace_head *head,
		     const struct trace_name *name, size_t left)
{
	struct traced *traced = reading->traced;
	const char *text = (const char *)(name + 1);

	if (left < sizeof *name || name->id != TRACE_NAME || name->length % 8 ||
	    name->length > left - sizeof *name || !name->length || !name->number ||
	    name->kind > TRACE_NAME_MODULE || text[name->length - 1])
		return wrong(reading, "a name is none");
	traced->names = grown(traced->names, &reading->names_room, traced->names_count,
			      sizeof *traced->names);
	traced->names[traced->names_count++] = (struct traced_name){ head, name, text };
	return true;
}

static bool read_names(struct reading *reading, const struct trace_head *head, size_t size)
{
	const char *at = (const char *)(head + 1), *end = (const char *)head + size;
	uint64_t last = 0;
	uint32_t number = 0;

	while (at < end) {
		const struct trace_name *name = (const void *)at;

		if (!add_name(reading, head, name, (size_t)(end - at)) ||
		    !check_time(reading, head, name->time, &last))
			return false;
		if (name->number <= number)
			return wrong(reading, "a number is there twice");
		number = name->number;
		at += sizeof *name + name->length;
	}
	return true;
}

static bool check_head(struct reading *reading, const struct trace_head *head, uint64_t left)
{
	if (left < sizeof *head || head->magic != TRACE_MAGIC || head->layout != TRACE_LAYOUT ||
	    head->stream > TRACE_STREAM_NAMES || head->begin > head->end || !head->process)
		return wrong(reading, "a head is none");
	if (head->content < 8 * sizeof *head || head->content > head->packet ||
	    head->packet > 8 * left || head->content % 64 || head->packet % 64)
		return wrong(reading, "a head's sizes are wrong");
	return true;
}

static bool read_packets(struct reading *reading, const char *map, uint64_t size)
{
	const struct trace_head *first = (const void *)map, *head;
	bool good;

	for (uint64_t at = 0; at < size; at += head->packet / 8) {
		head = (const void *)(map + at);
		if (!check_head(reading, head, size - at))
			return false;
		if (head->process != first->process || head->stream != first->stream)
			return wrong(reading, "its heads are of two streams");
		good = head->stream == TRACE_STREAM_EVENTS
			       ? read_events(reading, head, head->content / 8)
			       : read_names(reading, head, head->content / 8);
		if (!good)
			return false;
		reading->traced->packets++;
	}
	if (first->stream == TRACE_STREAM_EVENTS)
		reading->traced->discarded += first->discarded;
	return true;
}

static bool check_name(const struct reading *reading, const char *file,
		       const struct trace_head *head)
{
	bool names = head->stream == TRACE_STREAM_NAMES;
	unsigned long long process;
	unsigned pid, number;
	char text[32];
	int got = sscanf(file, "%u-%llx.%u.%31s", &pid, &process, &number, text);

	if (names)
		got = 1 + sscanf(file, "%u-%llx.%31s", &pid, &process, text);
	if (got != 4 || pid != head->pid || process != head->process ||
	    strcmp(text, names ? "names" : "events") != 0)
		return wrong(reading, "its name is another's");
	return true;
}

static void *keep_map(struct traced *traced, int fd, size_t size)
{
	void *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	struct traced_map *map = at == MAP_FAILED ? NULL : malloc(sizeof *map);

	if (!map)
		return NULL;
	*map = (struct traced_map){ traced->maps, at, size };
	traced->maps = map;
	return at;
}

void traced_free(const struct traced *traced)
{
	struct traced_map *map, *next;

	if (!traced)
		return;
	for (map = traced->maps; map; map = next) {
		next = map->next;
		munmap(map->at, map->size);
		free(map);
	}
	free(traced->events);
	free(traced->names);
	free((void *)traced);
}

static bool read_file(struct reading *reading, const char *path, const char *file)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	void *map;

	reading->path = path;
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return wrong(reading, "can't be opened");
	if ((st.st_mode & 0777) != 0600)
		return wrong(reading, "is open to others");
	map = keep_map(reading->traced, fd, (size_t)st.st_size);
	close(fd);
	if (!map || st.st_size < (off_t)sizeof(struct trace_head))
		return wrong(reading, "can't be mapped");
	reading->traced->bytes += (uint64_t)st.st_size;
	if (!read_packets(reading, map, (uint64_t)st.st_size) || !check_name(reading, file, map))
		return false;
	reading->traced->files++;
	reading->traced->processes += ((struct trace_head *)map)->stream == TRACE_STREAM_NAMES;
	return true;
}

const char *traced_text(const struct traced *traced, const struct traced_event *event,
			uint32_t number)
{
	for (size_t i = 0; i < traced->names_count; i++)
		if (traced->names[i].head->process == event->head->process &&
		    traced->names[i].name->number == number)
			return traced->names[i].text;
	return NULL;
}

static bool has_names(const struct traced *traced, const struct traced_event *at)
{
	const struct trace_brief *brief = at->part ? &at->part->brief : NULL;
	uint32_t numbers[] = { brief ? brief->file : at->event->file,
			       brief ? brief->rule : at->event->rule,
			       brief ? brief->module : at->event->module };

	for (unsigned k = 0; k < 3; k++)
		if (numbers[k] && !traced_text(traced, at, numbers[k]))
			return false;
	return true;
}

static bool check_numbers(struct reading *reading)
{
	for (size_t i = 0; i < reading->traced->events_count; i++)
		if (!has_names(reading->traced, &reading->traced->events[i]))
			return wrong(reading, "a number has no name");
	return true;
}

const struct traced *traced_read(const char *directory)
{
	struct reading reading = { .traced = calloc(1, sizeof *reading.traced) };
	DIR *dir = opendir(directory);
	struct dirent *entry;
	char path[600];
	bool good = true;

	reading.path = directory;
	if (!dir || !reading.traced)
		return wrong(&reading, "can't be opened"), NULL;
	while (good && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "metadata"))
			continue;
		snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
		good = read_file(&reading, path, entry->d_name);
	}
	closedir(dir);
	reading.path = directory;
	return good && check_numbers(&reading) ? reading.traced : NULL;
}
