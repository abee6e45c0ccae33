/*
 * export: see export.h, and docs/MOVING.md for the lines.
 *
 * A document is replayed while it is written, so that the content behind its
 * operations is what they lead to, and what cannot be replayed is said here
 * and not found out where it is read.  One that is compacted or erased while
 * it is read is begun again: what was read before does not fit what comes.
 */
#include "run/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "ot/json.h"
#include "run/doc_list.h"
#include "run/export_file.h"
#include "run/oplog.h"
#include "run/progress.h"
#include "run/words.h"

struct exporter {
	struct asker	 a;
	struct export_file file;
	bool		 is_over;	/* told */
	uint64_t	 bad;		/* documents */
	struct progress	 progress;
};

/* The document that is being written. */
struct page {
	const char	*collection, *id;
	uint64_t	 v;		/* what it was at the beginning */
	uint64_t	 horizon;	/* likewise: ops below stand for others */
	uint64_t	 begins;	/* likewise: there are none below; 0: all are */
	bool		 has_moved;	/* the horizon, since */
	uint64_t	 n_ops;		/* written */
	struct snapshot	 s;		/* replayed so far */
	char		 why[320];	/* "": nothing is wrong */
};

static bool
give_up(struct exporter *e, const char *why)
{
	if (!e->is_over) {
		progress_clear(&e->progress);
		fprintf(stderr, "otd: %s\n", why);
	}
	e->is_over = true;
	return false;
}

/* The answer; NULL: it is over, told. */
static struct job *
ask(struct exporter *e, struct job *job)
{
	const char *why;

	if ((job = asker_ask(&e->a, job, &why)) == NULL)
		give_up(e, why);
	return job;
}

static bool
write_line(struct exporter *e, struct buf *b)
{
	buf_putc(b, '\n');
	if (buf_failed(b))
		bug("out of memory");
	if (!export_file_put(&e->file, b->data, b->len))
		give_up(e, strerror(errno));
	buf_done(b);
	return !e->is_over;
}

/* ---- pieces of lines ---- */

static void
put_text(struct buf *b, const char *name, const char *text)
{
	buf_puts(b, name);
	if (text != NULL)
		json_put_string(b, text, strlen(text));
	else
		buf_puts(b, "null");
}

/* "v", "type" and "data" of what s shows. */
static void
put_content(struct buf *b, const struct snapshot *s)
{
	size_t before;

	buf_puts(b, "\"v\":");
	buf_put_u64(b, s->v);
	put_text(b, ",\"type\":", s->type != NULL ? s->type->uri : NULL);
	if (s->type == NULL)
		return;
	before = b->len;
	buf_puts(b, ",\"data\":");
	if (!s->type->print(s->data, b) && !buf_failed(b))
		b->len = before;	/* undefined: JSON has no word for it */
}

/* Columns of ROWS_GRANT_LIST. */
static void
put_grants(struct buf *b, const struct job *grants)
{
	size_t i, n = grants->rows.n_rows;

	for (i = 0; i < n; i++) {
		buf_puts(b, i == 0 ? ",\"grants\":[" : ",");
		put_text(b, "{\"subject\":", rows_cell(grants, i, 0));
		put_text(b, ",\"role\":", rows_cell(grants, i, 1));
		if (rows_cell(grants, i, 2) != NULL) {
			buf_puts(b, ",\"expires\":");
			buf_puts(b, rows_cell(grants, i, 2));
		}
		if (rows_cell(grants, i, 3) != NULL)
			put_text(b, ",\"by\":", rows_cell(grants, i, 3));
		buf_putc(b, '}');
	}
	if (n > 0)
		buf_putc(b, ']');
}

static bool
put_op(struct exporter *e, const struct oplog_row *row, const struct op *op)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "{\"v\":");
	buf_put_u64(&b, row->v);
	put_text(&b, ",\"src\":", row->src);
	buf_puts(&b, ",\"seq\":");
	buf_put_u64(&b, row->seq);
	buf_puts(&b, ",\"at\":");
	buf_put_u64(&b, row->at_ms > 0 ? (uint64_t)row->at_ms : 0);
	if (row->author != NULL)
		put_text(&b, ",\"author\":", row->author);
	if (op->kind == OP_DELETE) {
		buf_puts(&b, ",\"del\":true");
	} else {
		buf_puts(&b, op->kind == OP_CREATE ? ",\"create\":" :
		    ",\"op\":");
		buf_put(&b, op->body, op->body_len);
	}
	buf_putc(&b, '}');
	return write_line(e, &b);
}

/* ---- a document ---- */

/*
 * Where its history begins: at version 0, or at a snapshot behind which
 * operations are kept, from version first on.
 */
static bool
find_base(struct exporter *e, struct page *p, uint64_t first)
{
	struct job_load load = { .snap_v = 0 };
	struct ot_err err;
	struct job *job;
	char from[24];

	if (first > 0 && first == p->begins) {
		p->s.v = first;		/* it was erased: nothing */
		return true;
	}
	snprintf(from, sizeof(from), "%" PRIu64, first);
	job = ask(e, rows_new(ROWS_SNAPSHOT_FROM, NULL, NULL, p->collection,
	    p->id, from));
	if (job == NULL)
		return false;
	if (job->rows.n_rows == 0) {
		snprintf(p->why, sizeof(p->why), "its log begins at version %"
		    PRIu64 ", and nothing is kept there", first);
	} else {
		load.snap_v = (uint64_t)rows_number(job, 0, 0, 0);
		load.snap_type = (char *)rows_cell(job, 0, 1);
		load.snap_body = (char *)rows_cell(job, 0, 2);
		load.snap_len = load.snap_body != NULL ?
		    strlen(load.snap_body) : 0;
		if (job_snapshot(&load, &p->s, &err) != 0)
			snprintf(p->why, sizeof(p->why), "its checkpoint of "
			    "version %" PRIu64 " cannot be read: %s",
			    load.snap_v, err.text);
	}
	job_free(job);
	return true;
}

static bool
put_head(struct exporter *e, const struct page *p, const struct job *row,
    const struct job *grants)
{
	struct buf b = BUF_INIT;

	put_text(&b, "{\"document\":{\"collection\":", p->collection);
	put_text(&b, ",\"id\":", p->id);
	buf_puts(&b, ",\"v\":");
	buf_put_u64(&b, p->v);
	if (rows_cell(row, 0, 2) != NULL)
		put_text(&b, ",\"owner\":", rows_cell(row, 0, 2));
	put_grants(&b, grants);
	if (p->horizon > p->s.v) {
		buf_puts(&b, ",\"horizon\":");
		buf_put_u64(&b, p->horizon);
	}
	if (p->s.v > 0) {
		buf_puts(&b, ",\"from\":{");
		put_content(&b, &p->s);
		buf_putc(&b, '}');
	}
	buf_puts(&b, "}}");
	return write_line(e, &b);
}

/* Applied, it is written; what does not apply ends the document. */
static bool
take(struct exporter *e, struct page *p, const struct oplog_row *row)
{
	struct op *op = oplog_op(row);
	struct ot_err err;
	bool goes_on = true;

	if (row->v != p->s.v)
		snprintf(p->why, sizeof(p->why), "operation %" PRIu64
		    " stands where %" PRIu64 " should", row->v, p->s.v);
	else if (op_parse(op, p->s.type, &err) != 0 ||
	    op_apply(&p->s, op, NULL, &err) != 0)
		snprintf(p->why, sizeof(p->why), "operation %" PRIu64
		    " does not apply: %s", row->v, err.text);
	else
		goes_on = put_op(e, row, op);
	if (p->why[0] == '\0')
		p->n_ops++;
	op_unref(op);
	return goes_on;
}

/* From the row that was read first (none: more is 0) to the version wanted. */
static bool
put_ops(struct exporter *e, struct page *p, struct oplog *l,
    struct oplog_row *row, int more)
{
	const char *why = NULL;

	while (more > 0 && p->why[0] == '\0' && row->v < p->v) {
		if (row->horizon != p->horizon && row->horizon > p->s.v) {
			p->has_moved = true;
			return true;
		}
		if (row->v >= p->s.v && !take(e, p, row))
			return false;
		if (p->s.v < p->v)
			more = oplog_next(l, row, &why);
		else
			break;
	}
	if (more < 0)
		return give_up(e, why);
	if (p->why[0] == '\0' && p->s.v != p->v)
		snprintf(p->why, sizeof(p->why), "its log ends at version %"
		    PRIu64 " of %" PRIu64, p->s.v, p->v);
	return true;
}

/* Its content; or why there is none. */
static bool
put_tail(struct exporter *e, const struct page *p)
{
	struct buf b = BUF_INIT;

	if (p->why[0] == '\0') {
		buf_puts(&b, "{\"content\":{");
		put_content(&b, &p->s);
		buf_puts(&b, "}}");
		return write_line(e, &b);
	}
	e->bad++;
	progress_clear(&e->progress);
	fprintf(stderr, "otd: document \"%s/%s\": %s\n", p->collection, p->id,
	    p->why);
	buf_puts(&b, "{\"broken\":{\"v\":");
	buf_put_u64(&b, p->s.v);
	put_text(&b, ",\"reason\":", p->why);
	buf_puts(&b, "}}");
	return write_line(e, &b);
}

static bool
put_document(struct exporter *e, struct page *p, const struct job *row,
    const struct job *grants)
{
	struct oplog_row first;
	struct oplog l;
	const char *why;
	bool goes_on;
	int more;

	oplog_init(&l, &e->a, p->collection, p->id, 0);
	if ((more = oplog_next(&l, &first, &why)) < 0)
		goes_on = give_up(e, why);
	else if (more > 0 && first.horizon != p->horizon)
		goes_on = p->has_moved = true;
	else
		goes_on = ((more > 0 && first.v == 0) ||
		    find_base(e, p, more > 0 ? first.v : 0)) &&
		    put_head(e, p, row, grants) &&
		    put_ops(e, p, &l, &first, more);
	oplog_done(&l);
	return goes_on;
}

static bool
read_document(struct exporter *e, struct page *p)
{
	struct job *row, *grants;
	bool goes_on;

	if ((row = ask(e, rows_new(ROWS_DOCUMENT, NULL, NULL, p->collection,
	    p->id))) == NULL)
		return false;
	if (row->rows.n_rows == 0) {	/* taken away since it was named */
		job_free(row);
		return true;
	}
	p->v = (uint64_t)rows_number(row, 0, 0, 0);
	p->horizon = (uint64_t)rows_number(row, 0, 3, 0);
	p->begins = (uint64_t)rows_number(row, 0, 4, 0);
	grants = ask(e, rows_new(ROWS_GRANT_LIST, NULL, NULL, p->collection,
	    p->id));
	goes_on = grants != NULL && put_document(e, p, row, grants);
	if (grants != NULL)
		job_free(grants);
	job_free(row);
	return goes_on;
}

static bool
write_document(struct exporter *e, const char *collection, const char *id)
{
	struct page p;
	bool goes_on, again;

	export_file_begin(&e->file);
	do {
		p = (struct page){ .collection = collection, .id = id };
		goes_on = read_document(e, &p);
		again = goes_on && p.has_moved && export_file_undo(&e->file);
		if (again)
			snapshot_done(&p.s);
	} while (again);
	if (p.has_moved)
		snprintf(p.why, sizeof(p.why), "it was compacted or erased "
		    "while it was read; export it again");
	if (goes_on && p.v > 0 && (goes_on = put_tail(e, &p)))
		export_file_document(&e->file, p.n_ops);
	progress_show(&e->progress, e->file.documents, e->file.ops);
	snapshot_done(&p.s);
	return goes_on;
}

/* ---- all of them ---- */

/* The first line: which collections; n 0: all. */
static void
make_header(struct buf *b, uint64_t documents, char *const *collections,
    int n)
{
	int i;

	buf_puts(b, "{\"otd\":\"export\",\"format\":1");
	for (i = 0; i < n; i++) {
		put_text(b, i == 0 ? ",\"collections\":[" : ",",
		    collections[i]);
		if (i == n - 1)
			buf_putc(b, ']');
	}
	buf_puts(b, ",\"documents\":");
	buf_put_u64(b, documents);
	buf_puts(b, "}\n");
	if (buf_failed(b))
		bug("out of memory");
}

/* Documents of only (NULL: of all), after the one that was written last. */
static bool
write_all(struct exporter *e, const char *only)
{
	const char *collection, *id, *why;
	struct doc_list list;
	bool goes_on = true;
	int more = 1;

	doc_list_init(&list, &e->a, only, e->file.collection, e->file.id);
	while (goes_on &&
	    (more = doc_list_next(&list, &collection, &id, &why)) > 0)
		goes_on = write_document(e, collection, id);
	doc_list_done(&list);
	if (more < 0)
		give_up(e, why);
	return goes_on && more == 0;
}

/* The collections; those before the one that was reached are done. */
static bool
write_collections(struct exporter *e, char *const *collections, int n)
{
	int i = 0;

	if (n == 0)
		return write_all(e, NULL);
	if (e->file.collection[0] != '\0')
		while (i < n && strcmp(collections[i], e->file.collection) != 0)
			i++;
	for (; i < n; i++) {
		if (!write_all(e, collections[i]))
			return false;
		export_file_restart(&e->file);
	}
	return true;
}

static bool
write_end(struct exporter *e)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "{\"end\":{\"documents\":");
	buf_put_u64(&b, e->file.documents);
	buf_puts(&b, ",\"operations\":");
	buf_put_u64(&b, e->file.ops);
	buf_puts(&b, "}}");
	if (!write_line(e, &b))
		return false;
	return export_file_finish(&e->file) || give_up(e, strerror(errno));
}

static void
sum_up(const struct exporter *e, const char *name)
{
	char documents[32], ops[32];

	progress_number(e->file.documents, documents, sizeof(documents));
	progress_number(e->file.ops, ops, sizeof(ops));
	fprintf(stderr, "%s documents, %s operations written to \"%s\"\n",
	    documents, ops, name);
}

/* Options out of words.  Those left: *n. */
static const char *
take_out(char **words, int *n)
{
	const char *out = NULL, *value;
	int i, kept = 0;

	for (i = 0; i < *n; i++) {
		if ((value = words_value(words[i], "out")) != NULL)
			out = value;
		else
			words[kept++] = words[i];
	}
	*n = kept;
	return out;
}

static int
begin(struct exporter *e, const char *name, FILE *std,
    const struct buf *header)
{
	progress_init(&e->progress, "export", 0);
	if (export_file_open(&e->file, name, std, header->data, header->len))
		return 0;
	if (name != NULL)
		fprintf(stderr, "otd: could not write \"%s.part\": %s\n", name,
		    strerror(errno));
	else
		fprintf(stderr, "otd: could not write: %s\n", strerror(errno));
	export_file_done(&e->file);
	asker_close(&e->a);
	return EX_CANTCREAT;
}

static int
end(struct exporter *e, const char *name)
{
	int rc = e->is_over ? EX_UNAVAILABLE : e->bad > 0;

	progress_clear(&e->progress);
	if (!e->is_over && name != NULL)
		sum_up(e, name);
	export_file_done(&e->file);
	asker_close(&e->a);
	return rc;
}

int
export_tool(const struct config *config, char **words, int n, FILE *std)
{
	const char *name = take_out(words, &n);
	struct exporter e = { .is_over = false };
	struct buf header = BUF_INIT;
	uint64_t documents;
	int rc;

	if (!asker_open(&e.a, config->store, true))
		return EX_UNAVAILABLE;
	documents = doc_list_count(&e.a, words, n);
	make_header(&header, documents, words, n);
	if ((rc = begin(&e, name, std, &header)) == 0) {
		e.progress.total = documents;
		if (write_collections(&e, words, n))
			write_end(&e);
		rc = end(&e, name);
	}
	buf_done(&header);
	return rc;
}

int
export_one(const struct config *config, char **words, int n, FILE *std)
{
	const char *name = take_out(words, &n);
	struct exporter e = { .is_over = false };
	struct buf header = BUF_INIT;
	int rc;

	if (n != 2)
		return EX_USAGE;
	if (!asker_open(&e.a, config->store, true))
		return EX_UNAVAILABLE;
	make_header(&header, 1, words, 1);
	if ((rc = begin(&e, name, std, &header)) == 0) {
		/* Gone on with, it may be there already. */
		if (e.file.documents > 0 ||
		    write_document(&e, words[0], words[1]))
			write_end(&e);
		if (!e.is_over && e.file.documents == 0) {
			fprintf(stderr, "otd: document \"%s/%s\": never was\n",
			    words[0], words[1]);
			e.bad++;
		}
		rc = end(&e, name);
	}
	buf_done(&header);
	return rc;
}
