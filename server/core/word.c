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
	if (collection != NULL)
		w->collection = mem_copy(collection, strlen(collection));
	if (id != NULL)
		w->id = mem_copy(id, strlen(id));
	return w;
}

void
word_free(struct word *w)
{
	if (w == NULL)
		return;
	free(w->collection);
	free(w->id);
	op_list_done(&w->ops);
	free(w);
}
