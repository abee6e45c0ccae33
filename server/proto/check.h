/*
 * check: what message_decode asks of fields; a function for each family of
 * actions, in files of their own (check_*.c).
 *
 * A checked name or number goes into the message; a refusal says which field.
 */
#ifndef PROTO_CHECK_H
#define PROTO_CHECK_H

#include "proto/fields.h"
#include "proto/message.h"

/* ERR_MESSAGE_BADLY_FORMED with this sentence. */
enum message_verdict check_malformed(struct refusal *r, const char *sentence);

/* Is it there and not null? */
bool		 field_given(const struct json_slice *s);
/* The name in the arena, or NULL if it cannot be one. */
const char	*field_name(const struct json_slice *s, struct arena *arena);
/* Any text without NUL in the arena, or NULL if it is none. */
const char	*field_text(const struct json_slice *s, struct arena *arena);
/* The member of an object; JSON_NONE if it is none, or has none. */
struct json_slice field_member(const struct json_slice *s, const char *name);
/* A whole number from 0 to 2^53 - 1? */
bool		 field_number(const struct json_slice *s, uint64_t *number_out);
/* The same, or absent or null. */
bool		 field_version(const struct json_slice *s, bool *has_out,
		    uint64_t *v_out);

/* b: bulk, n_bulk, bulk_is_list. */
enum message_verdict check_bulk(const struct fields *f, struct arena *arena,
		    struct message *msg, struct refusal *r);
/*
 * ps, pu, pr: ch, ch_raw, seq_raw.  Called after the checks of all; presence
 * too, but for what check_presence_first says.
 */
enum message_verdict check_channel(const struct fields *f,
		    struct arena *arena, struct message *msg,
		    struct refusal *r);
/* p, what sharedb checks before c: d, v, presence_id, pv. */
enum message_verdict check_presence_first(const struct fields *f,
		    struct arena *arena, struct message *msg,
		    struct refusal *r);
/* p, the rest: ch, presence, t. */
enum message_verdict check_presence(const struct fields *f,
		    struct arena *arena, struct message *msg,
		    struct refusal *r);
/* hs: the types in x.presence, as bits by place in the table of types. */
unsigned	 check_presence_types(const struct json_slice *x);

/* d, v, time_ms of a history. */
enum message_verdict check_history(const struct fields *f,
		    struct arena *arena, struct message *msg,
		    struct refusal *r);

/* query_id, q, has_known and known, other_db. */
enum message_verdict check_query(const struct fields *f, struct arena *arena,
		    struct message *msg, struct refusal *r);

#endif
