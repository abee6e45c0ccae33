#include "core/word.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct word *
word_new(enum word_kind kind, const char *collection, const char *id)
{
	struct word *w = mem_get(sizeof(*w));

	list_init(&w->node);
	w->kind = kind;
	buf_init(&w->text, SIZE_MAX);
	if (collection != NULL)
		w->collection = mem_copy(collection, strlen(collection));
	if (id != NULL)
		w->id = mem_copy(id, strlen(id));
	return w;
}

struct word *
word_copy(const struct word *w)
{
	struct word *copy = word_new(w->kind, w->collection, w->id);
	const struct op *op;
	struct op *twin;
	size_t i;

	copy->for_collection = w->for_collection;
	copy->head_v = w->head_v;
	if (w->has_content)
		word_set_content(copy, w->type, w->body, w->len);
	if (w->topic != NULL)
		copy->topic = mem_copy(w->topic, strlen(w->topic));
	buf_put(&copy->text, w->text.data, w->text.len);
	if (buf_failed(&copy->text))
		bug("out of memory");
	for (i = 0; i < w->ops.n; i++) {
		op = w->ops.ops[i];
		twin = op_new(op->kind, op->v, op->src, op->seq, op->body,
		    op->body_len);
		if (twin == NULL)
			bug("out of memory");
		op_list_add(&copy->ops, twin);
	}
	return copy;
}

struct word *
word_new_topic(enum word_kind kind, const char *topic)
{
	struct word *w = word_new(kind, NULL, NULL);

	w->topic = mem_copy(topic, strlen(topic));
	return w;
}

struct word *
word_for_collection(const struct word *w)
{
	struct word *same = word_new(w->kind, w->collection, w->id);
	size_t i;

	same->for_collection = true;
	same->head_v = w->head_v;
	for (i = 0; i < w->ops.n; i++)
		op_list_add(&same->ops, op_ref(w->ops.ops[i]));
	return same;
}

void
word_set_content(struct word *w, const char *type, const char *body,
    size_t len)
{
	w->has_content = true;
	w->type = type != NULL ? mem_copy(type, strlen(type)) : NULL;
	w->body = body != NULL ? mem_copy(body, len) : NULL;
	w->len = body != NULL ? len : 0;
}

void
word_free(struct word *w)
{
	if (w == NULL)
		return;
	free(w->collection);
	free(w->id);
	free(w->type);
	free(w->body);
	free(w->topic);
	buf_done(&w->text);
	op_list_done(&w->ops);
	free(w);
}
