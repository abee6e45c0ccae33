/*
 * Settings: line 0 is a file, of the others "OTD_..." are the environment and
 * the rest flags.  What is taken prints as JSON, if it was UTF-8.  Nothing
 * may name a real file: lines that would are left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/input.h"
#include "ot/json.h"
#include "ot/utf.h"
#include "run/config.h"

static void
check_printed(const struct config *c)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct json_reader r;
	struct ot_err err;

	must(f != NULL, "memory to print");
	config_print(c, f);
	fclose(f);
	json_reader_init(&r, text, len, &err);
	must(json_skip(&r, NULL) == 0 && json_finish(&r) == 0,
	    "settings print as no JSON");
	free(text);
}

static bool
names_a_file(const char *line)
{
	return strstr(line, "_FILE") != NULL || strstr(line, "config") != NULL ||
	    strstr(line, "CONFIG") != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char path[64], why[CONFIG_WHY], *args[INPUT_LINES + 1];
	char *env[INPUT_LINES + 1];
	int fd = memfd_create("settings", 0), n_args = 0, n_env = 0;
	struct config c;
	struct input in;
	size_t i;

	input_init(&in, bytes, len);
	must(fd >= 0 && write(fd, in.lines[0].p, in.lines[0].len) ==
	    (ssize_t)in.lines[0].len, "a file in memory");
	snprintf(path, sizeof(path), "--config=/proc/self/fd/%d", fd);
	if (in.lines[0].len > 0)
		args[n_args++] = path;
	for (i = 1; i < in.n; i++) {
		if (names_a_file(in.lines[i].p))
			continue;
		if (strncmp(in.lines[i].p, "OTD_", 4) == 0)
			env[n_env++] = in.lines[i].p;
		else
			args[n_args++] = in.lines[i].p;
	}
	args[n_args] = NULL;
	env[n_env] = NULL;
	memset(why, 'x', sizeof(why));
	config_init(&c);
	if (config_load(&c, args, &n_args, env, why) == 0) {
		if (utf_is_utf8(in.bytes.data, in.bytes.len))
			check_printed(&c);
		if (config_check(&c, why) != 0)
			must(memchr(why, '\0', sizeof(why)) != NULL, "words");
	} else {
		must(memchr(why, '\0', sizeof(why)) != NULL && why[0] != '\0',
		    "a refusal without words");
	}
	config_done(&c);
	close(fd);
	input_done(&in);
	return 0;
}
