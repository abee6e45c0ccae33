#include "tests/sim/heard.h"

#include <string.h>

#include "base/mem.h"

void
slice_string(const struct json_slice *s, char *to, size_t size)
{
	struct buf b = BUF_INIT;

	to[0] = '\0';
	if (s->kind != JSON_STRING)
		return;
	json_slice_string(s, &b);
	if (b.len >= size)
		bug("a string longer than any that was sent");
	if (b.len > 0)
		memcpy(to, b.data, b.len);
	to[b.len] = '\0';
	buf_done(&b);
}

static bool
slice_number(const struct json_slice *s, uint64_t *n_out)
{
	if (s->kind != JSON_NUMBER)
		return false;
	*n_out = (uint64_t)json_slice_number(s);
	return true;
}

struct field {
	const char		*name;
	struct json_slice	*slice;
};

static void
read_fields(const char *text, size_t len, const struct field *fields)
{
	struct json_reader r;
	struct json_slice key, value;
	const struct field *f;
	struct ot_err err;
	int more;

	for (f = fields; f->name != NULL; f++)
		*f->slice = (struct json_slice){ NULL, 0, JSON_NONE };
	json_reader_init(&r, text, len, &err);
	if (json_enter(&r, JSON_OBJECT) != 0)
		bug("the server says what is no object");
	while ((more = json_next_member(&r, &key)) > 0) {
		if (json_skip(&r, &value) != 0)
			bug("the server says what is not JSON");
		for (f = fields; f->name != NULL; f++)
			if (json_slice_is(&key, f->name))
				*f->slice = value;
	}
	if (more < 0 || json_finish(&r) != 0)
		bug("the server says what is not JSON");
}

void
heard_read(const char *text, size_t len, struct heard *h)
{
	struct json_slice a, b, ch, d, id, pv, src, seq, v, error, code;
	struct json_reader r;
	struct ot_err err;
	const struct field fields[] = {
		{ "a", &a }, { "d", &d }, { "src", &src }, { "seq", &seq },
		{ "v", &v }, { "op", &h->op }, { "create", &h->create },
		{ "del", &h->del }, { "data", &h->data }, { "b", &b },
		{ "id", &id }, { "ch", &ch }, { "p", &h->p }, { "pv", &pv },
		{ "error", &error }, { NULL, NULL },
	};
	const struct field inside[] = { { "code", &code }, { NULL, NULL } };

	memset(h, 0, sizeof(*h));
	read_fields(text, len, fields);
	slice_string(&a, h->a, sizeof(h->a));
	slice_string(&d, h->d, sizeof(h->d));
	slice_string(&src, h->src, sizeof(h->src));
	h->has_v = slice_number(&v, &h->v);
	if (b.kind == JSON_LIST) {
		json_reader_init(&r, b.p, b.len, &err);
		if (json_enter(&r, JSON_LIST) != 0 ||
		    json_next_item(&r) < 0 || json_skip(&r, &h->b_first) != 0)
			h->b_first.kind = JSON_NONE;
	}
	slice_number(&seq, &h->seq);
	slice_number(&id, &h->id);
	slice_number(&pv, &h->pv);
	slice_string(&ch, h->ch, sizeof(h->ch));
	h->is_error = error.kind != JSON_NONE;
	if (h->is_error) {
		read_fields(error.p, error.len, inside);
		slice_string(&code, h->code, sizeof(h->code));
	}
}

void
heard_snapshot_read(const struct json_slice *s, struct heard_snapshot *snap)
{
	struct json_slice v, type, error;
	const struct field fields[] = {
		{ "v", &v }, { "data", &snap->data }, { "type", &type },
		{ "error", &error }, { NULL, NULL },
	};

	memset(snap, 0, sizeof(*snap));
	read_fields(s->p, s->len, fields);
	snap->is_error = error.kind != JSON_NONE;
	if (!snap->is_error && !slice_number(&v, &snap->v))
		bug("a snapshot without a version");
	snap->is_there = type.kind != JSON_NULL;
	slice_string(&type, snap->type, sizeof(snap->type));
}

bool
heard_is_op(const struct heard *h)
{
	return !h->is_error && strcmp(h->a, "op") == 0 &&
	    (h->op.kind != JSON_NONE || h->create.kind != JSON_NONE ||
	    h->del.kind != JSON_NONE);
}
