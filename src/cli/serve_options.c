/* cli/serve_options.c -- the options of `bide serve`, and which of them go together. */
#include "cli/command.h"
#include "cli/serve.h"
#include <stdio.h>
#include <string.h>

#define FIELD(name) offsetof(struct serve_options, name)
static const struct option option_list[] = {
    { 0, "demo", OPTION_FLAG, FIELD(demo), NULL, "serve the demo" },
    { 0, "echo", OPTION_FLAG, FIELD(echo), NULL, "answer each request with its own body" },
    { 'a', "address", OPTION_LIST, FIELD(addresses), "HOST:PORT",
      "listen there, or at unix:PATH, fd:N, systemd: (default\n"
      "127.0.0.1:0, any free port); may be given many times" },
    { 0, "tls", OPTION_TEXT, FIELD(tls), "FILE", "serve https with this certificate (PEM)" },
    { 0, "key", OPTION_TEXT, FIELD(key), "FILE", "its key, if it is in a file of its own" },
    { 'w', "workers", OPTION_COUNT, FIELD(workers), "NUMBER",
      "so many loops, each on a thread (default 1)" },
    { 'l', "log", OPTION_TEXT, FIELD(log), "FORM",
      "tell each request on standard error: common, combined,\n"
      "json, or a pattern: '%a %t \"%r\" %s %b %D'" },
    { 0, "compress", OPTION_FLAG, FIELD(compress), NULL,
      "compress what the client accepts compressed" },
    { 0, "cors", OPTION_FLAG, FIELD(cors), NULL, "let pages of other origins read it" },
    { 0, "index", OPTION_TEXT, FIELD(index), "NAME",
      "the file that stands for its directory (default\nindex.html)" },
    { 0, "no-listing", OPTION_FLAG, FIELD(no_listing), NULL, "do not list directories" },
    { 0, "hidden", OPTION_FLAG, FIELD(hidden), NULL, "also names that begin with a dot" },
    { 0, "follow-links", OPTION_FLAG, FIELD(follow_links), NULL,
      "also symbolic links that lead out of the directory" },
    { 0, "max-age", OPTION_SECONDS, FIELD(max_age), "SECONDS",
      "clients may keep a file so long without asking" },
    { 0, "deflate", OPTION_FLAG, FIELD(deflate), NULL,
      "with --echo: WebSockets may compress messages" },
};
static const struct options known = {
    .command = "bide serve",
    .usage = "DIRECTORY | --echo | --demo [OPTION]...",
    .about =
        "Serves the files of a directory, or echoes, or serves small services on this machine:\n"
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

int serve_log_of(const char *name)
{
    static const struct { const char *name; int log; } forms[] = {
        { "common", BIDE_LOG_COMMON }, { "combined", BIDE_LOG_COMBINED }, { "json", BIDE_LOG_JSON },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(name, forms[i].name) == 0)
            return forms[i].log;
    return strchr(name, '%') ? BIDE_LOG_NONE : -1;
}

/* The first thing wrong with what was asked for; NULL: nothing is. */
static const char *fault_of(const struct serve_options *o, int operands)
{
    int kinds = o->demo + o->echo + (operands > 0);
    bool of_directory = o->index || o->no_listing || o->hidden || o->follow_links || o->max_age > 0;
    if (kinds == 0)
        return "nothing to serve: name a directory, or give --echo or --demo";
    if (kinds > 1)
        return "a directory, --echo and --demo exclude each other";
    if (operands > 1)
        return "one directory at a time";
    if (of_directory && operands == 0)
        return "--index, --no-listing, --hidden, --follow-links and --max-age are for a directory";
    if (o->deflate && !o->echo)
        return "--deflate goes with --echo";
    if (o->key && !o->tls)
        return "--key goes with --tls";
    return NULL;
}

int serve_options_read(int argc, char **argv, struct serve_options *options)
{
    int operands = options_parse(&known, argc, argv, options);
    if (operands < 0)
        return options_status(operands) + 1;
    const char *fault = fault_of(options, operands);
    if (fault)
        fprintf(stderr, "bide serve: %s (see bide serve --help)\n", fault);
    else if (options->log && serve_log_of(options->log) < 0)
        fprintf(stderr, "bide serve: --log: expected common, combined, json or a pattern "
                        "with %%, got '%s'\n",
                options->log);
    else {
        options->directory = operands > 0 ? argv[0] : NULL;
        return 0;
    }
    return EXIT_USAGE + 1;
}
