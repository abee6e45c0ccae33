/*
 * replay_tool: one long document that is edited op by op, for replay.mjs.
 *
 * Lines on standard input, a word and what belongs to it as JSON:
 *
 *	type NAME
 *	create DATA
 *	apply OP
 *	other OP	remembered: an op concurrent with the next carried one
 *	back OP		remembered: the inverse of that
 *	carry OP	other, then OP moved past it, which is undone and done
 *			again, then back moved past OP
 *	show		write the document on a line of its own
 *
 * What is refused is said on standard error, with the line's number, and ends
 * the program with 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/type.h"

static const struct ot_type *type;
static struct ot_data *doc;
static struct ot_edit *other, *back;	/* remembered, or NULL */
static unsigned long line_number;

static void
must(int rc, const struct ot_err *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "replay_tool: line %lu: %s\n", line_number, err->text);
	exit(1);
}

static void
must_have(const void *p, const char *what)
{
	if (p != NULL)
		return;
	fprintf(stderr, "replay_tool: line %lu: no %s\n", line_number, what);
	exit(1);
}

static struct ot_edit *
parse(const char *json)
{
	struct ot_edit *edit;
	struct ot_err err;

	must_have(type, "type");
	must(type->edit_parse(json, strlen(json), &edit, &err), &err);
	return edit;
}

static struct ot_edit *
transform(const struct ot_edit *op, const struct ot_edit *past,
    enum ot_side side)
{
	struct ot_edit *edit;
	struct ot_err err;

	must(type->transform(op, past, side, &edit, &err), &err);
	return edit;
}

static void
apply(const struct ot_edit *edit)
{
	struct ot_err err;

	must_have(doc, "document");
	must(type->apply(doc, edit, NULL, &err), &err);
}

static void
apply_twice(const struct ot_edit *edit)
{
	struct ot_undo *undo;
	struct ot_err err;

	must(type->apply(doc, edit, &undo, &err), &err);
	type->undo(doc, undo);
	must(type->apply(doc, edit, &undo, &err), &err);
	type->undo_free(undo);
}

static void
carry(const char *json)
{
	struct ot_edit *op = parse(json), *op2, *back2;

	must_have(other, "other");
	must_have(back, "back");
	apply(other);
	op2 = transform(op, other, OT_LEFT);
	apply_twice(op2);
	back2 = transform(back, op2, OT_RIGHT);
	apply(back2);
	type->edit_free(op);
	type->edit_free(op2);
	type->edit_free(back2);
}

static void
create(const char *json)
{
	struct ot_err err;

	must_have(type, "type");
	must(type->create(json, strlen(json), &doc, &err), &err);
}

static void
remember(struct ot_edit **place, const char *json)
{
	struct ot_edit *edit = parse(json);

	if (*place != NULL)
		type->edit_free(*place);
	*place = edit;
}

static void
show(void)
{
	struct buf b;

	must_have(doc, "document");
	buf_init(&b, SIZE_MAX);
	type->print(doc, &b);
	must_have(buf_failed(&b) ? NULL : &b, "memory");
	fwrite(b.data, 1, b.len, stdout);
	putchar('\n');
	fflush(stdout);
	buf_done(&b);
}

static void
obey(const char *word, const char *rest)
{
	struct ot_edit *edit;

	if (strcmp(word, "type") == 0) {
		type = ot_type_find(rest);
		must_have(type, "such type");
	} else if (strcmp(word, "create") == 0) {
		create(rest);
	} else if (strcmp(word, "apply") == 0) {
		edit = parse(rest);
		apply(edit);
		type->edit_free(edit);
	} else if (strcmp(word, "other") == 0) {
		remember(&other, rest);
	} else if (strcmp(word, "back") == 0) {
		remember(&back, rest);
	} else if (strcmp(word, "carry") == 0) {
		carry(rest);
	} else if (strcmp(word, "show") == 0) {
		show();
	} else {
		must_have(NULL, "such word");
	}
}

int
main(void)
{
	char *line = NULL, *rest;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) > 0) {
		line_number++;
		line[strcspn(line, "\n")] = '\0';
		rest = strchr(line, ' ');
		if (rest != NULL)
			*rest++ = '\0';
		obey(line, rest != NULL ? rest : "");
	}
	free(line);
	if (type != NULL) {
		type->edit_free(other);
		type->edit_free(back);
	}
	if (doc != NULL)
		type->data_free(doc);
	return 0;
}
