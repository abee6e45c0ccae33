#include "core/principal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/utf.h"

#define WHOLE_MAX	9007199254740992.0	/* 2^53: exact as a double */

struct principal *
principal_ref(struct principal *p)
{
	p->refs++;
	return p;
}

void
principal_unref(struct principal *p)
{
	if (p == NULL || --p->refs > 0)
		return;
	free(p->subject);
	free(p->issuer);
	free(p->token_id);
	free(p->link);
	json_unref(p->claims);
	free(p);
}

static char *
copy_or_null(const char *text)
{
	return text == NULL ? NULL : mem_copy(text, strlen(text));
}

struct principal *
principal_with_link(const struct principal *p, const char *link)
{
	struct principal *with = mem_get(sizeof(*with));

	*with = (struct principal){
		.refs = 1,
		.subject = copy_or_null(p->subject),
		.issuer = copy_or_null(p->issuer),
		.token_id = copy_or_null(p->token_id),
		.link = copy_or_null(link),
		.claims = json_ref(p->claims),
		.issued_s = p->issued_s,
		.expires_s = p->expires_s,
	};
	return with;
}

/* ---- claims ---- */

/*
 * The member whose name is path, or path up to a dot; the longest.  *left_out
 * is what is left of the path behind that dot, "" for nothing.
 */
static const struct json *
step(const struct json *in, const char *path, const char **left_out)
{
	const struct json_member *m, *best = NULL;
	size_t len = strlen(path), n;

	for (m = json_object_first(in); m != NULL;
	    m = json_object_next(in, m)) {
		n = m->key->len;
		if (n <= len && (n == len || path[n] == '.') &&
		    memcmp(m->key->text, path, n) == 0 &&
		    (best == NULL || n > best->key->len))
			best = m;
	}
	if (best == NULL)
		return NULL;
	n = best->key->len;
	*left_out = path + n + (n < len);
	return best->value;
}

const struct json *
principal_claim(const struct principal *p, const char *path)
{
	const struct json *v;

	if (p == NULL || p->subject == NULL)
		return NULL;
	v = p->claims;
	do {
		if (json_kind(v) != JSON_OBJECT)
			return NULL;
		v = step(v, path, &path);
	} while (v != NULL && path[0] != '\0');
	return json_kind(v) == JSON_NULL ? NULL : v;
}

enum principal_text
principal_text(const struct principal *p, const char *path,
    char room[PRINCIPAL_ROOM], const char **text_out, size_t *len_out)
{
	const struct json *v = principal_claim(p, path);
	const char *text;
	double number;
	size_t len;

	if (v == NULL)
		return PRINCIPAL_ABSENT;
	if (json_kind(v) == JSON_NUMBER) {
		number = json_number_get(v);
		if (number < -WHOLE_MAX || number > WHOLE_MAX ||
		    (double)(long long)number != number)
			return PRINCIPAL_UNFIT;
		len = (size_t)snprintf(room, PRINCIPAL_ROOM, "%lld",
		    (long long)number);
		text = room;
	} else if (json_kind(v) != JSON_STRING ||
	    (text = json_string_flat(v, room, &len)) == NULL || len == 0 ||
	    memchr(text, '\0', len) != NULL || !utf_is_utf8(text, len)) {
		return PRINCIPAL_UNFIT;
	}
	*text_out = text;
	*len_out = len;
	return PRINCIPAL_TEXT;
}

/* ---- roles ---- */

static bool
is_text(const struct json *v, const char *text)
{
	char room[JSON_STRING_ROOM];
	const char *flat;
	size_t len;

	return json_kind(v) == JSON_STRING &&
	    (flat = json_string_flat(v, room, &len)) != NULL &&
	    len == strlen(text) && memcmp(flat, text, len) == 0;
}

/* Is word one of those between blanks? */
static bool
has_word(const struct json *v, const char *word)
{
	char room[JSON_STRING_ROOM];
	size_t len, n = strlen(word);
	const char *p, *end, *stop;

	if (n == 0 || (p = json_string_flat(v, room, &len)) == NULL)
		return false;
	for (end = p + len; p < end; p = stop + 1) {
		if ((stop = memchr(p, ' ', (size_t)(end - p))) == NULL)
			stop = end;
		if ((size_t)(stop - p) == n && memcmp(p, word, n) == 0)
			return true;
	}
	return false;
}

bool
principal_has_role(const struct principal *p, const char *path,
    const char *role)
{
	const struct json *v = principal_claim(p, path);
	size_t i;

	if (json_kind(v) == JSON_STRING)
		return has_word(v, role);
	if (json_kind(v) != JSON_LIST)
		return false;
	for (i = 0; i < json_list_len(v); i++)
		if (is_text(json_list_at(v, i), role))
			return true;
	return false;
}
