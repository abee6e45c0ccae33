/*
 * Paths, and JavaScript's operators on their segments.
 *
 * List indices may arrive as strings: "1" means 1, and clients of ShareDB rely
 * on it.  The reference applies such an op as if the number had been there,
 * but transforms it by JavaScript's rules: === tells "1" from 1, < compares
 * two strings by their text and a string with a number by value, ++ makes a
 * number of it.  So a segment stays what it was until arithmetic touches it,
 * and all comparing goes through the operators below.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ot/json0.h"
#include "ot/json_number.h"
#include "ot/utf.h"

#define INDEX_MAX	9007199254740991.0	/* 2^53 - 1 */

struct json0_path *
json0_path_take(const struct json0_seg *seg, size_t n)
{
	struct json0_path *path;

	if (n > (SIZE_MAX - sizeof(*path)) / sizeof(seg[0]) ||
	    (path = malloc(sizeof(*path) + n * sizeof(seg[0]))) == NULL)
		return NULL;
	path->refs = 1;
	path->n = n;
	memcpy(path->seg, seg, n * sizeof(seg[0]));
	return path;
}

struct json0_path *
json0_path_new(const struct json0_seg *seg, size_t n)
{
	struct json0_path *path = json0_path_take(seg, n);
	size_t i;

	for (i = 0; path != NULL && i < n; i++)
		path->seg[i] = json0_seg_ref(&seg[i]);
	return path;
}

struct json0_path *
json0_path_ref(struct json0_path *path)
{
	path->refs++;
	return path;
}

void
json0_path_unref(struct json0_path *path)
{
	size_t i;

	if (path == NULL || --path->refs > 0)
		return;
	for (i = 0; i < path->n; i++)
		json0_seg_done(&path->seg[i]);
	free(path);
}

const struct json0_seg *
json0_path_last(const struct json0_path *path)
{
	return path->n > 0 ? &path->seg[path->n - 1] : NULL;
}

bool
json0_path_same(const struct json0_path *a, const struct json0_path *b,
    size_t n)
{
	size_t i;

	if (a == b)
		return true;
	for (i = 0; i < n; i++)
		if (!json0_seg_same(&a->seg[i], &b->seg[i]))
			return false;
	return true;
}

/* ---- segments ---- */

struct json0_seg
json0_seg_number(double number)
{
	return (struct json0_seg){ number, NULL };
}

struct json0_seg
json0_seg_ref(const struct json0_seg *seg)
{
	if (seg->key != NULL)
		json_key_ref(seg->key);
	return *seg;
}

void
json0_seg_done(struct json0_seg *seg)
{
	json_key_unref(seg->key);
	seg->key = NULL;
}

bool
json0_seg_same(const struct json0_seg *a, const struct json0_seg *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->key == NULL || b->key == NULL)
		return a->key == b->key && a->number == b->number;
	return json_key_equal(a->key, b->key);
}

bool
json0_seg_equal(const struct json0_seg *a, const struct json0_seg *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if ((a->key == NULL) == (b->key == NULL))
		return json0_seg_same(a, b);
	return json0_seg_to_number(a) == json0_seg_to_number(b);
}

bool
json0_seg_less(const struct json0_seg *a, const struct json0_seg *b)
{
	if (a != NULL && b != NULL && a->key != NULL && b->key != NULL)
		return utf_compare_u16(a->key->text, a->key->len,
		    b->key->text, b->key->len) < 0;
	return json0_seg_to_number(a) < json0_seg_to_number(b);
}

bool
json0_seg_at_most(const struct json0_seg *a, const struct json0_seg *b)
{
	if (a != NULL && b != NULL && a->key != NULL && b->key != NULL)
		return utf_compare_u16(a->key->text, a->key->len,
		    b->key->text, b->key->len) <= 0;
	return json0_seg_to_number(a) <= json0_seg_to_number(b);
}

/* ---- ToNumber of a string (ECMA-262, 7.1.4.1.1) ---- */

/* Bytes of a white space or line terminator at p, 0 if there is none. */
static size_t
space_at(const char *p, const char *end)
{
	static const char *const spaces[] = {
		"\t", "\n", "\v", "\f", "\r", " ", "\xc2\xa0", "\xe1\x9a\x80",
		"\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
		"\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87",
		"\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
		"\xef\xbb\xbf"
	};
	size_t i, len;

	for (i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		len = strlen(spaces[i]);
		if ((size_t)(end - p) >= len && memcmp(p, spaces[i], len) == 0)
			return len;
	}
	return 0;
}

static void
trim(const char **p, const char **end)
{
	size_t size;
	const char *q;

	while (*p < *end && (size = space_at(*p, *end)) > 0)
		*p += size;
	for (q = *p; q < *end;) {
		if ((size = space_at(q, *end)) == 0)
			size = utf_sequence(*q);
		else if (q + size == *end) {
			*end = q;
			q = *p;
			continue;
		}
		q += size;
	}
}

static double
digits_to_number(const char *p, const char *end, int base)
{
	double number = 0;
	int digit;

	if (p == end)
		return NAN;
	for (; p < end; p++) {
		digit = *p >= '0' && *p <= '9' ? *p - '0' :
		    *p >= 'a' && *p <= 'f' ? *p - 'a' + 10 :
		    *p >= 'A' && *p <= 'F' ? *p - 'A' + 10 : base;
		if (digit >= base)
			return NAN;
		number = number * base + digit;
	}
	return number;
}

/* What StrDecimalLiteral takes: "5", "5.", ".5", "5e1", "+5", "Infinity". */
static double
decimal_to_number(const char *p, const char *end)
{
	bool negative = *p == '-', digits = false;
	const char *start, *q;
	double number;

	if (*p == '-' || *p == '+')
		p++;
	if (end - p == 8 && memcmp(p, "Infinity", 8) == 0)
		return negative ? -INFINITY : INFINITY;
	start = p;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		digits = true;
	if (p < end && *p == '.')
		for (p++; p < end && *p >= '0' && *p <= '9'; p++)
			digits = true;
	if (!digits)
		return NAN;
	if (p < end && (*p == 'e' || *p == 'E')) {
		q = ++p;
		if (p < end && (*p == '-' || *p == '+'))
			q = ++p;
		while (p < end && *p >= '0' && *p <= '9')
			p++;
		if (p == q)
			return NAN;
	}
	if (p != end)
		return NAN;
	if (!json_number_parse(start, (size_t)(end - start), &number))
		number = INFINITY;
	return negative ? -number : number;
}

double
json0_seg_to_number(const struct json0_seg *seg)
{
	const char *p, *end;

	if (seg == NULL)
		return NAN;
	if (seg->key == NULL)
		return seg->number;
	p = seg->key->text;
	end = p + seg->key->len;
	trim(&p, &end);
	if (p == end)
		return 0;
	if (end - p > 2 && p[0] == '0') {
		if (p[1] == 'x' || p[1] == 'X')
			return digits_to_number(p + 2, end, 16);
		if (p[1] == 'o' || p[1] == 'O')
			return digits_to_number(p + 2, end, 8);
		if (p[1] == 'b' || p[1] == 'B')
			return digits_to_number(p + 2, end, 2);
	}
	return decimal_to_number(p, end);
}

bool
json0_seg_index(const struct json0_seg *seg, double *index_out)
{
	const struct json_key *key = seg->key;
	double number = seg->number;
	size_t i;

	if (key != NULL) {
		if (key->len == 0 || key->len > 15 ||
		    (key->text[0] == '0' && key->len > 1))
			return false;
		for (i = 0; i < key->len; i++)
			if (key->text[i] < '0' || key->text[i] > '9')
				return false;
		number = digits_to_number(key->text, key->text + key->len, 10);
	}
	if (!(number >= 0) || number != floor(number) ||
	    (key != NULL && number > INDEX_MAX))
		return false;
	*index_out = number;
	return true;
}
