/*
 * process: processor time and memory of processes, from outside.
 *
 * A group is a process and all that descend from it.  Finding them reads all
 * of /proc and takes milliseconds; it is done before and after the time that
 * is measured.  Asking the known ones for their time is quick.
 */
#ifndef LOAD_PROCESS_H
#define LOAD_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Embedded; all zero but root to begin with. */
struct process_group {
	pid_t		 root;
	pid_t		*pids;		/* that were found, the dead ones too; root is first */
	size_t		 n;
	size_t		 cap;
};

void	process_group_done(struct process_group *g);
/* Find descendants that are not known yet; how many of all are alive. */
size_t	process_group_find(struct process_group *g);
/*
 * User and system time so far, ns.  Who has ended counts through its parent,
 * once that has waited for it, in hundredths of a second.
 */
uint64_t process_group_cpu_ns(const struct process_group *g);
/* Resident; pages that are shared count for each process. */
uint64_t process_group_rss(const struct process_group *g);
/* Each page shared out among those who have it; slow. */
uint64_t process_group_pss(const struct process_group *g);

/* Of this process: all, and what the kernel did for it (its sockets, mostly). */
struct process_own {
	uint64_t	cpu_ns;
	uint64_t	system_ns;
};

struct process_own process_own(void);

#endif
