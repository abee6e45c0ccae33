/*
 * From opening the store to the sum of it all; see mover_in.h.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "run/limits.h"
#include "run/migrate.h"
#include "run/mover_in.h"

static void
bales_free(struct list *bales)
{
	struct list *node;

	while ((node = list_shift(bales)) != NULL)
		bale_free(LIST_ITEM(node, struct bale, node));
}

static void
mover_free(struct mover *m)
{
	mover_drop(m);
	bales_free(&m->queue);
	bales_free(&m->sent);
	asker_close(&m->a);
	catalog_free(m->catalog);
	free(m);
}

struct mover *
mover_open(const struct config *config, bool verifies, FILE *out)
{
	struct mover *m = mem_get(sizeof(*m));
	char why[512];
	struct job *job;

	m->config = config;
	m->out = out;
	m->verifies = verifies;
	list_init(&m->held);
	list_init(&m->queue);
	list_init(&m->sent);
	progress_init(&m->progress, "import", 0);
	if (migrate_prepare(config->store, why, sizeof(why)) != 0) {
		fprintf(stderr, "otd: %s\n", why);
		free(m);
		return NULL;
	}
	if (!asker_open(&m->a, config->store, false)) {
		free(m);
		return NULL;
	}
	m->catalog = limits_of_catalog(config);
	job = mover_ask(m, rows_new(ROWS_DOCUMENTS, NULL, NULL, "", "", "1"));
	if (job == NULL) {
		mover_free(m);
		return NULL;
	}
	m->is_new = job->rows.n_rows == 0;
	job_free(job);
	return m;
}

void
mover_expect(struct mover *m, uint64_t documents)
{
	m->progress.total = documents;
}

/* A number of things: "1 document", "2,000 documents". */
static void
put_count(FILE *out, uint64_t n, const char *what)
{
	char text[32];

	progress_number(n, text, sizeof(text));
	fprintf(out, "%s %s%s", text, what, n == 1 ? "" : "s");
}

static void
sum_up(struct mover *m, bool is_whole)
{
	uint64_t ms = progress_ms(&m->progress);

	put_count(m->out, m->documents, "document");
	fprintf(m->out, " taken with ");
	put_count(m->out, m->ops, "operation");
	if (ms > 0 && m->ops > 0) {
		fprintf(m->out, " (");
		put_count(m->out, m->ops * 1000 / ms, "operation");
		fprintf(m->out, " a second)");
	}
	if (m->there > 0) {
		fprintf(m->out, ", ");
		put_count(m->out, m->there, "document");
		fprintf(m->out, " there already");
	}
	if (m->verifies) {
		fprintf(m->out, ", ");
		put_count(m->out, m->verified, "document");
		fprintf(m->out, " read back and the same");
	}
	if (m->bad > 0) {
		fprintf(m->out, ", ");
		put_count(m->out, m->bad, "complaint");
	}
	fprintf(m->out, "%s\n", is_whole ? "" : "; that is not all");
}

int
mover_close(struct mover *m, bool is_whole)
{
	int rc;

	mover_flush(m);
	is_whole &= !m->is_over;
	progress_clear(&m->progress);
	sum_up(m, is_whole);
	rc = m->bad > 0 || !is_whole;
	mover_free(m);
	return rc;
}
