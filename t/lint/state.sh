#!/bin/sh
# A state has one writer: in a file at most one function assigns it. (A function
# that makes the object anew counts as a writer, too.)

. "$(dirname "$0")/tap.sh"

# Functions begin in column one behind the line with their type.
faults=$(sources | grep '\.c$' | xargs awk '
FNR == 1 { name = ""; delete seen; n = 0 }
/^[a-z_0-9]+\(/ { split($0, word, "("); name = word[1] }
/->state = / && !(name in seen) {
	seen[name] = 1
	n++
	where = where " " name
	if (n > 1)
		print FILENAME ": state is also written by " name "()"
}')
point "a state has one writer in a file" "$faults"

done_testing
