#!/bin/sh
# Includes only go down: a directory uses itself and what is below it.

. "$(dirname "$0")/tap.sh"

# From the bottom to the top; those in one line do not know each other.
layers="
base
config
diagnosis
sip
sdp
number
identity
policy
net
capture
transaction
record,store
trunk
call
control
border
cli
"

faults=$(sources | sed "s|^$srcdir/||" | (cd "$srcdir" && xargs awk -v layers="$layers" '
BEGIN {
	n = split(layers, lines, "\n")
	for (i = 1; i <= n; i++) {
		m = split(lines[i], names, ",")
		for (j = 1; j <= m; j++)
			rank[names[j]] = i
	}
}
FNR == 1 {
	parts = split(FILENAME, path, "/")
	own = parts > 2 ? path[2] : "border"
	if (!(own in rank))
		print FILENAME ": the directory has no layer in t/lint/includes.sh"
}
/^#[ \t]*include "/ {
	split($0, quoted, "\"")
	parts = split(quoted[2], path, "/")
	if (quoted[2] == "config.h")
		next
	other = parts > 1 ? path[1] : "border"
	if (!(other in rank))
		print FILENAME ":" FNR ": unknown directory: " quoted[2]
	else if (own != other && rank[other] >= rank[own])
		print FILENAME ":" FNR ": " own " must not know " quoted[2]
}'))
point "includes only go down" "$faults"

faults=$(grep -nE '#[ \t]*include <(sys/socket|sys/epoll|event2/|pthread)' \
	$(find "$srcdir/lib" -name '*.[ch]') | grep -v 'lib/base/address\.[ch]:')
point "lib has no sockets, no loop, no threads" "$faults"

faults=$(grep -nE '\b(clock_gettime|gettimeofday|time) *\((NULL|&|CLOCK)' \
	$(find "$srcdir/lib" -name '*.c') | grep -v 'lib/config/config\.c:')
# config_load() alone: whether a certificate has expired is asked of the clock on
# the wall, and config_load_at() is there for tests.
point "lib reads no clock" "$faults"

done_testing
