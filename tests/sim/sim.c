/*
 * sim: runs of the whole server from seeds, without any I/O.
 *
 *	sim [--seeds FROM:TO] [--seed N [-v]]
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/run.h"

/* Sanitizers make it slower by an order. */
#ifdef __SANITIZE_ADDRESS__
#define SEEDS	1500
#else
#define SEEDS	10000
#endif

/* What a seed that aborts says, from the signal handler. */
static char last_words[64];

static void
aborted(int sig)
{
	ssize_t ignored = write(2, last_words, strlen(last_words));

	(void)ignored;
	signal(sig, SIG_DFL);
	raise(sig);
}

/* With ASan, the same for what it finds. */
void	__sanitizer_set_death_callback(void (*)(void)) __attribute__((weak));

static void
died(void)
{
	ssize_t ignored = write(2, last_words, strlen(last_words));

	(void)ignored;
}

static int
usage(void)
{
	fprintf(stderr, "usage: sim [--seeds FROM:TO] [--seed N] [-v]\n");
	return 2;
}

int
main(int argc, char **argv)
{
	unsigned long long from = 1, to = SEEDS, seed;
	struct run_totals totals = { 0 };
	bool is_verbose = false;
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0)
			is_verbose = true;
		else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc &&
		    sscanf(argv[i + 1], "%llu:%llu", &from, &to) == 2)
			i++;
		else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc &&
		    sscanf(argv[i + 1], "%llu", &from) == 1)
			to = from, i++;
		else
			return usage();
	}
	signal(SIGABRT, aborted);
	signal(SIGSEGV, aborted);
	if (__sanitizer_set_death_callback != NULL)
		__sanitizer_set_death_callback(died);
	for (seed = from; seed <= to; seed++) {
		snprintf(last_words, sizeof(last_words), "seed %llu\n", seed);
		run_seed(seed, is_verbose, &totals);
	}
	run_report(&totals);
	return 0;
}
