#include "run/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "run/file.h"

#define LOOK_MS	400	/* the file is looked at this often */

/* What tells that a file is another, or was written. */
struct look {
	bool		 there;
	dev_t		 device;
	ino_t		 inode;
	off_t		 size;
	struct timespec	 written;
};

struct policy {
	const char	*path;		/* the settings'; "": there is no file */
	struct look	 look;		/* when it was read last, or tried */
	uint64_t	 looked_ms;
	bool		 hurry;
	struct access	*first;		/* to be given first; NULL: was given */
};

struct access *
policy_load(const char *path, char *why, size_t why_len)
{
	struct access *a = NULL;
	struct ot_err err;
	char *text;

	if ((text = file_read(path, ACCESS_BYTES_MAX)) == NULL)
		snprintf(why, why_len, "could not read %s: %s", path,
		    strerror(errno));
	else if (access_parse(text, strlen(text), &a, &err) != 0)
		snprintf(why, why_len, "%s: %s", path, err.text);
	free(text);
	return a;
}

int
policy_check(const struct config *c, char *why)
{
	struct access *a;
	char reason[CONFIG_WHY - 16];

	if (c->policy[0] == '\0')
		return 0;
	if (c->auth == AUTH_NONE) {
		snprintf(why, CONFIG_WHY, "--policy: with --auth none nobody is "
		    "known and everything is allowed; rules want --auth jwt");
		return -1;
	}
	if ((a = policy_load(c->policy, reason, sizeof(reason))) == NULL) {
		snprintf(why, CONFIG_WHY, "--policy: %s", reason);
		return -1;
	}
	access_unref(a);
	return 0;
}

/* ---- watching ---- */

static struct look
look_at(const char *path)
{
	struct look look = { .there = false };
	struct stat st;

	if (stat(path, &st) == 0)
		look = (struct look){ true, st.st_dev, st.st_ino, st.st_size,
		    st.st_mtim };
	return look;
}

static bool
is_same(const struct look *a, const struct look *b)
{
	return a->there == b->there && a->device == b->device &&
	    a->inode == b->inode && a->size == b->size &&
	    a->written.tv_sec == b->written.tv_sec &&
	    a->written.tv_nsec == b->written.tv_nsec;
}

/* Nothing is allowed. */
static struct access *
nothing(void)
{
	static const char text[] = "{\"rules\":[]}";
	struct access *a = NULL;
	struct ot_err err;

	if (access_parse(text, strlen(text), &a, &err) != 0)
		bug("no rules are refused");
	return a;
}

int
policy_open(const struct config *c, struct policy **policy_out, char *why,
    size_t why_len)
{
	struct policy *p;
	struct access *first;
	struct look look = { .there = false };

	*policy_out = NULL;
	if (c->auth == AUTH_NONE)
		return 0;
	if (c->policy[0] == '\0') {
		log_line(LOG_WARN, "policy", "--auth jwt without --policy: "
		    "nobody may do anything");
		first = nothing();
	} else {
		/* Before it is read: what is written meanwhile is seen then. */
		look = look_at(c->policy);
		first = policy_load(c->policy, why, why_len);
	}
	if (first == NULL)
		return -1;
	p = mem_get(sizeof(*p));
	*p = (struct policy){ .path = c->policy, .look = look, .first = first };
	*policy_out = p;
	return 0;
}

struct access *
policy_next(struct policy *p, uint64_t now_ms)
{
	struct access *a;
	struct look look;
	char why[CONFIG_WHY];

	if (p == NULL)
		return NULL;
	if ((a = p->first) != NULL) {
		p->first = NULL;
		return a;
	}
	if (p->path[0] == '\0' ||
	    (!p->hurry && now_ms - p->looked_ms < LOOK_MS))
		return NULL;
	p->looked_ms = now_ms;
	look = look_at(p->path);
	if (!p->hurry && is_same(&look, &p->look))
		return NULL;
	p->hurry = false;
	p->look = look;
	if ((a = policy_load(p->path, why, sizeof(why))) == NULL)
		log_line(LOG_ERROR, "policy", "the former rules stay: %s", why);
	else
		log_line(LOG_INFO, "policy", "rules read from %s", p->path);
	return a;
}

void
policy_hurry(struct policy *p)
{
	if (p != NULL)
		p->hurry = true;
}

void
policy_close(struct policy *p)
{
	if (p == NULL)
		return;
	access_unref(p->first);
	free(p);
}
