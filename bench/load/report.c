#include "bench/load/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "bench/load/run.h"
#include "bench/load/scenario.h"

static double
ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

static double
rate_of(uint64_t n, double seconds)
{
	return seconds > 0 ? (double)n / seconds : 0;
}

/* ---- JSON: names are ours, strings were checked when they came in ---- */

static void
json_times(const char *name, const struct histogram *h)
{
	if (h->n == 0)
		return;
	printf(",\"%s\":{\"n\":%" PRIu64 ",\"mean\":%.4f,\"p50\":%.4f,"
	    "\"p90\":%.4f,\"p99\":%.4f,\"p99_9\":%.4f,\"max\":%.4f}",
	    name, h->n, histogram_mean(h) / 1e6,
	    ms(histogram_quantile(h, 0.5)), ms(histogram_quantile(h, 0.9)),
	    ms(histogram_quantile(h, 0.99)), ms(histogram_quantile(h, 0.999)),
	    ms(h->max));
}

static void
json_parameters(const struct options *o)
{
	printf("\"scenario\":\"%s\"", o->scenario->name);
	if (o->label != NULL)
		printf(",\"label\":\"%s\"", o->label);
	printf(",\"urls\":[");
	for (unsigned i = 0; i < o->n_urls; i++)
		printf("%s\"ws://%s%s\"", i > 0 ? "," : "", o->place[i].host,
		    o->place[i].path);
	printf("],\"type\":\"%s\",\"connections\":%" PRIu32 ",\"docs\":%" PRIu32
	    ",\"writers\":%" PRIu32 ",\"readers\":%" PRIu32 ",\"rate\":%g"
	    ",\"ops_each\":%" PRIu64 ",\"size\":%zu,\"seed\":%" PRIu64
	    ",\"run\":\"%s\",\"warmup\":%g,\"doze\":%g", o->type->name, o->connections,
	    o->docs, o->writers, o->readers, o->rate, o->ops, o->size,
	    o->seed, o->run, o->warmup, o->doze);
	if (o->scenario->is_opening)
		printf(",\"open\":\"%s\"",
		    o->is_fetching ? "fetch" : "subscribe");
	if (o->scenario->is_opening || o->scenario->is_idle)
		printf(",\"phase\":\"%s\"", o->phase == PHASE_BOTH ? "both" :
		    o->phase == PHASE_PREPARE ? "prepare" : "open");
}

static void
json_processes(const struct run *run)
{
	const struct options *o = run->rig.options;

	printf(",\"load\":{\"cpu_seconds\":%.6f,\"system_seconds\":%.6f}"
	    ",\"processes\":{", (double)run->own.cpu_ns / 1e9,
	    (double)run->own.system_ns / 1e9);
	for (unsigned i = 0; i < o->n_pids; i++) {
		const struct run_process *p = &run->process[i];

		printf("%s\"%s\":{\"pid\":%d,\"processes\":%zu,"
		    "\"cpu_seconds\":%.6f,\"rss_start\":%" PRIu64
		    ",\"rss_open\":%" PRIu64 ",\"rss_end\":%" PRIu64
		    ",\"pss_end\":%" PRIu64 "}", i > 0 ? "," : "",
		    o->pid[i].name, (int)o->pid[i].pid, p->n,
		    (double)p->cpu_ns / 1e9, p->rss_start, p->rss_open,
		    p->rss_end, p->pss_end);
	}
	putchar('}');
}

static void
report_json(const struct run *run)
{
	const struct tally *t = &run->rig.tally;
	const struct run_check *c = &run->check;

	putchar('{');
	json_parameters(run->rig.options);
	printf(",\"seconds\":%.6f,\"ops\":%" PRIu64 ",\"ops_per_second\":%.2f"
	    ",\"deliveries\":%" PRIu64 ",\"deliveries_per_second\":%.2f"
	    ",\"opens\":%" PRIu64, run->seconds, t->ops,
	    rate_of(t->ops, run->seconds), t->deliveries,
	    rate_of(t->deliveries, run->seconds), t->opens);
	if (run->rig.options->scenario->is_opening)
		printf(",\"opens_per_second\":%.2f",
		    rate_of(t->opens, run->seconds));
	json_times("ack_ms", &t->ack);
	json_times("delivery_ms", &t->delivery);
	json_times("create_ms", &t->create);
	json_times("open_ms", &t->open);
	printf(",\"errors\":%" PRIu64 ",\"gaps\":%" PRIu64 ",\"duplicates\":%"
	    PRIu64 ",\"unsent\":%" PRIu64 ",\"unanswered\":%" PRIu64
	    ",\"behind\":%" PRIu64, t->errors, t->gaps, t->duplicates,
	    t->unsent, t->unanswered, t->behind);
	json_processes(run);
	if (run->rig.options->is_verifying)
		printf(",\"verify\":{\"done\":%s,\"documents\":%" PRIu64
		    ",\"ops\":%" PRIu64 ",\"faults\":%" PRIu64 "}",
		    c->is_done ? "true" : "false", c->docs, c->ops, c->faults);
	printf(",\"ok\":%s}\n", run_is_well(run) ? "true" : "false");
}

/* ---- for people ---- */

static void
text_times(const char *name, const struct histogram *h)
{
	if (h->n == 0)
		return;
	printf("  %-9s p50 %.3f  p90 %.3f  p99 %.3f  p99.9 %.3f  max %.3f ms\n",
	    name, ms(histogram_quantile(h, 0.5)),
	    ms(histogram_quantile(h, 0.9)), ms(histogram_quantile(h, 0.99)),
	    ms(histogram_quantile(h, 0.999)), ms(h->max));
}

static void
text_rest(const struct tally *t)
{
	static const char *const names[] = { "errors", "gaps", "duplicates",
	    "unsent", "unanswered", "behind" };
	const uint64_t counts[] = { t->errors, t->gaps, t->duplicates,
	    t->unsent, t->unanswered, t->behind };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (counts[i] > 0)
			printf("  %s: %" PRIu64 "\n", names[i], counts[i]);
}

static void
report_text(const struct run *run)
{
	const struct options *o = run->rig.options;
	const struct tally *t = &run->rig.tally;
	double seconds = run->seconds;

	printf("%s: %" PRIu32 " connections, %" PRIu32 " documents of %zu, %s, "
	    "%.2f s\n", o->scenario->name, o->connections, o->docs, o->size,
	    o->type->name, seconds);
	printf("  %.0f ops/s, %.0f deliveries/s", rate_of(t->ops, seconds),
	    rate_of(t->deliveries, seconds));
	if (o->scenario->is_opening)
		printf(", %.0f documents/s", rate_of(t->opens, seconds));
	putchar('\n');
	text_times("ack", &t->ack);
	text_times("delivery", &t->delivery);
	text_times("create", &t->create);
	text_times("open", &t->open);
	text_rest(t);
	printf("  otd-load: %.0f%% of a processor\n",
	    seconds > 0 ? (double)run->own.cpu_ns / 1e7 / seconds : 0);
	for (unsigned i = 0; i < o->n_pids; i++)
		printf("  %s: %.0f%% of a processor, %.1f MB at first, %.1f open, %.1f at the end\n",
		    o->pid[i].name, seconds > 0 ?
		    (double)run->process[i].cpu_ns / 1e7 / seconds : 0,
		    (double)run->process[i].rss_start / 1e6,
		    (double)run->process[i].rss_open / 1e6,
		    (double)run->process[i].rss_end / 1e6);
	if (o->is_verifying)
		printf("  verified %" PRIu64 " of %" PRIu32 " documents, %" PRIu64
		    " ops; %" PRIu64 " faults\n", run->check.docs, o->docs,
		    run->check.ops, run->check.faults);
}

void
report(const struct run *run)
{
	if (run->rig.options->is_json)
		report_json(run);
	else
		report_text(run);
}
