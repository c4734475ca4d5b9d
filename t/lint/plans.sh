#!/bin/sh
# The table of numbering plans is what contrib/make-plans makes of its source, and the
# example numbers of that source are read as what they are.

. "$(dirname "$0")/tap.sh"

table=$srcdir/lib/number/plans.def

# A python3 that has the metadata: Debian's, where another one comes first.
metadata()
{
	for python in python3 /usr/bin/python3; do
		$python -c 'import phonenumbers' 2>/dev/null && echo $python &&
			return
	done
}

rows()
{
	sed '1,/^ \*\/$/d'
}

# What differs, by diff.
differs()
{
	"$python" "$srcdir/contrib/make-plans" | rows >"$made" || return
	rows <"$table" | diff - "$made" | head -20
}

python=$(metadata)
if [ -z "$python" ]; then
	skip "the table is made of its source" "no python3-phonenumbers"
	skip "example numbers are read right" "no python3-phonenumbers"
	done_testing
	exit
fi

version=$("$python" -c 'import phonenumbers; print(phonenumbers.__version__)')
if grep -qF " libphonenumber $version of " "$table"; then
	made=$(mktemp)
	point "the table is made of its source" "$(differs)"
	rm -f "$made"
else
	skip "the table is made of its source" \
		"the metadata here is of another version, $version"
fi

if ! grep -qF " libphonenumber $version of " "$table"; then
	skip "example numbers are read right" "they are of version $version"
elif [ ! -x "$builddir/t/unit/number_read" ]; then
	skip "example numbers are read right" "t/unit/number_read is not built"
else
	point "example numbers are read right" "$("$python" \
		"$srcdir/t/lint/plan-examples.py" \
		"$builddir/t/unit/number_read" 2>&1)"
fi

done_testing
