/*
 * serve: "otd serve": from settings to a server, or to several.
 */
#ifndef RUN_SERVE_H
#define RUN_SERVE_H

#include "run/config.h"

/*
 * Bring the schema in order, listen, and serve until told to leave.  config
 * has been checked.  The exit code of the program; why it could not be is
 * logged.
 */
int	 serve(const struct config *config);

#endif
