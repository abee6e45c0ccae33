#include "net/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* So many seconds' worth may come at once, after a rest. */
#define BURST_S		20
/* Then the rate of an idle guest is whole again, and it can be forgotten. */
#define IDLE_MS		(BURST_S * 1000)
/* More idle guests than this are not kept, however long they are idle. */
#define MOST_IDLE	65536

void
crowd_init(struct crowd *crowd, uint64_t seed, unsigned most, unsigned rate)
{
	table_init(&crowd->guests, seed);
	list_init(&crowd->idle);
	crowd->n_idle = 0;
	crowd->most = most;
	crowd->rate = rate;
}

static void
guest_forget(struct crowd *crowd, struct guest *guest)
{
	list_remove(&guest->idle);
	crowd->n_idle--;
	table_remove(&crowd->guests, &guest->node);
	free(guest->key);
	free(guest);
}

static struct guest *
longest_idle(const struct crowd *crowd)
{
	return list_empty(&crowd->idle) ? NULL :
	    LIST_ITEM(crowd->idle.next, struct guest, idle);
}

void
crowd_done(struct crowd *crowd)
{
	struct guest *guest;

	while ((guest = longest_idle(crowd)) != NULL)
		guest_forget(crowd, guest);
	if (crowd->guests.n != 0)
		bug("net: a guest is still counted on");
	table_done(&crowd->guests);
}

static bool
guest_match(const struct table_node *node, const void *key)
{
	return strcmp(((const struct guest *)(const void *)node)->key, key) == 0;
}

/* Found, or made; idle either way when nobody counts on it. */
static struct guest *
guest_of(struct crowd *crowd, const char *key, uint64_t now_ms)
{
	uint64_t hash = table_hash(&crowd->guests, key, strlen(key));
	struct guest *guest = (struct guest *)(void *)table_find(
	    &crowd->guests, hash, guest_match, key);

	if (guest != NULL)
		return guest;
	if (crowd->n_idle >= MOST_IDLE)
		guest_forget(crowd, longest_idle(crowd));
	guest = mem_get(sizeof(*guest));
	guest->key = mem_copy(key, strlen(key));
	guest->credit = (uint64_t)crowd->rate * BURST_S * 1000;
	guest->credit_ms = now_ms;
	table_add(&crowd->guests, &guest->node, hash);
	list_push(&crowd->idle, &guest->idle);
	crowd->n_idle++;
	return guest;
}

/* One a second is a thousandth a millisecond. */
static void
guest_reckon(struct crowd *crowd, struct guest *guest, uint64_t now_ms)
{
	uint64_t most = (uint64_t)crowd->rate * BURST_S * 1000;

	if (now_ms > guest->credit_ms) {
		guest->credit += (now_ms - guest->credit_ms) * crowd->rate;
		guest->credit_ms = now_ms;
	}
	if (guest->credit > most)
		guest->credit = most;
}

static bool
guest_pays(struct crowd *crowd, struct guest *guest, uint64_t now_ms)
{
	guest_reckon(crowd, guest, now_ms);
	if (crowd->rate == 0)
		return true;
	if (guest->credit < 1000)
		return false;
	guest->credit -= 1000;
	return true;
}

struct guest *
crowd_enter(struct crowd *crowd, const char *key, uint64_t now_ms)
{
	struct guest *guest = guest_of(crowd, key, now_ms);

	if ((crowd->most != 0 && guest->n >= crowd->most) ||
	    !guest_pays(crowd, guest, now_ms))
		return NULL;
	if (guest->n++ == 0) {
		list_remove(&guest->idle);
		crowd->n_idle--;
	}
	return guest;
}

void
crowd_leave(struct crowd *crowd, struct guest *guest, uint64_t now_ms)
{
	if (guest == NULL || --guest->n > 0)
		return;
	guest_reckon(crowd, guest, now_ms);
	list_push(&crowd->idle, &guest->idle);
	crowd->n_idle++;
}

void
crowd_tick(struct crowd *crowd, uint64_t now_ms)
{
	struct guest *guest;

	while ((guest = longest_idle(crowd)) != NULL &&
	    now_ms > guest->credit_ms + IDLE_MS)
		guest_forget(crowd, guest);
}
