/* One line of an access log, in each of its forms.  Whatever bytes clients send, it stays one line
 * that a reader takes apart as it was meant. */
#ifndef BIDE_WEB_ACCESS_LINE_H
#define BIDE_WEB_ACCESS_LINE_H

#include "http/write.h"

#include <bide/app.h>

/* What is told.  Texts whose `at` is NULL are not known. */
struct access {
    int64_t second;             /* since 1970 */
    unsigned millisecond;
    struct text remote, method, target, version, host, scheme, referer, agent, route, id;
    int status;
    uint64_t bytes;             /* of the body */
    double seconds;             /* from the head read to the answer handed over */
};

/* Appends the line of that form (enum bide_access_log), without its end. */
void bide__access_write(struct writer *w, int form, const struct access *access);
/* Parts of a line: what a client sent, escaped, or "-"; when it was; what was asked. */
void bide__access_text(struct writer *w, struct text text);
void bide__access_time(struct writer *w, const struct access *access);
void bide__access_request(struct writer *w, const struct access *access);

#endif
