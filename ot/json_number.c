/*
 * Reading: a number of up to nineteen digits with a small exponent is exact in
 * one double operation (W. D. Clinger, "How to Read Floating Point Numbers
 * Accurately", 1990); the rest goes to strtod as digits and exponent without
 * a decimal point, which is the one character a locale could change.
 *
 * Writing: whole numbers below 2^53 directly; for the rest the fewest digits
 * that read back as the same double, found by trying.  snprintf is exact and
 * rounds to nearest in glibc and musl.
 */
#include "ot/json_number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_MAX	UINT64_C(9007199254740992)	/* 2^53 */
#define POWER_MAX	22	/* the largest power of ten that is a double */
/*
 * No double needs more than 768 digits to be told from its neighbours' middle;
 * a nonzero digit after them stands for all that follow.
 */
#define DIGITS_MAX	770
#define EXP_MAX		100000	/* exponents beyond are all alike */

static const double powers_of_ten[POWER_MAX + 1] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
};

/* A decimal number: the digits as an integer, times ten to exp10. */
struct decimal {
	char	 digits[DIGITS_MAX + 1];
	size_t	 n;		/* digits kept, no leading zeros */
	long	 exp10;
	bool	 negative;
};

static void
decimal_digit(struct decimal *d, char digit, bool fraction)
{
	if (fraction)
		d->exp10--;
	if (d->n == 0 && digit == '0')
		return;
	if (d->n < DIGITS_MAX) {
		d->digits[d->n++] = digit;
		return;
	}
	d->exp10++;
	if (digit != '0')
		d->digits[DIGITS_MAX - 1] = '1';
}

static void
decimal_read(struct decimal *d, const char *p, const char *end)
{
	bool fraction = false, negative_exp = false;
	long exp = 0;

	d->n = 0;
	d->exp10 = 0;
	d->negative = *p == '-';
	if (d->negative)
		p++;
	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.')
			fraction = true;
		else
			decimal_digit(d, *p, fraction);
	}
	if (p == end)
		return;
	p++;
	if (*p == '-' || *p == '+')
		negative_exp = *p++ == '-';
	for (; p < end; p++)
		if (exp < EXP_MAX)
			exp = exp * 10 + (*p - '0');
	d->exp10 += negative_exp ? -exp : exp;
}

/* True when one exact operation gives the result. */
static bool
decimal_exact(const struct decimal *d, double *out)
{
	uint64_t whole = 0;
	size_t i;

	if (d->n > 19 || d->exp10 > POWER_MAX || d->exp10 < -POWER_MAX)
		return false;
	for (i = 0; i < d->n; i++)
		whole = whole * 10 + (uint64_t)(d->digits[i] - '0');
	if (whole > EXACT_MAX)
		return false;
	*out = d->exp10 < 0 ? (double)whole / powers_of_ten[-d->exp10] :
	    (double)whole * powers_of_ten[d->exp10];
	return true;
}

/* What most numbers are: a few digits and nothing else. */
static bool
parse_short(const char *p, size_t len, double *out)
{
	int whole = 0;
	size_t i;

	if (len > 9 || *p == '-')
		return false;
	for (i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		whole = whole * 10 + (p[i] - '0');
	}
	*out = whole;
	return true;
}

bool
json_number_parse(const char *text, size_t len_bytes, double *number_out)
{
	char plain[DIGITS_MAX + 16];
	struct decimal d;
	double x = 0;
	size_t n;

	if (!parse_short(text, len_bytes, &x)) {
		decimal_read(&d, text, text + len_bytes);
		if (!decimal_exact(&d, &x)) {
			memcpy(plain, d.digits, d.n);
			n = d.n;
			snprintf(plain + n, sizeof(plain) - n, "e%ld",
			    d.exp10);
			x = strtod(plain, NULL);
			if (isinf(x))
				return false;
		}
		if (d.negative)
			x = -x;
	}
	if (number_out != NULL)
		*number_out = x;
	return true;
}

/* ---- writing ---- */

/* value = 0.d1d2d3... times ten to point */
struct shortest {
	char	digits[18];
	int	n;
	int	point;
};

static double
shortest_value(const struct shortest *s)
{
	char text[40];

	snprintf(text, sizeof(text), "%.*se%d", s->n, s->digits,
	    s->point - s->n);
	return strtod(text, NULL);
}

/* x rounded to n significant digits. */
static void
shortest_round(struct shortest *s, double x, int n)
{
	char text[40];
	const char *p = text;

	snprintf(text, sizeof(text), "%.*e", n - 1, x);
	s->n = 0;
	for (; *p != 'e'; p++)		/* whatever the locale's point is */
		if (*p >= '0' && *p <= '9' && s->n < n)
			s->digits[s->n++] = *p;
	s->point = (int)strtol(p + 1, NULL, 10) + 1;
}

/* The next decimal of as many digits; false when there is a carry out. */
static bool
shortest_up(struct shortest *s)
{
	int i;

	for (i = s->n - 1; i >= 0 && s->digits[i] == '9'; i--)
		s->digits[i] = '0';
	if (i < 0)
		return false;
	s->digits[i]++;
	return true;
}

static void
shortest_find(struct shortest *s, double x)
{
	/*
	 * Fifteen digits tell all normal doubles of so few digits apart, so a
	 * shorter form shows as trailing zeros; subnormals have fewer bits.
	 */
	int n = x < DBL_MIN ? 1 : DBL_DIG;

	for (; n < DBL_DECIMAL_DIG; n++) {
		shortest_round(s, x, n);
		if (shortest_value(s) == x)
			break;
		/*
		 * Below a power of two doubles lie half as far apart as above:
		 * the nearest decimal may miss where the next higher one hits.
		 */
		if (shortest_up(s) && shortest_value(s) == x)
			break;
	}
	if (n == DBL_DECIMAL_DIG)
		shortest_round(s, x, n);
	while (s->n > 1 && s->digits[s->n - 1] == '0')
		s->n--;
}

static size_t
format_whole(uint64_t whole, char *out)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + whole % 10);
		whole /= 10;
	} while (whole != 0);
	memcpy(out, digits + at, sizeof(digits) - at);
	return sizeof(digits) - at;
}

/* ECMA-262 6.1.6.1.20, steps 6 to 12; k is s->n, n is s->point. */
static size_t
format_shortest(const struct shortest *s, char *out)
{
	char *p = out;
	int exp = s->point - 1;

	if (s->n <= s->point && s->point <= 21) {
		memcpy(p, s->digits, (size_t)s->n);
		memset(p + s->n, '0', (size_t)(s->point - s->n));
		return (size_t)s->point;
	}
	if (0 < s->point && s->point <= 21) {
		memcpy(p, s->digits, (size_t)s->point);
		p += s->point;
		*p++ = '.';
		memcpy(p, s->digits + s->point, (size_t)(s->n - s->point));
		return (size_t)(p - out) + (size_t)(s->n - s->point);
	}
	if (-6 < s->point && s->point <= 0) {
		*p++ = '0';
		*p++ = '.';
		memset(p, '0', (size_t)-s->point);
		p += -s->point;
		memcpy(p, s->digits, (size_t)s->n);
		return (size_t)(p - out) + (size_t)s->n;
	}
	*p++ = s->digits[0];
	if (s->n > 1) {
		*p++ = '.';
		memcpy(p, s->digits + 1, (size_t)(s->n - 1));
		p += s->n - 1;
	}
	*p++ = 'e';
	*p++ = exp < 0 ? '-' : '+';
	p += format_whole((uint64_t)(exp < 0 ? -exp : exp), p);
	return (size_t)(p - out);
}

size_t
json_number_format(double number, char out[JSON_NUMBER_CHARS])
{
	struct shortest s;
	char *p = out;

	if (number < 0) {
		*p++ = '-';
		number = -number;
	}
	if (number < (double)EXACT_MAX && number == floor(number))
		return (size_t)(p - out) + format_whole((uint64_t)number, p);
	shortest_find(&s, number);
	return (size_t)(p - out) + format_shortest(&s, p);
}
