/*
 * scrape: see scrape.h.  The format is "Exposition formats" of Prometheus'
 * documentation: lines of  NAME{LABEL="VALUE",...} NUMBER [TIME]  and comments.
 */
#include "run/scrape.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define WORKERS_MAX	256	/* a higher number is none of ours */
#define BOUNDS_MAX	64	/* of one histogram */
#define NAME_MAX_BYTES	128

/* ---- reading ---- */

static bool
is_name_char(char c, bool is_first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    c == ':' || (!is_first && c >= '0' && c <= '9');
}

/* Past a name; NULL: there is none. */
static char *
skip_name(char *p)
{
	if (!is_name_char(*p, true))
		return NULL;
	while (is_name_char(*p, false))
		p++;
	return p;
}

/* A number to its end, which is where a blank or the line's end is. */
static bool
read_number(char *p, char **end_out, double *out)
{
	char *end;
	double n;

	n = strtod(p, &end);
	if (end == p || (*end != '\0' && *end != ' '))
		return false;
	*end_out = end;
	*out = n;
	return true;
}

/* What a label means to us; others are passed over. */
static bool
take_label(struct scrape *s, struct sample *one, const char *name,
    const char *value)
{
	char *end;
	long n;

	if (strcmp(name, "worker") == 0) {
		n = strtol(value, &end, 10);
		one->worker = (int)n;
		return end != value && *end == '\0' && n >= 0 &&
		    n < WORKERS_MAX;
	}
	if (strcmp(name, "le") == 0) {
		one->le = strtod(value, &end);
		return end != value && *end == '\0' && one->le > 0;
	}
	if (strcmp(name, "version") == 0)
		s->version = value;
	return true;
}

/* The labels behind "{"; past "}", or NULL. */
static char *
read_labels(struct scrape *s, struct sample *one, char *p)
{
	char *name, *value, *to;

	while (*p != '}') {
		name = p;
		if ((p = skip_name(p)) == NULL || p[0] != '=' || p[1] != '"')
			return NULL;
		*p = '\0';
		p += 2;
		for (value = to = p; *p != '"'; *to++ = *p++)
			if (*p == '\0' || (*p == '\\' && *++p == '\0'))
				return NULL;
		p++;
		*to = '\0';
		if (!take_label(s, one, name, value))
			return NULL;
		if (*p == ',')
			p++;
		else if (*p != '}')
			return NULL;
	}
	return p + 1;
}

static bool
read_sample(struct scrape *s, char *line, struct sample *one)
{
	char *p = skip_name(line), *end;
	bool has_labels;

	*one = (struct sample){ .name = line, .worker = SCRAPE_ALL };
	if (p == NULL)
		return false;
	has_labels = *p == '{';
	if (!has_labels && *p != ' ')
		return false;
	*p++ = '\0';
	if (has_labels && ((p = read_labels(s, one, p)) == NULL || *p++ != ' '))
		return false;
	return read_number(p, &end, &one->value);
}

static bool
read_lines(struct scrape *s)
{
	struct sample one;
	char *line, *end;

	for (line = s->text; *line != '\0'; line = end + 1) {
		if ((end = strchr(line, '\n')) == NULL)
			return false;		/* cut off */
		*end = '\0';
		if (*line == '#' || *line == '\0')
			continue;
		if (!read_sample(s, line, &one))
			return false;
		if ((s->n & (s->n - 1)) == 0)	/* grows at powers of two */
			s->of = mem_grow(s->of, s->n > 0 ? 2 * s->n : 1,
			    sizeof(*s->of));
		s->of[s->n++] = one;
		if (one.worker >= (int)s->workers)
			s->workers = (unsigned)one.worker + 1;
	}
	return s->n > 0;
}

bool
scrape_read(const char *page, size_t len, struct scrape *out)
{
	struct scrape s = { .text = mem_copy(page, len) };

	if (!read_lines(&s)) {
		scrape_done(&s);
		return false;
	}
	*out = s;
	return true;
}

void
scrape_done(struct scrape *s)
{
	free(s->text);
	free(s->of);
	*s = (struct scrape){ 0 };
}

/* ---- asking ---- */

static bool
is_of(const struct sample *one, const char *name, int worker)
{
	return (worker == SCRAPE_ALL || one->worker == worker) &&
	    strcmp(one->name, name) == 0;
}

double
scrape_value(const struct scrape *s, const char *name, int worker)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (is_of(&s->of[i], name, worker))
			sum += s->of[i].value;
	return sum;
}

/* The sample that stands for the same; NULL: there is none. */
static const struct sample *
same(const struct scrape *s, const struct sample *as)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->of[i].worker == as->worker && s->of[i].le == as->le &&
		    strcmp(s->of[i].name, as->name) == 0)
			return &s->of[i];
	return NULL;
}

static double
growth(const struct scrape *before, const struct sample *now)
{
	const struct sample *was = same(before, now);

	return was == NULL || was->value > now->value ? now->value :
	    now->value - was->value;
}

double
scrape_rate(const struct scrape *before, const struct scrape *now,
    const char *name, int worker, double seconds)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < now->n; i++)
		if (is_of(&now->of[i], name, worker))
			sum += growth(before, &now->of[i]);
	return seconds > 0 ? sum / seconds : 0;
}

struct step {
	double	le, count;	/* so many within this bound */
};

/* The growth of all workers' buckets, ascending.  How many there are. */
static size_t
steps_of(const struct scrape *before, const struct scrape *now,
    const char *name, struct step *steps)
{
	char bucket[NAME_MAX_BYTES];
	size_t i, k, n = 0;

	snprintf(bucket, sizeof(bucket), "%s_bucket", name);
	for (i = 0; i < now->n; i++) {
		const struct sample *one = &now->of[i];

		if (one->le == 0 || strcmp(one->name, bucket) != 0)
			continue;
		for (k = 0; k < n && steps[k].le < one->le; k++)
			;
		if (k == n || steps[k].le != one->le) {
			if (n == BOUNDS_MAX)
				return 0;
			memmove(steps + k + 1, steps + k,
			    (n++ - k) * sizeof(*steps));
			steps[k] = (struct step){ one->le, 0 };
		}
		steps[k].count += growth(before, one);
	}
	return n;
}

bool
scrape_quantile(const struct scrape *before, const struct scrape *now,
    const char *name, double q, double *seconds_out)
{
	struct step steps[BOUNDS_MAX];
	size_t n = steps_of(before, now, name, steps), k = 0;
	double low, under, wanted;

	if (n == 0 || steps[n - 1].count <= 0)
		return false;
	wanted = q * steps[n - 1].count;
	while (k < n - 1 && steps[k].count < wanted)
		k++;
	low = k > 0 ? steps[k - 1].le : 0;
	under = k > 0 ? steps[k - 1].count : 0;
	if (isinf(steps[k].le))
		*seconds_out = low;
	else if (steps[k].count <= under)
		*seconds_out = steps[k].le;
	else
		*seconds_out = low + (steps[k].le - low) *
		    (wanted - under) / (steps[k].count - under);
	return true;
}
