/*
 * Three shapes, always with the rows beside that jsonb cannot hold:
 *
 * 1. what the conditions find; and where SQL finds just what matches,
 * 2. their number for $count, or the first of them by id;
 * 3. the first of them by $sort: those that SQL can order are, by keys alone,
 *    so that no content is sorted; the others come all.
 *
 * Unless the find is settled, what is due comes first, and if anything is,
 * nothing else is looked at.
 */
#include "store/pg_select.h"

#include <string.h>

#include "ot/utf.h"

/* The ids as a JSON list, without those that PostgreSQL cannot hold. */
static void
put_ids(struct buf *b, const struct job_find *find)
{
	size_t i, n = 0;

	buf_putc(b, '[');
	for (i = 0; i < find->n_ids; i++) {
		size_t len = strlen(find->ids[i]);

		if (utf_has_surrogate(find->ids[i], len))
			continue;
		if (n++ > 0)
			buf_putc(b, ',');
		json_put_string(b, find->ids[i], len);
	}
	buf_putc(b, ']');
	buf_putc(b, '\0');
}

/* Of the collection, and of the ids if there are. */
static void
put_whose(struct buf *sql, const struct job_find *find)
{
	buf_puts(sql, " WHERE collection = $1");
	buf_puts(sql, find->ids != NULL ?
	    " AND id = ANY (ARRAY(SELECT"
	    " jsonb_array_elements_text($2::jsonb)))" :
	    " AND $2::jsonb IS NOT NULL");	/* a parameter must be used */
}

static void
put_from(struct buf *sql, const struct job_find *find)
{
	buf_puts(sql, " FROM otd.content");
	put_whose(sql, find);
}

static void
put_found(struct pg_select *s, const struct job_find *find)
{
	put_from(&s->sql, find);
	buf_puts(&s->sql, " AND NOT odd AND ");
	buf_puts(&s->sql, s->where.sql.data);
}

#define ROWS	"SELECT id, version, type, body"

static void
put_unordered(struct pg_select *s, const struct job_find *find, size_t wanted)
{
	bool is_count = filter_is_count(find->filter);
	bool is_cut = s->where.exact && !is_count &&
	    !filter_is_sorted(find->filter);

	buf_puts(&s->sql, s->where.exact && is_count ?
	    "(SELECT NULL::text, count(*), NULL::text, NULL::text" : "(" ROWS);
	put_found(s, find);
	if (is_cut) {
		buf_puts(&s->sql, " ORDER BY id LIMIT ");
		buf_put_u64(&s->sql, wanted);
	}
	buf_putc(&s->sql, ')');
}

#define BY_KEY	ROWS " FROM otd.content WHERE collection = $1 AND id IN "

static void
put_ordered(struct pg_select *s, const struct job_find *find, size_t wanted)
{
	struct buf *sql = &s->sql;

	buf_puts(sql, "WITH k AS MATERIALIZED (SELECT id, (");
	buf_puts(sql, s->order.is_odd.data);
	buf_puts(sql, ") AS odd, ");
	buf_puts(sql, s->order.values.data);
	put_found(s, find);
	buf_puts(sql, ") (" BY_KEY "(SELECT id FROM k WHERE NOT odd ORDER BY ");
	buf_puts(sql, s->order.by.data);
	buf_puts(sql, " LIMIT ");
	buf_put_u64(sql, wanted);
	buf_puts(sql, ")) UNION ALL (" BY_KEY "(SELECT id FROM k WHERE odd))");
}

/* What is due, and the rest in case that is nothing. */
static void
put_due(struct pg_select *s, const struct job_find *find)
{
	struct buf *sql = &s->sql;

	buf_puts(sql, "WITH due AS MATERIALIZED (SELECT id FROM otd.document");
	put_whose(sql, find);
	buf_puts(sql, " AND content_lag = 1 AND id > $");
	buf_put_u64(sql, (uint64_t)(3 + s->where.n +
	    (s->is_ordered ? s->order.n : 0)));
	buf_puts(sql, " ORDER BY id LIMIT ");
	buf_put_u64(sql, JOB_FIND_DUE);
	buf_puts(sql, ") SELECT id, NULL::bigint, NULL::text, NULL::text"
	    " FROM due UNION ALL (SELECT * FROM (");
}

bool
pg_select_make(struct pg_select *s, const struct job_find *find, size_t wanted)
{
	const struct filter *f = find->filter;
	int i;

	if (!pg_filter_make(&s->where, f, 3))
		return false;
	s->is_ordered = s->where.exact && filter_is_sorted(f) &&
	    !filter_is_count(f) &&
	    pg_order_make(&s->order, f, 3 + s->where.n);
	buf_init(&s->ids, SIZE_MAX);
	buf_init(&s->sql, SIZE_MAX);
	put_ids(&s->ids, find);
	if (!find->is_settled)
		put_due(s, find);
	if (s->is_ordered)
		put_ordered(s, find, wanted);
	else
		put_unordered(s, find, wanted);
	buf_puts(&s->sql, " UNION ALL (" ROWS);
	put_from(&s->sql, find);
	buf_puts(&s->sql, " AND odd)");
	if (!find->is_settled)
		buf_puts(&s->sql, ") AS found"
		    " WHERE (SELECT count(*) FROM due) = 0)");
	buf_putc(&s->sql, '\0');
	s->n = 0;
	s->values[s->n++] = find->collection;
	s->values[s->n++] = s->ids.data;
	for (i = 0; i < s->where.n; i++)
		s->values[s->n++] = s->where.texts[i];
	for (i = 0; s->is_ordered && i < s->order.n; i++)
		s->values[s->n++] = s->order.texts[i];
	if (!find->is_settled)
		s->values[s->n++] = find->settled != NULL ? find->settled : "";
	if (!buf_failed(&s->sql) && !buf_failed(&s->ids))
		return true;
	pg_select_done(s);
	return false;
}

void
pg_select_done(struct pg_select *s)
{
	pg_filter_done(&s->where);
	if (s->is_ordered)
		pg_order_done(&s->order);
	buf_done(&s->ids);
	buf_done(&s->sql);
}
