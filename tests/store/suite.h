/*
 * suite: the tests that every store passes, a file for each part; test_store.c runs
 * them.  Each has a collection of its own, named after it.
 */
#ifndef TESTS_STORE_SUITE_H
#define TESTS_STORE_SUITE_H

#include "rig.h"

#define EDIT "[{\"p\":[\"a\"],\"na\":1}]"
#define CREATE "{\"type\":\"" TYPE "\",\"data\":{\"a\":0}}"

extern struct store *suite_store;	/* the one under test */
extern const char *suite_url;
extern const char *suite_owner_url;	/* the same, for who may do anything */
/* Of who may compact and erase, too; NULL: suite_url's may. */
extern const char *suite_keeper_url;

/* A document of n ops. */
void	suite_history(const char *collection, const char *id, uint64_t n);
/* Store a checkpoint. */
void	suite_checkpoint(const char *collection, const char *id, uint64_t v,
	    const char *type, const char *body, bool kept);

/* Wall clock, milliseconds since 1970. */
int64_t	suite_now_ms(void);
/* Ask it, of rows, and expect an answer; done: and forget it. */
struct job *suite_asked(struct job *job);
void	suite_done(struct job *job);
/* NULL: null. */
void	suite_assert_cell(const struct job *job, size_t row, size_t column,
	    const char *wanted);
/* How much of the word of changes was heard. */
struct suite_place {
	char	cursor[32];	/* "": the first answer is where it begins */
	long	serial;
};
/* What changed since, as ROWS_ACCESS_CHANGES tells it; the place moves on. */
struct job *suite_changes(struct suite_place *place);

/* suite_commit.c */
void	load_of_nothing(void **state);
void	create_edit_delete(void **state);
void	ops_by_range(void **state);
void	refused_with_what_was_missed(void **state);
void	gaps_are_impossible(void **state);
void	one_lost_race_does_not_hurt_others(void **state);
void	rivals_in_flight(void **state);
/* suite_read.c */
void	load_from_checkpoint(void **state);
void	checkpoint_of_nothing_and_of_undefined(void **state);
void	created_is_found(void **state);
void	versions_of_many(void **state);
/* suite_history.c */
void	history_at_versions(void **state);
void	history_in_parts(void **state);
void	history_of_what_is_not(void **state);
void	history_at_times(void **state);
void	history_after_a_wrong_clock(void **state);
/* suite_find.c */
void	find_by_filter(void **state);
void	find_follows_commits(void **state);
void	find_and_parcels(void **state);
void	find_odd_content(void **state);
void	find_among_ids(void **state);
void	find_refuses_too_many(void **state);
void	find_ends_in_time(void **state);
void	find_of_what_was_before(void **state);
void	find_forgets_the_deleted(void **state);
void	find_names_what_is_due(void **state);
/* suite_rows.c */
void	rows_grants(void **state);
void	rows_clash(void **state);
void	rows_in_company(void **state);
void	rows_changes(void **state);
/* suite_beside.c */
void	authors_are_kept(void **state);
void	once_is_found(void **state);
void	owners_and_grants(void **state);
void	events_are_told(void **state);
void	events_of_many(void **state);
/* suite_past.c */
void	past_has_its_times(void **state);
void	past_keeps_grants(void **state);
void	placed_begins_late(void **state);
void	placed_nothing(void **state);
/* suite_retain.c */
void	compact_makes_one(void **state);
void	compact_hides(void **state);
void	compact_refuses_late_snapshots(void **state);
void	compact_once(void **state);
void	compact_spares_names(void **state);
void	old_ops_are_found(void **state);
void	versions_have_names(void **state);
void	erased_is_gone(void **state);
void	erased_may_live_again(void **state);
/* suite_odd.c */
void	odd_bytes_come_back(void **state);
void	thousand_parcels(void **state);
void	ten_megabytes(void **state);
void	interleaved(void **state);
void	health(void **state);
void	survives_reopening(void **state);

#endif
