/* tests/http/drain.h -- reading a request's body to its end, in pieces of one size. */
#ifndef DRAIN_H
#define DRAIN_H
#include "test.h"

#include "http/source.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct drained {
    char text[65536];           /* with a NUL behind it */
    size_t size;
    int rc;                     /* 0, or how it failed */
};

__attribute__((unused)) static void drain(struct source *s, struct drained *d, size_t piece)
{
    ssize_t n = 1;
    d->size = 0;
    while (n > 0) {
        CHECK(d->size + piece < sizeof d->text);
        n = bide__source_read(s, d->text + d->size, piece);
        CHECK(n <= (ssize_t)piece);
        d->size += n > 0 ? (size_t)n : 0;
    }
    d->text[d->size] = '\0';
    d->rc = (int)n;
    if (n == 0)
        CHECK_EQ(bide__source_read(s, d->text, 1), 0);
}

#endif
