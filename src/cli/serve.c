/* cli/serve.c -- `bide serve --demo`: the small services that examples and tests call.
 *
 * The first line on standard output is the address, so a script can ask for any free port
 * and read which one it got.  It listens on this machine alone unless told otherwise.
 * Ending it by a signal is the ordinary way, so that is a success. */
#include "cli/command.h"
#include "cli/options.h"
#include <bide.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* Seconds that running requests get at the end: nobody misses the demo's. */
#define GRACE 0.5

struct serve_options { bool demo; const char *address; };

#define FIELD(name) offsetof(struct serve_options, name)
static const struct option option_list[] = {
    { 0, "demo", OPTION_FLAG, FIELD(demo), NULL, "serve the demo" },
    { 'a', "address", OPTION_TEXT, FIELD(address), "HOST:PORT",
      "listen there (default 127.0.0.1:0, any free port)" },
};
static const struct options known = {
    .command = "bide serve",
    .usage = "--demo [--address HOST:PORT]",
    .about =
        "Serves small services on this machine:\n"
        "  told back    /get /post /put /patch /delete /anything /upload /headers /ip\n"
        "               /user-agent /response-headers?NAME=VALUE\n"
        "  as asked     /delay/N /status/N /flaky/N /bytes/N /range/N /etag/TAG\n"
        "  redirects    /redirect/N /redirect-to?url=&status=\n"
        "  who asks     /basic-auth/USER/PASSWORD /digest-auth/USER/PASSWORD /bearer\n"
        "               /cookies /cookies/set?NAME=VALUE /cookies/delete?NAME\n"
        "  codings      /gzip /deflate /br /zstd /encoding/latin1 (utf8, utf16, shift_jis)\n"
        "  streams      /stream/N /events?count=N /drip?bytes=&duration= /trailers /close\n"
        "  things       /json /html /site/N /posts/N /users/NAME /items?page=N\n"
        "The first line printed is the address.  Runs until it gets SIGINT or SIGTERM; that is\n"
        "exit status 0.",
    .list = option_list,
    .count = sizeof option_list / sizeof option_list[0],
};

static int serve(void *arg)
{
    const struct serve_options *options = arg;
    bide_auto(listener) listener = bide_listen(options->address);
    if (!listener)
        return bide_errcode();
    bide_auto(app) app = bide_demo_app();
    if (!app)
        return bide_errcode();
    printf("http://%s\n", bide_listener_address(listener));
    if (fflush(stdout) != 0)
        return bide_fail(-errno, "standard output: %s", strerror(errno));
    int rc = bide_app_run(app, NULL, .listener = listener, .grace = GRACE);
    return rc == BIDE_ECANCELED && bide_cancelled() ? 0 : rc;
}

/* Every connection is an open file. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int serve_command(int argc, char **argv)
{
    struct serve_options options = { false, NULL };
    int operands = options_parse(&known, argc, argv, &options);
    if (operands < 0)
        return options_status(operands);
    if (operands > 0)
        fprintf(stderr, "bide serve: unexpected '%s' (see bide serve --help)\n", argv[0]);
    else if (!options.demo)
        fprintf(stderr, "bide serve: only --demo exists yet (see bide serve --help)\n");
    if (operands > 0 || !options.demo)
        return EXIT_USAGE;
    if (!options.address)
        options.address = "127.0.0.1:0";
    raise_file_limit();
    if (bide_run(serve, &options, .stop_on_signal = true) == 0)
        return EXIT_FINE;
    fprintf(stderr, "bide serve: %s\n", bide_errmsg());
    return EXIT_FAILED;
}
