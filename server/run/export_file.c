#include "run/export_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "run/members.h"

/* What follows it in a header may differ. */
#define COUNT	",\"documents\":"

static bool
begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

static bool
same_header(const char *a, const char *b)
{
	const char *end = strstr(a, COUNT);

	return end != NULL && strncmp(a, b, (size_t)(end - a)) == 0 &&
	    begins(b + (end - a), COUNT);
}

static void
take_name(char **slot, const struct json_slice *s)
{
	char *text = members_text(s);

	if (text == NULL)
		return;
	free(*slot);
	*slot = text;
}

/* Whose document begins in the line. */
static void
read_names(const char *line, size_t len, char **collection, char **id)
{
	static const char *const outer[] = { "document" };
	static const char *const inner[] = { "collection", "id" };
	struct json_slice document, names[2];
	struct ot_err err;

	if (members_read(line, len, outer, &document, 1, &err) != 0 ||
	    document.kind != JSON_OBJECT ||
	    members_read(document.p, document.len, inner, names, 2, &err) != 0)
		return;
	take_name(collection, &names[0]);
	take_name(id, &names[1]);
}

/* How far the file is whole; 0: it is of another export, or none. */
static off_t
find_end(struct export_file *e, const char *header)
{
	char *line = NULL, *collection = mem_copy("", 0), *id = mem_copy("", 0);
	off_t end = 0;
	uint64_t ops = 0;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, e->f)) > 0 &&
	    line[len - 1] == '\n') {
		if (end == 0) {
			if (!same_header(header, line))
				break;
			end = ftello(e->f);
		} else if (begins(line, "{\"document\":")) {
			read_names(line, (size_t)len, &collection, &id);
			ops = 0;
		} else if (begins(line, "{\"content\":") ||
		    begins(line, "{\"broken\":")) {
			end = ftello(e->f);
			free(e->collection);
			free(e->id);
			e->collection = mem_copy(collection,
			    strlen(collection));
			e->id = mem_copy(id, strlen(id));
			export_file_document(e, ops);
		} else {
			ops++;
		}
	}
	free(line);
	free(collection);
	free(id);
	return end;
}

bool
export_file_open(struct export_file *e, const char *name, FILE *std,
    const char *header, size_t len)
{
	size_t size = name != NULL ? strlen(name) + 6 : 0;
	char *text;
	off_t end;

	*e = (struct export_file){ .f = std, .name = name,
	    .collection = mem_copy("", 0), .id = mem_copy("", 0) };
	if (name == NULL)
		return export_file_put(e, header, len);
	e->part = mem_get(size);
	snprintf(e->part, size, "%s.part", name);
	if ((e->f = fopen(e->part, "a+")) == NULL)
		return false;
	rewind(e->f);
	text = mem_copy(header, len);
	end = find_end(e, text);
	free(text);
	if (ftruncate(fileno(e->f), end) != 0 ||
	    fseeko(e->f, end, SEEK_SET) != 0)
		return false;
	return end > 0 || export_file_put(e, header, len);
}

bool
export_file_put(struct export_file *e, const char *bytes, size_t len)
{
	if (e->name == NULL)
		e->begun_at = -1;
	return fwrite(bytes, 1, len, e->f) == len;
}

void
export_file_begin(struct export_file *e)
{
	e->begun_at = e->name != NULL ? ftello(e->f) : 0;
}

bool
export_file_undo(struct export_file *e)
{
	if (e->name == NULL)
		return e->begun_at == 0;
	return fflush(e->f) == 0 &&
	    ftruncate(fileno(e->f), e->begun_at) == 0 &&
	    fseeko(e->f, e->begun_at, SEEK_SET) == 0;
}

void
export_file_document(struct export_file *e, uint64_t ops)
{
	e->documents++;
	e->ops += ops;
}

void
export_file_restart(struct export_file *e)
{
	free(e->collection);
	free(e->id);
	e->collection = mem_copy("", 0);
	e->id = mem_copy("", 0);
}

bool
export_file_finish(struct export_file *e)
{
	if (fflush(e->f) != 0)
		return false;
	if (e->name == NULL)
		return true;
	return fsync(fileno(e->f)) == 0 && rename(e->part, e->name) == 0;
}

void
export_file_done(struct export_file *e)
{
	if (e->name != NULL && e->f != NULL)
		fclose(e->f);
	free(e->part);
	free(e->collection);
	free(e->id);
	*e = (struct export_file){ .f = NULL };
}
