# tap.sh - points of a lint script; to be sourced.
# srcdir and builddir are set by make check, and default to a build in the tree.

srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
builddir=${builddir:-.}
points=0
failures=0

# point TITLE FAULTS: ok when FAULTS is empty, else they are shown.
point()
{
	points=$((points + 1))
	if [ -z "$2" ]; then
		echo "ok $points - $1"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $points - $1"
	printf '%s\n' "$2" | sed 's/^/# /'
}

# skip TITLE REASON
skip()
{
	points=$((points + 1))
	echo "ok $points - $1 # SKIP $2"
}

done_testing()
{
	echo "1..$points"
	[ "$failures" -eq 0 ]
}

# The sources of the program: lib and sbc.
sources()
{
	find "$srcdir/lib" "$srcdir/sbc" -name '*.[ch]' | sort
}
