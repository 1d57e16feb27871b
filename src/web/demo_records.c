/* Services with things in them: posts, users, a list in pages, pages of HTML. */
#include "web/demo.h"

#include <stdio.h>
#include <string.h>

enum { POSTS = 100, PAGES = 3, PAGE_SIZE = 10, NUMBER_MAX = 1000000000 };

static int post(bide_request *req)
{
    long id;
    if (!bide__demo_number(bide_request_param(req, "id"), 1, POSTS, &id))
        return bide_respond_text(req, 404, "there are posts 1 to %d\n", POSTS);
    bide_json *j = bide_json_new();
    bide_json_set(j, "userId", bide_value((id - 1) / 10 + 1));
    bide_json_set(j, "id", bide_value(id));
    bide_json_set(j, "title", bide_value(bide__demo_print(req, "Post %ld", id)));
    bide_json_set(j, "body", bide_value(bide__demo_print(req, "This is post number %ld.", id)));
    return bide__demo_json(req, 200, j);
}

static int user(bide_request *req)
{
    const char *name = bide_request_param(req, "name");
    bide_json *j = bide_json_new();
    bide__demo_set(j, "name", name);
    bide__demo_set(j, "login", name);
    bide_json_set(j, "public_repos", bide_value(strlen(name)));
    return bide__demo_json(req, 200, j);
}

/* What is before and behind a page, as the Link header tells it (RFC 8288). */
static int link_pages(bide_request *req, long page)
{
    if (page > PAGES)
        return 0;
    const char *prev = page == 1 ? ""
                       : bide__demo_print(req, "</items?page=%ld>; rel=\"prev\", ", page - 1);
    const char *next = page == PAGES ? ""
                       : bide__demo_print(req, "</items?page=%ld>; rel=\"next\", ", page + 1);
    const char *all = bide__demo_print(req, "%s%s</items?page=1>; rel=\"first\", "
                                       "</items?page=%d>; rel=\"last\"", prev ? prev : "",
                                       next ? next : "", PAGES);
    return all ? bide_respond_header(req, "Link", all) : bide_errcode();
}

/* PAGES pages of PAGE_SIZE items, and empty ones for ever. */
static int items(bide_request *req)
{
    long page = 1;
    if (!bide__demo_query(req, "page", 1, NUMBER_MAX, &page))
        return bide__demo_bad(req, "page");
    if (link_pages(req, page) < 0)
        return bide_errcode();
    bide_json *j = bide_json_new();
    bide_json_set(j, "page", bide_value(page));
    bide_json *results = bide_json_array(j, "results");
    for (long i = (page - 1) * PAGE_SIZE + 1; page <= PAGES && i <= page * PAGE_SIZE; i++) {
        bide_json *item = bide_json_object(results, NULL);
        bide_json_set(item, "id", bide_value(i));
        bide_json_set(item, "name", bide_value(bide__demo_print(req, "item %ld", i)));
    }
    return bide__demo_json(req, 200, j);
}

static int json(bide_request *req)
{
    bide_json *j = bide_json_new();
    bide_json_set(j, "name", bide_value("bide"));
    bide_json_set(j, "waits", bide_value((bool)true));
    bide_json *numbers = bide_json_array(j, "numbers");
    for (int i = 1; i <= 3; i++)
        bide_json_add(numbers, bide_value(i));
    return bide__demo_json(req, 200, j);
}

static int html(bide_request *req)
{
    static const char page[] =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>The demo</title></head>\n<body>\n"
        "<h1>The demo</h1>\n<p><a href=\"/site/1\">A site</a> without an end,\n"
        "<a href=\"/json\">a document</a>, <a href=\"/status/404\">nothing</a>, and\n"
        "<a href=\"http://other.test/\">another host</a>.</p>\n</body>\n</html>\n";
    return bide_respond(req, 200, "text/html; charset=utf-8", page, sizeof page - 1);
}

/* A page that leads to the next one; even ones have no title. */
static int site(bide_request *req)
{
    char page[256];
    long n;
    if (!bide__demo_number(bide_request_param(req, "number"), 0, NUMBER_MAX, &n))
        return bide__demo_bad(req, bide_request_param(req, "number"));
    int size = snprintf(page, sizeof page, "<h1>%ld</h1><a href=\"/site/%ld\">next</a>"
                        "<a href=\"http://other.test/\">other</a>", n, n + 1);
    if (n % 2)
        size += snprintf(page + size, sizeof page - (size_t)size, "<title>Page %ld</title>", n);
    return bide_respond(req, 200, "text/html", page, (size_t)size);
}

const struct demo_route bide__demo_records[] = {
    { "GET", "/posts/{id}", post }, { "GET", "/users/{name}", user }, { "GET", "/items", items },
    { "GET", "/json", json }, { "GET", "/html", html }, { "GET", "/site/{number}", site },
    { NULL, NULL, NULL },
};
