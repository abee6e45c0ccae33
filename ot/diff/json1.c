/*
 * json1: values compared, told as places where something is picked up, dropped
 * or edited.
 *
 * Picking goes by places in what was, dropping and editing by places in what
 * shall be.  So there are two trees of places, each grown in the order of its
 * keys, and an op is both of them walked side by side:
 *
 *	picks	[1 {r}] [2 "a" {r}]
 *	drops		[2 "b" {i}] [3 {i}]
 *	op	[[1 {r}] [2 ["a" {r}] ["b" {i}]] [3 {i}]]
 *
 * Where a member is out of reach, the object is replaced.
 */
#include <stdlib.h>
#include <string.h>

#include "ot/diff/list.h"
#include "ot/diff/values.h"
#include "ot/utf.h"

enum deed { DEED_NONE, DEED_REMOVE, DEED_PICK, DEED_INSERT, DEED_DROP, DEED_TEXT };

struct place {
	const struct json_key	*name;	/* NULL: index */
	size_t			 index;
	enum deed		 deed;
	size_t			 slot;	/* PICK, DROP */
	const struct json	*value;	/* INSERT */
	char			*text;	/* TEXT: JSON of the edit, owned */
	size_t			 text_len;
	struct place		*first, *last, *next;	/* below; beside */
};

struct run {
	struct differ	*d;
	size_t		 slots;
};

static int	compare(struct run *run, const struct json *from,
		    const struct json *to, struct place *pick,
		    struct place *drop);

/* ---- places ---- */

/* A place below another, behind those that are there; NULL: no memory. */
static struct place *
place_add(struct place *in, const struct json_key *name, size_t index)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->name = name;
	p->index = index;
	if (in->last != NULL)
		in->last->next = p;
	else
		in->first = p;
	in->last = p;
	return p;
}

static void
place_clear(struct place *p)
{
	struct place *child;

	while ((child = p->first) != NULL) {
		p->first = child->next;
		place_clear(child);
		free(child);
	}
	free(p->text);
}

/* Take the last place below again if nothing happens there. */
static void
place_prune(struct place *in, struct place *last, struct place *before)
{
	if (last == NULL || last->deed != DEED_NONE || last->first != NULL)
		return;
	free(last);
	in->last = before;
	if (before != NULL)
		before->next = NULL;
	else
		in->first = NULL;
}

/* The deed's name, index and neighbours do not count. */
static int
do_at(struct place *in, const struct json_key *name, size_t index,
    struct place deed)
{
	struct place *p = place_add(in, name, index);

	if (p == NULL)
		return OT_ENOMEM;
	p->deed = deed.deed;
	p->slot = deed.slot;
	p->value = deed.value;
	return 0;
}

static void
replace(struct place *pick, struct place *drop, const struct json *to)
{
	pick->deed = DEED_REMOVE;
	drop->deed = DEED_INSERT;
	drop->value = to;
}

/* ---- strings ---- */

static int
put_text(const struct text_span *a, const struct text_span *b,
    const struct hunks *h, struct place *drop)
{
	struct buf text = BUF_INIT;

	diff_put_skips(&text, a, b, h, ROPE_CP);
	drop->deed = DEED_TEXT;
	drop->text = buf_take(&text, &drop->text_len);
	return drop->text != NULL ? 0 : OT_ENOMEM;
}

static int
compare_strings(struct run *run, const struct json *from,
    const struct json *to, struct place *pick, struct place *drop)
{
	struct string_text a, b;
	struct hunks h = { NULL, 0, 0 };
	int rc;

	rc = diff_string_open(&a, from);
	if (diff_string_open(&b, to) != 0 || rc != 0)
		rc = OT_ENOMEM;
	else
		rc = diff_text(&a.span, &b.span, &run->d->steps, &h);
	if (rc == 0 && h.n > 0 && (diff_replaces(&a.span, &b.span, &h) ||
	    utf_has_surrogate(a.span.p, a.span.len) ||
	    utf_has_surrogate(b.span.p, b.span.len)))
		replace(pick, drop, to);	/* text-unicode knows no halves */
	else if (rc == 0 && h.n > 0)
		rc = put_text(&a.span, &b.span, &h, drop);
	diff_hunks_done(&h);
	diff_string_close(&a);
	diff_string_close(&b);
	return rc;
}

/* ---- objects ---- */

/* What changed inside of something that has a place on both sides. */
static int
compare_below(struct run *run, const struct json *from, const struct json *to,
    struct place *pick, struct place *drop, const struct json_key *name,
    size_t i, size_t j)
{
	struct place *pick_before = pick->last, *drop_before = drop->last;
	struct place *p = place_add(pick, name, i);
	struct place *d = place_add(drop, name, j);
	int rc;

	if (p == NULL || d == NULL)
		return OT_ENOMEM;
	rc = compare(run, from, to, p, d);
	place_prune(pick, p, pick_before);
	place_prune(drop, d, drop_before);
	return rc;
}

/* A member of either object. */
struct member {
	const struct json_key	*key;
	const struct json	*from, *to;	/* NULL: not there */
};

static int
by_name(const void *a, const void *b)
{
	const struct json_key *x = ((const struct member *)a)->key;
	const struct json_key *y = ((const struct member *)b)->key;

	return utf_compare_u16(x->text, x->len, y->text, y->len);
}

/* All members, by name; room for those of both objects. */
static size_t
find_members(const struct json *from, const struct json *to,
    struct member *member)
{
	const struct json_member *m, *other;
	size_t n = 0;

	for (m = json_object_first(from); m != NULL;
	    m = json_object_next(from, m)) {
		other = json_object_find(to, m->key);
		member[n++] = (struct member){ m->key, m->value,
		    other != NULL ? other->value : NULL };
	}
	for (m = json_object_first(to); m != NULL; m = json_object_next(to, m))
		if (json_object_find(from, m->key) == NULL)
			member[n++] = (struct member){ m->key, NULL, m->value };
	qsort(member, n, sizeof(*member), by_name);
	return n;
}

static int
compare_objects(struct run *run, const struct json *from,
    const struct json *to, struct place *pick, struct place *drop)
{
	size_t room = json_object_len(from) + json_object_len(to), n, i;
	struct member *member = malloc((room + 1) * sizeof(*member)), *m;
	int rc = 0;

	if (member == NULL)
		return OT_ENOMEM;
	n = find_members(from, to, member);
	for (i = 0; rc == 0 && i < n; i++) {
		m = &member[i];
		if (m->to == NULL)
			rc = do_at(pick, m->key, 0,
			    (struct place){ .deed = DEED_REMOVE });
		else if (m->from == NULL)
			rc = do_at(drop, m->key, 0, (struct place){
			    .deed = DEED_INSERT, .value = m->to });
		else
			rc = compare_below(run, m->from, m->to, pick, drop,
			    m->key, 0, 0);
	}
	free(member);
	return rc;
}

/* ---- lists ---- */

/* Items that move have their slot for a partner afterwards. */
static void
number_slots(struct run *run, struct alignment *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->a[i].fate != FATE_MOVED)
			continue;
		l->b[l->a[i].partner].partner = (uint32_t)run->slots;
		l->a[i].partner = (uint32_t)run->slots++;
	}
}

static bool
stays(const struct item *item)
{
	return item->fate == FATE_SAME || item->fate == FATE_EDITED;
}

static int
take_item(struct place *pick, const struct item *item,
    size_t i)
{
	return do_at(pick, NULL, i, (struct place){
	    .deed = item->fate == FATE_MOVED ? DEED_PICK : DEED_REMOVE,
	    .slot = item->partner });
}

static int
bring_item(struct place *drop, const struct item *item,
    size_t j, const struct json *value)
{
	return do_at(drop, NULL, j, (struct place){
	    .deed = item->fate == FATE_MOVED ? DEED_DROP : DEED_INSERT,
	    .slot = item->partner, .value = value });
}

/* Both sides in order, so that both trees grow in theirs. */
static int
compare_items(struct run *run, const struct alignment *l,
    const struct json *from, const struct json *to, struct place *pick,
    struct place *drop)
{
	size_t i = 0, j = 0;
	int rc = 0;

	while (rc == 0 && (i < l->n || j < l->m)) {
		if (i < l->n && !stays(&l->a[i])) {
			rc = take_item(pick, &l->a[i], i);
			i++;
		} else if (j < l->m && !stays(&l->b[j])) {
			rc = bring_item(drop, &l->b[j], j,
			    json_list_at(to, j));
			j++;
		} else {
			if (l->a[i].fate == FATE_EDITED)
				rc = compare_below(run, json_list_at(from, i),
				    json_list_at(to, j), pick, drop, NULL, i,
				    j);
			i++;
			j++;
		}
	}
	return rc;
}

static int
compare_lists(struct run *run, const struct json *from, const struct json *to,
    struct place *pick, struct place *drop)
{
	struct alignment l;
	int rc;

	if ((rc = diff_list(from, to, &run->d->hashes, &run->d->steps,
	    &l)) != 0)
		return rc;
	number_slots(run, &l);
	rc = compare_items(run, &l, from, to, pick, drop);
	diff_list_done(&l);
	return rc;
}

/* ---- any value ---- */

static int
compare(struct run *run, const struct json *from, const struct json *to,
    struct place *pick, struct place *drop)
{
	enum json_kind kind = json_kind(from);

	if (kind != json_kind(to))
		replace(pick, drop, to);
	else if (kind == JSON_STRING)
		return compare_strings(run, from, to, pick, drop);
	else if (kind == JSON_LIST)
		return compare_lists(run, from, to, pick, drop);
	else if (kind == JSON_OBJECT && diff_is_out_of_reach(from, to))
		replace(pick, drop, to);
	else if (kind == JSON_OBJECT)
		return compare_objects(run, from, to, pick, drop);
	else if (!json_same_scalar(from, to))
		replace(pick, drop, to);
	return 0;
}

/* ---- the op ---- */

static void
put_key(struct buf *out, const struct place *p)
{
	if (p->name != NULL)
		json_put_string(out, p->name->text, p->name->len);
	else
		buf_put_u64(out, p->index);
	buf_putc(out, ',');
}

static void
put_slot(struct buf *out, const char *name, size_t slot)
{
	buf_puts(out, name);
	buf_put_u64(out, slot);
}

/* What happens in a place that is pick or drop or both; NULL: it is not. */
static void
put_deeds(struct buf *out, const struct place *pick, const struct place *drop)
{
	enum deed take = pick != NULL ? pick->deed : DEED_NONE;
	enum deed bring = drop != NULL ? drop->deed : DEED_NONE;

	if (take == DEED_NONE && bring == DEED_NONE)
		return;
	buf_putc(out, '{');
	if (take == DEED_REMOVE)
		buf_puts(out, "\"r\":true");
	else if (take == DEED_PICK)
		put_slot(out, "\"p\":", pick->slot);
	if (take != DEED_NONE && bring != DEED_NONE)
		buf_putc(out, ',');
	if (bring == DEED_DROP) {
		put_slot(out, "\"d\":", drop->slot);
	} else if (bring == DEED_INSERT) {
		buf_puts(out, "\"i\":");
		json_print(drop->value, out);
	} else if (bring == DEED_TEXT) {
		buf_puts(out, "\"es\":");
		buf_put(out, drop->text, drop->text_len);
	}
	buf_puts(out, "},");
}

/* Indices first, ascending, then names by UTF-16 units. */
static int
by_key(const struct place *a, const struct place *b)
{
	if (a->name == NULL || b->name == NULL)
		return a->name == NULL && b->name == NULL ?
		    (a->index > b->index) - (a->index < b->index) :
		    a->name == NULL ? -1 : 1;
	return utf_compare_u16(a->name->text, a->name->len, b->name->text,
	    b->name->len);
}

/* The next key of either; the side that has it moves on. */
static void
next_places(struct place **pick, struct place **drop, struct place **pick_out,
    struct place **drop_out)
{
	int order = *pick == NULL ? 1 : *drop == NULL ? -1 :
	    by_key(*pick, *drop);

	*pick_out = *drop_out = NULL;
	if (order <= 0) {
		*pick_out = *pick;
		*pick = (*pick)->next;
	}
	if (order >= 0) {
		*drop_out = *drop;
		*drop = (*drop)->next;
	}
}

/*
 * What happens in and below a place, a comma after each item.  Several
 * children get a list each.
 */
static void
put_places(struct buf *out, const struct place *pick,
    const struct place *drop)
{
	struct place *picks = pick != NULL ? pick->first : NULL;
	struct place *drops = drop != NULL ? drop->first : NULL;
	struct place *p, *d;
	bool many = false;

	put_deeds(out, pick, drop);
	while (picks != NULL || drops != NULL) {
		next_places(&picks, &drops, &p, &d);
		many |= picks != NULL || drops != NULL;
		if (many)
			buf_putc(out, '[');
		put_key(out, p != NULL ? p : d);
		put_places(out, p, d);
		if (many && !buf_failed(out)) {
			out->data[out->len - 1] = ']';
			buf_putc(out, ',');
		}
	}
}

int
diff_json1(struct differ *d, const struct json *from, const struct json *to)
{
	struct place pick = { .first = NULL }, drop = { .first = NULL };
	struct run run = { d, 0 };
	size_t start = d->out->len;
	int rc = 0;

	if (from != NULL && to != NULL)
		rc = compare(&run, from, to, &pick, &drop);
	else if (from != to)
		replace(&pick, &drop, to);
	if (from == NULL)
		pick.deed = DEED_NONE;
	if (to == NULL)
		drop.deed = DEED_NONE;
	buf_putc(d->out, '[');
	if (rc == 0)
		put_places(d->out, &pick, &drop);
	place_clear(&pick);
	place_clear(&drop);
	if (rc != 0 || buf_failed(d->out))
		return ot_fail(d->err, OT_ENOMEM, "out of memory");
	if (d->out->len == start + 1) {
		d->out->len = start;
		return 0;
	}
	d->out->data[d->out->len - 1] = ']';	/* for the last comma */
	return 1;
}
