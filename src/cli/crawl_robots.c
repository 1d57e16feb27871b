/* cli/crawl_robots.c -- robots.txt of an origin, asked for once, before its first page.
 *
 * As RFC 9309 has it: up to five redirects are followed, wherever they lead; if there is
 * no such file (4xx) everything is allowed; if nobody knows (5xx, no connection) nothing
 * is, and each of the origin's pages fails with the reason. */
#include "cli/crawl.h"
#include <stdlib.h>
#include <string.h>

#define REDIRECTS_MAX 5

static bide_response *ask(struct crawl *c, const char *url)
{
    const struct crawl_options *o = c->options;
    return bide_get(c->session, url,
                    .timeouts = { .total = o->timeout, .connect = o->connect_timeout },
                    .retries = (int)o->retries);
}

static int read_file(struct crawl *c, struct robots *robots, bide_response *response)
{
    size_t size = 0;
    char *text = malloc(ROBOTS_SIZE_MAX);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    ssize_t n = 1;
    while (n > 0 && size < ROBOTS_SIZE_MAX) {
        n = bide_response_read(response, text + size, ROBOTS_SIZE_MAX - size);
        size += n > 0 ? (size_t)n : 0;
    }
    int rc = n < 0 ? (int)n : robots_read(robots, text, size, c->agent);
    free(text);
    return rc;
}

bool crawl_is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* One request.  1: *url is where to ask next. */
static int ask_once(struct crawl *c, struct robots *robots, struct crawl_url *url)
{
    bide_auto(response) response = ask(c, url->text);
    if (!response)
        return bide_errcode();
    int status = bide_response_status(response);
    const char *to = bide_response_header(response, "Location");
    if (crawl_is_redirect(status) && to) {
        struct crawl_url next;
        if (crawl_url_join(&next, url, to, strlen(to)) < 0)
            return 0;
        *url = next;
        return 1;
    }
    if (status >= 500)
        return bide_response_check(response);
    return status >= 200 && status < 300 ? read_file(c, robots, response) : 0;
}

static int fetch_file(struct crawl *c, struct robots *robots, const struct crawl_url *page)
{
    struct crawl_url url;
    static const char name[] = "/robots.txt";
    char text[CRAWL_URL_MAX + sizeof name];
    memcpy(text, page->text, page->path_at);
    memcpy(text + page->path_at, name, sizeof name);
    int rc = crawl_url_read(&url, text);
    if (rc == 0)
        rc = ask_once(c, robots, &url);
    for (int hops = 0; rc > 0 && hops < REDIRECTS_MAX; hops++)
        rc = ask_once(c, robots, &url);
    return rc > 0 ? 0 : rc;
}

static void note_failure(struct frontier_host *host)
{
    host->error.code = bide_errcode();
    snprintf(host->error.text, sizeof host->error.text, "robots.txt: %s", bide_errmsg());
}

int crawl_robots(struct crawl_page *page)
{
    struct crawl *c = page->crawl;
    struct frontier_host *host = page->host;
    const struct crawl_options *o = c->options;
    if (host->state == FRONTIER_OPEN)
        return 0;
    int rc = o->ignore_robots ? 0 : fetch_file(c, &host->robots, &page->url);
    if (rc < 0 && bide_cancelled())
        return rc;
    if (rc < 0)
        note_failure(host);
    double asked = host->robots.delay < o->delay_max ? host->robots.delay : o->delay_max;
    host->delay = asked > o->delay ? asked : o->delay;
    if (!o->ignore_robots && host->delay > 0 && rc == 0) {
        rc = bide_sleep(host->delay);
        if (rc < 0)
            return rc;
    }
    frontier_opened(&c->frontier, host, bide_now());
    bide_event_set(&c->changed);
    return 0;
}
