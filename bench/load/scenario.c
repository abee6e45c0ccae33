#include "bench/load/scenario.h"

#include <strings.h>

static const struct scenario scenarios[] = {
	{ .name = "S1", .layout = LAYOUT_SPREAD, .connections = 10,
	    .writers = 1,
	    .sentence = "many documents, each written by --connections of its own" },
	{ .name = "S2", .layout = LAYOUT_SHARED, .writers = 10, .docs = 1,
	    .sentence = "one hot document, --writers of it, all following it" },
	{ .name = "S3", .layout = LAYOUT_SHARED, .writers = 1,
	    .readers = 1000, .docs = 1, .rate = 50,
	    .sentence = "a writer at --rate, --readers who follow" },
	{ .name = "S4", .layout = LAYOUT_SPREAD, .connections = 1000,
	    .writers = 1, .is_idle = true,
	    .sentence = "idle --connections, each following a document of its own" },
	{ .name = "S5", .layout = LAYOUT_SHARED, .writers = 1, .docs = 1,
	    .sentence = "one writer in a document of --size" },
	{ .name = "S6", .layout = LAYOUT_SHARED, .writers = 1, .readers = 1,
	    .docs = 1, .rate = 50, .is_apart = true,
	    .sentence = "a writer at --rate on the first URL, --readers on the others" },
	{ .name = "S7", .layout = LAYOUT_SPREAD, .connections = 10,
	    .writers = 1, .docs = 1000, .ops = 100, .is_opening = true,
	    .sentence = "--docs of --ops each are opened by --connections, one after another" },
	{ .name = "S8", .layout = LAYOUT_SPREAD, .docs = 50, .writers = 1,
	    .rate = 500,
	    .sentence = "open loop: --rate over --docs, whatever the answers take" },
};

const struct scenario *
scenario_at(size_t i)
{
	return i < sizeof(scenarios) / sizeof(scenarios[0]) ?
	    &scenarios[i] : NULL;
}

const struct scenario *
scenario_find(const char *name)
{
	for (size_t i = 0; scenario_at(i) != NULL; i++)
		if (strcasecmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	return NULL;
}
