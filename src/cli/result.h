/* cli/result.h -- what became of one URL, and its line on standard output. */
#ifndef CLI_RESULT_H
#define CLI_RESULT_H
#include "cli/filename.h"
#include "cli/input.h"
#include "cli/ndjson.h"
#include <bide/http.h>

/* Bytes of the longest line that result_write() makes. */
#define RESULT_LINE_MAX \
    (NDJSON_ROOM(INPUT_LINE_MAX) + NDJSON_ROOM(sizeof((struct bide_error *)0)->text) + \
     NDJSON_ROOM(FILENAME_SIZE) + NDJSON_ROOM(FINAL_URL_MAX) + 1280)
/* A URL is never longer. */
#define FINAL_URL_MAX 16384

/* One URL and what became of it. */
struct result {
    uint64_t index;             /* its place in the input, from 0 */
    const char *url;
    size_t url_size;
    int status;                 /* 0: no reply came */
    uint64_t bytes;             /* of the body, as far as it came */
    double seconds;             /* from the start to the end, every try included */
    uint64_t attempts;
    bool followed;              /* redirects were followed: how many, and where to */
    unsigned redirects;
    const char *final_url;      /* NULL: no reply came, or it is not known */
    const struct bide_report *report;   /* its phases; NULL: they are not told */
    const char *file;           /* where the body was kept; NULL: nowhere */
    struct bide_error error;    /* code 0: none */
};

/* Of a result with an error: may it be another one next time?  A URL that is wrong, or not there,
 * is so the next time. */
bool result_may_pass(const struct result *r);
/* Bytes that its line takes at most, newline included. */
size_t result_room(const struct result *r);
/* Writes the line, newline included, and returns the place after it. */
char *result_write(char *at, const struct result *r);
/* Writes an error as the object that a line has for it. */
char *result_write_error(char *at, const struct bide_error *error);
/* "ECONNREFUSED", "EDNS": what an error code is called, without bide's prefix; NULL if
 * unknown. */
const char *result_error_name(int code);
/* Notes the error now held as the result's; the sentence loses "get URL: ", which the
 * line tells anyway. */
void result_fail(struct result *r);

#endif
