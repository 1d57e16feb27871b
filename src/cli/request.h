/* cli/request.h -- requests as the command line asks for them, prepared once and sent often.
 *
 *     request_options.c   the options and what they are called
 *     request.c           checked, and made into a session and the options of each call
 *     request_body.c      what is sent: data, JSON, forms, files
 *     request_auth.c      who asks: users, passwords, proxies and certificates
 *     request_cookies.c   the jar, loaded and kept
 *
 * Whatever is wrong with the question itself is told before anything is sent. */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H
#include "cli/request_options.h"
#include <bide.h>

/* Text in memory that grows. */
struct request_bytes { char *data; size_t size, room; };

/* What was asked for, prepared. */
struct request {
    const char *command;        /* "bide get": begins every message */
    const struct request_options *options;
    const char *method;
    struct bide_pair *headers;  /* of every call; ends with {NULL, NULL} */
    struct bide_pair *defaults; /* of the session: what is left out */
    struct bide_pair *query, *cookies, *proxy_headers;
    struct request_bytes body;  /* what -d and its kin say */
    bide_multipart *form;
    bide_tls *tls;
    bide_cookies *jar;
    char *user;                 /* the user; the password stands behind its NUL */
    char *password;
    char *range;
    bool has_body;
    bool once;                  /* standard input is sent as it comes, so to one URL only */
    bool repeatable;            /* a try that failed half-way may be made again */
    struct bide_timeouts timeouts;
    struct bide_fetch_opts fetch;       /* for every call, but for its URL */
};

/* Prepares it: 0, or OPTIONS_WRONG and a sentence was printed.  To be freed in any case. */
int request_prepare(struct request *r, const char *command, const struct request_options *o);
void request_free(struct request *r);
/* A session for it, with the cookies of the files loaded.  NULL: the error is held. */
BIDE_WAITS bide_session *request_session(const struct request *r, size_t limit,
                                         bide_trace_fn *trace, void *trace_arg);
/* Keeps the cookies if that was asked for, also when the run was cancelled: 0 or a failure. */
BIDE_WAITS int request_keep_cookies(const struct request *r);
/* The URL with what -G puts into its query: the same pointer, or memory to be freed.  NULL: out of
 * memory. */
const char *request_url(const struct request *r, const char *url);

/* ---- between its files ---- */

/* Prints the sentence: OPTIONS_WRONG. */
int request_refuse(const struct request *r, const char *what, const char *got);
/* The same for a file and what errno says of it. */
int request_refuse_file(const struct request *r, const char *option, const char *file);
/* Is it a token (RFC 9110, 5.6.2)? */
bool request_is_token(const char *text, size_t size);
/* "NAME=VALUE" as a pair in one allocation, which the name owns; without '=' the value is NULL.
 * false: out of memory. */
bool request_split(struct bide_pair *pair, const char *text, char at);
void request_free_pairs(struct bide_pair *pairs);
/* Reads a file whole; "-" is standard input. */
int request_read_file(const struct request *r, struct request_bytes *into, const char *option,
                      const char *file);
/* Each prepares its part: 0 or OPTIONS_WRONG. */
int request_prepare_body(struct request *r);
int request_prepare_auth(struct request *r);
int request_prepare_tls(struct request *r);
void request_prepare_proxy(const struct request *r);
int request_prepare_cookies(struct request *r);
BIDE_WAITS int request_load_cookies(const struct request *r);

#endif
