# Completion of bide for fish.  Lives in share/fish/vendor_completions.d/bide.fish.

set -l commands fetch serve info help
complete -c bide -f
complete -c bide -n "not __fish_seen_subcommand_from $commands" -a fetch -d 'fetch many URLs at once'
complete -c bide -n "not __fish_seen_subcommand_from $commands" -a serve -d 'serve the demo'
complete -c bide -n "not __fish_seen_subcommand_from $commands" -a info -d 'tell version and limits'
complete -c bide -n "not __fish_seen_subcommand_from $commands" -a help -d 'explain a command'
complete -c bide -n "not __fish_seen_subcommand_from $commands" -s V -l version -d 'show the version'
complete -c bide -s h -l help -d 'show help'
complete -c bide -n "__fish_seen_subcommand_from help" -a 'fetch serve info'

set -l fetch "__fish_seen_subcommand_from fetch"
complete -c bide -n $fetch -s i -l input -r -F -d 'read URLs from a file'
complete -c bide -n $fetch -s o -l output-dir -r -a '(__fish_complete_directories)' -d 'keep bodies there'
complete -c bide -n $fetch -s j -l jobs -x -d 'fetch so many at once'
complete -c bide -n $fetch -l per-host -x -d 'at most so many from the same host'
complete -c bide -n $fetch -l rate -x -d 'begin at most so many per second'
complete -c bide -n $fetch -l timeout -x -d 'seconds for a URL in all'
complete -c bide -n $fetch -l connect-timeout -x -d 'seconds for connecting'
complete -c bide -n $fetch -l retries -x -d 'try again so many times'
complete -c bide -n $fetch -l retry-delay -x -d 'seconds before the first retry'
complete -c bide -n $fetch -l retry-cap -x -d 'the longest delay'
complete -c bide -n $fetch -l retry-all -d 'repeat POST and the like, too'
complete -c bide -n $fetch -s X -l request -x -a 'GET HEAD POST PUT PATCH DELETE' -d 'the method'
complete -c bide -n $fetch -s H -l header -x -d 'send a header'
complete -c bide -n $fetch -s d -l data -r -d 'send this as the body'
complete -c bide -n $fetch -l max-size -x -d 'the longest body to accept'
complete -c bide -n $fetch -s f -l fail -d 'a status of 400 or more is an error'
complete -c bide -n $fetch -l ordered -d 'print in the order of the input'
complete -c bide -n $fetch -s q -l quiet -d 'no progress bar and no summary'
complete -c bide -n $fetch -l summary -d 'print the summary always'

complete -c bide -n "__fish_seen_subcommand_from serve" -l demo -d 'serve the demo'
complete -c bide -n "__fish_seen_subcommand_from serve" -s a -l address -x -d 'listen there'
complete -c bide -n "__fish_seen_subcommand_from info" -s j -l json -d 'print one JSON object'
