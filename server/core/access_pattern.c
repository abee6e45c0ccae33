#include "core/access_pattern.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/regex.h"
#include "ot/json.h"
#include "ot/utf.h"

#define CLAIMS		"claims."
#define CLAIMS_LEN	(sizeof(CLAIMS) - 1)

enum part_kind { PART_TEXT, PART_STAR, PART_SUBJECT, PART_CLAIM };

struct part {
	enum part_kind	 kind;
	char		*text;		/* of TEXT; of CLAIM its path; owned */
	size_t		 len;		/* bytes */
};

struct access_pattern {
	struct part	parts[ACCESS_PARTS_MAX];
	size_t		n;
};

/* Each byte escaped, a star as ".*", an anchor at each end. */
_Static_assert(2 * (ACCESS_FILLED_MAX + ACCESS_PARTS_MAX + 1) <=
    REGEX_PATTERN_MAX, "a filled pattern must fit a regular expression");

/* ---- parsing ---- */

static int
part_add(struct access_pattern *p, enum part_kind kind, const char *text,
    size_t len, struct ot_err *err)
{
	struct part *last = p->n > 0 ? &p->parts[p->n - 1] : NULL;

	if (last != NULL && kind == PART_STAR && last->kind == PART_STAR)
		return 0;
	if (last != NULL && kind == PART_TEXT && last->kind == PART_TEXT) {
		last->text = mem_grow(last->text, last->len + len + 1, 1);
		memcpy(last->text + last->len, text, len);
		last->len += len;
		last->text[last->len] = '\0';
		return 0;
	}
	if (p->n == ACCESS_PARTS_MAX)
		return ot_fail(err, OT_ELIMIT, "more than %d stars, {...} and "
		    "texts between them", ACCESS_PARTS_MAX);
	p->parts[p->n++] = (struct part){ kind, mem_copy(text, len), len };
	return 0;
}

/* What stands in braces. */
static int
hole_add(struct access_pattern *p, const char *name, size_t len,
    struct ot_err *err)
{
	if (len == 1 && strchr("*{}", name[0]) != NULL)
		return part_add(p, PART_TEXT, name, 1, err);
	if (len == 3 && memcmp(name, "sub", 3) == 0)
		return part_add(p, PART_SUBJECT, name, len, err);
	if (len > CLAIMS_LEN && memcmp(name, CLAIMS, CLAIMS_LEN) == 0)
		return part_add(p, PART_CLAIM, name + CLAIMS_LEN,
		    len - CLAIMS_LEN, err);
	return ot_fail(err, OT_EBADLY, "{%.*s} is none of {sub}, "
	    "{claims.NAME}, {*}, {{} and {}}", (int)(len < 40 ? len : 40), name);
}

/* The brace that closes the one at s; NULL: none does. */
static const char *
hole_end(const char *s, const char *end)
{
	const char *from = s + 1;

	if (end - from >= 2 && from[0] == '}' && from[1] == '}')
		from++;			/* {}} */
	return from < end ? memchr(from, '}', (size_t)(end - from)) : NULL;
}

static int
parts_add(struct access_pattern *p, const char *s, const char *end,
    struct ot_err *err)
{
	const char *stop;
	int rc = 0;

	for (; s < end && rc == 0; s = stop) {
		if (*s == '*') {
			stop = s + 1;
			rc = part_add(p, PART_STAR, s, 1, err);
		} else if (*s == '{') {
			if ((stop = hole_end(s, end)) == NULL)
				return ot_fail(err, OT_EBADLY, "{ without } "
				    "(the character itself is written {{})");
			rc = hole_add(p, s + 1, (size_t)(stop - s - 1), err);
			stop++;
		} else {
			for (stop = s; stop < end && *stop != '*' &&
			    *stop != '{'; stop++)
				;
			rc = part_add(p, PART_TEXT, s, (size_t)(stop - s), err);
		}
	}
	return rc;
}

int
access_pattern_parse(const char *text, size_t len,
    struct access_pattern **pattern_out, struct ot_err *err)
{
	struct access_pattern *p;
	int rc;

	if (len == 0)
		return ot_fail(err, OT_EBADLY, "it is empty");
	if (len > ACCESS_PATTERN_MAX)
		return ot_fail(err, OT_ELIMIT, "it is longer than %d bytes",
		    ACCESS_PATTERN_MAX);
	if (!utf_is_utf8(text, len) || memchr(text, '\0', len) != NULL)
		return ot_fail(err, OT_EBADLY, "it holds half a character "
		    "or NUL");
	p = mem_get(sizeof(*p));
	if ((rc = parts_add(p, text, text + len, err)) != 0)
		access_pattern_free(p);
	else
		*pattern_out = p;
	return rc;
}

void
access_pattern_free(struct access_pattern *p)
{
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < p->n; i++)
		free(p->parts[i].text);
	free(p);
}

bool
access_pattern_is_all(const struct access_pattern *p)
{
	return p->n == 1 && p->parts[0].kind == PART_STAR;
}

/* ---- filling ---- */

static enum principal_text
hole_text(const struct part *part, const struct principal *who,
    char room[PRINCIPAL_ROOM], struct access_piece *piece)
{
	if (part->kind == PART_CLAIM)
		return principal_text(who, part->text, room, &piece->text,
		    &piece->len);
	if (who == NULL || who->subject == NULL)
		return PRINCIPAL_ABSENT;
	piece->text = who->subject;
	piece->len = strlen(who->subject);
	return piece->len > 0 && utf_is_utf8(piece->text, piece->len) ?
	    PRINCIPAL_TEXT : PRINCIPAL_UNFIT;
}

enum access_fill
access_pattern_fill(const struct access_pattern *p,
    const struct principal *who, struct access_filled *out)
{
	size_t i, left = ACCESS_FILLED_MAX;
	struct access_piece *piece;
	bool unfit = false;

	for (i = 0; i < p->n; i++) {
		piece = &out->pieces[i];
		*piece = (struct access_piece){ NULL, 0 };
		if (p->parts[i].kind == PART_STAR)
			continue;
		if (p->parts[i].kind == PART_TEXT) {
			*piece = (struct access_piece){ p->parts[i].text,
			    p->parts[i].len };
		} else {
			switch (hole_text(&p->parts[i], who, out->rooms[i],
			    piece)) {
			case PRINCIPAL_TEXT:
				break;
			case PRINCIPAL_ABSENT:
				return FILL_ABSENT;
			case PRINCIPAL_UNFIT:
				unfit = true;
			}
		}
		if (piece->len > left)
			unfit = true;
		else
			left -= piece->len;
	}
	out->n = p->n;
	return unfit ? FILL_UNFIT : FILL_DONE;
}

/* ---- matching ---- */

/*
 * Pieces up to a star, or to the end, are a run.  The first begins the name,
 * the last ends it, and each between them may as well stand at the first
 * place where it fits: what comes behind has the most room then.
 */
struct run {
	const struct access_piece *first, *end;
	size_t			 len;	/* bytes */
};

static struct run
run_from(const struct access_filled *f, const struct access_piece *first)
{
	struct run r = { first, first, 0 };

	for (; r.end < f->pieces + f->n && r.end->text != NULL; r.end++)
		r.len += r.end->len;
	return r;
}

static bool
run_is_at(const struct run *r, const char *s)
{
	const struct access_piece *p;

	for (p = r->first; p < r->end; s += p->len, p++)
		if (memcmp(s, p->text, p->len) != 0)
			return false;
	return true;
}

bool
access_filled_fits(const struct access_filled *f, const char *name)
{
	const struct access_piece *end = f->pieces + f->n;
	struct run r = run_from(f, f->pieces);
	size_t left = strlen(name);

	if (r.len > left || !run_is_at(&r, name))
		return false;
	if (r.end == end)
		return r.len == left;
	for (;;) {
		name += r.len;
		left -= r.len;
		r = run_from(f, r.end + 1);
		if (r.len > left)
			return false;
		if (r.end == end)
			return run_is_at(&r, name + left - r.len);
		for (; !run_is_at(&r, name); name++, left--)
			if (r.len == left)
				return false;
	}
}

bool
access_pattern_may_fit(const struct access_pattern *p, const char *name)
{
	struct access_filled f;
	size_t i;

	for (i = 0; i < p->n; i++)
		f.pieces[i] = p->parts[i].kind == PART_TEXT ?
		    (struct access_piece){ p->parts[i].text, p->parts[i].len } :
		    (struct access_piece){ NULL, 0 };
	f.n = p->n;
	return access_filled_fits(&f, name);
}

/* ---- as a filter ---- */

/* Append what matches the text and nothing else, as a regular expression. */
static void
put_escaped(struct buf *b, const struct access_piece *p)
{
	size_t i;

	for (i = 0; i < p->len; i++) {
		if (strchr("\\^$.[]|()?*+{}/", p->text[i]) != NULL)
			buf_putc(b, '\\');
		buf_putc(b, p->text[i]);
	}
}

/* A star at an end needs no anchor there, and so a prefix shows as one. */
static void
put_regex(const struct access_filled *f, struct buf *b)
{
	size_t i;

	if (f->pieces[0].text != NULL)
		buf_putc(b, '^');
	for (i = 0; i < f->n; i++) {
		if (f->pieces[i].text != NULL)
			put_escaped(b, &f->pieces[i]);
		else if (i > 0 && i + 1 < f->n)
			buf_puts(b, ".*");
	}
	if (f->pieces[f->n - 1].text != NULL)
		buf_putc(b, '$');
}

void
access_filled_put(const struct access_filled *f, struct buf *out)
{
	struct buf b = BUF_INIT;
	bool has_star = false;
	size_t i;

	for (i = 0; i < f->n; i++)
		has_star |= f->pieces[i].text == NULL;
	if (has_star)
		put_regex(f, &b);
	for (i = 0; i < f->n && !has_star; i++)
		buf_put(&b, f->pieces[i].text, f->pieces[i].len);
	buf_puts(out, "{\"_id\":");
	if (has_star)
		buf_puts(out, "{\"$regex\":");
	json_put_string(out, b.len > 0 ? b.data : "", b.len);
	if (has_star)
		buf_puts(out, ",\"$options\":\"s\"}");
	buf_puts(out, "}");
	if (buf_failed(&b))
		out->failed = true;
	buf_done(&b);
}
