/*
 * config_schema: JSON Schema (draft-07) of the settings file, for editors; from
 * the tables that the file is read with.
 */
#ifndef RUN_CONFIG_SCHEMA_H
#define RUN_CONFIG_SCHEMA_H

#include <stdio.h>

void	 config_schema(FILE *out);

#endif
