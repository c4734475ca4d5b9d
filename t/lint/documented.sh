#!/bin/sh
# Every option, command and setting is where people look for it.

. "$(dirname "$0")/tap.sh"

# missing FILE NAME...: the names that the file does not have as a word.
missing()
{
	file=$1
	shift
	for name; do
		grep -qwF -- "$name" "$file" || echo "$name is not in ${file#"$srcdir"/}"
	done
}

# page_of NAME: the manual page, as built where parts of it are made.
page_of()
{
	for page in "$builddir/man/$1" "$srcdir/man/$1" "$srcdir/man/$1.in"; do
		[ ! -f "$page" ] || { echo "$page"; return; }
	done
}

options=$(grep -oE '\.name = "[a-z0-9_]+"' "$srcdir/lib/config/options.c" |
	cut -d'"' -f2 | sort -u)
point "every option is in cordon-full.conf" \
	"$(missing "$srcdir/conf/cordon-full.conf" $options)"

if [ -x "$builddir/lib/config/options-print" ]; then
	point "cordon-full.conf is what the program prints" \
		"$("$builddir/lib/config/options-print" full |
			diff - "$srcdir/conf/cordon-full.conf" | head -20)"
else
	skip "cordon-full.conf is what the program prints" "not built here"
fi

page=$(page_of cordon.1)
commands=$(grep -hoE '^COMMAND\([A-Z_]+, "[a-z ]+"' \
	"$srcdir"/sbc/control/commands.def | cut -d'"' -f2 | tr ' ' '\n' | sort -u)
point "every command is in cordon(1)" \
	"$(if [ -n "$page" ]; then missing "$page" $commands
	else echo "there is no man/cordon.1"; fi)"

settings=$(grep -hoE '^SETTING\([A-Z_0-9]+, *"[a-z]*", *"[a-z_]+"' \
	"$srcdir"/lib/policy/settings.def | cut -d'"' -f4 | sort -u)
page=$(page_of cordon-policy.5)
point "every setting of a policy is in cordon-policy(5)" \
	"$(if [ -n "$page" ]; then missing "$page" $settings
	else echo "there is no man/cordon-policy.5"; fi)"

listed=$(grep -oE 't/e2e/[A-Za-z0-9_.-]+\.py' "$srcdir/t/e2e/local.mk" | sort)
there=$(cd "$srcdir" && ls t/e2e/*.py | sort)
point "every scenario is in the distribution" \
	"$([ "$listed" = "$there" ] || printf '%s\n%s\n' "$listed" "$there" |
		sort | uniq -u)"

done_testing
