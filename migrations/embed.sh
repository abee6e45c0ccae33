#!/bin/sh
# Print a C file that holds the migrations given as arguments
# (.../DIALECT/NUMBER_NAME.sql), in their order; see server/run/migration.h.
set -eu
LC_ALL=C
export LC_ALL

echo '/* Made by migrations/embed.sh from migrations/; do not edit. */'
echo '#include "run/migration.h"'
echo
echo 'const struct migration migrations[] = {'
for path; do
	file=${path##*/}
	folder=${path%/*}
	stem=${file%.sql}
	number=${stem%%_*}
	number=$(expr "$number" + 0)	# a leading 0 would be octal in C
	printf '\t{ "%s", %s, "%s",\n' "${folder##*/}" "$number" "${stem#*_}"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/\t  "/' -e 's/$/\\n"/' "$path"
	printf '\t},\n'
done
echo '	{ 0 }'
echo '};'
