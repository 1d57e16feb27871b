/* cli/crawl_parse.c -- what the body of a page says: its title, and where its links lead.
 *
 * A small page is read at once, a larger one on a thread, so that nobody waits for it; two
 * at a time, for each may take much memory. */
#include "cli/crawl.h"
#include "base/memory.h"
#include "http/charset.h"
#include <stdlib.h>
#include <string.h>

/* Bytes of a page that is read on the loop.  The worst one of that size, which is nothing
 * but nested elements, takes some 3 ms. */
#define SMALL_SIZE 8192
#define MEMORY_MAX ((size_t)256 << 20)
#define DECODED_MAX ((size_t)128 << 20)
#define SECONDS_MAX 10.0

static int no_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory");
}

static int add_link(struct crawl_found *found, const struct crawl_url *url, bool nofollow)
{
    if (found->count == found->room) {
        size_t room = found->room ? 2 * found->room : 32;
        struct crawl_link *more = realloc(found->links, room * sizeof *more);
        if (!more)
            return no_memory();
        found->links = more;
        found->room = room;
    }
    if (found->text_room - found->text_size < url->size) {
        size_t room = 2 * found->text_room + url->size + 1024;
        char *more = realloc(found->text, room);
        if (!more)
            return no_memory();
        found->text = more;
        found->text_room = room;
    }
    found->links[found->count++] = (struct crawl_link){ found->text_size, url->size, nofollow };
    memcpy(found->text + found->text_size, url->text, url->size);
    found->text_size += url->size;
    return 0;
}

int crawl_found_add(struct crawl_found *found, const struct crawl_url *base,
                    const char *reference, size_t size, bool nofollow)
{
    struct crawl_url url;
    if (crawl_url_join(&url, base, reference, size) < 0)
        return 0;
    return add_link(found, &url, nofollow);
}

/* Adds the links, each URL once: followed if one of those that lead there may be. */
static int add_links(struct crawl_found *found, const struct crawl_url *base)
{
    const struct html_page *html = &found->html;
    bide_auto(strmap) seen = bide_strmap_new(.drop = NULL);
    struct crawl_url url;
    if (!seen)
        return no_memory();
    for (size_t i = 0; i < html->link_count; i++) {
        const struct html_link *link = &html->links[i];
        const char *reference = html->text ? html->text + link->reference.at : "";
        if (crawl_url_join(&url, base, reference, link->reference.size) < 0)
            continue;
        bool nofollow = link->nofollow || html->nofollow;
        uintptr_t known = (uintptr_t)bide_strmap_get(seen, url.text);
        if (known > 0) {
            found->links[known - 1].nofollow = found->links[known - 1].nofollow && nofollow;
            continue;
        }
        int rc = add_link(found, &url, nofollow);
        if (rc == 0)
            rc = bide_strmap_set(seen, url.text, (void *)found->count);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* The body as UTF-8, by its byte order mark, its Content-Type, or what it looks like. */
static int read_html(struct crawl_page *page)
{
    static const struct html_limits limits = { MEMORY_MAX, SECONDS_MAX };
    struct text type = text_of(page->type, page->type ? strlen(page->type) : 0), text;
    char *memory = NULL;
    int rc = bide__charset_decode(text_of(page->body, (size_t)page->result.bytes),
                                  bide__charset_of(type), NULL, DECODED_MAX, &text, &memory);
    if (rc < 0)
        return bide_fail(rc, "its text cannot be decoded");
    rc = html_read(&page->found.html, text.at, text.size, page->crawl->agent, &limits);
    bide__free(memory);
    return rc;
}

/* The work itself: touches nothing but the page. */
static int read_page(void *arg)
{
    struct crawl_page *page = arg;
    struct crawl_found *found = &page->found;
    int rc = read_html(page);
    if (rc < 0)
        return rc;
    struct crawl_url base;
    const struct html_text *text = &found->html.base;
    bool own = !text->there || crawl_url_join(&base, &page->url,
                                              found->html.text ? found->html.text + text->at : "",
                                              text->size) < 0;
    return add_links(found, own ? &page->url : &base);
}

int crawl_parse(struct crawl_page *page)
{
    if (page->result.bytes <= SMALL_SIZE)
        return read_page(page);
    bide_auto(permit) turn = bide_semaphore_acquire(&page->crawl->parsing);
    return turn ? bide_to_thread(read_page, page) : bide_errcode();
}

void crawl_found_free(struct crawl_found *found)
{
    html_free(&found->html);
    free(found->links);
    free(found->text);
    *found = (struct crawl_found){ .links = NULL };
}
