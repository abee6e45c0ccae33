#include "bench/load/scan.h"

/* Where a walk is; at NULL: it went astray. */
struct walk {
	const char	*at;
	const char	*end;
};

static void
walk_blanks(struct walk *w)
{
	while (w->at < w->end && (*w->at == ' ' || *w->at == '\n' ||
	    *w->at == '\r' || *w->at == '\t'))
		w->at++;
}

/* Behind a quote: to behind the one that ends the string. */
static struct span
walk_string(struct walk *w)
{
	const char *begin = w->at, *quote = begin;

	while ((quote = memchr(quote, '"', (size_t)(w->end - quote))) != NULL) {
		const char *slash = quote;

		while (slash > begin && slash[-1] == '\\')
			slash--;
		if ((quote - slash) % 2 == 0) {
			w->at = quote + 1;
			return (struct span){ begin, (size_t)(quote - begin) };
		}
		quote++;
	}
	w->at = w->end;
	return (struct span){ NULL, 0 };
}

/* Over a list or an object. */
static void
walk_nest(struct walk *w)
{
	unsigned depth = 0;

	while (w->at < w->end) {
		switch (*w->at++) {
		case '[':
		case '{':
			depth++;
			break;
		case ']':
		case '}':
			if (--depth == 0)
				return;
			break;
		case '"':
			if (walk_string(w).at == NULL)
				return;
			break;
		}
	}
}

/* Over any value; as it came, a string with its quotes. */
static struct span
walk_value(struct walk *w)
{
	const char *begin = w->at;

	if (w->at < w->end && *w->at == '"') {
		w->at++;
		walk_string(w);
	} else if (w->at < w->end && (*w->at == '{' || *w->at == '[')) {
		walk_nest(w);
	} else {
		while (w->at < w->end && *w->at != ',' && *w->at != '}' &&
		    *w->at != ']')
			w->at++;
	}
	return (struct span){ begin, (size_t)(w->at - begin) };
}

bool
span_number(struct span s, uint64_t *n_out)
{
	uint64_t n = 0;

	if (s.len == 0 || s.len > 19)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(s.at[i] - '0');
	}
	*n_out = n;
	return true;
}

static struct span
unquoted(struct span value)
{
	if (value.len < 2 || value.at[0] != '"')
		return (struct span){ NULL, 0 };
	return (struct span){ value.at + 1, value.len - 2 };
}

static void
message_keep(struct message *m, struct span name, struct span value)
{
	switch (name.len == 0 ? 0 : name.at[0]) {
	case 'a':
		if (name.len == 1)
			m->a = unquoted(value);
		break;
	case 'c':
		if (name.len == 1)
			m->c = unquoted(value);
		else if (span_is(name, "create"))
			m->create = value;
		break;
	case 'd':
		if (name.len == 1)
			m->d = unquoted(value);
		else if (span_is(name, "data"))
			m->data = value;
		break;
	case 'e':
		if (span_is(name, "error"))
			m->error = value;
		break;
	case 'i':
		if (span_is(name, "id"))
			m->id = unquoted(value);
		break;
	case 'o':
		if (span_is(name, "op"))
			m->op = value;
		break;
	case 's':
		if (span_is(name, "src"))
			m->src = unquoted(value);
		else if (span_is(name, "seq"))
			m->has_seq = span_number(value, &m->seq);
		break;
	case 'v':
		if (name.len == 1)
			m->has_v = span_number(value, &m->v);
		break;
	}
}

bool
message_scan(const char *text, size_t len_bytes, struct message *out)
{
	struct walk w = { text, text + len_bytes };
	struct message m = { .has_v = false };
	struct span name;

	walk_blanks(&w);
	if (w.at == w.end || *w.at++ != '{')
		return false;
	for (;;) {
		walk_blanks(&w);
		if (w.at == w.end)
			return false;
		if (*w.at == '}') {
			*out = m;
			return true;
		}
		if (*w.at == ',') {
			w.at++;
			continue;
		}
		if (*w.at++ != '"' || (name = walk_string(&w)).at == NULL)
			return false;
		walk_blanks(&w);
		if (w.at == w.end || *w.at++ != ':')
			return false;
		walk_blanks(&w);
		message_keep(&m, name, walk_value(&w));
	}
}
