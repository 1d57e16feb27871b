# Completion of bide for bash.  Lives in share/bash-completion/completions/bide.

_bide() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local command=${COMP_WORDS[1]:-} choices=
    local request="--request --header --data --data-binary --data-raw --data-urlencode --json --form
        --form-string --upload-file --compress --expect --get --url-query --head --range
        --user-agent --referer --compressed --location --max-redirs --user --digest --bearer
        --oauth2-bearer --netrc --cookie --cookie-jar --proxy --proxy-header --noproxy
        --unix-socket --local-address --interface --ipv4 --ipv6 --insecure --cacert --capath
        --crlfile --cert --key --pass --pinnedpubkey --tls-min --ciphers --server-name --timeout
        --connect-timeout --phase-timeout --retries --retry-delay --retry-cap --retry-all
        --max-size --fail --trace --help"
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W \
            "get fetch crawl import export queue serve ws url info help --help --version" -- "$word")
        return
    fi
    case $command:$previous in
        fetch:-i | fetch:--input | get:-o | get:--output | *:-T | *:--upload-file | *:--cacert | \
        *:--crlfile | *:-E | *:--cert | *:--key | *:-c | *:--cookie-jar | *:--cookie | \
        *:--unix-socket)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return ;;
        fetch:-o | fetch:--output-dir | *:--capath)
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            return ;;
        *:-d | *:--data | *:--data-binary | *:--json)
            case $word in
                @*) mapfile -t COMPREPLY < <(compgen -P @ -f -- "${word#@}") ;;
            esac
            return ;;
        *:-X | *:--request)
            choices="GET HEAD POST PUT PATCH DELETE OPTIONS" ;;
        *:--compress)
            choices="gzip deflate br zstd" ;;
        *:--tls-min)
            choices="1.2 1.3" ;;
        get:-C | get:--continue-at)
            choices="-" ;;
        fetch:-j | fetch:--jobs | fetch:--per-host | fetch:--rate | *:-H | *:--header | \
        *:--data-raw | *:--data-urlencode | *:-F | *:--form | *:--form-string | *:--url-query | \
        *:-r | *:--range | *:-A | *:-e | *:--referer | *:--max-redirs | *:-u | *:--user | \
        *:--bearer | *:--oauth2-bearer | *:-x | *:--proxy | *:--proxy-header | *:--noproxy | \
        *:--local-address | *:--interface | *:--pass | *:--pinnedpubkey | *:--ciphers | \
        *:--server-name | *:-m | *:--phase-timeout | *:--timeout | *:--connect-timeout | \
        *:--max-size | *:--retries | *:--retry-delay | *:--retry-cap | *:--user-agent)
            return ;;
        crawl:-o | crawl:--output | crawl:--state | import:--reject | import:--state | export:--to)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return ;;
        crawl:-j | crawl:--jobs | crawl:--per-host | crawl:--depth | crawl:--pages | \
        crawl:--delay | crawl:--max-delay | crawl:--max-total | crawl:--max-queries | \
        crawl:--allow)
            return ;;
        import:-t | import:--to | import:--table | import:-c | import:--columns | import:--null | \
        import:--sample | import:-j | import:--jobs | import:--commit | import:--max-row | \
        export:--table | export:--query)
            return ;;
        import:-d | import:--delimiter)
            choices="tab" ;;
        import:--quote)
            choices="none" ;;
        import:--encoding)
            choices="latin1 UTF-16" ;;
        *:--queue | *:--queue-claim | *:--queue-tries | *:--queue-max | *:--queue-patience)
            return ;;
        queue:-i | queue:--input)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return ;;
        queue:queue)
            choices="show add results dead retry drain drop" ;;
        serve:-a | serve:--address)
            choices="127.0.0.1:0 127.0.0.1:8080" ;;
        serve:-l | serve:--log)
            choices="common combined json" ;;
        serve:--tls | serve:--key)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return ;;
        serve:-w | serve:--workers | serve:--index | serve:--max-age)
            return ;;
        fetch:*)
            choices="$request --input --output-dir --resume --jobs --per-host --rate --ordered
                --quiet --summary --queue --queue-claim --queue-tries --queue-max
                --queue-patience --queue-stay" ;;
        get:*)
            choices="$request --output --remote-name --resume --continue-at --include
                --fail-with-body --silent --show-error" ;;
        crawl:*)
            choices="--output --state --depth --pages --subdomains --allow --any-host --jobs
                --per-host --delay --max-delay --ignore-robots --max-size --max-total
                --max-queries --timeout --connect-timeout --retries --user-agent --fail
                --queue --queue-claim --queue-tries --queue-patience --queue-stay --quiet --summary
                --help" ;;
        import:*)
            [[ $word == -* ]] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
            [[ $word == -* ]] || return
            choices="--to --table --columns --no-header --delimiter --quote --encoding --null
                --create --sample --dry-run --reject --strict --state --jobs --max-row --quiet
                --summary
                --queue --queue-claim --queue-tries --queue-patience --queue-stay --help" ;;
        export:*) choices="--table --query --to --json --no-header --help" ;;
        queue:*) choices="--input --queue-max --queue-patience --json --help" ;;
        serve:*)
            [[ $word == -* ]] || mapfile -t COMPREPLY < <(compgen -d -- "$word")
            [[ $word == -* ]] || return
            choices="--demo --echo --deflate --address --tls --key --workers --log --compress
                --cors --index --no-listing --hidden --follow-links --max-age --help" ;;
        ws:-p | ws:--protocol | ws:-o | ws:--origin | ws:--ping | ws:--linger)
            return ;;
        ws:*)
            choices="--header --protocol --origin --binary --json --deflate --ping --linger --user
                --proxy --insecure --cacert --cert --key --location --timeout --max-size --quiet
                --help" ;;
        url:-g | url:--get)
            choices="scheme user password host host_unicode port path query fragment origin
                target" ;;
        url:-b | url:--base | url:-a | url:--add)
            return ;;
        url:*) choices="--base --add --get --json --help" ;;
        info:*) choices="--json --help" ;;
        help:*) choices="get fetch crawl import export queue serve ws url info" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
}
complete -o filenames -o bashdefault -F _bide bide
