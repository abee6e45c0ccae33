/*
 * A word from the bus: what is read is written as the very bytes it was read
 * from.
 */
#include "bus/codec.h"
#include "fuzz/input.h"

static void
check_word(const char *bytes, size_t len)
{
	struct word *w = codec_read(bytes, len);
	struct buf given = BUF_INIT, written = BUF_INIT;
	uint64_t sender = 0;

	if (w == NULL)
		return;
	must(codec_sender(bytes, len, &sender), "a word without a sender");
	must(w->kind == (w->ops.n > 0 ? WORD_OPS : WORD_HEAD),
	    "a word of another kind");
	codec_write(&written, sender, w);
	buf_put(&given, bytes, len);
	must_equal(&given, &written, "a word is written otherwise");
	buf_done(&given);
	buf_done(&written);
	word_free(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	check_word((const char *)bytes, len);
	return 0;
}
