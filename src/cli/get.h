/* cli/get.h -- what the parts of `bide get` share.
 *
 *     get_options.c     what was asked for, checked before anything begins
 *     get.c             the run: one request, its reply, the exit status
 *     get_output.c      where the body goes: standard output, or a file, whole or not there */
#ifndef CLI_GET_H
#define CLI_GET_H
#include "cli/output.h"
#include "cli/phases.h"
#include "cli/request.h"

/* What the command line says. */
struct get_options {
    struct request_options request;     /* first */
    const char *output, *continue_at;
    bool remote_name, resume, include, silent, show_error, fail_with_body;
};
/* Where the body goes. */
struct get_output {
    struct output out;
    const char *path;           /* NULL: standard output */
    char *target;               /* the same, where a link leads */
    char *part;                 /* its name until it is whole; NULL: it is written at once */
    int fd;                     /* -1: not open */
};
/* One run. */
struct get {
    struct get_options options;
    struct request request;
    char *url;                  /* with a scheme, without user and password */
    char *path;                 /* -o, or what -O makes of the URL; NULL: standard output */
    struct get_output output;
    struct phases phases;
    struct bide_report report;
    bool stopped;               /* by a signal */
    bool misused;               /* nothing was begun */
};

/* Reads the command line: 0; < 0: as options_parse(), a sentence was printed. */
int get_read_options(struct get *get, int argc, char **argv);

/* Opens it: 0 or a failure. */
int get_output_open(struct get_output *o, const char *path);
/* The body is complete: gives the file its name.  0 or a failure. */
int get_output_keep(struct get_output *o);
/* Closes it; a file that was not kept is removed. */
void get_output_close(struct get_output *o);

#endif
