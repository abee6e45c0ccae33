#include "rest/once.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/mem.h"
#include "rest/rest_in.h"

/* ---- hashes ---- */

void
once_hash(const struct once_part *parts, size_t n, char *hex_out)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *cx = EVP_MD_CTX_new();
	unsigned len = 0;
	size_t i;

	if (cx == NULL || EVP_DigestInit_ex(cx, EVP_sha256(), NULL) != 1)
		bug("rest: no SHA-256");
	for (i = 0; i < n; i++) {
		uint64_t part_len = parts[i].len;

		EVP_DigestUpdate(cx, &part_len, sizeof(part_len));
		EVP_DigestUpdate(cx, parts[i].bytes, parts[i].len);
	}
	if (EVP_DigestFinal_ex(cx, hash, &len) != 1 || len != 32)
		bug("rest: no SHA-256");
	EVP_MD_CTX_free(cx);
	for (i = 0; i < 32; i++) {
		hex_out[2 * i] = digits[hash[i] >> 4];
		hex_out[2 * i + 1] = digits[hash[i] & 15];
	}
	hex_out[64] = '\0';
}

static struct once_part
part(const char *text)
{
	return (struct once_part){ text, text != NULL ? strlen(text) : 0 };
}

/* ---- under way ---- */

static bool
once_match(const struct table_node *node, const void *key)
{
	const struct once *o = LIST_ITEM(node, struct once, in_rest);

	return strcmp(o->key, key) == 0;
}

bool
once_begin(struct once *o, struct rest_call *call, const char *key,
    const char *collection, const char *id, const char *fingerprint)
{
	const struct principal *who = call->who;
	struct table *table = &call->rest->once;
	struct once_part named[] = {
		part(who != NULL ? who->issuer : NULL),
		part(who != NULL ? who->subject : NULL), part(key),
		part(collection), part(id),
		part(who != NULL ? who->link : NULL),
	};
	/* Bearers of links alone have no subject: each link is somebody. */
	size_t n_named = sizeof(named) / sizeof(named[0]) -
	    (who == NULL || who->subject != NULL || who->link == NULL);
	struct once_part src[2];
	uint64_t hash;

	once_hash(named, n_named, o->key);
	snprintf(o->fingerprint, sizeof(o->fingerprint), "%s", fingerprint);
	src[0] = part(o->key);
	src[1] = part(o->fingerprint);
	memcpy(o->src, "once:", 5);
	once_hash(src, 2, o->src + 5);
	hash = table_hash(table, o->key, 64);
	if (table_find(table, hash, once_match, o->key) != NULL)
		return false;
	o->rest = call->rest;
	table_add(table, &o->in_rest, hash);
	return true;
}

void
once_end(struct once *o)
{
	if (o->rest == NULL)
		return;
	table_remove(&o->rest->once, &o->in_rest);
	o->rest = NULL;
}

/* ---- looking ---- */

struct look {
	struct once		*once;
	once_then		*then;
	void			*whose;
	unsigned		 waits;		/* for so many answers */
	struct once_found	 found;
};

static void
look_on(struct rest_call *call, struct look *look, const struct job *job)
{
	if (job->err != ERR_NONE)
		look->found.err = job->err;
	if (--look->waits == 0)
		look->then(call, &look->found, look->whose);
}

static void
answer_found(struct rest_call *call, struct job *job, void *whose)
{
	struct look *look = whose;
	struct once_found *found = &look->found;
	const char *fingerprint = rows_cell(job, 0, 0);
	const char *answer = rows_cell(job, 0, 3);

	if (fingerprint != NULL) {
		found->is_other = strcmp(fingerprint,
		    look->once->fingerprint) != 0;
		found->status = (int)rows_number(job, 0, 1, 0);
		found->v = (uint64_t)rows_number(job, 0, 2, 0);
		if (answer != NULL)
			found->answer = arena_copy(&call->arena, answer,
			    strlen(answer));
	}
	look_on(call, look, job);
}

static void
op_found(struct rest_call *call, struct job *job, void *whose)
{
	struct look *look = whose;
	const char *body = rows_cell(job, 0, 3);
	int64_t v = rows_number(job, 0, 0, -1);

	if (v >= 0) {
		look->found.has_op = true;
		look->found.op_v = (uint64_t)v;
		look->found.op_kind =
		    (enum op_kind)rows_number(job, 0, 2, OP_EDIT);
		if (body != NULL)
			look->found.op_body = arena_copy(&call->arena, body,
			    strlen(body));
	}
	look_on(call, look, job);
}

void
once_find(struct once *o, struct rest_call *call, const char *collection,
    const char *id, once_then *then, void *whose)
{
	struct look *look = arena_get(&call->arena, sizeof(*look));

	look->once = o;
	look->then = then;
	look->whose = whose;
	look->waits = 2;
	rest_ask(call, rows_new(ROWS_ONCE_FIND, NULL, NULL, o->key),
	    answer_found, look);
	rest_ask(call, rows_new(ROWS_OP_ONCE, NULL, NULL, collection, id,
	    o->src), op_found, look);
}

/* ---- keeping ---- */

void
once_keep(struct once *o, struct rest_call *call, const char *collection,
    const char *id, int status, uint64_t v, const struct buf *answer,
    rest_done *then, void *whose)
{
	char status_text[16], v_text[24], *text;

	snprintf(status_text, sizeof(status_text), "%d", status);
	snprintf(v_text, sizeof(v_text), "%" PRIu64, v);
	text = arena_copy(&call->arena, answer->data, answer->len);
	rest_ask(call, rows_new(ROWS_ONCE_KEEP, NULL, NULL, o->key,
	    o->fingerprint, status_text, collection, id, v_text, text), then,
	    whose);
}
