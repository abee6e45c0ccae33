#include "ot/pointer.h"

#include <stdlib.h>
#include <string.h>

/* Unescape a step of len bytes; NULL when out of memory. */
static struct json_key *
read_step(const char *text, size_t len, char *room)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (text[i] == '~')
			room[n++] = text[++i] == '0' ? '~' : '/';
		else
			room[n++] = text[i];
	}
	return json_key_new(room, n);
}

static int
check(const char *text, size_t len, struct ot_err *err)
{
	size_t i;

	if (len > 0 && text[0] != '/')
		return ot_fail(err, OT_EBADLY,
		    "a JSON Pointer begins with \"/\" or is empty");
	for (i = 0; i < len; i++)
		if (text[i] == '~' && (i + 1 == len ||
		    (text[i + 1] != '0' && text[i + 1] != '1')))
			return ot_fail(err, OT_EBADLY,
			    "in a JSON Pointer, \"~\" is written \"~0\"");
	return 0;
}

static size_t
count_steps(const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += text[i] == '/';
	return n;
}

int
pointer_read(const char *text, size_t len_bytes, struct pointer *pointer_out,
    struct ot_err *err)
{
	struct pointer p = { NULL, 0 };
	const char *at, *next, *end = text + len_bytes;
	char *room;
	size_t n;
	int rc;

	if ((rc = check(text, len_bytes, err)) != 0)
		return rc;
	n = count_steps(text, len_bytes);
	p.step = malloc((n + 1) * sizeof(*p.step));
	room = malloc(len_bytes + 1);
	for (at = text; p.step != NULL && room != NULL && p.n < n; at = next) {
		next = memchr(at + 1, '/', (size_t)(end - at - 1));
		if (next == NULL)
			next = end;
		p.step[p.n] = read_step(at + 1, (size_t)(next - at - 1), room);
		if (p.step[p.n] == NULL)
			break;
		p.n++;
	}
	free(room);
	if (p.step == NULL || room == NULL || p.n < n) {
		pointer_done(&p);
		return ot_fail(err, OT_ENOMEM, "out of memory");
	}
	*pointer_out = p;
	return 0;
}

void
pointer_done(struct pointer *p)
{
	while (p->n > 0)
		json_key_unref(p->step[--p->n]);
	free(p->step);
	p->step = NULL;
}

bool
pointer_index(const struct json_key *step, size_t *index_out)
{
	size_t i, index = 0;

	if (step->len == 0 || step->len > 15 ||
	    (step->text[0] == '0' && step->len > 1))
		return false;
	for (i = 0; i < step->len; i++) {
		if (step->text[i] < '0' || step->text[i] > '9')
			return false;
		index = index * 10 + (size_t)(step->text[i] - '0');
	}
	*index_out = index;
	return true;
}

struct json *
pointer_child(const struct json *in, const struct json_key *step,
    size_t *index_out)
{
	const struct json_member *m;

	if (json_kind(in) == JSON_OBJECT) {
		m = json_object_find(in, step);
		return m != NULL ? m->value : NULL;
	}
	if (json_kind(in) == JSON_LIST && pointer_index(step, index_out) &&
	    *index_out < json_list_len(in))
		return json_list_at(in, *index_out);
	return NULL;
}

struct json *
pointer_find(const struct pointer *p, size_t n, struct json *root)
{
	size_t i, index;

	for (i = 0; i < n && root != NULL; i++)
		root = pointer_child(root, p->step[i], &index);
	return root;
}

bool
pointer_leads_to(const struct pointer *a, const struct pointer *b)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (i == b->n || !json_key_equal(a->step[i], b->step[i]))
			return false;
	return true;
}
