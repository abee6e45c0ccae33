/*
 * One suite for every store: what core/job.h promises, asked of SQLite in a
 * new folder and of a PostgreSQL of our own; of that also with the rights of
 * otd_app alone, with operations in parts, and through PgBouncer.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/loop.h"

struct store *suite_store;
const char *suite_url, *suite_owner_url, *suite_keeper_url;

/* A test that failed halfway must not trouble the next. */
static int
drain(void **state)
{
	struct store_health health;

	(void)state;
	for (;;) {
		suite_store->ops->health(suite_store, &health);
		if (health.in_flight == 0)
			return 0;
		job_free(rig_next(suite_store));
	}
}

#define T(name)	cmocka_unit_test_setup(name, drain)

static const struct CMUnitTest tests[] = {
	T(load_of_nothing),
	T(create_edit_delete),
	T(ops_by_range),
	T(refused_with_what_was_missed),
	T(gaps_are_impossible),
	T(one_lost_race_does_not_hurt_others),
	T(rivals_in_flight),
	T(load_from_checkpoint),
	T(checkpoint_of_nothing_and_of_undefined),
	T(created_is_found),
	T(versions_of_many),
	T(history_at_versions),
	T(history_in_parts),
	T(history_of_what_is_not),
	T(history_at_times),
	T(history_after_a_wrong_clock),
	T(find_by_filter),
	T(find_follows_commits),
	T(find_and_parcels),
	T(find_odd_content),
	T(find_among_ids),
	T(find_refuses_too_many),
	T(find_ends_in_time),
	T(find_of_what_was_before),
	T(find_forgets_the_deleted),
	T(find_names_what_is_due),
	T(rows_grants),
	T(rows_clash),
	T(rows_in_company),
	T(rows_changes),
	T(authors_are_kept),
	T(once_is_found),
	T(owners_and_grants),
	T(events_are_told),
	T(events_of_many),
	T(past_has_its_times),
	T(past_keeps_grants),
	T(placed_begins_late),
	T(placed_nothing),
	T(compact_makes_one),
	T(compact_hides),
	T(compact_refuses_late_snapshots),
	T(compact_once),
	T(compact_spares_names),
	T(old_ops_are_found),
	T(versions_have_names),
	T(erased_is_gone),
	T(erased_may_live_again),
	T(odd_bytes_come_back),
	T(thousand_parcels),
	T(ten_megabytes),
	T(interleaved),
	T(health),
	T(survives_reopening),
};

static int
open_store(void **state)
{
	(void)state;
	suite_store = rig_open(suite_url);
	return 0;
}

static int
close_store(void **state)
{
	(void)state;
	rig_close(suite_store);
	suite_store = NULL;
	return 0;
}

/* A new database with all of the schema; sql is run there by the owner. */
static void
make_database(const char *folder, const char *pg_url, const char *name,
    const char *sql)
{
	char url[300];

	assert_int_equal(rig_shell("sh " TESTS_LIB "/pg.sh sql '%s' postgres "
	    "'CREATE DATABASE %s'", folder, name), 0);
	snprintf(url, sizeof(url), "%.*s/%s",
	    (int)(strrchr(pg_url, '/') - pg_url), pg_url, name);
	rig_close(rig_open(url));
	assert_int_equal(rig_shell("sh " TESTS_LIB "/pg.sh sql '%s' %s '%s'",
	    folder, name, sql), 0);
}

static int
run_as(const char *name, const char *url, const char *owner_url)
{
	suite_url = url;
	suite_owner_url = owner_url;
	return cmocka_run_group_tests_name(name, tests, open_store,
	    close_store);
}

/* The same PostgreSQL in other ways, each with a database of its own. */
static int
run_other_ways(const char *folder, const char *pg_url)
{
	int port = rig_port(pg_url), failed;
	char url[300], owner[300], keeper[300];

	make_database(folder, pg_url, "as_app", "SELECT otd.create_roles();"
	    " CREATE ROLE app LOGIN IN ROLE otd_app;"
	    " CREATE ROLE keeper LOGIN IN ROLE otd_app, otd_maint");
	snprintf(url, sizeof(url), "postgres://app@127.0.0.1:%d/as_app", port);
	snprintf(owner, sizeof(owner), "postgres://otd@127.0.0.1:%d/as_app",
	    port);
	snprintf(keeper, sizeof(keeper), "postgres://keeper@127.0.0.1:%d/as_app",
	    port);
	suite_keeper_url = keeper;
	failed = run_as("postgresql as otd_app", url, owner);
	suite_keeper_url = NULL;

	make_database(folder, pg_url, "parts",
	    "SELECT otd.partition_operations(4)");
	snprintf(url, sizeof(url), "postgres://otd@127.0.0.1:%d/parts", port);
	failed += run_as("postgresql in parts", url, url);

	make_database(folder, pg_url, "pooled", "SELECT 1");
	assert_int_equal(rig_shell("PG_OWNER=%ld sh " TESTS_LIB
	    "/pg.sh bouncer '%s'", (long)getpid(), folder), 0);
	snprintf(url, sizeof(url), "postgres://otd@127.0.0.1:%d/pooled",
	    rig_bouncer_port(folder));
	failed += run_as("postgresql through pgbouncer", url, url);
	return failed;
}

int
main(void)
{
	char *pg_folder = rig_folder();
	char *pg_url = rig_pg_start(pg_folder);
	char lite_url[600];
	int failed;

	snprintf(lite_url, sizeof(lite_url), "sqlite:%s/data/otd.db",
	    rig_folder());
	failed = run_as("sqlite", lite_url, lite_url);
	failed += run_as("postgresql", pg_url, pg_url);
	failed += run_other_ways(pg_folder, pg_url);
	rig_pg_stop(pg_folder);
	free(pg_url);
	loop_free(rig_loop);
	return failed;
}
