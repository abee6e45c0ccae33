#include "auth/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "auth/keys_in.h"
#include "base/fetch.h"
#include "base/log.h"
#include "base/mem.h"

#define FILE_MAX_BYTES	(1u << 20)
#define LOOK_MS		1000	/* between looks at files */
#define FETCH_MS	5000	/* a fetch may take so long */
#define FRESH_LEAST_S	30	/* Cache-Control counts between these two */
#define FRESH_MOST_S	3600
#define FRESH_S		300	/* when it says nothing */
/*
 * Unknown keys bring about so many fetches at once, and one more each time
 * that this goes by: anybody can name a key that does not exist.
 */
#define MISSES		4
#define MISS_MS		10000

/* A file or the URL, and the keys that it gave last. */
struct source {
	const char	*path;
	bool		 is_set;	/* a JWKS; else PEM */
	struct keys	 keys;
	struct stat	 seen;		/* the file, when it was read */
	bool		 is_lost;	/* and that was logged */
};

struct keyring {
	const struct keyring_settings *settings;
	struct source	*files;		/* heap: the PEM files, and a JWKS in one */
	size_t		 n_files;
	bool		 is_changed;	/* to be told by the next tick */
	uint64_t	 now_ms;
	uint64_t	 next_look_ms;

	struct fetcher	*fetcher;
	struct source	 url;		/* path NULL: none */
	struct fetch	*fetch;		/* under way, or NULL */
	uint64_t	 next_fetch_ms;	/* if it answers */
	struct breaker	 breaker;	/* if not */
	unsigned	 misses;	/* fetches left for unknown keys */
	uint64_t	 next_miss_ms;	/* one more from then on */
};

bool
keyring_is_url(const char *jwks)
{
	return strncmp(jwks, "https://", 8) == 0 ||
	    strncmp(jwks, "http://", 7) == 0;
}

/* ---- files ---- */

/* The whole file on the heap; NULL: why. */
static char *
file_read(const char *path, size_t *len_out, char *why)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t len;

	if (f == NULL) {
		snprintf(why, KEYS_WHY, "%s", strerror(errno));
		return NULL;
	}
	text = mem_get(FILE_MAX_BYTES + 1);
	len = fread(text, 1, FILE_MAX_BYTES + 1, f);
	if (ferror(f) || len > FILE_MAX_BYTES) {
		snprintf(why, KEYS_WHY, "%s", strerror(ferror(f) ? EIO :
		    EFBIG));
		free(text);
		text = NULL;
	}
	fclose(f);
	*len_out = len;
	return text;
}

/* Other keys in place of those it gave; false: why, and it keeps them. */
static bool
source_take(const struct keyring *k, struct source *s, const char *text,
    size_t len, bool with_secrets, char *why)
{
	struct keys keys;
	bool good;

	keys_init(&keys);
	good = s->is_set ? keys_add_set(&keys, text, len, k->settings->allowed,
	    with_secrets, why) :
	    keys_add_pem(&keys, text, len, k->settings->allowed, why);
	if (good) {
		keys_done(&s->keys);
		s->keys = keys;
	} else {
		keys_done(&keys);
	}
	return good;
}

static bool
file_take(const struct keyring *k, struct source *s, char *why)
{
	size_t len = 0;
	char *text = file_read(s->path, &len, why);
	bool good = text != NULL && source_take(k, s, text, len, true, why);

	free(text);
	return good;
}

static bool
file_is_as_seen(const struct source *s, const struct stat *now)
{
	return now->st_ino == s->seen.st_ino && now->st_dev == s->seen.st_dev &&
	    now->st_size == s->seen.st_size &&
	    now->st_mtim.tv_sec == s->seen.st_mtim.tv_sec &&
	    now->st_mtim.tv_nsec == s->seen.st_mtim.tv_nsec;
}

/* Read it again if it has changed. */
static void
file_look(struct keyring *k, struct source *s)
{
	struct stat now;
	char why[KEYS_WHY];

	if (stat(s->path, &now) != 0) {
		if (!s->is_lost)
			log_line(LOG_WARN, "keys", "could not read \"%s\": %s; "
			    "its last keys stay", s->path, strerror(errno));
		s->is_lost = true;
		return;
	}
	if (file_is_as_seen(s, &now) && !s->is_lost)
		return;
	s->is_lost = false;
	s->seen = now;
	if (!file_take(k, s, why)) {
		log_line(LOG_WARN, "keys", "could not take \"%s\": %s; its "
		    "last keys stay", s->path, why);
		return;
	}
	log_line(LOG_INFO, "keys", "read %zu from \"%s\"", s->keys.n, s->path);
	k->is_changed = true;
}

/* ---- the URL ---- */

static void
fetch_failed(struct keyring *k, const char *why)
{
	breaker_failed(&k->breaker, k->now_ms);
	LOG_LIMITED(LOG_WARN, "keys", "could not fetch \"%s\": %s; %s",
	    k->url.path, why, k->url.keys.n > 0 ? "its last keys stay" :
	    "there are none of it yet");
}

static void
on_fetched(void *arg, const struct fetch_answer *answer)
{
	struct keyring *k = arg;
	char why[KEYS_WHY];
	uint64_t fresh_s = answer->max_age_s > 0 ? answer->max_age_s : FRESH_S;

	k->fetch = NULL;
	k->is_changed = true;	/* also in vain: somebody may wait */
	if (answer->status == 0) {
		fetch_failed(k, answer->why);
		return;
	}
	if (answer->status != 200) {
		snprintf(why, sizeof(why), "it answered %d", answer->status);
		fetch_failed(k, why);
		return;
	}
	if (!source_take(k, &k->url, answer->body, answer->len, false, why)) {
		fetch_failed(k, why);
		return;
	}
	breaker_worked(&k->breaker);
	if (fresh_s < FRESH_LEAST_S)
		fresh_s = FRESH_LEAST_S;
	if (fresh_s > FRESH_MOST_S)
		fresh_s = FRESH_MOST_S;
	k->next_fetch_ms = k->now_ms + fresh_s * 1000;
	log_line(LOG_DEBUG, "keys", "fetched %zu from \"%s\"", k->url.keys.n,
	    k->url.path);
}

static void
url_fetch(struct keyring *k)
{
	static const char *const headers[] = {
		"Accept: application/jwk-set+json, application/json",
	};
	const struct fetch_request request = {
		.url = k->url.path,
		.headers = headers,
		.n_headers = sizeof(headers) / sizeof(headers[0]),
		.timeout_ms = FETCH_MS,
		.max_bytes = FILE_MAX_BYTES,
		.inside = true,		/* the operator named it */
	};

	k->fetch = fetch_start(k->fetcher, &request, on_fetched, k);
	if (k->fetch == NULL)
		fetch_failed(k, "the fetch could not begin");
}

bool
keyring_missed(struct keyring *k)
{
	if (k->url.path == NULL)
		return false;
	if (k->fetch != NULL)
		return true;
	/* A source that is away is not asked more often for it. */
	if (k->misses == 0 || breaker_is_open(&k->breaker))
		return false;
	if (k->misses-- == MISSES)
		k->next_miss_ms = k->now_ms + MISS_MS;
	url_fetch(k);
	return k->fetch != NULL;
}

struct breaker_counts
keyring_breaker(const struct keyring *k)
{
	return breaker_count(&k->breaker);
}

bool
keyring_is_asking(const struct keyring *k)
{
	return k->fetch != NULL;
}

/* ---- the whole ---- */

/* Which setting is wrong, and why. */
static struct keyring *
refused(struct keyring *k, const char *setting, const char *path, char *why)
{
	char reason[KEYS_WHY];

	memcpy(reason, why, sizeof(reason));
	snprintf(why, KEYS_WHY, "%s%s%.60s%s: %.100s", setting,
	    path != NULL ? " \"" : "", path != NULL ? path : "",
	    path != NULL ? "\"" : "", reason);
	keyring_free(k);
	return NULL;
}

static void
add_file(struct keyring *k, const char *path, bool is_set)
{
	k->files[k->n_files++] = (struct source){ .path = path,
	    .is_set = is_set };
}

struct keyring *
keyring_new(const struct keyring_settings *settings, struct fetcher *fetcher,
    char *why)
{
	static const struct breaker_settings away = {
		.failures = 1, .first_ms = 1000, .most_ms = 60000,
	};
	struct keyring *k = mem_get(sizeof(*k));
	struct keys trial;
	uint64_t seed = 0;
	size_t i;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = 0;		/* then it is in step with others */
	breaker_init(&k->breaker, &away, seed);
	k->settings = settings;
	k->fetcher = fetcher;
	k->misses = MISSES;
	k->is_changed = true;
	k->files = mem_get((settings->n_pem_files + 1) * sizeof(*k->files));
	for (i = 0; i < settings->n_pem_files; i++)
		add_file(k, settings->pem_files[i], false);
	if (settings->jwks != NULL && keyring_is_url(settings->jwks))
		k->url = (struct source){ .path = settings->jwks,
		    .is_set = true };
	else if (settings->jwks != NULL)
		add_file(k, settings->jwks, true);

	keys_init(&trial);
	if (settings->secret != NULL && !keys_add_secret(&trial,
	    settings->secret, strlen(settings->secret), settings->allowed,
	    why))
		return refused(k, "--jwt-secret", NULL, why);
	keys_done(&trial);
	for (i = 0; i < k->n_files; i++) {
		struct source *s = &k->files[i];

		if (!file_take(k, s, why))
			return refused(k, s->is_set ? "--jwt-jwks" :
			    "--jwt-key", s->path, why);
		if (stat(s->path, &s->seen) != 0)
			s->is_lost = true;
	}
	return k;
}

void
keyring_free(struct keyring *k)
{
	size_t i;

	if (k == NULL)
		return;
	if (k->fetch != NULL)
		fetch_drop(k->fetch);
	for (i = 0; i < k->n_files; i++)
		keys_done(&k->files[i].keys);
	free(k->files);
	keys_done(&k->url.keys);
	free(k);
}

bool
keyring_tick(struct keyring *k, uint64_t now_ms)
{
	bool is_changed;
	size_t i;

	k->now_ms = now_ms;
	if (now_ms >= k->next_look_ms) {
		k->next_look_ms = now_ms + LOOK_MS;
		for (i = 0; i < k->n_files; i++)
			file_look(k, &k->files[i]);
	}
	if (k->misses < MISSES && now_ms >= k->next_miss_ms) {
		k->misses++;
		k->next_miss_ms = now_ms + MISS_MS;
	}
	if (k->url.path != NULL && k->fetch == NULL &&
	    now_ms >= k->next_fetch_ms && breaker_try(&k->breaker, now_ms))
		url_fetch(k);
	is_changed = k->is_changed;
	k->is_changed = false;
	return is_changed;
}

void
keyring_reload(struct keyring *k)
{
	k->next_look_ms = 0;
	k->next_fetch_ms = 0;
	breaker_hurry(&k->breaker);
}

/* What does not fit any more is left out, and that was refused before. */
static void
copy_all(struct keys *out, const struct keys *from)
{
	char why[KEYS_WHY];
	size_t i;

	for (i = 0; i < from->n; i++)
		if (!keys_put(out, from->all[i].id, from->all[i].bytes,
		    from->all[i].len, from->all[i].algorithms, why)) {
			LOG_LIMITED(LOG_WARN, "keys", "some are left out: %s",
			    why);
			return;
		}
}

void
keyring_copy(const struct keyring *k, struct keys *out)
{
	const struct keyring_settings *s = k->settings;
	char why[KEYS_WHY];
	size_t i;

	if (s->secret != NULL && !keys_add_secret(out, s->secret,
	    strlen(s->secret), s->allowed, why))
		bug("a secret that was good is not any more");
	for (i = 0; i < k->n_files; i++)
		copy_all(out, &k->files[i].keys);
	copy_all(out, &k->url.keys);
}
