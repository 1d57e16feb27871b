/* cli/serve.h -- `bide serve` in parts: what was asked for, and the applications it can serve. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H
#include "cli/options.h"
#include <bide.h>

struct serve_options {
    bool demo, echo;
    struct text_list addresses;
    /* of a directory */
    const char *directory;      /* NULL: it is not one */
    const char *index;
    bool no_listing, hidden, follow_links;
    double max_age;
    /* of echoing */
    bool deflate;
    /* of all */
    const char *tls, *key;
    size_t workers;
    const char *log;
    bool cors, compress;
};

/* Reads the command line: 0, or the program's exit status + 1, and a sentence was printed. */
int serve_options_read(int argc, char **argv, struct serve_options *options);
/* enum bide_access_log of --log; NONE: it is a pattern; -1: neither. */
int serve_log_of(const char *name);

/* The files of a directory.  NULL: the error is held. */
bide_app *serve_directory_app(const struct serve_options *options);
/* Every method on every path: the request's body, and on an upgrade a WebSocket that echoes. */
bide_app *serve_echo_app(const struct serve_options *options);

#endif
