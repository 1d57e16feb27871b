/* cli/ws.h -- what the parts of `bide ws` share.
 *
 *     ws_options.c      what was asked for, checked before anything begins
 *     ws.c              the run: lines go out, messages come in, the exit status */
#ifndef CLI_WS_H
#define CLI_WS_H
#include "cli/options.h"
#include "cli/output.h"
#include <bide.h>

/* What the command line says. */
struct ws_options {
    struct text_list headers, protocols;
    const char *origin, *user, *proxy, *ca_file, *cert_file, *key_file;
    bool binary, json, deflate, insecure, location, quiet;
    double ping, timeout, linger;
    size_t size_max;
};
/* One run. */
struct ws_run {
    struct ws_options options;
    const char *url;
    struct bide_pair *headers;  /* ends with {NULL, NULL} */
    char *protocols;            /* "a, b"; NULL: none */
    char *user, *password;
    bide_ws *ws;
    struct output out;
    bool prompts;               /* somebody types */
    bool said_all;              /* standard input has ended */
    bool misused;               /* nothing was begun */
    bool stopped;               /* by a signal */
};

/* Reads the command line: 0; < 0: as options_parse(), a sentence was printed. */
int ws_read_options(struct ws_run *run, int argc, char **argv);
void ws_free_options(struct ws_run *run);

#endif
