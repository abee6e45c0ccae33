/*
 * Lines of JSON, as docs/MOVING.md has them, one after the other.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/op.h"
#include "ot/type.h"
#include "run/import.h"
#include "run/members.h"
#include "run/mover.h"

#define FORMAT	1

struct source {
	struct mover	*m;
	FILE		*f;
	const char	*name;
	uint64_t	 line;		/* number of the line, from 1 */
	bool		 has_header;
	bool		 in_document;
	bool		 skips;		/* it failed: its lines are passed over */
	bool		 is_ended;	/* the last line was there */
	char		*collection, *id;	/* of the document; heap */
};

/* What a line says; each member is looked at where it may stand. */
enum {
	LINE_OTD, LINE_FORMAT, LINE_DOCUMENTS,
	LINE_DOCUMENT, LINE_CONTENT, LINE_BROKEN, LINE_END,
	LINE_V, LINE_SRC, LINE_SEQ, LINE_AT, LINE_AUTHOR,
	LINE_CREATE, LINE_OP, LINE_DEL,
	LINE_N
};
static const char *const line_names[LINE_N] = {
	"otd", "format", "documents", "document", "content", "broken", "end",
	"v", "src", "seq", "at", "author", "create", "op", "del",
};

/* The file is not what it should be; false. */
static bool
refuse(const struct source *s, const char *why)
{
	fprintf(stderr, "otd: %s:%" PRIu64 ": %s\n", s->name, s->line, why);
	return false;
}

/* ---- pieces ---- */

enum { CONTENT_V, CONTENT_TYPE, CONTENT_DATA, CONTENT_N };
static const char *const content_names[CONTENT_N] = { "v", "type", "data" };

struct content {
	struct mover_content	 c;
	char			*type;		/* heap; NULL: there is none */
};

static bool
read_content(const struct source *s, const struct json_slice *from,
    struct content *out)
{
	struct json_slice of[CONTENT_N];
	struct ot_err err;

	*out = (struct content){ .type = NULL };
	if (from->kind != JSON_OBJECT || members_read(from->p, from->len,
	    content_names, of, CONTENT_N, &err) != 0 ||
	    !members_number(&of[CONTENT_V], &out->c.v))
		return refuse(s, "content is {\"v\", \"type\", \"data\"}");
	if (of[CONTENT_TYPE].kind != JSON_NULL &&
	    (out->type = members_text(&of[CONTENT_TYPE])) == NULL)
		return refuse(s, "\"type\" is a text or null");
	out->c.type = out->type;
	out->c.data = of[CONTENT_DATA].p;
	out->c.len = of[CONTENT_DATA].len;
	return true;
}

/* The content that a document begins with. */
static bool
read_base(const struct source *s, const struct json_slice *from,
    struct snapshot *out)
{
	struct content base;
	struct ot_err err;
	bool ok = false;

	if (from->kind == JSON_NONE)
		return true;
	if (!read_content(s, from, &base))
		return false;
	out->v = base.c.v;
	if (base.type == NULL)
		ok = true;
	else if ((out->type = ot_type_find(base.type)) == NULL)
		refuse(s, "\"from\" is of a type that is not known");
	else if (out->type->load(base.c.data, base.c.len, &out->data,
	    &err) != 0)
		refuse(s, "\"from\" is no content of its type");
	else
		ok = true;
	free(base.type);
	return ok;
}

enum { GRANT_SUBJECT, GRANT_ROLE, GRANT_EXPIRES, GRANT_BY, GRANT_N };
static const char *const grant_names[GRANT_N] = {
	"subject", "role", "expires", "by",
};

static enum mover_fate
take_grant(struct source *s, const struct json_slice *from)
{
	struct json_slice of[GRANT_N];
	enum mover_fate fate = MOVER_FAILED;
	char *subject = NULL, *role = NULL, *by = NULL, expires[24];
	struct ot_err err;
	uint64_t ms;
	bool ends;

	if (from->kind != JSON_OBJECT || members_read(from->p, from->len,
	    grant_names, of, GRANT_N, &err) != 0)
		return MOVER_FAILED;
	subject = members_text(&of[GRANT_SUBJECT]);
	role = members_text(&of[GRANT_ROLE]);
	by = members_text(&of[GRANT_BY]);
	if ((ends = members_number(&of[GRANT_EXPIRES], &ms)))
		snprintf(expires, sizeof(expires), "%" PRIu64, ms);
	if (subject != NULL && role != NULL)
		fate = mover_grant(s->m, &(struct mover_grant){
		    .subject = subject, .role = role,
		    .expires_ms = ends ? expires : NULL, .granted_by = by });
	free(subject);
	free(role);
	free(by);
	return fate;
}

static enum mover_fate
take_grants(struct source *s, const struct json_slice *list)
{
	enum mover_fate fate = MOVER_ON;
	struct json_slice grant;
	struct json_reader r;
	struct ot_err err;

	if (list->kind == JSON_NONE)
		return MOVER_ON;
	json_reader_init(&r, list->p, list->len, &err);
	if (json_enter(&r, JSON_LIST) != 0)
		return MOVER_FAILED;
	while (fate == MOVER_ON && json_next_item(&r) > 0)
		fate = json_skip(&r, &grant) != 0 ? MOVER_FAILED :
		    take_grant(s, &grant);
	return fate;
}

/* ---- lines ---- */

enum {
	DOC_COLLECTION, DOC_ID, DOC_V, DOC_OWNER, DOC_GRANTS, DOC_HORIZON,
	DOC_FROM, DOC_N
};
static const char *const doc_names[DOC_N] = {
	"collection", "id", "v", "owner", "grants", "horizon", "from",
};

static void
forget_names(struct source *s)
{
	free(s->collection);
	free(s->id);
	s->collection = s->id = NULL;
}

static bool
begin(struct source *s, const struct json_slice of[DOC_N],
    const struct mover_doc *doc, struct snapshot *base)
{
	enum mover_fate fate = mover_begin(s->m, doc, base);

	if (fate == MOVER_ON)
		fate = take_grants(s, &of[DOC_GRANTS]);
	s->in_document = true;
	s->skips = fate == MOVER_FAILED;
	return fate != MOVER_OVER;
}

static bool
take_document(struct source *s, const struct json_slice *line)
{
	struct json_slice of[DOC_N];
	struct snapshot base = { .v = 0 };
	struct mover_doc doc = { .owner = NULL };
	struct ot_err err;
	char *owner;
	bool goes_on;

	if (s->in_document)
		return refuse(s, "a document begins before the one before it "
		    "has ended");
	if (line->kind != JSON_OBJECT || members_read(line->p, line->len,
	    doc_names, of, DOC_N, &err) != 0 ||
	    !members_number(&of[DOC_V], &doc.v))
		return refuse(s, "a document is {\"collection\", \"id\", "
		    "\"v\"}");
	forget_names(s);
	s->collection = members_text(&of[DOC_COLLECTION]);
	s->id = members_text(&of[DOC_ID]);
	if (s->collection == NULL || s->id == NULL)
		return refuse(s, "\"collection\" and \"id\" are texts");
	if (of[DOC_HORIZON].kind != JSON_NONE &&
	    !members_number(&of[DOC_HORIZON], &doc.horizon))
		return refuse(s, "\"horizon\" is a number");
	if (!read_base(s, &of[DOC_FROM], &base)) {
		snapshot_done(&base);
		return false;
	}
	doc.collection = s->collection;
	doc.id = s->id;
	doc.owner = owner = members_text(&of[DOC_OWNER]);
	goes_on = begin(s, of, &doc, &base);
	free(owner);
	return goes_on;
}

/* The op of a line, counted; NULL: told. */
static struct op *
read_op(const struct source *s, const struct json_slice line[LINE_N])
{
	const struct json_slice *body = &line[LINE_OP];
	enum op_kind kind = OP_EDIT;
	char *src = members_text(&line[LINE_SRC]), *author;
	struct op *op = NULL;
	uint64_t v, seq;

	if (line[LINE_CREATE].kind != JSON_NONE) {
		kind = OP_CREATE;
		body = &line[LINE_CREATE];
	} else if (body->kind == JSON_NONE) {
		kind = OP_DELETE;
	}
	if (src == NULL || !members_number(&line[LINE_V], &v) ||
	    !members_number(&line[LINE_SEQ], &seq) ||
	    (kind == OP_DELETE && line[LINE_DEL].kind != JSON_TRUE)) {
		refuse(s, "an operation is {\"v\", \"src\", \"seq\", \"at\"} "
		    "and one of \"create\", \"op\", \"del\"");
		goto out;
	}
	op = op_new(kind, v, src, seq, body->p, body->len);
	if (op == NULL)
		bug("out of memory");
	if ((author = members_text(&line[LINE_AUTHOR])) != NULL &&
	    !op_set_author(op, author))
		bug("out of memory");
	free(author);
out:
	free(src);
	return op;
}

static bool
take_op(struct source *s, const struct json_slice line[LINE_N])
{
	enum mover_fate fate;
	uint64_t at_ms = 0;
	struct op *op;

	if (!s->in_document)
		return refuse(s, "an operation stands in no document");
	if ((op = read_op(s, line)) == NULL)
		return false;
	if (s->skips) {
		op_unref(op);
		return true;
	}
	members_number(&line[LINE_AT], &at_ms);
	fate = mover_op(s->m, op, (int64_t)at_ms);
	s->skips = fate == MOVER_FAILED;
	return fate != MOVER_OVER;
}

static bool
take_content(struct source *s, const struct json_slice *line)
{
	struct content content;
	bool goes_on;

	if (!s->in_document)
		return refuse(s, "content stands in no document");
	goes_on = read_content(s, line, &content);
	if (goes_on) {
		goes_on = mover_end(s->m, &content.c) != MOVER_OVER;
		s->in_document = false;
	}
	free(content.type);
	return goes_on;
}

/* It was not whole where it comes from. */
static bool
take_broken(struct source *s)
{
	enum mover_fate fate;

	if (!s->in_document)
		return refuse(s, "what is broken stands in no document");
	s->in_document = false;
	fate = mover_end(s->m, NULL);
	mover_tell(s->m, s->collection, s->id, true, "it was broken where it "
	    "comes from; what is before that was taken");
	return fate != MOVER_OVER;
}

static bool
take_header(struct source *s, const struct json_slice line[LINE_N])
{
	uint64_t format, documents;

	if (!json_slice_is(&line[LINE_OTD], "export"))
		return refuse(s, "this is no export of otd");
	if (!members_number(&line[LINE_FORMAT], &format) || format != FORMAT)
		return refuse(s, "this is an export of a newer otd");
	if (members_number(&line[LINE_DOCUMENTS], &documents))
		mover_expect(s->m, documents);
	s->has_header = true;
	return true;
}

static bool
take_line(struct source *s, const char *text, size_t len)
{
	struct json_slice line[LINE_N];
	struct ot_err err;

	if (members_read(text, len, line_names, line, LINE_N, &err) != 0)
		return refuse(s, err.text);
	if (!s->has_header)
		return take_header(s, line);
	if (s->is_ended)
		return refuse(s, "there is a line behind the end");
	if (line[LINE_DOCUMENT].kind != JSON_NONE)
		return take_document(s, &line[LINE_DOCUMENT]);
	if (line[LINE_CONTENT].kind != JSON_NONE)
		return take_content(s, &line[LINE_CONTENT]);
	if (line[LINE_BROKEN].kind != JSON_NONE)
		return take_broken(s);
	if (line[LINE_END].kind != JSON_NONE) {
		s->is_ended = true;
		return !s->in_document ||
		    refuse(s, "it ends within a document");
	}
	return take_op(s, line);
}

static bool
take_all(struct source *s)
{
	char *text = NULL;
	size_t size = 0;
	bool goes_on = true;
	ssize_t len;

	while (goes_on && (len = getline(&text, &size, s->f)) > 0) {
		s->line++;
		goes_on = take_line(s, text, (size_t)len);
	}
	free(text);
	if (goes_on && ferror(s->f))
		return refuse(s, strerror(errno));
	if (goes_on && !s->is_ended)
		return refuse(s, "the file ends early: that is not all");
	return goes_on;
}

bool
import_ndjson(struct mover *m, const char *file)
{
	struct source s = { .m = m, .name = file, .f = stdin };
	bool is_whole;

	if (strcmp(file, "-") != 0 && (s.f = fopen(file, "r")) == NULL) {
		fprintf(stderr, "otd: could not read \"%s\": %s\n", file,
		    strerror(errno));
		return false;
	}
	is_whole = take_all(&s);
	if (s.f != stdin)
		fclose(s.f);
	forget_names(&s);
	return is_whole;
}
