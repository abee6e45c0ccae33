/*
 * doc: see doc.h.
 */
#include "run/doc.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/json.h"
#include "ot/op.h"
#include "ot/type.h"
#include "run/asker.h"
#include "run/verify.h"

#define LACKING_EACH	100	/* documents, asked for at once */

static int
complain(const char *collection, const char *id, const char *what)
{
	fprintf(stderr, "otd: document \"%s/%s\": %s\n", collection, id, what);
	return 1;
}

/* The job, answered; NULL, told on stderr and freed, when it was not. */
static struct job *
ask(struct asker *a, struct job *job, const char *collection, const char *id)
{
	const char *why;

	if ((job = asker_ask(a, job, &why)) == NULL)
		complain(collection, id, why);
	return job;
}

static struct job *
ask_load(struct asker *a, const char *collection, const char *id)
{
	struct job *job = job_new(JOB_LOAD, NULL);

	job->load.collection = collection;
	job->load.id = id;
	if ((job = ask(a, job, collection, id)) != NULL && job->load.v == 0) {
		complain(collection, id, "never was");
		job_free(job);
		return NULL;
	}
	return job;
}

/* ---- applying ---- */

/* 0, or 1 with what is wrong told on stderr. */
static int
apply(struct snapshot *s, struct op *op, const char *collection,
    const char *id)
{
	struct ot_err err;
	char what[320];

	if (op->v != s->v) {
		snprintf(what, sizeof(what), "op %llu stands where %llu should",
		    (unsigned long long)op->v, (unsigned long long)s->v);
		return complain(collection, id, what);
	}
	if (op_parse(op, s->type, &err) == 0 &&
	    op_apply(s, op, NULL, &err) == 0)
		return 0;
	snprintf(what, sizeof(what), "op %llu does not apply: %s",
	    (unsigned long long)op->v, err.text);
	return complain(collection, id, what);
}

/* The checkpoint of a load; the caller's. */
static int
checkpoint(const struct job_load *load, struct snapshot *out,
    const char *collection, const char *id)
{
	struct snapshot s = { .v = load->snap_v };
	struct ot_err err = { .text = "its type is not known" };
	char what[320];

	if (load->snap_type == NULL ||
	    ((s.type = ot_type_find(load->snap_type)) != NULL &&
	    s.type->load(load->snap_body, load->snap_len, &s.data, &err) == 0)) {
		*out = s;
		return 0;
	}
	snprintf(what, sizeof(what), "the checkpoint of version %llu cannot be "
	    "read: %s", (unsigned long long)load->snap_v, err.text);
	return complain(collection, id, what);
}

/* ---- show ---- */

static void
put_document(struct buf *b, const struct snapshot *s, const char *collection,
    const char *id)
{
	size_t before;

	buf_puts(b, "{\"collection\":");
	json_put_string(b, collection, strlen(collection));
	buf_puts(b, ",\"id\":");
	json_put_string(b, id, strlen(id));
	buf_puts(b, ",\"v\":");
	buf_put_u64(b, s->v);
	buf_puts(b, ",\"type\":");
	if (s->type == NULL) {
		buf_puts(b, "null}\n");
		return;
	}
	json_put_string(b, s->type->uri, strlen(s->type->uri));
	before = b->len;
	buf_puts(b, ",\"data\":");
	if (!s->type->print(s->data, b) && !buf_failed(b))
		b->len = before;	/* undefined: JSON has no word for it */
	buf_puts(b, "}\n");
}

/* The document at its latest version; the caller's. */
static int
latest(struct asker *a, const char *collection, const char *id,
    struct snapshot *out)
{
	struct job *job = ask_load(a, collection, id);
	size_t i;
	int rc = 1;

	if (job == NULL)
		return 1;
	if (checkpoint(&job->load, out, collection, id) != 0)
		goto out;
	for (i = 0; i < job->load.ops.n; i++)
		if (apply(out, job->load.ops.ops[i], collection, id) != 0)
			goto out;
	rc = 0;
out:
	job_free(job);
	return rc;
}

static int
show(struct asker *a, const char *collection, const char *id, FILE *out)
{
	struct snapshot s = { .v = 0 };
	struct buf b = BUF_INIT;
	int rc = 1;

	if (latest(a, collection, id, &s) != 0)
		goto out;
	put_document(&b, &s, collection, id);
	if (buf_failed(&b))
		bug("out of memory");
	fwrite(b.data, 1, b.len, out);
	rc = 0;
out:
	buf_done(&b);
	snapshot_done(&s);
	return rc;
}

int
doc_show(const char *url, const char *collection, const char *id, FILE *out)
{
	struct asker a;
	int rc;

	if (!asker_open(&a, url, false))
		return 1;
	rc = show(&a, collection, id, out);
	asker_close(&a);
	return rc;
}

/* ---- verify ---- */

static int
verify(struct asker *a, const char *collection, const char *id, FILE *out)
{
	struct verify_result r;

	switch (verify_document(a, collection, id, &r)) {
	case VERIFY_GOOD:
		fprintf(out, "%s/%s: version %llu, checkpoint of version %llu: "
		    "the log leads to both\n", collection, id,
		    (unsigned long long)r.v, (unsigned long long)r.kept_v);
		return 0;
	case VERIFY_NEVER:
		return complain(collection, id, "never was");
	case VERIFY_BAD:
	case VERIFY_AWAY:
		return complain(collection, id, r.why);
	}
	bug("no such verdict");
}

int
doc_verify(const char *url, const char *collection, const char *id, FILE *out)
{
	struct asker a;
	int rc;

	if (!asker_open(&a, url, true))
		return 1;
	rc = verify(&a, collection, id, out);
	asker_close(&a);
	return rc;
}

/* ---- index ---- */

/* Write the content of one document down. */
static int
index_one(struct asker *a, const char *collection, const char *id)
{
	struct job *job = job_new(JOB_CONTENT, NULL);
	struct job_content *c = &job->content;
	struct snapshot s = { .v = 0 };
	struct buf b = BUF_INIT;
	int rc = 1;

	if (latest(a, collection, id, &s) != 0) {
		job_free(job);
		goto out;
	}
	c->collection = collection;
	c->id = id;
	c->v = s.v;
	if (s.type != NULL) {
		c->type = s.type->uri;
		if (s.type->print(s.data, &b))
			c->body = b.data;
		c->len = b.len;
	}
	if (buf_failed(&b))
		bug("out of memory");
	if ((job = ask(a, job, collection, id)) != NULL) {
		job_free(job);
		rc = 0;
	}
out:
	buf_done(&b);
	snapshot_done(&s);
	return rc;
}

/* The next that lack content, after one of these ids; NULL: failed. */
static struct job *
lacking(struct asker *a, const char *collection, const char *after)
{
	struct job *job = job_new(JOB_LACKING, NULL);

	job->lacking.collection = collection;
	job->lacking.after = after;
	job->lacking.max = LACKING_EACH;
	return ask(a, job, collection, "");
}

/* What cannot be read is told and passed over. */
static int
index_all(struct asker *a, const char *collection, FILE *out)
{
	unsigned long done = 0, failed = 0;
	char *after = mem_copy("", 0);
	struct job *job;
	size_t i, n;

	do {
		if ((job = lacking(a, collection, after)) == NULL) {
			free(after);
			return 1;
		}
		n = job->lacking.n;
		for (i = 0; i < n; i++) {
			if (index_one(a, collection, job->lacking.ids[i]) == 0)
				done++;
			else
				failed++;
		}
		if (n > 0) {
			free(after);
			after = mem_copy(job->lacking.ids[n - 1],
			    strlen(job->lacking.ids[n - 1]));
		}
		job_free(job);
	} while (n == LACKING_EACH);
	free(after);
	fprintf(out, "%s: %lu documents prepared for queries", collection,
	    done);
	if (failed > 0)
		fprintf(out, ", %lu could not be", failed);
	fprintf(out, "\n");
	return failed > 0;
}

int
doc_index(const char *url, const char *collection, FILE *out)
{
	struct asker a;
	int rc;

	if (!asker_open(&a, url, false))
		return 1;
	rc = index_all(&a, collection, out);
	asker_close(&a);
	return rc;
}
