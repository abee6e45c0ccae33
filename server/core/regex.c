/*
 * How a pattern becomes a tree, by recursive descent; and from the tree comes
 * code (regex_code.c), since a counted repeat is its code several times.
 *
 * All of a pattern's memory hangs on the parser and goes with it; what can
 * fail says so in the parser and the rest goes through without harm.
 */
#include "core/regex.h"

#include <stdlib.h>
#include <string.h>

#include "core/regex_in.h"
#include "ot/utf.h"

#define REPEAT_MAX	1000
#define NO_CLASS	UINT32_MAX

struct parser {
	const char	*start, *p, *end;
	unsigned	 options;
	unsigned	 depth;		/* groups entered */
	struct regex	*re;
	struct regex_tree	*trees;		/* the newest made */
	struct ot_err	*err;
	int		 rc;		/* 0: nothing is wrong so far */
};

/* ---- failing ---- */

static struct regex_tree *
fail(struct parser *ps, int code, const char *what)
{
	if (ps->rc == 0)
		ps->rc = ot_fail(ps->err, code, "regular expression: %s, "
		    "at byte %zu", what, (size_t)(ps->p - ps->start));
	return NULL;
}

static struct regex_tree *
bad(struct parser *ps, const char *what)
{
	return fail(ps, OT_EBADLY, what);
}

static struct regex_tree *
no_memory(struct parser *ps)
{
	return fail(ps, OT_ENOMEM, "out of memory");
}

/* ---- trees ---- */

static struct regex_tree *
tree_new(struct parser *ps, enum regex_kind kind, struct regex_tree *left,
    struct regex_tree *right)
{
	struct regex_tree *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return no_memory(ps);
	t->made_before = ps->trees;
	ps->trees = t;
	t->kind = kind;
	t->left = left;
	t->right = right;
	return t;
}

static struct regex_tree *
step_new(struct parser *ps, enum regex_step step, uint32_t a)
{
	struct regex_tree *t = tree_new(ps, TREE_STEP, NULL, NULL);

	if (t != NULL) {
		t->step = step;
		t->a = a;
	}
	return t;
}

static struct regex_tree *
char_new(struct parser *ps, uint32_t cp)
{
	return step_new(ps, STEP_CHAR,
	    ps->re->ignore_case ? regex_fold(cp) : cp);
}

/* The new class; NULL: out of memory. */
static struct regex_class *
class_new(struct parser *ps)
{
	struct regex *re = ps->re;
	struct regex_class *more;

	more = realloc(re->classes, (re->n_classes + 1) * sizeof(*more));
	if (more == NULL) {
		no_memory(ps);
		return NULL;
	}
	re->classes = more;
	memset(&more[re->n_classes], 0, sizeof(*more));
	return &more[re->n_classes++];
}

static struct regex_tree *
class_tree(struct parser *ps)
{
	return step_new(ps, STEP_CLASS, (uint32_t)ps->re->n_classes - 1);
}

/* ---- characters ---- */

static bool
at(const struct parser *ps, const char *what)
{
	size_t len = strlen(what);

	return (size_t)(ps->end - ps->p) >= len &&
	    memcmp(ps->p, what, len) == 0;
}

static bool
take(struct parser *ps, const char *what)
{
	if (!at(ps, what))
		return false;
	ps->p += strlen(what);
	return true;
}

static uint32_t
take_cp(struct parser *ps)
{
	size_t size;
	uint32_t cp = utf_decode(ps->p, &size);

	ps->p += size;
	return cp;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly n digits, or with n 0 one or more and a brace; false: it is not. */
static bool
take_hex(struct parser *ps, unsigned n, uint32_t *cp_out)
{
	uint32_t cp = 0;
	unsigned i;

	for (i = 0; (n == 0 || i < n) && ps->p < ps->end &&
	    hex_value(*ps->p) >= 0 && cp <= 0x10ffff; i++)
		cp = cp << 4 | (uint32_t)hex_value(*ps->p++);
	if (n > 0 ? i < n : i == 0 || !take(ps, "}"))
		return false;
	*cp_out = cp;
	return cp <= 0x10ffff;
}

/* \uHHHH, two of them when they are a pair, or \u{H...}. */
static bool
take_unicode(struct parser *ps, uint32_t *cp_out)
{
	const char *after;
	uint32_t low;

	if (take(ps, "{"))
		return take_hex(ps, 0, cp_out);
	if (!take_hex(ps, 4, cp_out))
		return false;
	after = ps->p;
	if (*cp_out >= 0xd800 && *cp_out < 0xdc00 && take(ps, "\\u") &&
	    take_hex(ps, 4, &low) && low >= 0xdc00 && low < 0xe000)
		*cp_out = utf_pair(*cp_out, low);
	else
		ps->p = after;
	return true;
}

/*
 * What follows a backslash and is one character, in a class or not.  False:
 * it is not that, and nothing was taken or the parser has failed.
 */
static bool
take_escaped(struct parser *ps, uint32_t *cp_out)
{
	static const char names[] = "tnrfv", controls[] = "\t\n\r\f\v";
	const char *name;
	char c = *ps->p;

	if ((name = strchr(names, c)) != NULL && c != '\0') {
		*cp_out = (unsigned char)controls[name - names];
		ps->p++;
		return true;
	}
	if (c == 'x' || c == 'u') {
		ps->p++;
		if (c == 'x' ? take_hex(ps, 2, cp_out) :
		    take_unicode(ps, cp_out))
			return true;
		bad(ps, "bad hexadecimal digits");
		return false;
	}
	if (c == '0' && (ps->end - ps->p < 2 || ps->p[1] < '0' ||
	    ps->p[1] > '9')) {
		*cp_out = 0;
		ps->p++;
		return true;
	}
	if ((c >= '!' && c < '0') || (c > '9' && c < 'A') ||
	    (c > 'Z' && c < 'a') || (c > 'z' && c <= '~')) {
		*cp_out = (unsigned char)c;	/* punctuation is itself */
		ps->p++;
		return true;
	}
	return false;
}

static bool
is_named_class(char c)
{
	return c != '\0' && strchr("dDwWsS", c) != NULL;
}

/* ---- [...] ---- */

/* One member; *cp_out, or a named class is added and *cp_out is NO_CLASS. */
static bool
class_atom(struct parser *ps, uint32_t *cp_out)
{
	struct regex_class *c = &ps->re->classes[ps->re->n_classes - 1];

	if (at(ps, "[:")) {
		bad(ps, "[: :] is not offered");
		return false;
	}
	if (!take(ps, "\\")) {
		*cp_out = take_cp(ps);
		return true;
	}
	if (ps->p == ps->end) {
		bad(ps, "a backslash at the end");
		return false;
	}
	if (is_named_class(*ps->p)) {
		*cp_out = NO_CLASS;
		if (!regex_class_add_named(c, *ps->p++))
			no_memory(ps);
		return ps->rc == 0;
	}
	if (take(ps, "b")) {
		*cp_out = '\b';
		return true;
	}
	if (take_escaped(ps, cp_out))
		return true;
	bad(ps, "an escape that is not offered");
	return false;
}

static struct regex_tree *
class_parse(struct parser *ps)
{
	struct regex_class *c = class_new(ps);
	uint32_t from, to;

	if (c == NULL)
		return NULL;
	c->negated = take(ps, "^");
	while (!take(ps, "]")) {
		if (ps->p == ps->end)
			return bad(ps, "a [ without its ]");
		if (!class_atom(ps, &from))
			return NULL;
		to = from;
		if (at(ps, "-") && !at(ps, "-]") && ps->end - ps->p > 1) {
			take(ps, "-");
			if (!class_atom(ps, &to))
				return NULL;
			if (from == NO_CLASS || to == NO_CLASS || to < from)
				return bad(ps, "a range out of order");
		}
		if (from != NO_CLASS && !regex_class_add(c, from, to))
			return no_memory(ps);
	}
	return class_tree(ps);
}

/* ---- everything else ---- */

static struct regex_tree *alternatives(struct parser *ps);

static struct regex_tree *
group_parse(struct parser *ps)
{
	struct regex_tree *t;

	if (at(ps, "?=") || at(ps, "?!") || at(ps, "?<=") || at(ps, "?<!"))
		return bad(ps, "look-around is not offered");
	if (take(ps, "?<")) {
		while (ps->p < ps->end && (regex_is_word((unsigned char)*ps->p)))
			ps->p++;
		if (!take(ps, ">"))
			return bad(ps, "a bad name of a group");
	} else if (!take(ps, "?:") && at(ps, "?")) {
		return bad(ps, "this kind of group is not offered");
	}
	if (++ps->depth > REGEX_DEPTH_MAX)
		return fail(ps, OT_ELIMIT, "groups too deep");
	t = alternatives(ps);
	ps->depth--;
	if (t != NULL && !take(ps, ")"))
		return bad(ps, "a ( without its )");
	return t;
}

static struct regex_tree *
escape_parse(struct parser *ps)
{
	struct regex_class *c;
	uint32_t cp;
	char name;

	if (ps->p == ps->end)
		return bad(ps, "a backslash at the end");
	if (is_named_class(*ps->p)) {
		name = *ps->p++;
		if ((c = class_new(ps)) == NULL)
			return NULL;
		return regex_class_add_named(c, name) ? class_tree(ps) :
		    no_memory(ps);
	}
	if (take(ps, "b"))
		return step_new(ps, STEP_WORD, 0);
	if (take(ps, "B"))
		return step_new(ps, STEP_NO_WORD, 0);
	if (*ps->p >= '1' && *ps->p <= '9')
		return bad(ps, "backreferences are not offered");
	if (take_escaped(ps, &cp))
		return char_new(ps, cp);
	return bad(ps, "an escape that is not offered");
}

static struct regex_tree *
atom(struct parser *ps)
{
	bool lines = (ps->options & REGEX_MULTILINE) != 0;

	if (take(ps, "("))
		return group_parse(ps);
	if (take(ps, "["))
		return class_parse(ps);
	if (take(ps, "\\"))
		return escape_parse(ps);
	if (take(ps, "."))
		return step_new(ps, (ps->options & REGEX_DOT_ALL) != 0 ?
		    STEP_ALL : STEP_ANY, 0);
	if (take(ps, "^"))
		return step_new(ps, lines ? STEP_LINE_BEGIN : STEP_BEGIN, 0);
	if (take(ps, "$"))
		return step_new(ps, lines ? STEP_LINE_END : STEP_END, 0);
	if (at(ps, "*") || at(ps, "+") || at(ps, "?"))
		return bad(ps, "nothing to repeat");
	return char_new(ps, take_cp(ps));
}

/* Decimal digits; false: none. */
static bool
take_number(struct parser *ps, uint32_t *n_out)
{
	const char *from = ps->p;
	uint32_t n = 0;

	for (; ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9'; ps->p++)
		if (n <= REPEAT_MAX)
			n = 10 * n + (uint32_t)(*ps->p - '0');
	*n_out = n;
	return ps->p > from;
}

/* {m}, {m,} or {m,n}; otherwise nothing is taken: { is a character then. */
static bool
take_counts(struct parser *ps, uint32_t *min, uint32_t *max)
{
	const char *from = ps->p;

	if (take(ps, "{") && take_number(ps, min)) {
		*max = *min;
		if (take(ps, ",") && !take_number(ps, max))
			*max = REGEX_FOREVER;
		if (take(ps, "}"))
			return true;
	}
	ps->p = from;
	return false;
}

static bool
take_repeat(struct parser *ps, uint32_t *min, uint32_t *max)
{
	*min = at(ps, "+");
	*max = at(ps, "?") ? 1 : REGEX_FOREVER;
	if (!take(ps, "*") && !take(ps, "+") && !take(ps, "?") &&
	    !take_counts(ps, min, max))
		return false;
	take(ps, "?");				/* lazy: matches the same */
	return true;
}

static bool
is_repeatable(const struct regex_tree *t)
{
	return t->kind != TREE_STEP || t->step <= STEP_CLASS;
}

static struct regex_tree *
repeated(struct parser *ps)
{
	struct regex_tree *t = atom(ps), *r;
	uint32_t min, max;

	if (t == NULL || !take_repeat(ps, &min, &max))
		return t;
	if (!is_repeatable(t))
		return bad(ps, "nothing to repeat");
	if (min > REPEAT_MAX || (max != REGEX_FOREVER && max > REPEAT_MAX))
		return fail(ps, OT_ELIMIT, "too many repeats");
	if (max < min)
		return bad(ps, "a repeat out of order");
	if ((r = tree_new(ps, TREE_REPEAT, t, NULL)) != NULL) {
		r->min = min;
		r->max = max;
	}
	return r;
}

static struct regex_tree *
sequence(struct parser *ps)
{
	struct regex_tree *t = tree_new(ps, TREE_EMPTY, NULL, NULL), *next;

	while (t != NULL && ps->p < ps->end && !at(ps, "|") && !at(ps, ")")) {
		next = repeated(ps);
		t = next == NULL ? NULL : tree_new(ps, TREE_CAT, t, next);
	}
	return t;
}

static struct regex_tree *
alternatives(struct parser *ps)
{
	struct regex_tree *t = sequence(ps), *next;

	while (t != NULL && take(ps, "|")) {
		next = sequence(ps);
		t = next == NULL ? NULL : tree_new(ps, TREE_ALT, t, next);
	}
	return t;
}

/* ---- the face ---- */

int
regex_new(const char *pattern, size_t len, unsigned options,
    struct regex **regex_out, struct ot_err *err)
{
	struct parser ps = { .start = pattern, .p = pattern,
	    .end = pattern + len, .options = options, .err = err };
	struct regex_tree *t, *before;

	if (len > REGEX_PATTERN_MAX)
		return ot_fail(err, OT_ELIMIT, "regular expression: longer "
		    "than %d bytes", REGEX_PATTERN_MAX);
	if ((ps.re = calloc(1, sizeof(*ps.re))) == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	ps.re->ignore_case = (options & REGEX_IGNORE_CASE) != 0;
	t = alternatives(&ps);
	if (t != NULL && ps.p < ps.end)
		t = bad(&ps, "a ) without its (");
	if (t != NULL)
		ps.rc = regex_emit(ps.re, t, err);
	for (t = ps.trees; t != NULL; t = before) {
		before = t->made_before;
		free(t);
	}
	if (ps.rc == 0)
		*regex_out = ps.re;
	else
		regex_free(ps.re);
	return ps.rc;
}

void
regex_free(struct regex *re)
{
	size_t i;

	if (re == NULL)
		return;
	for (i = 0; i < re->n_classes; i++)
		free(re->classes[i].ranges);
	free(re->classes);
	free(re->code);
	free(re);
}
