/*
 * json0: values compared, told as components.
 *
 * Components are done one after the other, so each names its place in what
 * those before it left.  For a list that is: first what is gone, from the end;
 * then moves; then what is new, from the front; at last, with all items in
 * their places, what changed inside of them.
 *
 * Where a member is out of reach, the object is replaced.
 */
#include <stdlib.h>

#include "ot/diff/list.h"
#include "ot/diff/values.h"
#include "ot/lift.h"

/* A container that takes more components than that is replaced. */
#define PARTS_MAX	(LIFT_PARTS_MAX / 2)

/* Whose place it is: what replacing is called. */
enum place { IN_OBJECT, IN_LIST };

struct run {
	struct differ	*d;
	struct buf	 path;		/* segments, a comma after each */
	size_t		 parts;
};

static int	compare(struct run *run, const struct json *from,
		    const struct json *to, enum place place);

static int
no_memory(struct run *run)
{
	return ot_fail(run->d->err, OT_ENOMEM, "out of memory");
}

/* ---- paths ---- */

/* Both return how long the path was, to go back to. */
static size_t
path_index(struct run *run, size_t index)
{
	size_t len = run->path.len;

	buf_put_u64(&run->path, index);
	buf_putc(&run->path, ',');
	return len;
}

static size_t
path_name(struct run *run, const struct json_key *key)
{
	size_t len = run->path.len;

	json_put_string(&run->path, key->text, key->len);
	buf_putc(&run->path, ',');
	return len;
}

static void
path_back(struct run *run, size_t len)
{
	if (!buf_failed(&run->path))
		run->path.len = len;
}

/* {"p":[...] */
static void
open_part(struct run *run)
{
	struct buf *out = run->d->out;

	buf_puts(out, "{\"p\":[");
	if (run->path.len > 0)
		buf_put(out, run->path.data, run->path.len - 1);
	buf_putc(out, ']');
	run->parts++;
}

static void
put_value(struct run *run, const char *name, const struct json *v)
{
	if (v == NULL)
		return;
	buf_puts(run->d->out, name);
	json_print(v, run->d->out);
}

/* One of the values may be undefined. */
static void
put_replace(struct run *run, const struct json *from, const struct json *to,
    enum place place)
{
	open_part(run);
	put_value(run, place == IN_LIST ? ",\"ld\":" : ",\"od\":", from);
	put_value(run, place == IN_LIST ? ",\"li\":" : ",\"oi\":", to);
	buf_puts(run->d->out, "},");
}

/* ---- strings ---- */

static int
compare_strings(struct run *run, const struct json *from,
    const struct json *to, enum place place)
{
	struct string_text a, b;
	struct hunks h = { NULL, 0, 0 };
	int rc;

	rc = diff_string_open(&a, from);
	if (diff_string_open(&b, to) != 0 || rc != 0 ||
	    diff_text(&a.span, &b.span, &run->d->steps, &h) != 0)
		rc = no_memory(run);
	else if (h.n > 0 && diff_replaces(&a.span, &b.span, &h))
		put_replace(run, from, to, place);
	else
		diff_put_json0_parts(run->d->out, &run->path, &a.span,
		    &b.span, &h, &run->parts);
	diff_hunks_done(&h);
	diff_string_close(&a);
	diff_string_close(&b);
	return rc;
}

/* ---- objects ---- */

static int
compare_member(struct run *run, const struct json_key *key,
    const struct json *from, const struct json *to)
{
	size_t back = path_name(run, key);
	int rc = 0;

	if (from == NULL || to == NULL)
		put_replace(run, from, to, IN_OBJECT);
	else
		rc = compare(run, from, to, IN_OBJECT);
	path_back(run, back);
	return rc;
}

static struct json *
value_of(const struct json_member *m)
{
	return m != NULL ? m->value : NULL;
}

static int
compare_objects(struct run *run, const struct json *from,
    const struct json *to)
{
	const struct json_member *m;
	int rc = 0;

	for (m = json_object_first(from); rc == 0 && m != NULL;
	    m = json_object_next(from, m))
		if (!json_key_is_inherited(m->key))
			rc = compare_member(run, m->key, m->value,
			    value_of(json_object_find(to, m->key)));
	for (m = json_object_first(to); rc == 0 && m != NULL;
	    m = json_object_next(to, m))
		if (json_object_find(from, m->key) == NULL)
			rc = compare_member(run, m->key, NULL, m->value);
	return rc;
}

/* ---- lists ---- */

static void
put_gone(struct run *run, const struct alignment *l, const struct json *from)
{
	size_t i, back;

	for (i = l->n; i-- > 0;) {
		if (l->a[i].fate != FATE_NONE)
			continue;
		back = path_index(run, i);
		put_replace(run, json_list_at(from, i), NULL, IN_LIST);
		path_back(run, back);
	}
}

/*
 * A move, when what is gone is gone and nothing new has come.  Moves are done
 * in the order of b; what was moved already stands behind its anchor, the last
 * item that does not move before it in b.  anchor is the number of a's items
 * up to that, the anchor itself too.
 */
struct move {
	size_t	 from;		/* index in a */
	size_t	 anchor;
};

static size_t
find_moves(const struct alignment *l, struct move *move)
{
	size_t j, n = 0, anchor = 0;

	for (j = 0; j < l->m; j++) {
		if (l->b[j].fate == FATE_MOVED)
			move[n++] = (struct move){ l->b[j].partner, anchor };
		else if (l->b[j].fate != FATE_NONE)
			anchor = l->b[j].partner + 1;
	}
	return n;
}

/* still[i]: a's items before i that stay and never move. */
static void
put_moves(struct run *run, const struct move *move, size_t n,
    const size_t *still)
{
	size_t i, k, at, to, back;

	for (i = 0; i < n; i++) {
		at = still[move[i].from];
		to = still[move[i].anchor] + i;
		for (k = 0; k < n; k++) {
			if (k < i) {
				at += move[k].anchor <= move[i].from;
			} else if (k > i) {
				at += move[k].from < move[i].from;
				to += move[k].from < move[i].anchor;
			}
		}
		if (at == to)
			continue;
		back = path_index(run, at);
		open_part(run);
		buf_puts(run->d->out, ",\"lm\":");
		buf_put_u64(run->d->out, to);
		buf_puts(run->d->out, "},");
		path_back(run, back);
	}
}

static int
move_items(struct run *run, const struct alignment *l)
{
	struct move *move = malloc((l->moves + 1) * sizeof(*move));
	size_t *still = malloc((l->n + 1) * sizeof(*still)), i;
	int rc = 0;

	if (move == NULL || still == NULL) {
		rc = no_memory(run);
		goto out;
	}
	still[0] = 0;
	for (i = 0; i < l->n; i++)
		still[i + 1] = still[i] + (l->a[i].fate == FATE_SAME ||
		    l->a[i].fate == FATE_EDITED);
	put_moves(run, move, find_moves(l, move), still);
out:
	free(move);
	free(still);
	return rc;
}

static void
put_new(struct run *run, const struct alignment *l, const struct json *to)
{
	size_t j, back;

	for (j = 0; j < l->m; j++) {
		if (l->b[j].fate != FATE_NONE)
			continue;
		back = path_index(run, j);
		put_replace(run, NULL, json_list_at(to, j), IN_LIST);
		path_back(run, back);
	}
}

static int
compare_items(struct run *run, const struct alignment *l,
    const struct json *from, const struct json *to)
{
	size_t j, back;
	int rc = 0;

	for (j = 0; rc == 0 && j < l->m; j++) {
		if (l->b[j].fate != FATE_EDITED)
			continue;
		back = path_index(run, j);
		rc = compare(run, json_list_at(from, l->b[j].partner),
		    json_list_at(to, j), IN_LIST);
		path_back(run, back);
	}
	return rc;
}

static int
compare_lists(struct run *run, const struct json *from, const struct json *to)
{
	struct alignment l;
	int rc = 0;

	if (diff_list(from, to, &run->d->hashes, &run->d->steps, &l) != 0)
		return no_memory(run);
	put_gone(run, &l, from);
	if (l.moves > 0)
		rc = move_items(run, &l);
	put_new(run, &l, to);
	if (rc == 0)
		rc = compare_items(run, &l, from, to);
	diff_list_done(&l);
	return rc;
}

/* ---- any value ---- */

static int
compare_containers(struct run *run, const struct json *from,
    const struct json *to, enum place place)
{
	size_t len = run->d->out->len, parts = run->parts;
	int rc = 0;

	if (json_kind(from) == JSON_OBJECT &&
	    diff_is_out_of_reach(from, to)) {
		put_replace(run, from, to, place);
		return 0;
	}
	rc = json_kind(from) == JSON_LIST ? compare_lists(run, from, to) :
	    compare_objects(run, from, to);
	if (rc == 0 && run->parts - parts > PARTS_MAX &&
	    !buf_failed(run->d->out)) {
		run->d->out->len = len;
		run->parts = parts;
		put_replace(run, from, to, place);
	}
	return rc;
}

static int
compare(struct run *run, const struct json *from, const struct json *to,
    enum place place)
{
	enum json_kind kind = json_kind(from);

	if (kind != json_kind(to))
		put_replace(run, from, to, place);
	else if (kind == JSON_STRING)
		return compare_strings(run, from, to, place);
	else if (kind == JSON_LIST || kind == JSON_OBJECT)
		return compare_containers(run, from, to, place);
	else if (!json_same_scalar(from, to))
		put_replace(run, from, to, place);
	return 0;
}

int
diff_json0(struct differ *d, const struct json *from, const struct json *to)
{
	struct run run = { d, BUF_INIT, 0 };
	size_t start = d->out->len;
	int rc = 0;

	buf_putc(d->out, '[');
	if (from != NULL && to != NULL)
		rc = compare(&run, from, to, IN_OBJECT);
	else if (from != to)
		put_replace(&run, from, to, IN_OBJECT);
	if (rc == 0 && (buf_failed(d->out) || buf_failed(&run.path)))
		rc = no_memory(&run);
	buf_done(&run.path);
	if (rc != 0)
		return rc;
	if (run.parts == 0) {
		d->out->len = start;
		return 0;
	}
	d->out->data[d->out->len - 1] = ']';	/* for the last comma */
	return 1;
}
