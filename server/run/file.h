/*
 * file: small files that settings name, read whole.
 */
#ifndef RUN_FILE_H
#define RUN_FILE_H

#include <stddef.h>

/*
 * The content, on the heap and NUL terminated.  NULL with errno: what open or
 * read say; EFBIG for more than max bytes; EBADMSG when it holds a NUL, since
 * what stands behind that would be passed over.
 */
char	*file_read(const char *path, size_t max_bytes);

#endif
