/* The names in a directory, read at once by a thread and sorted; written as a page or as JSON. */
#ifndef BIDE_WEB_LISTING_H
#define BIDE_WEB_LISTING_H

#include "http/write.h"
#include "web/static.h"

struct listed {
    char *name;
    bool directory;
    uint64_t size;              /* of a file */
    int64_t modified;
};

struct listing {
    const struct static_site *site;
    const char *path;           /* beneath the root; "" or ends in a slash */
    struct listed *items;
    size_t count, room;
    bool cut;                   /* there are more than are listed */
};

/* Reads what may be served of a directory; by a thread.  0, or < 0. */
int bide__listing_read(void *listing);
void bide__listing_end(struct listing *listing);
/* Writes it; title is the path as the client knows it, decoded; top: there is nothing above. */
void bide__listing_write_page(struct writer *w, const struct listing *listing, const char *title,
                              bool top);
void bide__listing_write_json(struct writer *w, const struct listing *listing);

#endif
