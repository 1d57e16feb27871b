# Completion of bide for bash.  Lives in share/bash-completion/completions/bide.

_bide() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local command=${COMP_WORDS[1]:-} choices=
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W \
            "fetch crawl serve url info help --help --version" -- "$word")
        return
    fi
    case $command:$previous in
        fetch:-i | fetch:--input)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return ;;
        fetch:-o | fetch:--output-dir)
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            return ;;
        fetch:-d | fetch:--data)
            case $word in
                @*) mapfile -t COMPREPLY < <(compgen -P @ -f -- "${word#@}") ;;
            esac
            return ;;
        fetch:-X | fetch:--request)
            choices="GET HEAD POST PUT PATCH DELETE OPTIONS" ;;
        fetch:-j | fetch:--jobs | fetch:--per-host | fetch:--rate | fetch:-H | fetch:--header | \
        fetch:--timeout | fetch:--connect-timeout | fetch:--max-size | fetch:--retries | \
        fetch:--retry-delay | fetch:--retry-cap)
            return ;;
        crawl:-o | crawl:--output | crawl:--state)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return ;;
        crawl:-j | crawl:--jobs | crawl:--per-host | crawl:--depth | crawl:--pages | \
        crawl:--delay | crawl:--max-delay | crawl:--max-size | crawl:--max-total | \
        crawl:--max-queries | crawl:--timeout | crawl:--connect-timeout | crawl:--retries | \
        crawl:--user-agent | crawl:--allow)
            return ;;
        serve:-a | serve:--address)
            choices="127.0.0.1:0 127.0.0.1:8080" ;;
        fetch:*)
            choices="--input --output-dir --jobs --per-host --rate --timeout --connect-timeout
                --retries --retry-delay --retry-cap --retry-all --request --header --data
                --max-size --fail --ordered --quiet --summary --help" ;;
        crawl:*)
            choices="--output --state --depth --pages --subdomains --allow --any-host --jobs
                --per-host --delay --max-delay --ignore-robots --max-size --max-total
                --max-queries --timeout --connect-timeout --retries --user-agent --fail
                --quiet --summary --help" ;;
        serve:*) choices="--demo --address --help" ;;
        url:-g | url:--get)
            choices="scheme user password host host_unicode port path query fragment origin
                target" ;;
        url:-b | url:--base | url:-a | url:--add)
            return ;;
        url:*) choices="--base --add --get --json --help" ;;
        info:*) choices="--json --help" ;;
        help:*) choices="fetch crawl serve url info" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
}
complete -o filenames -o bashdefault -F _bide bide
