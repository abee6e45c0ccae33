#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/mem.h"
#include "run/migrate.h"

#define PATIENCE_MS	60000

struct loop *rig_loop;

static char *folders[16];
static int n_folders;

int
rig_shell(const char *fmt, ...)
{
	char command[2048];
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	assert_true(rc < (int)sizeof(command));
	return system(command);
}

static void
folders_remove(void)
{
	while (n_folders > 0) {
		rig_shell("rm -rf '%s'", folders[--n_folders]);
		free(folders[n_folders]);
	}
}

char *
rig_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	char name[512];

	snprintf(name, sizeof(name), "%s/otd-store-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(name));
	assert_int_equal(chmod(name, 0755), 0);
	if (n_folders == 0)
		atexit(folders_remove);
	assert_true(n_folders < 16);
	folders[n_folders] = mem_copy(name, strlen(name));
	return folders[n_folders++];
}

/* Run pg.sh, which starts a server and prints its URL. */
static char *
pg_up(const char *how, const char *folder, const char *from)
{
	char path[600], url[256] = "";
	FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/url", folder);
	if (rig_shell("PG_OWNER=%ld sh " TESTS_LIB "/pg.sh %s '%s' '%s' >'%s'",
	    (long)getpid(), how, folder, from, path) != 0 ||
	    (f = fopen(path, "r")) == NULL)
		fail_msg("could not start a PostgreSQL");
	if (fgets(url, sizeof(url), f) == NULL)
		fail_msg("PostgreSQL has no URL");
	fclose(f);
	url[strcspn(url, "\n")] = '\0';
	return mem_copy(url, strlen(url));
}

int
rig_port(const char *url)
{
	return atoi(strrchr(url, ':') + 1);
}

int
rig_bouncer_port(const char *folder)
{
	char path[600], text[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/bouncer.port", folder);
	if ((f = fopen(path, "r")) == NULL ||
	    fgets(text, sizeof(text), f) == NULL)
		fail_msg("%s cannot be read", path);
	fclose(f);
	return atoi(text);
}

char *
rig_pg_start(const char *folder)
{
	return pg_up("start", folder, "");
}

char *
rig_pg_standby(const char *folder, const char *from)
{
	return pg_up("standby", folder, from);
}

void
rig_pg_kill(const char *folder)
{
	assert_int_equal(rig_shell("sh " TESTS_LIB "/pg.sh kill '%s'", folder),
	    0);
}

void
rig_pg_stop(const char *folder)
{
	assert_int_equal(rig_shell("sh " TESTS_LIB "/pg.sh stop '%s'", folder),
	    0);
}

struct store *
rig_open(const char *url)
{
	char why[512] = "";
	struct store *s;

	if (migrate_prepare(url, why, sizeof(why)) != 0)
		fail_msg("%s: %s", url, why);
	if (rig_loop == NULL)
		rig_loop = loop_new();
	assert_non_null(rig_loop);
	if ((s = store_open(url, rig_loop, why, sizeof(why))) == NULL)
		fail_msg("%s: %s", url, why);
	return s;
}

void
rig_close(struct store *s)
{
	if (s != NULL)
		s->ops->close(s);
}

static void
too_late(void *arg)
{
	*(bool *)arg = true;
}

void
rig_wait(unsigned ms)
{
	bool over = false;
	struct loop_timer *t = loop_timer_new(rig_loop, too_late, &over);

	loop_timer_start(t, ms);
	while (!over)
		loop_wait(rig_loop, false);
	loop_timer_free(t);
}

struct job *
rig_next(struct store *s)
{
	bool late = false;
	struct loop_timer *t = loop_timer_new(rig_loop, too_late, &late);
	struct job *job;

	loop_timer_start(t, PATIENCE_MS);
	while ((job = store_next_done(s)) == NULL && !late)
		loop_wait(rig_loop, false);
	loop_timer_free(t);
	if (job == NULL)
		fail_msg("no job ended in %d ms", PATIENCE_MS);
	return job;
}

struct job *
rig_do(struct store *s, struct job *job)
{
	s->ops->start(s, job);
	assert_ptr_equal(rig_next(s), job);
	return job;
}

struct job *
rig_load(const char *collection, const char *id)
{
	struct job *job = job_new(JOB_LOAD, NULL);

	job->load.collection = collection;
	job->load.id = id;
	return job;
}

struct job *
rig_ops(const char *collection, const char *id, uint64_t from, uint64_t to)
{
	struct job *job = job_new(JOB_OPS, NULL);

	job->ops.collection = collection;
	job->ops.id = id;
	job->ops.from = from;
	job->ops.to = to;
	return job;
}

struct job *
rig_created(const char *collection, const char *id, const char *src,
    uint64_t seq)
{
	struct job *job = job_new(JOB_CREATED, NULL);

	job->created.collection = collection;
	job->created.id = id;
	job->created.src = mem_copy(src, strlen(src));
	job->created.seq = seq;
	return job;
}

/*
 * A body as parsing leaves it: without a NUL after it, and with something
 * else there.
 */
static char *
body_copy(const char *body)
{
	size_t len = strlen(body);
	char *to = mem_get(len + 2);

	memcpy(to, body, len);
	memcpy(to + len, "!?", 2);
	return to;
}

static char *
copy(const char *s)
{
	return s != NULL ? mem_copy(s, strlen(s)) : NULL;
}

struct job *
rig_checkpoint(const char *collection, const char *id, uint64_t v,
    const char *type, const char *body, bool kept)
{
	struct job *job = job_new(JOB_CHECKPOINT, NULL);

	job->checkpoint.collection = copy(collection);
	job->checkpoint.id = copy(id);
	job->checkpoint.v = v;
	job->checkpoint.type = type;
	job->checkpoint.body = body != NULL ? body_copy(body) : NULL;
	job->checkpoint.len = body != NULL ? strlen(body) : 0;
	job->checkpoint.kept = kept;
	return job;
}

struct job *
rig_versions(size_t n)
{
	struct job *job = job_new(JOB_VERSIONS, NULL);

	job->versions.docs = mem_get(n * sizeof(*job->versions.docs));
	job->versions.n = n;
	return job;
}

void
rig_version_set(struct job *job, size_t i, const char *collection,
    const char *id)
{
	job->versions.docs[i].collection = copy(collection);
	job->versions.docs[i].id = copy(id);
	job->versions.docs[i].v = 12345;	/* must be overwritten */
}

struct job *
rig_commit(void)
{
	return job_new(JOB_COMMIT, NULL);
}

struct parcel *
rig_parcel(struct job *commit, const char *collection, const char *id,
    uint64_t base_v)
{
	struct parcel *p = parcel_new(NULL, collection, id, base_v);

	list_push(&commit->commit.parcels, &p->node);
	commit->commit.n_parcels++;
	p->type_after = TYPE;
	return p;
}

void
rig_op(struct job *commit, struct parcel *p, enum op_kind kind,
    const char *src, uint64_t seq, const char *body)
{
	struct op *op;

	op = op_new(kind, p->base_v + p->ops.n, src, seq, body,
	    body != NULL ? strlen(body) : 0);
	assert_non_null(op);
	if (body != NULL) {
		free(op->body);
		op->body = body_copy(body);
	}
	op_list_add(&p->ops, op);
	p->type_after = kind == OP_DELETE ? NULL : TYPE;
	commit->commit.n_ops++;
	commit->commit.bytes += op->body_len;
}

struct parcel *
rig_parcel_at(struct job *commit, size_t i)
{
	struct list *node = commit->commit.parcels.next;

	while (i-- > 0)
		node = node->next;
	assert_ptr_not_equal(node, &commit->commit.parcels);
	return LIST_ITEM(node, struct parcel, node);
}

bool
rig_put(struct store *s, const char *collection, const char *id,
    uint64_t base_v, enum op_kind kind, const char *src, uint64_t seq,
    const char *body)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, collection, id, base_v);
	bool accepted;

	rig_op(job, p, kind, src, seq, body);
	rig_do(s, job);
	assert_int_equal(job->err, ERR_NONE);
	accepted = p->accepted;
	job_free(job);
	return accepted;
}

void
rig_assert_row(const struct op_list *ops, uint64_t from, size_t n)
{
	size_t i;

	assert_int_equal(ops->n, n);
	for (i = 0; i < n; i++)
		assert_int_equal(ops->ops[i]->v, from + i);
}
