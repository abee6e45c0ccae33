#include "bench/load/process.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

/* What /proc/PID/stat says, as far as it is wanted (proc(5)). */
struct stat_line {
	pid_t			parent;
	unsigned long long	ticks_of_dead;	/* cutime and cstime */
};

static bool
stat_read(pid_t pid, struct stat_line *out)
{
	unsigned long long user, system;
	char path[64], line[1024];
	const char *rest;
	int parent;
	bool is_read;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	/* The name, in brackets, may hold anything. */
	is_read = fgets(line, sizeof(line), f) != NULL &&
	    (rest = strrchr(line, ')')) != NULL &&
	    sscanf(rest + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
	    "%*u %*u %llu %llu", &parent, &user, &system) == 3;
	fclose(f);
	if (is_read)
		*out = (struct stat_line){ (pid_t)parent, user + system };
	return is_read;
}

static bool
group_has(const struct process_group *g, pid_t pid)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->pids[i] == pid)
			return true;
	return false;
}

static void
group_add(struct process_group *g, pid_t pid)
{
	if (g->n == g->cap) {
		g->cap = g->cap * 2 + 8;
		g->pids = mem_grow(g->pids, g->cap, sizeof(*g->pids));
	}
	g->pids[g->n++] = pid;
}

void
process_group_done(struct process_group *g)
{
	free(g->pids);
	*g = (struct process_group){ .root = g->root };
}

/* One round over all processes; true: somebody was new. */
static bool
group_find_children(struct process_group *g)
{
	size_t before = g->n;
	struct dirent *entry;
	struct stat_line s;
	DIR *dir = opendir("/proc");

	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && !group_has(g, pid) && stat_read(pid, &s) &&
		    group_has(g, s.parent))
			group_add(g, pid);
	}
	closedir(dir);
	return g->n > before;
}

size_t
process_group_find(struct process_group *g)
{
	struct stat_line s;
	size_t alive = 0;

	if (g->n == 0)
		group_add(g, g->root);
	while (group_find_children(g))
		;
	for (size_t i = 0; i < g->n; i++)
		alive += stat_read(g->pids[i], &s);
	return alive;
}

uint64_t
process_group_cpu_ns(const struct process_group *g)
{
	uint64_t tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
	uint64_t ns = 0;
	struct stat_line s;
	struct timespec t;
	clockid_t clock;

	for (size_t i = 0; i < g->n; i++) {
		if (clock_getcpuclockid(g->pids[i], &clock) == 0 &&
		    clock_gettime(clock, &t) == 0)
			ns += (uint64_t)t.tv_sec * 1000000000u +
			    (uint64_t)t.tv_nsec;
		if (stat_read(g->pids[i], &s))
			ns += s.ticks_of_dead * tick_ns;
	}
	return ns;
}

/* The lines "Name:   123 kB" of all, in bytes. */
static uint64_t
group_bytes(const struct process_group *g, const char *file, const char *name)
{
	unsigned long long kb = 0;
	size_t n = strlen(name);
	char path[64], line[256];
	FILE *f;

	for (size_t i = 0; i < g->n; i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)g->pids[i],
		    file);
		if ((f = fopen(path, "re")) == NULL)
			continue;
		while (fgets(line, sizeof(line), f) != NULL)
			if (strncmp(line, name, n) == 0 && line[n] == ':') {
				kb += strtoull(line + n + 1, NULL, 10);
				break;
			}
		fclose(f);
	}
	return kb * 1024;
}

uint64_t
process_group_rss(const struct process_group *g)
{
	return group_bytes(g, "status", "VmRSS");
}

uint64_t
process_group_pss(const struct process_group *g)
{
	return group_bytes(g, "smaps_rollup", "Pss");
}

struct process_own
process_own(void)
{
	struct process_own own;
	struct timespec t;
	struct rusage u;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	getrusage(RUSAGE_SELF, &u);
	own.cpu_ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	own.system_ns = (uint64_t)u.ru_stime.tv_sec * 1000000000u +
	    (uint64_t)u.ru_stime.tv_usec * 1000u;
	return own;
}
