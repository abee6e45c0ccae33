/*
 * What only an embedded store can meet: a second process, a full disk, its
 * own process killed in the middle.
 */
#include "rig.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/mem.h"

#define EDIT "[{\"p\":[\"a\"],\"na\":1}]"
#define CREATE "{\"type\":\"" TYPE "\",\"data\":{\"a\":0}}"

static char *folder;
static char url[512], wal[512];

static void
fresh(const char *name)
{
	snprintf(url, sizeof(url), "sqlite:%s/%s.db", folder, name);
	snprintf(wal, sizeof(wal), "%s/%s.db-wal", folder, name);
}

static off_t
wal_bytes(void)
{
	struct stat sb;

	assert_int_equal(stat(wal, &sb), 0);
	return sb.st_size;
}

static void
one_process_only(void **state)
{
	struct store *s;
	char why[512] = "";

	(void)state;
	fresh("one");
	s = rig_open(url);
	assert_null(store_open(url, rig_loop, why, sizeof(why)));
	assert_non_null(strstr(why, "in use by another otd"));
	rig_close(s);
	rig_close(rig_open(url));

	assert_null(store_open("sqlite:/nowhere/at/all.db", rig_loop, why,
	    sizeof(why)));
	assert_non_null(strstr(why, "could not open"));
}

/* An edit of a large document writes the op, not the document. */
static void
edits_write_little(void **state)
{
	enum { SIZE = 1 << 20, EDITS = 20 };
	char *body = mem_get(SIZE + 3);
	struct store *s;
	off_t before;
	uint64_t i;

	(void)state;
	fresh("little");
	s = rig_open(url);
	memset(body, 'x', SIZE + 2);
	body[0] = body[SIZE + 1] = '"';
	assert_true(rig_put(s, "c", "x", 0, OP_CREATE, "s", 0, body));
	job_free(rig_do(s, rig_checkpoint("c", "x", 1, TYPE, body, false)));
	rig_close(s);			/* empties the log */
	s = rig_open(url);
	assert_true(rig_put(s, "c", "x", 1, OP_EDIT, "s", 1, EDIT));
	before = wal_bytes();
	for (i = 2; i < EDITS; i++)
		assert_true(rig_put(s, "c", "x", i, OP_EDIT, "s", i, EDIT));
	/* Two or three pages each. */
	assert_true(wal_bytes() - before < (off_t)EDITS * 4 * 4200);
	rig_close(s);
	free(body);
}

/*
 * The disk is full, as far as a process can bring that about for itself:
 * nothing is done and that is said; the store goes on when there is room.
 */
static void
disk_is_full(void **state)
{
	struct rlimit old, small;
	char *body = mem_get(2000001);
	struct store *s;
	struct job *job;
	int i;

	(void)state;
	fresh("full");
	s = rig_open(url);
	memset(body, '1', 2000000);
	assert_true(rig_put(s, "c", "x", 0, OP_CREATE, "s", 0, CREATE));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 1000000;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (i = 0; i < 3; i++) {
		job = rig_commit();
		rig_op(job, rig_parcel(job, "c", "x", 1), OP_EDIT, "s", 1, body);
		rig_do(s, job);
		assert_int_equal(job->err, ERR_STORE_AWAY);
		job_free(job);
		job = rig_do(s, rig_load("c", "x"));
		assert_int_equal(job->err, ERR_NONE);
		assert_int_equal(job->load.v, 1);
		job_free(job);
	}
	/* A small one in the same transaction as the large one goes through. */
	job = rig_commit();
	rig_op(job, rig_parcel(job, "c", "x", 1), OP_EDIT, "s", 1, body);
	s->ops->start(s, job);
	job = rig_commit();
	rig_op(job, rig_parcel(job, "c", "y", 0), OP_CREATE, "s", 2, CREATE);
	s->ops->start(s, job);
	for (i = 0; i < 2; i++) {
		job = rig_next(s);
		assert_int_equal(job->err, job->commit.bytes > 1000000 ?
		    ERR_STORE_AWAY : ERR_NONE);
		job_free(job);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(rig_put(s, "c", "x", 1, OP_EDIT, "s", 1, body));
	rig_close(s);
	free(body);
}

/* Commit and tell each yes through the pipe, until killed. */
static void
child_commits(int fd)
{
	char ids[4][8];
	struct store *s;
	uint64_t v;
	int i;

	rig_loop = NULL;
	s = rig_open(url);
	for (i = 0; i < 4; i++)
		snprintf(ids[i], sizeof(ids[i]), "k%d", i);
	for (v = 0;; v++) {
		for (i = 0; i < 4; i++) {
			struct job *job = rig_commit();
			struct parcel *p = rig_parcel(job, "c", ids[i], v);

			p->doc = (void *)(intptr_t)i;
			rig_op(job, p, v == 0 ? OP_CREATE : OP_EDIT, "s", v,
			    v == 0 ? CREATE : EDIT);
			s->ops->start(s, job);
		}
		for (i = 0; i < 4; i++) {
			struct job *job = rig_next(s);
			struct { int doc; uint64_t v; } told = {
			    (int)(intptr_t)rig_parcel_at(job, 0)->doc, v + 1 };

			if (job->err != ERR_NONE ||
			    !rig_parcel_at(job, 0)->accepted ||
			    write(fd, &told, sizeof(told)) != sizeof(told))
				_exit(1);
			job_free(job);
		}
	}
}

static void
process_is_killed(void **state)
{
	struct { int doc; uint64_t v; } told;
	uint64_t acked[4] = { 0 };
	struct store *s;
	struct job *job;
	int ends[2], i, round, status;
	char id[8];
	pid_t pid;

	(void)state;
	for (round = 0; round < 4; round++) {
		char name[16];

		snprintf(name, sizeof(name), "killed%d", round);
		fresh(name);
		memset(acked, 0, sizeof(acked));
		assert_int_equal(pipe(ends), 0);
		assert_int_not_equal(pid = fork(), -1);
		if (pid == 0)
			child_commits(ends[1]);
		close(ends[1]);
		for (i = 0; i < 40 + 17 * round; i++) {
			assert_int_equal(read(ends[0], &told, sizeof(told)),
			    sizeof(told));
			acked[told.doc] = told.v;
		}
		kill(pid, SIGKILL);
		while (read(ends[0], &told, sizeof(told)) == sizeof(told))
			acked[told.doc] = told.v;
		close(ends[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));

		s = rig_open(url);
		for (i = 0; i < 4; i++) {
			snprintf(id, sizeof(id), "k%d", i);
			job = rig_do(s, rig_load("c", id));
			assert_int_equal(job->err, ERR_NONE);
			assert_in_range(job->load.v, acked[i], acked[i] + 1);
			rig_assert_row(&job->load.ops, 0, job->load.v);
			job_free(job);
		}
		rig_close(s);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_process_only),
		cmocka_unit_test(edits_write_little),
		cmocka_unit_test(disk_is_full),
		cmocka_unit_test(process_is_killed),
	};
	int failed;

	folder = rig_folder();
	failed = cmocka_run_group_tests_name("sqlite alone", tests, NULL, NULL);
	loop_free(rig_loop);
	return failed;
}
