#!/bin/sh
# The shape of the code: short functions, shallow nesting, narrow lines.

. "$(dirname "$0")/tap.sh"

if ! ctags --version 2>/dev/null | grep -q Universal; then
	skip "shape of functions" "universal-ctags is not installed"
else
	lengths=$(sources | grep '\.c$' | xargs ctags -x --c-kinds=f \
		--fields=+e --_xformat='%{line} %{end} %{name} %{input}' |
		awk 'NF == 4 && $2 > 0 { print $2 - $1 + 1, $3, $4 }' | sort -n)
	set -- $(printf '%s\n' "$lengths" | awk '
		{ v[NR] = $1; big += $1 > 100 }
		END { print NR, v[int((NR + 1) / 2)], v[int(NR * 0.95)],
			v[NR], big * 1000 / NR }')
	echo "# $1 functions: median $2, 95th percentile $3, longest $4 lines"
	printf '%s\n' "$lengths" | awk '$1 > 100 {
		print "# " $1 " lines: " $2 "() in " $3 }' |
		sed "s|$srcdir/||"
	point "the median function has at most 20 lines" \
		"$([ "$2" -le 20 ] || echo "it has $2")"
	point "the 95th percentile is under 80 lines" \
		"$([ "$3" -lt 80 ] || echo "it is $3")"
	point "under 3 % of the functions have over 100 lines" \
		"$([ "${5%.*}" -lt 30 ] || echo "$5 in a thousand have")"
fi

deep=$(sources | xargs awk '
/^\t/ { indented++; if (/^\t\t\t\t\t+[^\t ]/) deep++ }
END { printf "%.2f", deep * 100 / indented }')
echo "# $deep % of the indented lines are five tabs deep"
point "under 2 % of the lines are five tabs deep" \
	"$([ "${deep%.*}" -lt 2 ] || echo "$deep % are")"

faults=$(sources | grep -v '\.def$' | xargs awk '
{
	line = $0
	while ((at = index(line, "\t")) > 0)
		line = substr(line, 1, at - 1) \
			substr("        ", 1, 8 - (at - 1) % 8) substr(line, at + 1)
	all++
	if (length(line) > 80)
		wide++
}
END { if (wide * 100 > all) printf "%d of %d lines are wider", wide, all }')
point "at most 1 % of the lines are wider than 80 columns" "$faults"

done_testing
