/* SPDX-License-Identifier: MIT
 * /proc/PID/mountinfo, read where it lies. */
#include "policy/internal.h"

#include <limits.h>
#include <string.h>

/* A field of a line, up to the next blank; empty ones exist (a mount without a source). */
struct field {
	const char *text;
	size_t len;
};

static bool next_field(struct policy_cursor *line, struct field *ret)
{
	const char *blank;

	if (line->at > line->end)
		return false;
	blank = memchr(line->at, ' ', (size_t)(line->end - line->at));
	ret->text = line->at;
	ret->len = (size_t)((blank ? blank : line->end) - line->at);
	line->at += ret->len + 1;
	return true;
}

/* Reads digits and steps over them. */
static bool read_number(struct field *field, unsigned *ret)
{
	unsigned number = 0;
	size_t at = 0;

	for (; at < field->len && field->text[at] >= '0' && field->text[at] <= '9'; at++) {
		if (number > (UINT_MAX - 9) / 10)
			return false;
		number = 10 * number + (unsigned)(field->text[at] - '0');
	}
	field->text += at;
	field->len -= at;
	*ret = number;
	return at;
}

static bool read_id(struct field field, int *ret)
{
	unsigned number;

	if (!read_number(&field, &number) || field.len || number > INT_MAX)
		return false;
	*ret = (int)number;
	return true;
}

static bool read_device(struct field field, uint64_t *ret)
{
	unsigned major, minor;

	if (!read_number(&field, &major) || !field.len || *field.text != ':')
		return false;
	field.text++;
	field.len--;
	if (!read_number(&field, &minor) || field.len)
		return false;
	*ret = policy_device(major, minor);
	return true;
}

/* Skips the optional fields, of which there may be any number, and the "-" that ends them. */
static bool skip_optional(struct policy_cursor *line)
{
	struct field field;

	while (next_field(line, &field))
		if (field.len == 1 && *field.text == '-')
			return true;
	return false;
}

/* "36 35 98:0 /root /mount/point rw,noatime master:1 - ext3 /dev/root rw,errors=continue" */
static bool read_line(struct policy_cursor line, struct policy_mount *ret)
{
	struct field field, point, type, options;

	if (!next_field(&line, &field) || !read_id(field, &ret->id) || !next_field(&line, &field) ||
	    !read_id(field, &ret->parent) || !next_field(&line, &field) ||
	    !read_device(field, &ret->device) || !next_field(&line, &field) ||
	    !next_field(&line, &point) || !next_field(&line, &field) || !skip_optional(&line) ||
	    !next_field(&line, &type) || !next_field(&line, &field) || !next_field(&line, &options))
		return false;
	ret->mount_point = point.text;
	ret->mount_point_len = point.len;
	ret->fstype = type.text;
	ret->fstype_len = type.len;
	ret->super_options = options.text;
	ret->super_options_len = options.len;
	return true;
}

bool policy_mount_next(const char **at, const char *end, struct policy_mount *ret_mount)
{
	while (*at < end) {
		const char *newline = memchr(*at, '\n', (size_t)(end - *at));
		struct policy_cursor line = { *at, newline ? newline : end };

		*at = newline ? newline + 1 : end;
		if (read_line(line, ret_mount))
			return true;
	}
	return false;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

char policy_unescape(struct policy_cursor *from)
{
	const char *at = from->at;

	if (*at != '\\' || from->end - at < 4 || !is_octal(at[1]) || !is_octal(at[2]) ||
	    !is_octal(at[3])) {
		from->at++;
		return *at;
	}
	from->at += 4;
	return (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + at[3] - '0');
}

bool policy_mount_is_at(const struct policy_mount *mount, const char *path)
{
	struct policy_cursor point = { mount->mount_point,
				       mount->mount_point + mount->mount_point_len };

	for (; point.at < point.end; path++)
		if (!*path || policy_unescape(&point) != *path)
			return false;
	return !*path;
}

bool policy_mount_is_covered(const struct policy_mount *mount, const char *text, size_t len)
{
	const char *at = text;
	struct policy_mount other;

	while (policy_mount_next(&at, text + len, &other))
		if (other.parent == mount->id && other.id != mount->id &&
		    other.mount_point_len == mount->mount_point_len &&
		    !memcmp(other.mount_point, mount->mount_point, mount->mount_point_len))
			return true;
	return false;
}

/* Whether the next mount at a point replaces what was found there. Lines stand in the order in
 * which mounts were made, and a mount that was moved may lie on a later one. */
static bool is_above(const struct policy_mount *mount, uint64_t found, const char *text, size_t len)
{
	return found == POLICY_NO_DEVICE || !policy_mount_is_covered(mount, text, len);
}

void policy_filesystem_devices(const struct policy *policy, const char *text, size_t len,
			       uint64_t *ret)
{
	const char *at = text, *end = text + len;
	struct policy_mount mount;

	for (size_t i = 0; i < policy->filesystems_count; i++)
		ret[i] = POLICY_NO_DEVICE;
	if (!policy->filesystems_count || !len)
		return;
	while (policy_mount_next(&at, end, &mount))
		for (size_t i = 0; i < policy->filesystems_count; i++)
			if (policy_mount_is_at(&mount, policy->filesystems[i]) &&
			    is_above(&mount, ret[i], text, len))
				ret[i] = mount.device;
}

bool policy_mount_has(const struct policy_mount *mount, const char *option)
{
	const char *at = mount->super_options, *end = at + mount->super_options_len;
	size_t len = strlen(option);

	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;

		if ((size_t)(stop - at) == len && !memcmp(at, option, len))
			return true;
		at = stop + 1;
	}
	return false;
}
