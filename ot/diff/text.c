#include "ot/diff/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ot/diff/seq.h"
#include "ot/diff/symbols.h"
#include "ot/utf.h"

/* How finely texts are compared. */
enum grain { STRETCHES, WORDS, CODE_POINTS, NOTHING_FINER };

/* In bytes of both sides together. */
#define STRETCHES_FROM	((size_t)128 << 10)
#define WORDS_FROM	512
#define WORDS_MAX	((size_t)4 << 20)
#define STRETCH_MASK	63	/* one of so many places ends a stretch */
/* A piece may take so many steps, however large the others are. */
#define PIECE_STEPS(bytes)	(65536 + 32 * (bytes))
/* Kept only if it is longer, or longer than both changes next to it. */
#define CHANCE_MAX	3	/* code points */
/* Ideographs and what is like them stand for themselves. */
#define WORD_CP_MAX	0x2E80

struct run {
	struct text_span	 a, b;
	size_t			*steps;
	struct hunks		*hunks;
};

/* A piece of both texts. */
struct piece {
	size_t		 a, n;		/* bytes of a, from offset a on */
	size_t		 b, m;
};

static bool
is_inside(char byte)
{
	return ((unsigned char)byte & 0xC0) == 0x80;
}

void
diff_hunks_done(struct hunks *h)
{
	free(h->hunk);
	*h = (struct hunks){ NULL, 0, 0 };
}

/* ---- ends ---- */

/* The bytes that both begin with, at most most. */
static size_t
equal_head(const char *a, const char *b, size_t most)
{
	size_t n = 0, block = 256;

	while (most - n >= block && memcmp(a + n, b + n, block) == 0)
		n += block;
	while (n < most && a[n] == b[n])
		n++;
	return n;
}

/* The same for their ends. */
static size_t
equal_tail(const char *a_end, const char *b_end, size_t most)
{
	size_t n = 0, block = 256;

	while (most - n >= block && memcmp(a_end - n - block,
	    b_end - n - block, block) == 0)
		n += block;
	while (n < most && a_end[-1 - (ptrdiff_t)n] == b_end[-1 - (ptrdiff_t)n])
		n++;
	return n;
}

struct hunk
diff_ends(const struct text_span *a, const struct text_span *b)
{
	size_t most = a->len < b->len ? a->len : b->len, head, tail;

	head = equal_head(a->p, b->p, most);
	while (head > 0 && ((head < a->len && is_inside(a->p[head])) ||
	    (head < b->len && is_inside(b->p[head]))))
		head--;
	tail = equal_tail(a->p + a->len, b->p + b->len, most - head);
	while (tail > 0 && is_inside(a->p[a->len - tail]))
		tail--;
	return (struct hunk){ head, a->len - head - tail, head,
	    b->len - head - tail };
}

/* ---- hunks ---- */

/*
 * Is what stays between the hunk and the next one alike by chance?  Line ends
 * are not: they are what people align by.
 */
static bool
is_chance(const struct run *run, const struct hunk *last, const struct hunk *h)
{
	size_t from = last->a + last->a_len, len = h->a - from, cp;
	size_t before = last->a_len > last->b_len ? last->a_len : last->b_len;
	size_t after = h->a_len > h->b_len ? h->a_len : h->b_len;

	if (len > CHANCE_MAX * UTF_SEQUENCE_MAX ||
	    (len > before && len > after))
		return false;
	cp = utf_len_cp(run->a.p + from, len);
	return cp <= CHANCE_MAX && memchr(run->a.p + from, '\n', len) == NULL;
}

/* Add a hunk after the others. */
static int
put_hunk(struct run *run, const struct hunk *h)
{
	struct hunks *hs = run->hunks;
	struct hunk *last = hs->n > 0 ? &hs->hunk[hs->n - 1] : NULL;
	size_t room = hs->room * 2 + 8;
	struct hunk *grown;

	if (last != NULL && is_chance(run, last, h)) {
		last->a_len = h->a + h->a_len - last->a;
		last->b_len = h->b + h->b_len - last->b;
		return 0;
	}
	if (hs->n == hs->room) {
		grown = realloc(hs->hunk, room * sizeof(*grown));
		if (grown == NULL)
			return OT_ENOMEM;
		hs->hunk = grown;
		hs->room = room;
	}
	hs->hunk[hs->n++] = *h;
	return 0;
}

/* ---- tokens ---- */

/*
 * The end of the stretch that begins at p: a line, or a part of a long one,
 * ending where the eight bytes before say so.  So the same text is cut alike
 * wherever it stands.
 */
static const char *
stretch_end(const char *p, const char *end)
{
	uint64_t window = 0;

	while (p < end) {
		window = window << 8 | (unsigned char)*p;
		if (*p++ == '\n')
			break;
		if (p < end && is_inside(*p))
			continue;
		if ((window * UINT64_C(0x9e3779b97f4a7c15) >> 32 &
		    STRETCH_MASK) == 0)
			break;
	}
	return p;
}

static bool
is_word(uint32_t cp)
{
	return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') ||
	    (cp >= 'a' && cp <= 'z') || cp == '_' ||
	    (cp >= 0xC0 && cp < WORD_CP_MAX);
}

/* A word, or one code point that belongs to none. */
static const char *
word_end(const char *p, const char *end)
{
	size_t size;
	bool word = is_word(utf_decode(p, &size));

	p += size;
	while (word && p < end && is_word(utf_decode(p, &size)))
		p += size;
	return p;
}

struct tokens {
	size_t		 n, room;
	uint32_t	*symbol;
	size_t		*end;		/* bytes from the beginning of the piece */
	bool		*changed;
};

static void
tokens_done(struct tokens *t)
{
	free(t->symbol);
	free(t->end);
	free(t->changed);
}

static const char *
token_end(enum grain grain, const char *p, const char *end)
{
	return grain == STRETCHES ? stretch_end(p, end) :
	    grain == WORDS ? word_end(p, end) : p + utf_sequence(*p);
}

/* Room for one token more. */
static bool
tokens_grow(struct tokens *t)
{
	size_t room = t->room * 2 + 64;
	uint32_t *symbol;
	size_t *end;

	if (t->n < t->room)
		return true;
	if ((symbol = realloc(t->symbol, room * sizeof(*symbol))) == NULL)
		return false;
	t->symbol = symbol;
	if ((end = realloc(t->end, room * sizeof(*end))) == NULL)
		return false;
	t->end = end;
	t->room = room;
	return true;
}

/* Cut text into tokens; code points are their own symbols. */
static int
tokens_init(struct tokens *t, enum grain grain, const char *text, size_t len,
    struct symbols *symbols)
{
	const char *end = text + len, *p, *next;
	struct symbol s = { 0, NULL, 0, NULL };
	size_t unused;

	for (p = text; p < end; p = next) {
		if (!tokens_grow(t))
			return OT_ENOMEM;
		next = token_end(grain, p, end);
		t->end[t->n] = (size_t)(next - text);
		if (grain == CODE_POINTS) {
			t->symbol[t->n++] = utf_decode(p, &unused);
			continue;
		}
		s.text = p;
		s.len = (size_t)(next - p);
		s.hash = diff_hash_bytes(grain, p, s.len);
		t->symbol[t->n++] = diff_symbol(symbols, &s);
	}
	t->changed = calloc(t->n + 1, sizeof(*t->changed));
	return t->changed == NULL || symbols->failed ? OT_ENOMEM : 0;
}

static size_t
token_start(const struct tokens *t, size_t i)
{
	return i == 0 ? 0 : t->end[i - 1];
}

/* ---- pieces ---- */

static int	compare(struct run *run, struct piece p, enum grain grain);

/* Go on, more finely, with what changed between tokens that stay. */
static int
compare_gaps(struct run *run, const struct piece *p, enum grain grain,
    const struct tokens *a, const struct tokens *b)
{
	size_t i = 0, j = 0, a0, b0;
	int rc = 0;

	while (rc == 0 && (i < a->n || j < b->n)) {
		a0 = token_start(a, i);
		b0 = token_start(b, j);
		while (i < a->n && a->changed[i])
			i++;
		while (j < b->n && b->changed[j])
			j++;
		if (token_start(a, i) > a0 || token_start(b, j) > b0)
			rc = compare(run, (struct piece){ p->a + a0,
			    token_start(a, i) - a0, p->b + b0,
			    token_start(b, j) - b0 }, grain + 1);
		i++;
		j++;
	}
	return rc;
}

static int
put_piece(struct run *run, const struct piece *p)
{
	return put_hunk(run, &(struct hunk){ p->a, p->n, p->b, p->m });
}

/*
 * Is so little alike that it is another text?  Letters are often alike in
 * any two texts, but not many in a row.  Whole lines are never so by chance.
 */
static bool
is_other_text(enum grain grain, const struct piece *p, const struct tokens *t)
{
	size_t i, kept = 0, rows = 0;

	if (grain == STRETCHES)
		return false;
	for (i = 0; i < t->n; i++) {
		if (t->changed[i])
			continue;
		kept += t->end[i] - token_start(t, i);
		rows += i == 0 || t->changed[i - 1];
	}
	return kept < (p->n < p->m ? p->n : p->m) / 4 ||
	    kept < CHANCE_MAX * rows;
}

static int
compare_tokens(struct run *run, const struct piece *p, enum grain grain,
    enum seq_effort effort)
{
	struct tokens a = { .n = 0 }, b = { .n = 0 };
	size_t share = PIECE_STEPS(p->n + p->m), had;
	struct symbols symbols;
	int rc;

	if (share > *run->steps)
		share = *run->steps;
	had = share;
	diff_symbols_init(&symbols, &share);
	if ((rc = tokens_init(&a, grain, run->a.p + p->a, p->n,
	    &symbols)) != 0 ||
	    (rc = tokens_init(&b, grain, run->b.p + p->b, p->m,
	    &symbols)) != 0)
		goto out;
	rc = diff_seq(&(struct seq){ a.symbol, a.n, a.changed },
	    &(struct seq){ b.symbol, b.n, b.changed }, symbols.n, effort,
	    &share);
	*run->steps -= had - share;
	if (rc != 0)
		goto out;
	rc = is_other_text(grain, p, &a) ? put_piece(run, p) :
	    compare_gaps(run, p, grain, &a, &b);
out:
	diff_symbols_done(&symbols);
	tokens_done(&a);
	tokens_done(&b);
	return rc;
}

/* grain: no coarser than that. */
static int
compare(struct run *run, struct piece p, enum grain grain)
{
	struct hunk h = diff_ends(
	    &(struct text_span){ run->a.p + p.a, p.n },
	    &(struct text_span){ run->b.p + p.b, p.m });
	int rc;

	p = (struct piece){ p.a + h.a, h.a_len, p.b + h.b, h.b_len };
	if (p.n == 0 && p.m == 0)
		return 0;
	if (p.n == 0 || p.m == 0 || grain == NOTHING_FINER ||
	    *run->steps == 0)
		return put_piece(run, &p);
	if (grain == STRETCHES && p.n + p.m >= STRETCHES_FROM)
		return compare_tokens(run, &p, grain, SEQ_IN_ANY_CASE);
	if (p.n + p.m > WORDS_MAX)
		return put_piece(run, &p);
	if (grain != CODE_POINTS && p.n + p.m >= WORDS_FROM) {
		rc = compare_tokens(run, &p, CODE_POINTS, SEQ_IF_FEW);
		return rc != 1 ? rc : compare_tokens(run, &p, WORDS,
		    SEQ_IN_ANY_CASE);
	}
	return compare_tokens(run, &p, CODE_POINTS, SEQ_IN_ANY_CASE);
}

int
diff_text(const struct text_span *a, const struct text_span *b, size_t *steps,
    struct hunks *h)
{
	struct run run = { *a, *b, steps, h };

	return compare(&run, (struct piece){ 0, a->len, 0, b->len },
	    STRETCHES);
}
