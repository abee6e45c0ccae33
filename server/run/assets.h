/*
 * assets: the studio's files and the description of the api, compiled in.
 * The table is generated from clients/js/demo and schema/openapi.yaml by
 * scripts/demo-page.
 */
#ifndef RUN_ASSETS_H
#define RUN_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

struct asset {
	const char		*path;	/* of the URL: "/", "/icon.svg" */
	const char		*type;	/* the Content-Type */
	const unsigned char	*bytes;
	size_t			 len;	/* bytes */
	const unsigned char	*gzip;	/* compressed; NULL: it would not be smaller */
	size_t			 gzip_len;	/* bytes */
	bool			 lasting;	/* its path names its content */
};

/* Ends with an entry whose path is NULL. */
extern const struct asset demo_assets[];

#endif
