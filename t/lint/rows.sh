#!/bin/sh
# Each row about rewriting is shown by a scenario and by a test inside a policy.

. "$(dirname "$0")/tap.sh"

rows="ACS-01 ACS-02 ACS-03 ACS-04 SFB-04 SFB-05 SFB-06 SFB-09 SFB-10 SFB-11
	SFB-12 SFB-14 SFB-15 BWC-26 BWC-33 KAZ-05 TWI-03 TWI-06 TWI-07 TWI-08
	TWI-09"

# code_of ROW: that of the diagnostic whose rows name it.
code_of()
{
	awk -v row="$1" -F'"' '
		/^DIAGNOSTIC/ { code = $2 }
		/^\tSEVERITY_/ { n = split($2, list, /[ ,]+/)
			for (i = 1; i <= n; i++)
				if (list[i] == row)
					print code }' \
		"$srcdir/lib/diagnosis/catalogue.def"
}

# tests_of ROW: the tests inside of policies that are named by it.
tests_of()
{
	awk -v row="$1" '
		/^    \{ name = / { on = index($0, row) > 0 }
		on { print }' "$srcdir"/policies/*.conf
}

# wanting ROW WHERE TEXT PATTERN...: the patterns that the text has not.
wanting()
{
	row=$1 where=$2 text=$3
	shift 3
	for pattern; do
		printf '%s\n' "$text" | grep -qE -- "$pattern" ||
			echo "$row: no $pattern in $where"
	done
}

scenarios()
{
	for row in $rows; do
		code=$(code_of "$row")
		wanting "$row" "t/e2e/$row-*.py" \
			"$(cat "$srcdir/t/e2e/$row"-*.py 2>/dev/null)" \
			"(must|expect_entry|entries_of)\(\"$code\"|matches\(\"$code\"" \
			"must_not\("
	done
}

inside()
{
	for row in $rows; do
		code=$(code_of "$row")
		# Of a rule for one kind of call: POL-SCOPE refuses the file.
		[ "$row" != SFB-11 ] || code=CLI-DIVERTED
		wanting "$row" "policies/" "$(tests_of "$row")" \
			"journal = \[.*\"$code\"" \
			"journal_absent = \[ *\""
	done
}

point "each row has a scenario with its code, and codes that must not be" \
	"$(scenarios)"
point "each row has tests inside policies with its code, and codes likewise" \
	"$(inside)"

done_testing
