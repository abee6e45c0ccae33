#include "core/span.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *
span_empty(const struct ot_type *type)
{
	if (type == &ot_type_rich_text)
		return "{\"ops\":[]}";
	if (type == &ot_type_json1 || type == &ot_type_json1_auto)
		return "null";
	return "[]";
}

void
span_begin(struct span *sp, const struct snapshot *s)
{
	struct buf b = BUF_INIT;
	bool is_there;

	span_done(sp);
	sp->from = s->v;
	sp->type = s->type;
	if (s->type == NULL)
		return;
	is_there = s->type->print(s->data, &b);
	if (buf_failed(&b))
		bug("no memory for a document");
	if (is_there)
		sp->before = buf_take(&b, &sp->before_len);
	buf_done(&b);
}

void
span_done(struct span *sp)
{
	size_t i;

	for (i = 0; i < SPAN_LEVELS; i++)
		if (sp->levels[i] != NULL)
			sp->type->edit_free(sp->levels[i]);
	free(sp->before);
	*sp = (struct span){ .from = 0 };
}

/* first, then second, both of which are used up; *second becomes it. */
static int
join(const struct ot_type *type, struct ot_edit *first,
    struct ot_edit **second, struct ot_err *err)
{
	struct ot_edit *both = NULL;
	int rc = type->compose(first, *second, &both, err);

	type->edit_free(first);
	type->edit_free(*second);
	*second = rc == 0 ? both : NULL;
	return rc;
}

/*
 * As a counter counts: two of a size become one of the next.  So that none is
 * composed more often than there are levels.
 */
int
span_add(struct span *sp, const struct op *op, struct ot_err *err)
{
	struct ot_edit *edit;
	size_t i;
	int rc;

	if (sp->type == NULL)
		return ot_fail(err, OT_ENODOC, "Document does not exist");
	if ((rc = sp->type->edit_parse(op->body, op->body_len, &edit,
	    err)) != 0)
		return rc;
	for (i = 0; i < SPAN_LEVELS - 1 && sp->levels[i] != NULL; i++) {
		rc = join(sp->type, sp->levels[i], &edit, err);
		sp->levels[i] = NULL;
		if (rc != 0)
			return rc;
	}
	sp->levels[i] = edit;
	sp->n++;
	sp->bytes += op->body_len;
	sp->is_last_full = strcmp(op->body, span_empty(sp->type)) != 0;
	sp->n_full += (uint64_t)sp->is_last_full;
	return 0;
}

/* All levels as one edit. */
static int
join_all(struct span *sp, struct ot_edit **edit_out, struct ot_err *err)
{
	struct ot_edit *all = NULL;
	size_t i;
	int rc;

	for (i = 0; i < SPAN_LEVELS; i++) {
		struct ot_edit *older = sp->levels[i];

		if (older == NULL)
			continue;
		sp->levels[i] = NULL;
		if (all == NULL)
			all = older;
		else if ((rc = join(sp->type, older, &all, err)) != 0)
			return rc;
	}
	*edit_out = all;
	return 0;
}

static bool
prints_as(const struct ot_type *type, const struct ot_data *data,
    const struct ot_data *wanted)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	bool same = type->print(data, &a) == type->print(wanted, &b) &&
	    !buf_failed(&a) && !buf_failed(&b) && a.len == b.len &&
	    (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);

	buf_done(&a);
	buf_done(&b);
	return same;
}

/* Does the edit lead from the content before to that after? */
static int
prove(const struct span *sp, const struct snapshot *after, const char *body,
    size_t len, struct ot_err *err)
{
	struct ot_edit *edit = NULL;
	struct ot_data *data = NULL;
	int rc;

	if ((rc = sp->type->edit_parse(body, len, &edit, err)) != 0)
		return rc;
	if ((rc = sp->type->load(sp->before, sp->before_len, &data, err)) != 0)
		goto out;
	if ((rc = sp->type->apply(data, edit, NULL, err)) != 0)
		goto out;
	if (after->type != sp->type || !prints_as(sp->type, data, after->data))
		rc = ot_fail(err, OT_EAPPLY, "Composed, they lead elsewhere");
out:
	if (data != NULL)
		sp->type->data_free(data);
	sp->type->edit_free(edit);
	return rc;
}

int
span_end(struct span *sp, const struct snapshot *after, char **body_out,
    size_t *len_out, struct ot_err *err)
{
	struct ot_edit *edit = NULL;
	struct buf b = BUF_INIT;
	size_t len;
	char *body;
	int rc;

	if (sp->n == 0)
		bug("a span of nothing");
	if ((rc = join_all(sp, &edit, err)) != 0)
		return rc;
	sp->type->edit_print(edit, &b);
	sp->type->edit_free(edit);
	buf_putc(&b, '\0');
	if ((body = buf_take(&b, &len)) == NULL)
		bug("no memory for an edit");
	len--;
	if ((rc = prove(sp, after, body, len, err)) != 0) {
		free(body);
		return rc;
	}
	*body_out = body;
	*len_out = len;
	return 0;
}
