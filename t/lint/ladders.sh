#!/bin/sh
# Tables instead of ladders of comparisons; nothing left lying about.

. "$(dirname "$0")/tap.sh"

faults=$(sources | grep '\.c$' | xargs awk '
FNR == 1 { n = 0 }
/^}/ { n = 0 }
/^[a-z_0-9]+\(/ { split($0, word, "("); name = word[1]; n = 0 }
/(strn?(case)?cmp|span_i?eq) *\(/ && /(if|else if) \(/ {
	if (++n == 6)
		print FILENAME ":" FNR ": " name "() compares text six times: a table?"
}')
point "no ladders of string comparisons" "$faults"

faults=$(sources | xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b|^#if 0')
point "no TODO and no dead code" "$faults"

faults=$(sources | grep '\.c$' | xargs grep -nE \
	'\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|rand|alloca) *\(')
point "no functions without bounds" "$faults"

done_testing
