#!/bin/sh
# The manual and the completions are well-formed, and know every option that the help knows.
# $1: the program.
bide=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
number=0
failed=0

report() {
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

skip() {
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2 is not there"
}

# with PROGRAM WHAT COMMAND...: the command succeeds and says nothing.
with() {
    program=$1 what=$2
    shift 2
    if ! command -v "$program" >/dev/null; then
        skip "$what" "$program"
        return
    fi
    told=$("$@" 2>&1) && [ -z "$told" ]
    status=$?
    [ -z "$told" ] || echo "$told" | sed 's/^/# /'
    report "$status" "$what"
}

# known FILE: every long option of every command stands in the file.
missing_options() {
    for word in fetch get url crawl serve info; do
        [ -z "$2" ] || [ "$2" = "$word" ] || continue
        "$bide" "$word" --help | sed -n 's/^  .*--\([a-z-]*\).*/\1/p' | while read -r option; do
            [ "$option" = help ] || grep -q -e "$option" "$1" || echo "$1: no --$option"
        done
    done
}

for page in bide bide-fetch bide-get bide-url bide-crawl bide-serve bide-info; do
    with mandoc "the manual page $page is well-formed" \
        mandoc -T lint -W warning "$root/man/$page.1"
done
for word in fetch get url crawl serve info; do
    told=$(missing_options "$root/man/bide-$word.1" "$word")
    [ -z "$told" ] || echo "$told" | sed 's/^/# /'
    report "$([ -z "$told" ]; echo $?)" "the manual of bide $word has every option"
done
for file in bide.bash _bide bide.fish; do
    told=$(missing_options "$root/completions/$file" "")
    [ -z "$told" ] || echo "$told" | sed 's/^/# /'
    report "$([ -z "$told" ]; echo $?)" "$file has every option"
done
with bash "bash reads its completion" bash -n "$root/completions/bide.bash"
with zsh "zsh reads its completion" zsh -n "$root/completions/_bide"
with fish "fish reads its completion" fish -n "$root/completions/bide.fish"
echo "1..$number"
exit $failed
