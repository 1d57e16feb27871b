/* The first lines of answers: status, Date, Server and Content-Type. */
#ifndef BIDE_WEB_ANSWER_HEAD_H
#define BIDE_WEB_ANSWER_HEAD_H

#include "http/date.h"
#include "http/write.h"

struct bide_worker;

enum {
    BEGINNINGS = 8,             /* so many are kept, */
    BEGINNING_SIZE = 256,       /* those that are not longer, */
    BEGINNING_TYPE = 64,        /* nor their types, with a NUL */
};

struct beginning {
    int status;
    size_t size;                /* 0: none */
    char type[BEGINNING_TYPE];
    char text[BEGINNING_SIZE];
};

/* All zero is empty. */
struct beginnings {
    int64_t second;             /* which they tell */
    uint32_t turn;              /* the poller's, in which that was looked at */
    char date[DATE_SIZE];
    struct beginning usual[BEGINNINGS];
};

/* Writes them; type NULL: without.  A type that cannot be a value makes the writer bad. */
void bide__answer_begin(struct bide_worker *worker, struct writer *w, int status,
                        const char *type);

#endif
