#include "page.h"

#include <stdlib.h>
#include <string.h>

/* A number of digits alone; what comes behind it is *end. */
static bool read_number(const char *text, char **end, int64_t *number)
{
    errno = 0;
    *number = strtoll(text, end, 10);
    return *text >= '0' && *text <= '9' && errno == 0;
}

static bool read_cursor(struct page *page, const char *text)
{
    char *end = NULL;
    if (page->by_price) {
        if (!read_number(text, &end, &page->price) || *end != '-')
            return false;
        text = end + 1;
    }
    return read_number(text, &end, &page->id) && !*end;
}

const char *page_read(struct page *page, const bide_request *req)
{
    const char *limit = bide_request_query(req, "limit"), *sort = bide_request_query(req, "sort");
    const char *after = bide_request_query(req, "after");
    *page = (struct page){ .limit = PAGE_DEFAULT, .price = -1 };
    char *end = NULL;
    if (limit && (!read_number(limit, &end, &page->limit) || *end || page->limit < 1
                  || page->limit > PAGE_MAX))
        return "limit: 1 to 200";
    page->by_price = sort && strcmp(sort, "price") == 0;
    if (sort && !page->by_price && strcmp(sort, "id") != 0)
        return "sort: id or price";
    if (after && !read_cursor(page, after))
        return "after: a page's \"next\", of the same order";
    return NULL;
}

const char *page_cursor(bide_request *req, const struct page *page, int64_t price, int64_t id)
{
    return page->by_price ? bide_request_printf(req, "%lld-%lld", (long long)price, (long long)id)
                          : bide_request_printf(req, "%lld", (long long)id);
}

int page_link(bide_request *req, const struct page *page, const char *cursor)
{
    const char *link = bide_request_printf(req, "<%s?limit=%lld&sort=%s&after=%s>; rel=\"next\"",
                                           bide_request_path(req), (long long)page->limit,
                                           page->by_price ? "price" : "id", cursor);
    return link ? bide_respond_header(req, "Link", link) : bide_errcode();
}
