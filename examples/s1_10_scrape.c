/* Titles and links of pages, five at once, two of a host; what fails is told in its place.  In
 * Python, with BeautifulSoup, which here a search stands in for (`bide crawl` has a parser):
 *     "title": soup.title.string if soup.title else None,
 *     "links": [a["href"] for a in soup.find_all("a", href=True)]
 *     except Exception as e: return {"url": url, "error": str(e)} */
#include "demo.h"
#include <string.h>

static struct page { const char *url; bide_response *response; } pages[] = {
    { "/site/1", NULL }, { "/delay/60", NULL }, { "/site/2", NULL }, { "/status/404", NULL },
    { "/x", NULL }, { "/site/3", NULL } };
static bide_session *session;

static int scrape(void *arg)
{
    struct page *page = arg;
    page->response = bide_get(session, page->url, .timeout = 5);
    const char *text = bide_response_text(page->response, NULL);    /* a 404's, too */
    return text ? bide_response_check(page->response) : bide_errcode();
}

/* Prints what stands between two marks, as often as they come. */
static int print_all(const char *at, const char *start, const char *end)
{
    int count = 0;
    for (const char *to; (at = strstr(at, start)) && (to = strstr(at += strlen(start), end));
         at = to)
        printf("%s\"%.*s\"", count++ ? ", " : "", (int)(to - at), at);
    return count;
}

static int print_page(void *unused, void *item, int rc)
{
    (void)unused;
    const struct page *page = item;
    bide_auto(response) response = page->response;
    if (rc < 0)
        return printf("{\"url\": \"%s\", \"error\": \"%s\"}\n", page->url, bide_errmsg()) < 0;
    const char *text = bide_response_text(response, NULL);
    printf("{\"url\": \"%s\", \"title\": ", page->url);
    printf("%s, \"links\": [", print_all(text, "<title>", "</title>") ? "" : "null");
    return print_all(text, "href=\"", "\">") + printf("]}\n") < 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) opened = session = bide_session_open(.base_url = base, .limit = 5,
                                                            .limit_per_host = 2);
    return bide_map(scrape, pages, 6, .limit = 5, .keep_going = true, .each = print_page);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
