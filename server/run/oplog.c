#include "run/oplog.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define PAGE_ROWS	1000		/* operations, read at once */

void
oplog_init(struct oplog *l, struct asker *a, const char *collection,
    const char *id, uint64_t from)
{
	*l = (struct oplog){ .a = a, .collection = collection, .id = id,
	    .next = from };
}

static void
page_drop(struct oplog *l)
{
	if (l->page != NULL)
		job_free(l->page);
	l->page = NULL;
	l->i = 0;
}

void
oplog_done(struct oplog *l)
{
	page_drop(l);
}

static bool
page_ask(struct oplog *l, const char **why_out)
{
	char from[24], rows[24];

	page_drop(l);
	snprintf(from, sizeof(from), "%" PRIu64, l->next);
	snprintf(rows, sizeof(rows), "%d", PAGE_ROWS);
	l->page = asker_ask(l->a, rows_new(ROWS_OPS, NULL, NULL, l->collection,
	    l->id, from, rows), why_out);
	return l->page != NULL;
}

/* Was all of the log in the page, as it was then? */
static bool
page_is_last(const struct job *page)
{
	size_t n = page->rows.n_rows;

	return n == 0 || (n < PAGE_ROWS && rows_number(page, n - 1, 0, 0) + 1 >=
	    rows_number(page, n - 1, 7, 0));
}

int
oplog_next(struct oplog *l, struct oplog_row *row, const char **why_out)
{
	const struct job *page;
	size_t i;

	if (l->page != NULL && l->i == l->page->rows.n_rows &&
	    page_is_last(l->page)) {
		page_drop(l);
		return 0;
	}
	if ((l->page == NULL || l->i == l->page->rows.n_rows) &&
	    !page_ask(l, why_out))
		return -1;
	if (l->page->rows.n_rows == 0) {
		page_drop(l);
		return 0;
	}
	page = l->page;
	i = l->i++;
	*row = (struct oplog_row){
		.v = (uint64_t)rows_number(page, i, 0, 0),
		.kind = (enum op_kind)rows_number(page, i, 1, OP_EDIT),
		.src = rows_cell(page, i, 2),
		.seq = (uint64_t)rows_number(page, i, 3, 0),
		.body = rows_cell(page, i, 4),
		.author = rows_cell(page, i, 5),
		.at_ms = rows_number(page, i, 6, 0),
		.head_v = (uint64_t)rows_number(page, i, 7, 0),
		.horizon = (uint64_t)rows_number(page, i, 8, 0),
	};
	l->next = row->v + 1;
	return 1;
}

struct op *
oplog_op(const struct oplog_row *row)
{
	struct op *op = op_new(row->kind, row->v, row->src, row->seq,
	    row->body, row->body != NULL ? strlen(row->body) : 0);

	if (op == NULL)
		bug("out of memory");
	return op;
}
