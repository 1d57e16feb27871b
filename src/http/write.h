/* Writing the heads of requests and responses.
 *
 * A writer appends to memory that may grow.  Failure is put off: the first thing
 * that cannot be written (a CR or LF in a value, a name that is no token, a full
 * buffer) makes the whole writer bad, and the caller asks once, at the end.
 * So nothing from outside - a header, a host, a path - can end a line early and
 * begin a request of its own. */
#ifndef BIDE_HTTP_WRITE_H
#define BIDE_HTTP_WRITE_H

#include "http/chars.h"

#include <string.h>

struct writer {
    char *at;
    size_t size, room;
    /* Makes room for `more` bytes behind size, or returns false; NULL: memory is fixed. */
    bool (*grow)(struct writer *writer, size_t more);
    void *owner;                /* for grow */
    int code;                   /* < 0: bad, and why is a static sentence */
    const char *why;
};

/* Marks the writer bad unless it is already.  Returns the code it holds. */
int bide__writer_fail(struct writer *w, int code, const char *why);
bool bide__writer_grow(struct writer *w, size_t more);

/* Room for `more` bytes at the returned place, to be counted by w->size += n; or NULL. */
static inline char *writer_room(struct writer *w, size_t more)
{
    if (more > w->room - w->size && !bide__writer_grow(w, more))
        return NULL;
    return w->at + w->size;
}

/* Appends bytes as they are. */
static inline void writer_put(struct writer *w, const void *bytes, size_t size)
{
    char *to = writer_room(w, size);
    if (to && size > 0) {
        memcpy(to, bytes, size);
        w->size += size;
    }
}

#define writer_literal(w, text) writer_put(w, "" text, sizeof text - 1)

void bide__writer_number(struct writer *w, uint64_t number);

/* "GET /path?query HTTP/1.1"; without a query its `at` is NULL. */
void bide__write_request_line(struct writer *w, struct text method, struct text path,
                              struct text query);
/* "HTTP/1.1 200 OK" */
void bide__write_status_line(struct writer *w, int status);
void bide__write_field(struct writer *w, struct text name, struct text value);
void bide__write_number_field(struct writer *w, const char *name, uint64_t value);
/* The empty line.  Returns 0 or the writer's code. */
int bide__write_end(struct writer *w);

/* "Not Found"; "" for a status without a name. */
const char *bide__status_reason(int status);

#endif
