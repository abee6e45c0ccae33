#include "bench/load/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/load/scenario.h"

static const char usage[] =
    "usage: otd-load SCENARIO --url ws://127.0.0.1:PORT/ [options]\n"
    "\n"
    "Load a server that speaks ShareDB's protocol, on this machine, and say how it\n"
    "did.  An op inserts four characters at a place by lot.  Writers have one op in\n"
    "flight; with a rate, ops have their times, and latencies count from these.\n"
    "\n";
static const char usage_options[] =
    "\n"
    "  --url URL         a server; several times: they get connections in turn\n"
    "  --place HOW       turn, or document: all of a document at one URL (S2 S3 S5);\n"
    "                    turn\n"
    "  --connections N   connections, each with its documents (S1 S4 S7 S8)\n"
    "  --writers N       of each document, a connection each (S2 S3 S5 S6)\n"
    "  --readers N       of each document, a connection each (S2 S3 S5 S6)\n"
    "  --docs D          documents\n"
    "  --rate R          ops a second of all writers; 0: closed loop\n"
    "  --ops K           each writer makes at most so many; 0: no end\n"
    "  --size BYTES      text that a document begins with; 1000\n"
    "  --type TYPE       text-unicode, text, text0, json0; text-unicode\n"
    "  --warmup S        seconds that do not count; 1\n"
    "  --seconds S       seconds that count; 5\n"
    "  --drain S         seconds for what was due to go out, and for its answers; 10\n"
    "  --doze MS         readers look every so many ms, many frames at a time; some\n"
    "                    stay awake and time deliveries; 0: all are\n"
    "  --limit S         seconds that all may take, or it fails; 300\n"
    "  --seed N          what is drawn by lot; 1\n"
    "  --run NAME        part of the documents' ids; another each time\n"
    "  --collection NAME where the documents are; load\n"
    "  --open HOW        subscribe or fetch (S7); subscribe\n"
    "  --phase WHICH     prepare, open or both (S4 S7); both.  The server may be\n"
    "                    started anew between the two; give both the same --run\n"
    "  --pid NAME=PID    report this process and its children, too\n"
    "  --label TEXT      carried into the report\n"
    "  --verify          afterwards fetch every document and check it\n"
    "  --json            the report as a line of JSON\n"
    "  --marks           say on stderr when counting begins and when it ends\n"
    "\n"
    "Exit status: 0 done (and true, with --verify), 1 not, 2 asked wrongly.\n";

static void
help(void)
{
	const struct scenario *s;

	fputs(usage, stdout);
	for (size_t i = 0; (s = scenario_at(i)) != NULL; i++)
		printf("  %s  %s\n", s->name, s->sentence);
	fputs(usage_options, stdout);
}

static enum options_result
wrong(const char *what, const char *said, const char *why)
{
	fprintf(stderr, "otd-load: %s \"%s\" %s\n", what, said, why);
	return OPTIONS_WRONG;
}

/* ---- options with a number ---- */

enum option_name {
	O_URL = 256, O_CONNECTIONS, O_WRITERS, O_READERS, O_DOCS, O_RATE,
	O_OPS, O_SIZE, O_TYPE, O_WARMUP, O_SECONDS, O_DRAIN, O_LIMIT, O_SEED,
	O_RUN, O_COLLECTION, O_OPEN, O_PHASE, O_PID, O_LABEL, O_VERIFY,
	O_JSON, O_MARKS, O_DOZE, O_PLACE, O_HELP
};

static const struct option_range {
	enum option_name	 option;
	double		 least, most;
	bool		 is_whole;
} ranges[] = {
	{ O_CONNECTIONS, 1, 60000, true },
	{ O_WRITERS, 1, 10000, true },
	{ O_READERS, 0, 60000, true },
	{ O_DOCS, 1, 10000000, true },
	{ O_RATE, 0, 1000000, false },
	{ O_OPS, 0, 1000000000, true },
	{ O_SIZE, 0, 256 << 20, true },
	{ O_WARMUP, 0, 600, false },
	{ O_SECONDS, 0.01, 3600, false },
	{ O_DRAIN, 0, 600, false },
	{ O_DOZE, 0, 1000, false },
	{ O_LIMIT, 1, 7200, false },
	{ O_SEED, 0, 9007199254740991.0, true },
};

static bool
number_read(enum option_name option, const char *said, double *out)
{
	char *end;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		const struct option_range *r = &ranges[i];

		if (r->option != option)
			continue;
		*out = strtod(said, &end);
		return end != said && *end == '\0' && *out >= r->least &&
		    *out <= r->most && (!r->is_whole || *out == floor(*out));
	}
	return false;
}

static void
number_set(struct options *o, enum option_name option, double n)
{
	switch ((int)option) {
	case O_CONNECTIONS: o->connections = (uint32_t)n; break;
	case O_WRITERS: o->writers = (uint32_t)n; break;
	case O_READERS: o->readers = (uint32_t)n; break;
	case O_DOCS: o->docs = (uint32_t)n; break;
	case O_RATE: o->rate = n; break;
	case O_OPS: o->ops = (uint64_t)n; break;
	case O_SIZE: o->size = (size_t)n; break;
	case O_WARMUP: o->warmup = n; break;
	case O_SECONDS: o->seconds = n; break;
	case O_DRAIN: o->drain = n; break;
	case O_DOZE: o->doze = n; break;
	case O_LIMIT: o->limit = n; break;
	case O_SEED: o->seed = (uint64_t)n; break;
	}
}

/* ---- options with a word ---- */

static const char *
url_add(struct options *o, const char *said)
{
	const char *fault;

	if (o->n_urls == OPTIONS_URLS)
		return "is one too many";
	fault = conn_place_read(said, &o->place[o->n_urls]);
	if (fault == NULL)
		o->url[o->n_urls++] = said;
	return fault;
}

static const char *
pid_add(struct options *o, char *said)
{
	char *equals = strchr(said, '='), *end;
	long pid;

	if (o->n_pids == OPTIONS_PIDS)
		return "is one too many";
	if (equals == NULL || equals == said)
		return "is not NAME=PID";
	pid = strtol(equals + 1, &end, 10);
	if (end == equals + 1 || *end != '\0' || pid <= 0)
		return "is not NAME=PID";
	*equals = '\0';
	o->pid[o->n_pids++] = (struct options_pid){ said, (pid_t)pid };
	return NULL;
}

/* What goes into ids and into JSON without further thought. */
static const char *
name_set(const char **to, const char *said)
{
	size_t n = strspn(said, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

	if (n == 0 || n > 32 || said[n] != '\0')
		return "is not 1 to 32 letters, digits, - _ .";
	*to = said;
	return NULL;
}

static const char *
label_set(struct options *o, const char *said)
{
	for (const char *p = said; *p != '\0'; p++)
		if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ')
			return "has quotes, backslashes or controls in it";
	o->label = said;
	return NULL;
}

static const char *
word_set(struct options *o, enum option_name option, char *said)
{
	switch ((int)option) {
	case O_URL:
		return url_add(o, said);
	case O_PID:
		return pid_add(o, said);
	case O_RUN:
		return name_set(&o->run, said);
	case O_COLLECTION:
		return name_set(&o->collection, said);
	case O_LABEL:
		return label_set(o, said);
	case O_TYPE:
		o->type = insert_type_find(said);
		return o->type == NULL ? "is no type that is known" : NULL;
	case O_OPEN:
		o->is_fetching = strcmp(said, "fetch") == 0;
		return o->is_fetching || strcmp(said, "subscribe") == 0 ?
		    NULL : "is neither subscribe nor fetch";
	case O_PLACE:
		o->is_by_document = strcmp(said, "document") == 0;
		return o->is_by_document || strcmp(said, "turn") == 0 ?
		    NULL : "is neither turn nor document";
	case O_PHASE:
		o->phase = strcmp(said, "prepare") == 0 ? PHASE_PREPARE :
		    strcmp(said, "open") == 0 ? PHASE_OPEN : PHASE_BOTH;
		return o->phase != PHASE_BOTH || strcmp(said, "both") == 0 ?
		    NULL : "is neither prepare nor open nor both";
	}
	return "is not understood";
}

static const struct option long_options[] = {
	{ "url", required_argument, NULL, O_URL },
	{ "connections", required_argument, NULL, O_CONNECTIONS },
	{ "writers", required_argument, NULL, O_WRITERS },
	{ "readers", required_argument, NULL, O_READERS },
	{ "docs", required_argument, NULL, O_DOCS },
	{ "rate", required_argument, NULL, O_RATE },
	{ "ops", required_argument, NULL, O_OPS },
	{ "size", required_argument, NULL, O_SIZE },
	{ "type", required_argument, NULL, O_TYPE },
	{ "warmup", required_argument, NULL, O_WARMUP },
	{ "seconds", required_argument, NULL, O_SECONDS },
	{ "drain", required_argument, NULL, O_DRAIN },
	{ "doze", required_argument, NULL, O_DOZE },
	{ "limit", required_argument, NULL, O_LIMIT },
	{ "seed", required_argument, NULL, O_SEED },
	{ "run", required_argument, NULL, O_RUN },
	{ "collection", required_argument, NULL, O_COLLECTION },
	{ "open", required_argument, NULL, O_OPEN },
	{ "place", required_argument, NULL, O_PLACE },
	{ "phase", required_argument, NULL, O_PHASE },
	{ "pid", required_argument, NULL, O_PID },
	{ "label", required_argument, NULL, O_LABEL },
	{ "verify", no_argument, NULL, O_VERIFY },
	{ "json", no_argument, NULL, O_JSON },
	{ "marks", no_argument, NULL, O_MARKS },
	{ "help", no_argument, NULL, O_HELP },
	{ NULL, 0, NULL, 0 },
};

static enum options_result
option_take(struct options *o, enum option_name option, char *said)
{
	const char *name = "--?", *fault;
	double n;

	for (const struct option *l = long_options; l->name != NULL; l++)
		if (l->val == (int)option)
			name = l->name;
	switch ((int)option) {
	case O_HELP:
		help();
		return OPTIONS_HELPED;
	case O_VERIFY:
		o->is_verifying = true;
		return OPTIONS_RUN;
	case O_JSON:
		o->is_json = true;
		return OPTIONS_RUN;
	case O_MARKS:
		o->is_marking = true;
		return OPTIONS_RUN;
	}
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (ranges[i].option != option)
			continue;
		if (!number_read(option, said, &n)) {
			fprintf(stderr, "otd-load: --%s wants a%s number from "
			    "%.15g to %.15g, not \"%s\"\n", name,
			    ranges[i].is_whole ? " whole" : "",
			    ranges[i].least, ranges[i].most, said);
			return OPTIONS_WRONG;
		}
		number_set(o, option, n);
		return OPTIONS_RUN;
	}
	fault = word_set(o, option, said);
	return fault == NULL ? OPTIONS_RUN : wrong(name, said, fault);
}

/* Sizes that the scenario gives, before the command line has its say. */
static void
options_begin(struct options *o, const struct scenario *s)
{
	static char run[32];
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	snprintf(run, sizeof(run), "%lx%06lx-%x", (unsigned long)t.tv_sec,
	    (unsigned long)t.tv_nsec / 1000, (unsigned)getpid());
	*o = (struct options){ .scenario = s, .connections = s->connections,
	    .writers = s->writers, .readers = s->readers, .docs = s->docs,
	    .rate = s->rate, .ops = s->ops, .size = 1000, .warmup = 1,
	    .seconds = 5, .drain = 10, .limit = 300, .seed = 1,
	    .type = insert_type_at(0), .collection = "load", .run = run };
}

/* What one option alone cannot tell. */
static const char *
options_fault(struct options *o, bool is_named)
{
	const struct scenario *s = o->scenario;

	if (o->n_urls == 0)
		return "--url is missing";
	if (s->layout == LAYOUT_SPREAD) {
		if (o->docs == 0)
			o->docs = o->connections;
		if (o->connections == 0 || o->connections > o->docs)
			o->connections = o->docs;
		o->readers = 0;
		o->writers = 1;
	} else {
		if ((uint64_t)o->docs * (o->writers + o->readers) > 60000)
			return "--docs, --writers and --readers make over 60000 connections";
		o->connections = o->docs * (o->writers + o->readers);
	}
	if (s->is_opening && o->ops == 0)
		return "--ops has to be 1 or more: what is opened has a history";
	if (s->is_idle)
		o->ops = 0;
	if (!s->is_opening && o->is_fetching)
		return "--open is of S7";
	if (!s->is_opening && !s->is_idle && o->phase != PHASE_BOTH)
		return "--phase is of S4 and S7";
	if (o->phase != PHASE_BOTH && !is_named)
		return "--phase wants a --run, so that the other finds the documents";
	return NULL;
}

enum options_result
options_read(int argc, char **argv, struct options *out)
{
	const struct scenario *s;
	enum options_result result;
	const char *fault, *run;
	struct options o;
	int c;

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		help();
		return OPTIONS_HELPED;
	}
	if (argc < 2 || (s = scenario_find(argv[1])) == NULL) {
		fprintf(stderr, "otd-load: the first argument is a scenario, "
		    "S1 to S8; see otd-load --help\n");
		return OPTIONS_WRONG;
	}
	options_begin(&o, s);
	run = o.run;
	optind = 2;
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (c == '?')
			return OPTIONS_WRONG;
		result = option_take(&o, (enum option_name)c, optarg);
		if (result != OPTIONS_RUN)
			return result;
	}
	if (optind < argc)
		return wrong("argument", argv[optind], "is one too many");
	if ((fault = options_fault(&o, o.run != run)) != NULL) {
		fprintf(stderr, "otd-load: %s\n", fault);
		return OPTIONS_WRONG;
	}
	*out = o;
	return OPTIONS_RUN;
}
