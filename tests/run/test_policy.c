/*
 * The file of rules: what counts at the start, and when it is written anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "run/policy.h"

#define LATER	1000	/* ms, more than it waits between two looks */

struct rig {
	char		 folder[32];
	char		 path[48], other[48];
	struct config	 config;
	struct policy	*policy;
	uint64_t	 now_ms;
	char		 said[1024];	/* log lines since the last look at them */
};

static void
on_line(const char *line, void *arg)
{
	struct rig *r = arg;
	size_t len = strlen(r->said);

	snprintf(r->said + len, sizeof(r->said) - len, "%s\n", line);
}

static void
write_to(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* A rule that allows one action to everybody. */
static void
write_rule(const char *path, const char *action)
{
	char text[200];

	snprintf(text, sizeof(text), "{\"rules\":[{\"name\":\"r\",\"who\":"
	    "\"anybody\",\"allow\":[\"%s\"]}]}", action);
	write_to(path, text);
}

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	snprintf(r->folder, sizeof(r->folder), "/tmp/otd-policy-XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	snprintf(r->path, sizeof(r->path), "%s/rules", r->folder);
	snprintf(r->other, sizeof(r->other), "%s/other", r->folder);
	config_init(&r->config);
	r->config.auth = AUTH_JWT;
	free(r->config.policy);
	r->config.policy = strdup(r->path);
	r->now_ms = LATER;
	log_to(on_line, r);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	log_to(NULL, NULL);
	policy_close(r->policy);
	config_done(&r->config);
	unlink(r->path);
	unlink(r->other);
	rmdir(r->folder);
	free(r);
	return 0;
}

static void
open_policy(struct rig *r)
{
	char why[CONFIG_WHY];

	if (policy_open(&r->config, &r->policy, why, sizeof(why)) != 0)
		fail_msg("%s", why);
}

static bool
allows(const struct access *a, enum access_action action)
{
	const struct access_question q = { .action = action };

	return access_check(a, &q, NULL) == ACCESS_YES;
}

/* What is new allows this action and not another; NULL: nothing is new. */
static void
expect(struct rig *r, const char *action)
{
	struct access *a = policy_next(r->policy, r->now_ms);
	int i;

	if (action == NULL) {
		assert_null(a);
		return;
	}
	assert_non_null(a);
	for (i = 0; i < ACCESS_ACTIONS; i++)
		assert_int_equal(allows(a, (enum access_action)i),
		    i == access_action_named(action));
	access_unref(a);
}

/* It was said, and nothing else since the last time. */
static void
expect_said(struct rig *r, const char *part)
{
	if (strstr(r->said, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, r->said);
	assert_ptr_equal(strchr(r->said, '\n'), r->said + strlen(r->said) - 1);
	r->said[0] = '\0';
}

/* ---- the start ---- */

static void
start(void **state)
{
	struct rig *r = *state;
	char why[CONFIG_WHY];

	assert_int_equal(policy_open(&r->config, &r->policy, why, sizeof(why)),
	    -1);
	assert_non_null(strstr(why, "could not read"));
	write_to(r->path, "{\"rules\":[{}]}");
	assert_int_equal(policy_open(&r->config, &r->policy, why, sizeof(why)),
	    -1);
	assert_non_null(strstr(why, "rule 1, \"name\": it is missing"));
	assert_null(r->policy);
	assert_int_equal(policy_check(&r->config, why), -1);
	assert_non_null(strstr(why, "rule 1"));
	write_rule(r->path, "read");
	assert_int_equal(policy_check(&r->config, why), 0);
	open_policy(r);
	expect(r, "read");
	expect(r, NULL);
}

static void
no_file(void **state)
{
	struct rig *r = *state;
	struct access *a;
	int i;

	r->config.policy[0] = '\0';
	open_policy(r);
	expect_said(r, "nobody may do anything");
	a = policy_next(r->policy, r->now_ms);
	for (i = 0; i < ACCESS_ACTIONS; i++)
		assert_false(allows(a, (enum access_action)i));
	access_unref(a);
	policy_hurry(r->policy);
	r->now_ms += LATER;
	expect(r, NULL);
}

static void
everybody(void **state)
{
	struct rig *r = *state;
	char why[CONFIG_WHY];

	r->config.auth = AUTH_NONE;
	assert_int_equal(policy_check(&r->config, why), -1);
	assert_non_null(strstr(why, "--auth jwt"));
	r->config.policy[0] = '\0';
	assert_int_equal(policy_check(&r->config, why), 0);
	open_policy(r);
	assert_null(r->policy);
	policy_hurry(r->policy);
	assert_null(policy_next(r->policy, r->now_ms));
	assert_string_equal(r->said, "");
}

/* ---- later ---- */

static void
written_anew(void **state)
{
	struct rig *r = *state;

	write_rule(r->path, "read");
	open_policy(r);
	expect(r, "read");
	r->now_ms += LATER;
	expect(r, NULL);
	write_rule(r->path, "delete");
	r->now_ms += 1;
	expect(r, NULL);		/* not looked at yet */
	r->now_ms += LATER;
	expect(r, "delete");
	expect_said(r, "rules read from");
	expect(r, NULL);
}

/* As editors and ConfigMaps do it: another file in its place. */
static void
renamed_over(void **state)
{
	struct rig *r = *state;
	struct stat st;
	struct timespec times[2];

	write_rule(r->path, "edit");
	open_policy(r);
	expect(r, "edit");
	/* Of the same length, and as old. */
	assert_int_equal(stat(r->path, &st), 0);
	write_rule(r->other, "read");
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, r->other, times, 0), 0);
	assert_int_equal(rename(r->other, r->path), 0);
	r->now_ms += LATER;
	expect(r, "read");
}

/* What is wrong, or gone, changes nothing, and is said once. */
static void
mistakes(void **state)
{
	struct rig *r = *state;

	write_rule(r->path, "read");
	open_policy(r);
	expect(r, "read");
	write_to(r->path, "{\"rules\":[{\"name\":\"r\",\"whom\":1}]}");
	r->now_ms += LATER;
	expect(r, NULL);
	expect_said(r, "the former rules stay: ");
	r->now_ms += LATER;
	expect(r, NULL);
	assert_string_equal(r->said, "");
	assert_int_equal(unlink(r->path), 0);
	r->now_ms += LATER;
	expect(r, NULL);
	expect_said(r, "could not read");
	r->now_ms += LATER;
	expect(r, NULL);
	assert_string_equal(r->said, "");
	write_rule(r->path, "query");
	r->now_ms += LATER;
	expect(r, "query");
}

static void
hurried(void **state)
{
	struct rig *r = *state;

	write_rule(r->path, "read");
	open_policy(r);
	expect(r, "read");
	r->now_ms += LATER;
	expect(r, NULL);
	r->now_ms++;
	policy_hurry(r->policy);
	expect(r, "read");		/* read whatever it looks like */
	expect(r, NULL);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(start),
		TEST(no_file),
		TEST(everybody),
		TEST(written_anew),
		TEST(renamed_over),
		TEST(mistakes),
		TEST(hurried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
