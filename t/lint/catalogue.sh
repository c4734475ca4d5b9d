#!/bin/sh
# The catalogue promises nothing: a code that no part of the program makes says so.

. "$(dirname "$0")/tap.sh"

catalogue=$srcdir/lib/diagnosis/catalogue.def

# Codes of which the text says that Cordon gives them to nothing by itself, as
# "ID CODE yes|no".
codes()
{
	awk -F'"' '
		/^DIAGNOSTIC/ { split($1, part, /[(,]/)
			id = part[2]; code = $2; text = "" }
		/^\t"/ { text = text $2 }
		/\)$/ && code != "" { print id, code,
			text ~ /[Mm]akes no entry of it/ ? "yes" : "no" }' \
		"$catalogue"
}

# made ID CODE: by the program, or by a policy that comes with it.
made()
{
	grep -rqE "\\bDIAG_$1\\b|\"$2\"" "$srcdir/sbc" "$srcdir/lib" "$srcdir/policies" \
		--include='*.c' --include='*.conf' ||
		grep -qE "^END_REASON.* $1," "$srcdir/sbc/call/end_reasons.def"
}

judge()
{
	codes | while read -r id code says; do
		if made "$id" "$code"; then
			[ "$says" = no ] || echo "$code says that it is not made"
		else
			[ "$says" = yes ] || echo "$code is made nowhere"
		fi
	done
}

point "what is made nowhere says so" "$(judge)"

done_testing
