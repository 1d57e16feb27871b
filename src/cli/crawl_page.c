/* cli/crawl_page.c -- one page, as a task: its request, its links, its line.
 *
 * Whatever is wrong with a page, its server or what it holds becomes the error of that
 * page.  Only when the output or the state file is gone, or the run is cancelled, the task
 * fails, and the run with it.
 *
 * The links of a page go to the state file before the line that says that it is done, and
 * that line together with the page's own line of output, without a wait between. */
#include "cli/crawl.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Links that are followed without letting others run. */
#define LINKS_AT_ONCE 64
#define BLOCK_SIZE 16384

static bool is_html(const char *type)
{
    static const char *const known[] = { "text/html", "application/xhtml+xml" };
    for (size_t i = 0; type && i < sizeof known / sizeof known[0]; i++) {
        size_t size = strlen(known[i]);
        if (strncasecmp(type, known[i], size) == 0 && strchr("; \t", type[size]))
            return true;
    }
    return false;
}

static int make_room(struct crawl_page *page)
{
    if (page->body_room - (size_t)page->result.bytes >= BLOCK_SIZE)
        return 0;
    size_t room = 2 * page->body_room + BLOCK_SIZE;
    char *more = realloc(page->body, room);
    if (!more)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    page->body = more;
    page->body_room = room;
    return 0;
}

static int read_body(struct crawl_page *page, bide_response *response)
{
    size_t size_max = page->crawl->options->size_max;
    for (;;) {
        int rc = make_room(page);
        if (rc < 0)
            return rc;
        ssize_t n = bide_response_read(response, page->body + page->result.bytes, BLOCK_SIZE);
        if (n <= 0)
            return (int)n;
        page->result.bytes += (uint64_t)n;
        page->crawl->bytes += (uint64_t)n;
        if (page->result.bytes > size_max)
            return bide_fail(BIDE_ELIMIT, "page longer than %zu bytes (see --max-size)", size_max);
    }
}

static bide_response *request(struct crawl_page *page)
{
    const struct crawl_options *o = page->crawl->options;
    struct bide_report report = { .attempts = 0 };
    bide_response *response = bide_get(page->crawl->session, page->url.text,
        .timeouts = { .total = o->timeout, .connect = o->connect_timeout },
        .headers = BIDE_PAIRS({ "Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5" }),
        .retries = (int)o->retries, .report = &report);
    page->result.attempts = report.attempts;
    return response;
}

static void read_directives(struct crawl_page *page, struct html_page *said,
                            bide_response *response)
{
    for (const struct bide_pair *h = bide_response_headers(response); h && h->name; h++)
        if (strcasecmp(h->name, "X-Robots-Tag") == 0)
            html_directives(said, h->value, page->crawl->agent);
}

/* The request and its reply, to the end of what is wanted of it. */
static int exchange(struct crawl_page *page)
{
    struct html_page said = { .text = NULL };
    struct crawl_found *found = &page->found;
    bide_auto(response) response = request(page);
    if (!response)
        return bide_errcode();
    int status = page->result.status = bide_response_status(response);
    const char *to = bide_response_header(response, "Location");
    page->type = bide_response_header(response, "Content-Type");
    int rc = 0;
    read_directives(page, &said, response);
    if (crawl_is_redirect(status) && to) {
        rc = crawl_found_add(found, &page->url, to, strlen(to), said.nofollow);
    } else if (status / 100 == 2 && is_html(page->type)) {
        rc = read_body(page, response);
        if (rc == 0)
            rc = crawl_parse(page);
    }
    page->noindex = !page->crawl->options->ignore_robots && (said.noindex || found->html.noindex);
    for (size_t i = 0; i < found->count; i++)
        found->links[i].nofollow = found->links[i].nofollow || said.nofollow;
    return rc == 0 && page->crawl->options->fail ? bide_response_check(response) : rc;
}

/* Somebody whose start leads elsewhere should be told why that was all. */
static void note_way_out(struct crawl_page *page, const struct crawl_url *to)
{
    struct crawl *c = page->crawl;
    if (c->frontier.urls[page->index].depth == 0 && crawl_is_redirect(page->result.status) &&
        !site_has(&c->site, to))
        snprintf(c->note, sizeof c->note, "%.200s leads to another host (see --allow): %.200s",
                 page->url.text, to->text);
}

static int read_link(struct crawl_url *url, const struct crawl_found *found, size_t number)
{
    char text[CRAWL_URL_MAX + 1];
    memcpy(text, found->text + found->links[number].at, found->links[number].size);
    text[found->links[number].size] = '\0';
    return crawl_url_read(url, text);
}

static int follow(struct crawl_page *page)
{
    struct crawl *c = page->crawl;
    size_t depth = c->frontier.urls[page->index].depth + 1u;
    const struct crawl_found *found = &page->found;
    struct crawl_url url;
    for (size_t i = 0; i < found->count; i++) {
        int rc = i % LINKS_AT_ONCE == LINKS_AT_ONCE - 1 ? bide_yield() : 0;
        if (found->links[i].nofollow && !c->options->ignore_robots) {
            c->counts.nofollow++;
            continue;
        }
        if (rc == 0)
            rc = read_link(&url, found, i);
        if (rc == 0) {
            note_way_out(page, &url);
            rc = c->shared ? crawl_shared_find(page, &url, depth) : crawl_find(c, &url, depth);
        }
        if (rc < 0)
            return rc;
    }
    return c->shared ? crawl_shared_send(page, depth) : 0;
}

/* Hands over the page's line, and with it that the page is done. */
static int hand_over(struct crawl_page *page)
{
    struct crawl *c = page->crawl;
    int rc = output_reserve_sized(&c->output, crawl_line_room(page));
    if (rc < 0)
        return rc;
    char *place = output_place(&c->output), *end = crawl_line_write(place, page);
    output_commit(&c->output, end);
    c->printed += (uint64_t)(end - place);
    crawl_state_done(&c->state, page->index, page->result.bytes, c->printed);
    summary_add(&c->summary, &page->result);
    return 0;
}

/* Fetches the page, unless its origin's robots.txt is in the way: 1: it has no line. */
static int fetch(struct crawl_page *page)
{
    struct crawl *c = page->crawl;
    const struct bide_error *error = &page->host->error;
    const char *path = page->url.text + page->url.path_at;
    if (error->code < 0)
        return bide_fail(error->code, "%s", error->text);
    if (robots_allow(&page->host->robots, path, page->url.size - page->url.path_at))
        return exchange(page);
    c->counts.robots++;
    if (c->frontier.urls[page->index].depth == 0)
        return bide_fail(-EACCES, "robots.txt does not allow it");
    return 1;
}

static int work(struct crawl_page *page)
{
    struct crawl *c = page->crawl;
    page->result = (struct result){ .url = page->url.text, .url_size = page->url.size };
    int rc = crawl_robots(page);
    if (rc < 0)
        return rc;
    double started = bide_now();
    c->in_flight++;
    rc = fetch(page);
    c->in_flight--;
    page->result.seconds = bide_now() - started;
    if (rc > 0) {
        c->begun--;
        if (c->shared)
            return crawl_shared_skip(page);
        crawl_state_skipped(&c->state, page->index);
        return 0;
    }
    if (rc < 0 && bide_cancelled())
        return BIDE_ECANCELED;
    if (rc < 0)
        result_fail(&page->result);
    rc = follow(page);
    return rc < 0 ? rc : c->shared ? crawl_shared_hand_over(page) : hand_over(page);
}

static void free_fresh(struct crawl_page *page)
{
    for (size_t i = 0; i < page->fresh_count; i++)
        free(page->fresh[i]);
    free(page->fresh);
}

int crawl_page(void *arg)
{
    const struct crawl_turn *turn = arg;
    struct crawl *c = turn->crawl;
    struct crawl_page page = { .crawl = c, .host = turn->host, .index = turn->index };
    const char *text = c->frontier.urls[turn->index].text;
    int rc = crawl_url_read(&page.url, text);
    if (c->shared)
        page.item = bide_strmap_get(c->in_hand, text);
    if (rc == 0)
        rc = work(&page);
    if (c->shared)
        bide_strmap_remove(c->in_hand, text);
    free_fresh(&page);
    crawl_found_free(&page.found);
    free(page.body);
    frontier_done(&c->frontier, turn->index, turn->host);
    bide_event_set(&c->changed);
    return rc;
}
