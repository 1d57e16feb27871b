/* page.h -- a page of a list, by the last row of the page before: a keyset, not an offset.  So it
 * costs the same wherever it stands, and rows that come and go meanwhile neither show twice nor are
 * left out. */
#ifndef PAGE_H
#define PAGE_H
#include <bide.h>

enum { PAGE_DEFAULT = 20, PAGE_MAX = 200 };

struct page {
    int64_t limit;
    bool by_price;              /* then id; else by id alone */
    int64_t price, id;          /* of the last row of the page before */
};

/* From ?limit, ?sort and ?after.  NULL, or what is wrong with them. */
const char *page_read(struct page *page, const bide_request *req);
/* The cursor behind a row, for ?after; the request's. */
const char *page_cursor(bide_request *req, const struct page *page, int64_t price, int64_t id);
/* Adds the Link to the page behind that cursor. */
int page_link(bide_request *req, const struct page *page, const char *cursor);

#endif
