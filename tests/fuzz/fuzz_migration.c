/*
 * The record of migrations in a database that may be anybody's: names, numbers
 * and checksums of what was applied.
 *
 * Line 0 is how the database was made: "3" with the first three steps; "l3"
 * the same, but its record is a table that takes anything; "f" by somebody
 * else; nothing: not at all.  What follows are lines put into the record, also
 * parted by ";", each "number|name|checksum|time": what is not there is NULL,
 * and a "=" that opens a checksum is the right one.
 *
 * The database is SQLite's own, in memory.  A record that is not a beginning
 * of what is embedded here is refused, with one line of words, and nothing is
 * changed; from one that is, up leads to the newest.
 */
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/input.h"
#include "run/migrate.h"
#include "run/migration.h"

/* For SQLite's "memdb" a name among databases in memory; stat must know it. */
#define PLACE	"/dev/null"
#define URL	"sqlite:" PLACE
#define MODELS	100	/* steps that there may ever be, and none */

struct told {
	char	*text;
	size_t	 len;
	int	 rc;
};

static const struct migration *
step(sqlite3_int64 number)
{
	const struct migration *m;

	for (m = migrations; m->dialect != NULL; m++)
		if (strcmp(m->dialect, "sqlite") == 0 && m->number == number)
			return m;
	return NULL;
}

static int
steps(void)
{
	int n = 0;

	while (step(n + 1) != NULL)
		n++;
	return n;
}

/* Of no step: that of an empty file. */
static void
put_checksum(struct buf *out, sqlite3_int64 number)
{
	static const char digits[] = "0123456789abcdef";
	const struct migration *m = step(number);
	const char *sql = m != NULL ? m->sql : "";
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int i, len;

	must(EVP_Digest(sql, strlen(sql), sum, &len, EVP_sha256(), NULL) == 1,
	    "SHA-256");
	for (i = 0; i < len; i++) {
		buf_putc(out, digits[sum[i] >> 4]);
		buf_putc(out, digits[sum[i] & 15]);
	}
}

/* ---- the database ---- */

static sqlite3 *
place_open(void)
{
	sqlite3 *sq = NULL;

	must(sqlite3_vfs_register(sqlite3_vfs_find("memdb"), 1) == SQLITE_OK &&
	    sqlite3_open(PLACE, &sq) == SQLITE_OK, "a database in memory");
	return sq;
}

static void
run(sqlite3 *sq, const char *sql)
{
	must(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK,
	    "what makes the database");
}

/* A line of the record; one that its table does not take is left out. */
static void
record(sqlite3 *sq, char *fields)
{
	struct buf checksum = BUF_INIT;
	sqlite3_stmt *st = NULL;
	sqlite3_int64 number = 0;
	char *field;
	int i;

	must(sqlite3_prepare_v2(sq, "INSERT OR REPLACE INTO migration (number,"
	    " name, checksum, applied_at) VALUES (?, ?, ?, ?)", -1, &st,
	    NULL) == SQLITE_OK, "a line for the record");
	for (i = 1; i <= 4 && (field = strsep(&fields, "|")) != NULL; i++) {
		if (i == 1) {
			number = strtoll(field, NULL, 10);
			sqlite3_bind_int64(st, i, number);
		} else if (i == 4) {
			sqlite3_bind_int64(st, i, strtoll(field, NULL, 10));
		} else if (i == 3 && *field == '=') {
			put_checksum(&checksum, number);
			buf_puts(&checksum, field + 1);
			sqlite3_bind_text(st, i, checksum.data,
			    (int)checksum.len, SQLITE_TRANSIENT);
		} else {
			sqlite3_bind_text(st, i, field, -1, SQLITE_TRANSIENT);
		}
	}
	sqlite3_step(st);
	sqlite3_finalize(st);
	buf_done(&checksum);
}

/*
 * A database by our first n steps, which is copied much quicker than made; for
 * as long as the process lives.
 */
static sqlite3 *
model(int n)
{
	static sqlite3 *models[MODELS];
	char line[64];
	sqlite3 *sq = NULL;
	int i;

	must(n < MODELS, "more steps than there is room for");
	if (models[n] != NULL)
		return models[n];
	must(sqlite3_open(":memory:", &sq) == SQLITE_OK, "a model");
	for (i = 1; i <= n; i++) {
		run(sq, step(i)->sql);
		snprintf(line, sizeof(line), "%d|%.32s|=|0", i, step(i)->name);
		record(sq, line);
	}
	return models[n] = sq;
}

static void
copy(sqlite3 *to, sqlite3 *from)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");

	must(b != NULL && sqlite3_backup_step(b, -1) == SQLITE_DONE &&
	    sqlite3_backup_finish(b) == SQLITE_OK, "a copy");
}

/* By some of our steps, and lines for their record; how many of them. */
static int
make(sqlite3 *sq, struct input *in)
{
	const char *how = in->lines[0].p;
	bool loose = *how == 'l';
	long wanted = strtol(how + loose, NULL, 10);
	char *lines, *one;
	int made = 0;
	size_t i;

	if (*how == 'f')
		run(sq, "CREATE TABLE f (migration); CREATE VIEW v AS SELECT 1");
	while (made < wanted && step(made + 1) != NULL)
		made++;
	if (made == 0)
		return 0;
	copy(sq, model(made));
	if (loose)
		run(sq, "CREATE TABLE loose AS SELECT * FROM migration;"
		    "DROP TABLE migration;"
		    "ALTER TABLE loose RENAME TO migration");
	for (i = 1; i < in->n; i++)
		for (lines = in->lines[i].p;
		    (one = strsep(&lines, ";")) != NULL;)
			if (*one != '\0')
				record(sq, one);
	return made;
}

/* ---- what should come of it ---- */

/* How many steps its record has; -1: it is no beginning of what we know. */
static int
beginning(sqlite3 *sq)
{
	struct buf right = BUF_INIT;
	sqlite3_stmt *st = NULL;
	const char *sum;
	int n = 0;

	/* Nothing, or nothing of ours. */
	if (sqlite3_prepare_v2(sq, "SELECT number, checksum FROM migration"
	    " ORDER BY number", -1, &st, NULL) != SQLITE_OK)
		return sqlite3_table_column_metadata(sq, NULL, "f", NULL, NULL,
		    NULL, NULL, NULL, NULL) == SQLITE_OK ? -1 : 0;
	while (n >= 0 && sqlite3_step(st) == SQLITE_ROW) {
		buf_reset(&right);
		put_checksum(&right, n + 1);
		buf_putc(&right, '\0');
		sum = (const char *)sqlite3_column_text(st, 1);
		if (step(n + 1) != NULL && sum != NULL &&
		    sqlite3_column_int64(st, 0) == n + 1 &&
		    strcmp(sum, right.data) == 0)
			n++;
		else
			n = -1;
	}
	sqlite3_finalize(st);
	buf_done(&right);
	return n;
}

static struct told
ask(int (*what)(const char *url, FILE *out))
{
	struct told t = { 0 };
	FILE *f = open_memstream(&t.text, &t.len);

	must(f != NULL, "memory to print");
	t.rc = what(URL, f);
	fclose(f);
	return t;
}

static int
lines_of(const struct told *t)
{
	int n = 0;
	size_t i;

	for (i = 0; i < t->len; i++) {
		n += t->text[i] == '\n';
		must((unsigned char)t->text[i] >= ' ' || t->text[i] == '\n',
		    "a control character from a record");
	}
	must(t->len == 0 || t->text[t->len - 1] == '\n', "half a line");
	return n;
}

/* One line that says why not, and a database as it was. */
static void
check_refusal(sqlite3 *sq, int (*what)(const char *url, FILE *out))
{
	sqlite3_int64 len, len_after;
	unsigned char *before = sqlite3_serialize(sq, "main", &len, 0), *after;
	struct told t = ask(what);

	must(t.rc == 1 && lines_of(&t) == 1, "no refusal");
	after = sqlite3_serialize(sq, "main", &len_after, 0);
	must(len == len_after &&
	    (len == 0 || memcmp(before, after, (size_t)len) == 0),
	    "refused, and changed");
	sqlite3_free(before);
	sqlite3_free(after);
	free(t.text);
}

static void
check_status(int n_lines)
{
	struct told t = ask(migrate_status);

	must(t.rc == 0, "a status that cannot be told");
	must(lines_of(&t) == n_lines, "a line a step");
	free(t.text);
}

static void
check_prepare(bool is_served)
{
	char why[512];
	int rc;

	memset(why, 'x', sizeof(why));
	rc = migrate_prepare(URL, why, sizeof(why));
	must((rc == 0) == is_served, "served, or not");
	must(rc == 0 || (memchr(why, '\0', sizeof(why)) != NULL &&
	    why[0] != '\0' && strpbrk(why, "\n\r\033") == NULL),
	    "a refusal without words");
}

static void
check_way_up(sqlite3 *sq, int n, int made)
{
	const int all = steps();
	struct told t = ask(migrate_plan);

	must(t.rc == 0 && t.len > 0, "no plan");
	free(t.text);
	check_status(all);
	if (n < all)
		check_refusal(sq, migrate_restored);
	if (n > 0)
		check_prepare(n == all);
	t = ask(migrate_up);
	/* Who records a step that was not made meets the next one's refusal. */
	must(t.rc == 0 || n != made, "not led up");
	if (t.rc == 0) {
		must(beginning(sq) == all, "not led to the newest");
		check_status(all);
		check_prepare(true);
	}
	free(t.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	sqlite3 *sq = place_open();
	struct input in;
	int made, n;

	input_init(&in, bytes, len);
	made = make(sq, &in);
	n = beginning(sq);
	if (n < 0) {
		check_refusal(sq, migrate_status);
		check_refusal(sq, migrate_plan);
		check_refusal(sq, migrate_up);
		check_refusal(sq, migrate_restored);
		check_prepare(false);
	} else {
		check_way_up(sq, n, made);
	}
	input_done(&in);
	sqlite3_close(sq);
	return 0;
}
