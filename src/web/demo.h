/* The demo application in parts: each file has the services of one kind, and a table of their
 * routes.  Nothing in it is random, so a test knows what to expect; the only state is how often
 * a flaky URL has failed. */
#ifndef BIDE_WEB_DEMO_H
#define BIDE_WEB_DEMO_H

#include "web/request.h"

#include <bide/json.h>

enum {
    DEMO_LETTERS = 26 * 512,
    DEMO_BYTES_MAX = 1 << 30,   /* of an answer that is written piece by piece */
    DEMO_DELAY_MAX = 3600,
};

struct demo {
    struct flaky *flaky;        /* demo_mood.c */
    size_t flaky_count;
    char letters[DEMO_LETTERS]; /* a to z, over and over */
};

struct demo_route {
    const char *method, *path;
    bide_handler *handler;
};

/* Each ended by one without a path. */
extern const struct demo_route bide__demo_auth[], bide__demo_bytes[], bide__demo_coded[],
    bide__demo_cookies[], bide__demo_echo[], bide__demo_mood[], bide__demo_records[],
    bide__demo_redirects[], bide__demo_stream[], bide__demo_upload[];

void bide__demo_forget(struct demo *demo);      /* the flaky URLs */

/* ---- what is asked ---- */

/* A whole number from least to most; false: it is something else. */
bool bide__demo_number(const char *text, long least, long most, long *number);
/* The same of a parameter of the query, where what is not there leaves *number alone. */
bool bide__demo_query(const bide_request *req, const char *name, long least, long most,
                      long *number);
/* Seconds, up to DEMO_DELAY_MAX, of a text that, where it is NULL, leaves *seconds alone. */
bool bide__demo_seconds(const char *text, double *seconds);
/* All of the query, in order, in the request's memory; NULL: out of memory. */
const struct bide_pair *bide__demo_pairs(bide_request *req);
/* The request's body is of that type. */
bool bide__demo_is_type(const bide_request *req, const char *type);
/* A text made as by printf, in the request's memory; NULL: out of memory. */
const char *bide__demo_print(bide_request *req, const char *fmt, ...) BIDE_PRINTF_(2, 3);

/* ---- what is answered ---- */

/* Answers with a document, and frees it. */
int bide__demo_json(bide_request *req, int status, bide_json *answer);
int bide__demo_bad(bide_request *req, const char *what);
/* A document that tells method, path, URL, query, headers. */
bide_json *bide__demo_told(bide_request *req);
/* Makes a document bad: there was no memory for it. */
void bide__demo_spoil(bide_json *j);
/* Sets a member to a text of any bytes: what is no UTF-8 is read as windows-1252. */
void bide__demo_set(bide_json *j, const char *name, const char *value);
/* Sets a member to an object of pairs; what is there several times becomes an array. */
void bide__demo_set_pairs(bide_json *j, const char *name, const struct bide_pair *pairs);
/* Sets "parts" to what a multipart body says, if it is one. */
void bide__demo_set_parts(bide_json *j, bide_request *req, const char *body, size_t size);
/* So many letters, from that place on, piece by piece: of an answer with a Content-Length. */
BIDE_WAITS int bide__demo_letters(bide_request *req, long from, long count);
/* Ends the answer where it is: the connection closes, and the client sees that it is not whole. */
int bide__demo_cut(bide_request *req);

#endif
