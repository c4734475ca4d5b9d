#!/bin/sh
# What a directory shows to others begins with the name of a file, of the
# directory, or of a type that the same header declares. What only headers for
# the directory itself declare is free.

. "$(dirname "$0")/tap.sh"

# Verbs of a concept that has no type of its own.
exceptions="word_nearest stateless_respond route_"

# public_headers DIRECTORY: those that some other directory includes.
public_headers()
{
	for header in "$srcdir/$1"/*.h; do
		[ -f "$header" ] || continue
		name=$(basename "$1")/$(basename "$header")
		grep -rlF --include='*.[ch]' "\"$name\"" "$srcdir/lib" \
			"$srcdir/sbc" | grep -qv "^$srcdir/$1/" && echo "$header"
	done
}

# begins SYMBOL WORD...
begins()
{
	symbol=$1
	shift
	for word; do
		case $symbol in "${word%s}"*) return 0 ;; esac
	done
	return 1
}

check_directory()
{
	directory=$1
	headers=$(public_headers "$directory")
	[ -n "$headers" ] || return
	types=$(grep -hoE '(struct|enum|union) [a-z_0-9]+' $headers |
		cut -d' ' -f2 | sort -u)
	for object in "$builddir/$directory"/*.o; do
		[ -f "$object" ] || continue
		file=$(basename "$object" .o)
		for symbol in $(nm -g --defined-only "$object" |
			awk '$2 ~ /[TDRB]/ && $3 !~ /^_/ { print $3 }'); do
			grep -qwF -- "$symbol" $headers || continue
			begins "$symbol" "${file%%[-_]*}" \
				"$(basename "$directory")" $types $exceptions ||
				echo "$directory/$file.o: $symbol"
		done
	done
}

if [ -z "$(find "$builddir/lib" -name '*.o' 2>/dev/null)" ]; then
	skip "exported names" "nothing is built here"
else
	faults=$(cd "$srcdir" && find lib sbc -mindepth 1 -type d | sort |
		while read -r directory; do
			(cd "$OLDPWD" && check_directory "$directory")
		done)
	point "exported names begin with the name of their file" "$faults"
fi

done_testing
