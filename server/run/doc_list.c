#include "run/doc_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/job.h"

#define PAGE_ROWS	500	/* documents, named at once */

void
doc_list_init(struct doc_list *l, struct asker *a, const char *only,
    const char *collection, const char *id)
{
	if (only != NULL)
		collection = only;
	*l = (struct doc_list){ .a = a, .only = only,
	    .collection = mem_copy(collection, strlen(collection)),
	    .id = mem_copy(id, strlen(id)) };
}

void
doc_list_done(struct doc_list *l)
{
	if (l->page != NULL)
		job_free(l->page);
	free(l->collection);
	free(l->id);
	*l = (struct doc_list){ NULL, NULL, NULL, NULL, NULL, 0 };
}

static void
replace(char **text, const char *by)
{
	free(*text);
	*text = mem_copy(by, strlen(by));
}

/* The page after this one; at first, after the names given. */
static bool
page_ask(struct doc_list *l, const char **why_out)
{
	size_t n = l->page != NULL ? l->page->rows.n_rows : 0;
	char rows[24];

	if (n > 0) {
		replace(&l->collection, rows_cell(l->page, n - 1, 0));
		replace(&l->id, rows_cell(l->page, n - 1, 1));
	}
	if (l->page != NULL)
		job_free(l->page);
	l->i = 0;
	snprintf(rows, sizeof(rows), "%d", PAGE_ROWS);
	l->page = asker_ask(l->a, rows_new(l->only != NULL ?
	    ROWS_DOCUMENTS_OF : ROWS_DOCUMENTS, NULL, NULL, l->collection,
	    l->id, rows), why_out);
	return l->page != NULL;
}

int
doc_list_next(struct doc_list *l, const char **collection_out,
    const char **id_out, const char **why_out)
{
	if (l->page == NULL || l->i == l->page->rows.n_rows) {
		/* One that was not full was the last. */
		if (l->page != NULL && l->page->rows.n_rows < PAGE_ROWS)
			return 0;
		if (!page_ask(l, why_out))
			return -1;
		if (l->page->rows.n_rows == 0)
			return 0;
	}
	*collection_out = rows_cell(l->page, l->i, 0);
	*id_out = rows_cell(l->page, l->i, 1);
	l->i++;
	return 1;
}

uint64_t
doc_list_count(struct asker *a, char *const *collections, int n)
{
	uint64_t sum = 0;
	const char *why;
	struct job *job;
	int i;

	for (i = 0; i < (n > 0 ? n : 1); i++) {
		job = asker_ask(a, n > 0 ? rows_new(ROWS_DOCUMENT_COUNT_OF,
		    NULL, NULL, collections[i]) :
		    rows_new(ROWS_DOCUMENT_COUNT, NULL, NULL), &why);
		if (job == NULL)
			return 0;
		sum += (uint64_t)rows_number(job, 0, 0, 0);
		job_free(job);
	}
	return sum;
}
