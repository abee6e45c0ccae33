/*
 * One suite for every store: what core/job.h promises, asked of SQLite in a
 * new folder and of a PostgreSQL of our own.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/loop.h"

struct store *suite_store;
const char *suite_url;

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

int
main(void)
{
	char *pg_folder = rig_folder();
	char *pg_url = rig_pg_start(pg_folder);
	char lite_url[600];
	int failed;

	snprintf(lite_url, sizeof(lite_url), "sqlite:%s/data/otd.db",
	    rig_folder());
	suite_url = lite_url;
	failed = cmocka_run_group_tests_name("sqlite", tests, open_store,
	    close_store);
	suite_url = pg_url;
	failed += cmocka_run_group_tests_name("postgresql", tests, open_store,
	    close_store);
	rig_pg_stop(pg_folder);
	free(pg_url);
	loop_free(rig_loop);
	return failed;
}
