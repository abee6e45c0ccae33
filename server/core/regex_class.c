#include <stdlib.h>

#include "core/regex_in.h"

#define LAST_CP	0x10ffffu

static const struct regex_range digits[] = { { '0', '9' } };

static const struct regex_range words[] = {
	{ '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' }
};

/* ECMA-262, 12.2 and 12.3: WhiteSpace and LineTerminator. */
static const struct regex_range spaces[] = {
	{ '\t', '\r' }, { ' ', ' ' }, { 0xa0, 0xa0 }, { 0x1680, 0x1680 },
	{ 0x2000, 0x200a }, { 0x2028, 0x2029 }, { 0x202f, 0x202f },
	{ 0x205f, 0x205f }, { 0x3000, 0x3000 }, { 0xfeff, 0xfeff }
};

bool
regex_is_word(uint32_t cp)
{
	return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') ||
	    (cp >= 'a' && cp <= 'z') || cp == '_';
}

bool
regex_is_line_end(uint32_t cp)
{
	return cp == '\n' || cp == '\r' || cp == 0x2028 || cp == 0x2029;
}

/* ---- case ---- */

/*
 * Capitals and their small letters: from + i folds to to + i * step.  Simple
 * case folding (Unicode, CaseFolding.txt, C and S) of the scripts that the
 * header names.
 */
static const struct fold {
	uint16_t	from, last, to, step;
} folds[] = {
	{ 'A', 'Z', 'a', 1 },
	{ 0x00b5, 0x00b5, 0x03bc, 1 },		/* micro sign */
	{ 0x00c0, 0x00d6, 0x00e0, 1 },
	{ 0x00d8, 0x00de, 0x00f8, 1 },
	{ 0x0100, 0x012e, 0x0101, 2 },		/* pairs: every other one */
	{ 0x0132, 0x0136, 0x0133, 2 },
	{ 0x0139, 0x0147, 0x013a, 2 },
	{ 0x014a, 0x0176, 0x014b, 2 },
	{ 0x0178, 0x0178, 0x00ff, 1 },
	{ 0x0179, 0x017d, 0x017a, 2 },
	{ 0x017f, 0x017f, 's', 1 },		/* long s */
	{ 0x0386, 0x0386, 0x03ac, 1 },
	{ 0x0388, 0x038a, 0x03ad, 1 },
	{ 0x038c, 0x038c, 0x03cc, 1 },
	{ 0x038e, 0x038f, 0x03cd, 1 },
	{ 0x0391, 0x03a1, 0x03b1, 1 },
	{ 0x03a3, 0x03ab, 0x03c3, 1 },
	{ 0x03c2, 0x03c2, 0x03c3, 1 },		/* final sigma */
	{ 0x0400, 0x040f, 0x0450, 1 },
	{ 0x0410, 0x042f, 0x0430, 1 },
	{ 0x0460, 0x0480, 0x0461, 2 },
	{ 0x048a, 0x04be, 0x048b, 2 },
	{ 0x1e9e, 0x1e9e, 0x00df, 1 },		/* capital sharp s */
	{ 0x212a, 0x212a, 'k', 1 },		/* kelvin sign */
	{ 0x212b, 0x212b, 0x00e5, 1 },		/* angstrom sign */
};
#define N_FOLDS	(sizeof(folds) / sizeof(*folds))

uint32_t
regex_fold(uint32_t cp)
{
	size_t i;

	for (i = 0; i < N_FOLDS && folds[i].from <= cp; i++)
		if (cp <= folds[i].last &&
		    (cp - folds[i].from) % folds[i].step == 0)
			return folds[i].to + (cp - folds[i].from);
	return cp;
}

static bool
has(const struct regex_class *c, uint32_t cp)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (cp >= c->ranges[i].from && cp <= c->ranges[i].to)
			return true;
	return false;
}

/* Does it hold something that folds to folded, but is not that? */
static bool
has_capital(const struct regex_class *c, uint32_t folded)
{
	size_t i;

	for (i = 0; i < N_FOLDS; i++) {
		uint32_t d = folded - folds[i].to;

		if (folded >= folds[i].to &&
		    d <= (uint32_t)(folds[i].last - folds[i].from) &&
		    d % folds[i].step == 0 && has(c, folds[i].from + d))
			return true;
	}
	return false;
}

bool
regex_class_has(const struct regex_class *c, uint32_t cp, bool ignore_case)
{
	bool found = has(c, cp);

	if (!found && ignore_case) {
		cp = regex_fold(cp);
		found = has(c, cp) || has_capital(c, cp);
	}
	return found != c->negated;
}

/* ---- making ---- */

bool
regex_class_add(struct regex_class *c, uint32_t from, uint32_t to)
{
	struct regex_range *more;

	if ((c->n & (c->n - 1)) == 0) {		/* grows at powers of two */
		more = realloc(c->ranges,
		    (c->n > 0 ? 2 * c->n : 1) * sizeof(*more));
		if (more == NULL)
			return false;
		c->ranges = more;
	}
	c->ranges[c->n++] = (struct regex_range){ from, to };
	return true;
}

/* Add the ranges, in order, or what lies between them. */
static bool
add_all(struct regex_class *c, const struct regex_range *r, size_t n,
    bool others)
{
	uint32_t next = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!others) {
			if (!regex_class_add(c, r[i].from, r[i].to))
				return false;
			continue;
		}
		if (next < r[i].from &&
		    !regex_class_add(c, next, r[i].from - 1))
			return false;
		next = r[i].to + 1;
	}
	return !others || regex_class_add(c, next, LAST_CP);
}

bool
regex_class_add_named(struct regex_class *c, char name)
{
	bool others = name < 'a';		/* \D, \W, \S */

	switch (name) {
	case 'd': case 'D':
		return add_all(c, digits, sizeof(digits) / sizeof(*digits),
		    others);
	case 'w': case 'W':
		return add_all(c, words, sizeof(words) / sizeof(*words),
		    others);
	default:
		return add_all(c, spaces, sizeof(spaces) / sizeof(*spaces),
		    others);
	}
}
