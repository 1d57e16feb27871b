/* cli/crawl_line.c -- the line of one page. */
#include "cli/crawl.h"
#include <string.h>

size_t crawl_line_room(const struct crawl_page *page)
{
    const struct crawl_found *found = &page->found;
    return NDJSON_ROOM(page->url.size) + NDJSON_ROOM(found->html.title.size) +
           NDJSON_ROOM(sizeof page->result.error.text) + 6 * found->text_size +
           3 * found->count + 512;
}

static char *write_title(char *at, const struct html_page *html, bool noindex)
{
    if (!html->title.there || noindex)
        return ndjson_text(at, "null");
    return ndjson_string(at, html->text ? html->text + html->title.at : "", html->title.size);
}

static char *write_links(char *at, const struct crawl_found *found)
{
    *at++ = '[';
    for (size_t i = 0; i < found->count; i++) {
        if (i > 0)
            *at++ = ',';
        at = ndjson_string(at, found->text + found->links[i].at, found->links[i].size);
    }
    *at++ = ']';
    return at;
}

char *crawl_line_write(char *at, const struct crawl_page *page)
{
    static const struct crawl_found nothing;
    const struct result *r = &page->result;
    at = ndjson_text(at, "{\"url\":");
    at = ndjson_string(at, page->url.text, page->url.size);
    at = ndjson_text(at, ",\"status\":");
    at = r->status > 0 ? ndjson_number(at, (uint64_t)r->status) : ndjson_text(at, "null");
    at = ndjson_text(at, ",\"depth\":");
    at = ndjson_number(at, page->crawl->frontier.urls[page->index].depth);
    at = ndjson_text(at, ",\"title\":");
    at = write_title(at, &page->found.html, page->noindex);
    at = ndjson_text(at, ",\"links\":");
    at = write_links(at, page->noindex ? &nothing : &page->found);
    at = ndjson_text(at, ",\"bytes\":");
    at = ndjson_number(at, r->bytes);
    at = ndjson_text(at, ",\"seconds\":");
    at = ndjson_seconds(at, r->seconds);
    at = ndjson_text(at, ",\"noindex\":");
    at = ndjson_text(at, page->noindex ? "true" : "false");
    at = ndjson_text(at, ",\"error\":");
    at = r->error.code < 0 ? result_write_error(at, &r->error) : ndjson_text(at, "null");
    return ndjson_text(at, "}\n");
}
