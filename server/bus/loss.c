/*
 * loss: see loss.h.
 */
#include "bus/loss.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "ot/op.h"

#define SCHEME		"lossy+"
#define SEED		1	/* unless said */

struct loss {
	double		 drop, repeat, swap;	/* shares, 0 to 1 */
	uint64_t	 chance;	/* state of the lot */
	struct list	 ready;		/* to be heard next */
	struct word	*late;		/* to be heard after the next; NULL: none */
	unsigned long	 n_dropped;
};

/* One of 0 to 1, without 1: splitmix64 (Steele, Lea, Flood 2014). */
static double
draw(struct loss *l)
{
	uint64_t z = (l->chance += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return (double)(z >> 11) / (double)(UINT64_C(1) << 53);
}

bool
loss_is_asked(const char *url)
{
	return strncmp(url, SCHEME, strlen(SCHEME)) == 0;
}

/* One NAME=VALUE; false: it is none of ours, or has no such value. */
static bool
take(struct loss *l, const char *text)
{
	struct {
		const char	*name;
		double		*share;
	} shares[] = {
		{ "drop=", &l->drop }, { "repeat=", &l->repeat },
		{ "swap=", &l->swap },
	};
	char *end;
	size_t i, len;

	if (strncmp(text, "seed=", 5) == 0 && text[5] >= '0' &&
	    text[5] <= '9') {
		l->chance = strtoull(text + 5, &end, 10);
		return *end == '\0';
	}
	for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		len = strlen(shares[i].name);
		if (strncmp(text, shares[i].name, len) != 0 ||
		    strspn(text + len, "0123456789.") == 0)
			continue;
		*shares[i].share = strtod(text + len, &end);
		return *end == '\0' && *shares[i].share <= 1;
	}
	return false;
}

struct loss *
loss_new(const char *url, char **url_out, char *why, size_t why_len)
{
	struct loss *l = mem_get(sizeof(*l));
	const char *plain = url + strlen(SCHEME), *query = strrchr(url, '?');
	char *words = NULL, *word, *rest;
	bool is_good = query != NULL;

	list_init(&l->ready);
	l->chance = SEED;
	if (is_good) {
		words = mem_copy(query + 1, strlen(query + 1));
		for (word = strtok_r(words, "&", &rest); word != NULL &&
		    is_good; word = strtok_r(NULL, "&", &rest))
			is_good = take(l, word);
		free(words);
	}
	if (!is_good || l->drop + l->repeat + l->swap <= 0) {
		snprintf(why, why_len, "a lossy bus, which is for tests, "
		    "wants ?drop=, repeat= or swap= with a share from 0 to 1, "
		    "and perhaps &seed=");
		loss_free(l);
		return NULL;
	}
	*url_out = mem_copy(plain, (size_t)(query - plain));
	return l;
}

void
loss_free(struct loss *l)
{
	struct list *n;

	if (l == NULL)
		return;
	while ((n = list_shift(&l->ready)) != NULL)
		word_free(LIST_ITEM(n, struct word, node));
	word_free(l->late);
	free(l);
}

/* One word goes its way: to ready, to late, or nowhere. */
static void
pass(struct loss *l, struct word *w)
{
	struct word *copy;

	if (w->kind == WORD_FOLLOWED || w->kind == WORD_BACK) {
		list_push(&l->ready, &w->node);
		return;
	}
	if (draw(l) < l->drop) {
		log_line(LOG_DEBUG, "bus", "loses a word of kind %d", w->kind);
		l->n_dropped++;
		word_free(w);
		return;
	}
	if (draw(l) < l->swap && l->late == NULL) {
		l->late = w;
		return;
	}
	list_push(&l->ready, &w->node);
	if (draw(l) < l->repeat) {
		copy = word_copy(w);
		list_push(&l->ready, &copy->node);
	}
	if (l->late != NULL) {
		list_push(&l->ready, &l->late->node);
		l->late = NULL;
	}
}

struct word *
loss_next(struct loss *l, struct list *heard)
{
	struct list *n;

	while (list_empty(&l->ready) && (n = list_shift(heard)) != NULL)
		pass(l, LIST_ITEM(n, struct word, node));
	n = list_shift(&l->ready);
	return n == NULL ? NULL : LIST_ITEM(n, struct word, node);
}

unsigned long
loss_count(const struct loss *l)
{
	return l->n_dropped;
}
