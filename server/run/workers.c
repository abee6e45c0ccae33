/*
 * workers: see workers.h.
 */
#include "run/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "run/notify.h"
#include "run/server.h"

#define SHORT_LIFE_MS	10000	/* who dies sooner waits before the next life */
#define PAUSE_MS	1000
#define KILL_AFTER_MS	5000	/* beyond --drain-timeout */
#define LOOK_MS		1000	/* whether loops turn is looked at this often */

struct worker {
	pid_t		pid;		/* 0: does not run */
	uint64_t	begun_ms;
	uint64_t	again_ms;	/* when to start it again, while pid is 0 */
	bool		up;		/* accepted connections, in this life */
	uint64_t	turns;		/* of its loop, when it was looked at last */
	uint64_t	still_ms;	/* for so long it has not turned since it was up */
	bool		is_told;	/* it hangs, and was told to abort */
};

struct workers {
	const struct config		*config;
	const struct worker_sockets	*sockets;
	const char			*secret;	/* as in server_place */
	const char			*epoch;
	struct metrics_board		*board;
	struct worker			*worker;
	unsigned			 n;
	int				 ready[2];	/* pipe: a worker's number in a byte */
	int				 signals;	/* signalfd */
	sigset_t			 mask;		/* before ours */
	void				(*all_up)(void *arg);
	void				*arg;
	bool				 were_up;	/* all of them, once */
	bool				 leaving;
	uint64_t			 kill_ms;	/* while leaving: then SIGKILL */
	uint64_t			 look_ms;	/* between two looks at the loops */
	uint64_t			 looked_ms;	/* when */
	uint64_t			 beat_ms;	/* tell the manager that all live; 0: never */
	uint64_t			 next_beat_ms;
	int				 code;		/* of the program */
};

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
close_sockets(const struct workers *w, unsigned i)
{
	const struct worker_sockets *s = &w->sockets[i];
	size_t k;

	for (k = 0; k < w->config->listen.n; k++)
		close(s->listen_fds[k]);
	if (s->admin_fd >= 0)
		close(s->admin_fd);
}

/* ---- in a worker ---- */

/* What a worker says when it is up, and where. */
struct report {
	unsigned char	number;
	int		fd;
};

static void
tell_ready(void *arg)
{
	const struct report *r = arg;

	if (write(r->fd, &r->number, 1) != 1)
		log_line(LOG_WARN, "worker", "could not tell the supervisor: %s",
		    strerror(errno));
}

static _Noreturn void
worker_main(struct workers *w, unsigned i, pid_t supervisor)
{
	struct report report = { (unsigned char)i, w->ready[1] };
	struct server_place place = {
		.worker = i,
		.listen_fds = w->sockets[i].listen_fds,
		.admin_fd = w->sockets[i].admin_fd,
		.supervisor = supervisor,
		.secret = w->secret,
		.epoch = w->epoch,
		.board = w->board,
		.ready = tell_ready,
		.ready_arg = &report,
	};
	unsigned other;
	int code;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != supervisor)
		_exit(EX_UNAVAILABLE);		/* it died in between */
	log_as_worker(i);
	/* A terminal sends SIGINT to all; the supervisor passes it on. */
	signal(SIGINT, SIG_IGN);
	sigprocmask(SIG_SETMASK, &w->mask, NULL);
	close(w->signals);
	close(w->ready[0]);
	/* A socket that is open here but not accepted from would starve. */
	for (other = 0; other < w->n; other++)
		if (other != i)
			close_sockets(w, other);
	code = server_run(w->config, &place);
	free(w->worker);
	exit(code);
}

/* ---- in the supervisor ---- */

static void
worker_start(struct workers *w, unsigned i)
{
	struct worker *wk = &w->worker[i];
	pid_t supervisor = getpid(), pid = fork();

	if (pid == 0)
		worker_main(w, i, supervisor);
	wk->begun_ms = now_ms();
	wk->up = wk->is_told = false;
	wk->still_ms = 0;
	if (pid < 0) {
		log_line(LOG_ERROR, "worker", "could not fork: %s",
		    strerror(errno));
		wk->again_ms = wk->begun_ms + PAUSE_MS;
		return;
	}
	wk->pid = pid;
}

static void
signal_all(struct workers *w, int signum)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		if (w->worker[i].pid > 0)
			kill(w->worker[i].pid, signum);
}

static void
begin_leaving(struct workers *w)
{
	unsigned i;

	notify_say(NOTIFY_STOPPING);
	w->leaving = true;
	w->kill_ms = now_ms() + w->config->drain_timeout + KILL_AFTER_MS;
	/* Or the kernel went on completing connections nobody will accept. */
	for (i = 0; i < w->n; i++)
		close_sockets(w, i);
	signal_all(w, SIGTERM);
}

static void
worker_ended(struct workers *w, unsigned i, int status)
{
	struct worker *wk = &w->worker[i];
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
	char how[64];

	wk->pid = 0;
	metrics_place(w->board, i)->up = 0;
	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "killed by signal %d",
		    WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "exit code %d", code);
	/* Told to leave before it could watch for that: as good as drained. */
	if (w->leaving && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM)
		code = 0;
	if (w->leaving || !w->were_up) {
		if (code != 0) {
			log_line(LOG_ERROR, "worker", "%u ended: %s", i, how);
			if (w->code == 0)
				w->code = code;
		}
		if (!w->leaving)
			begin_leaving(w);
		return;
	}
	wk->again_ms = now_ms();
	if (wk->again_ms - wk->begun_ms < SHORT_LIFE_MS)
		wk->again_ms += PAUSE_MS;
	log_line(LOG_ERROR, "worker", "%u ended: %s; starting it again", i, how);
}

static void
reap(struct workers *w)
{
	unsigned i;
	int status;

	for (i = 0; i < w->n; i++)
		if (w->worker[i].pid > 0 &&
		    waitpid(w->worker[i].pid, &status, WNOHANG) > 0)
			worker_ended(w, i, status);
}

static void
take_signals(struct workers *w)
{
	struct signalfd_siginfo info;

	while (read(w->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGTERM:
		case SIGINT:
			if (w->leaving)
				signal_all(w, SIGTERM);
			else
				begin_leaving(w);
			break;
		case SIGUSR1:		/* a worker was asked to; more than one may be */
			if (!w->leaving)
				begin_leaving(w);
			break;
		case SIGHUP:
			signal_all(w, SIGHUP);
			break;
		}
	}
	reap(w);
}

static void
take_ready(struct workers *w)
{
	unsigned char number;
	unsigned i, up = 0;

	while (read(w->ready[0], &number, 1) == 1)
		if (number < w->n)
			w->worker[number].up = true;
	for (i = 0; i < w->n; i++)
		up += w->worker[i].up;
	if (up == w->n && !w->were_up && !w->leaving) {
		w->were_up = true;
		w->all_up(w->arg);
	}
}

/*
 * A worker whose loop does not turn serves nobody, and connections go on
 * coming to it.  It is told to abort, which leaves a core to look at; who does
 * not hear that is killed when the time has passed once more.
 */
static void
end_hung(struct worker *wk, unsigned i)
{
	log_line(LOG_ERROR, "worker", "%u hangs: its loop has not turned for "
	    "%llu ms; ending it", i, (unsigned long long)wk->still_ms);
	kill(wk->pid, wk->is_told ? SIGKILL : SIGABRT);
	wk->is_told = true;
	wk->still_ms = 0;
}

/*
 * An idle loop turns several times a second, too.  Time in which the
 * supervisor could not look is not held against the workers: whatever stopped
 * it, a debugger or the machine, will have stopped them as well.
 */
static void
look(struct workers *w, uint64_t now)
{
	uint64_t limit_ms = w->leaving ? 0 : w->config->hang_timeout;
	uint64_t passed_ms = now - w->looked_ms, turns;
	struct worker *wk;
	unsigned i;

	if (passed_ms < w->look_ms)
		return;
	if (passed_ms > 2 * w->look_ms)
		passed_ms = 0;
	w->looked_ms = now;
	for (i = 0; i < w->n; i++) {
		wk = &w->worker[i];
		turns = metrics_place(w->board, i)->turns;
		if (wk->pid == 0 || !wk->up || turns != wk->turns)
			wk->still_ms = 0;
		else
			wk->still_ms += passed_ms;
		wk->turns = turns;
		if (limit_ms != 0 && wk->still_ms >= limit_ms)
			end_hung(wk, i);
	}
}

/* The manager hears nothing while one worker hangs. */
static void
beat(struct workers *w, uint64_t now)
{
	unsigned i;

	if (w->beat_ms == 0 || now < w->next_beat_ms)
		return;
	w->next_beat_ms = now + w->beat_ms;
	for (i = 0; i < w->n; i++)
		if (w->worker[i].still_ms >= w->beat_ms)
			return;
	notify_say(NOTIFY_ALIVE);
}

static void
watch_begin(struct workers *w)
{
	uint64_t now = now_ms();

	w->beat_ms = notify_beat_ms();
	w->look_ms = LOOK_MS;
	if (w->beat_ms != 0 && w->beat_ms / 2 < w->look_ms)
		w->look_ms = w->beat_ms / 2 + 1;
	w->looked_ms = now;
	w->next_beat_ms = now + w->beat_ms;
}

/* Start who is due; returns how long poll may wait. */
static int
start_due(struct workers *w)
{
	uint64_t now = now_ms(), next;
	struct worker *wk;
	unsigned i;

	look(w, now);
	beat(w, now);
	next = w->looked_ms + w->look_ms;
	if (w->beat_ms != 0 && w->next_beat_ms < next)
		next = w->next_beat_ms;
	if (w->leaving) {
		if (now >= w->kill_ms)
			signal_all(w, SIGKILL);
		if (w->kill_ms < next)
			next = w->kill_ms;
	}
	for (i = 0; i < w->n && !w->leaving; i++) {
		wk = &w->worker[i];
		if (wk->pid == 0 && wk->again_ms <= now)
			worker_start(w, i);
		if (wk->pid == 0 && wk->again_ms < next)
			next = wk->again_ms;
	}
	return next <= now ? 100 : (int)(next - now);
}

static bool
any_runs(const struct workers *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		if (w->worker[i].pid > 0)
			return true;
	return false;
}

int
workers_run(const struct config *config, const struct worker_sockets *sockets,
    const char *secret, const char *epoch, struct metrics_board *board,
    void (*all_up)(void *arg), void *arg)
{
	struct workers w = {
		.config = config, .sockets = sockets, .secret = secret,
		.epoch = epoch, .board = board, .n = (unsigned)config->workers, .all_up = all_up, .arg = arg,
	};
	struct pollfd fds[2];
	sigset_t ours;
	int wait_ms;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGUSR1);
	sigaddset(&ours, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ours, &w.mask);
	w.signals = signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC);
	if (w.signals < 0 || pipe2(w.ready, O_NONBLOCK | O_CLOEXEC) != 0) {
		log_line(LOG_ERROR, "worker", "cannot watch workers: %s",
		    strerror(errno));
		return EX_OSERR;
	}
	w.worker = mem_get(w.n * sizeof(w.worker[0]));
	watch_begin(&w);
	while (wait_ms = start_due(&w), !w.leaving || any_runs(&w)) {
		fds[0] = (struct pollfd){ .fd = w.signals, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = w.ready[0], .events = POLLIN };
		if (poll(fds, 2, wait_ms) < 0 && errno != EINTR)
			bug("poll");
		take_ready(&w);
		take_signals(&w);
	}
	free(w.worker);
	close(w.signals);
	close(w.ready[0]);
	close(w.ready[1]);
	sigprocmask(SIG_SETMASK, &w.mask, NULL);
	return w.code;
}
