/* cli/crawl_shared.c -- `bide crawl --queue`: a crawl that other processes work at, too.
 *
 * The list is the frontier of all: it knows every URL that anybody found, and hands each out.  What
 * this process has in hand waits in a frontier of its own, so that hosts have their turns as ever.
 * The links of a page are told to the list before the page is done, so that who dies in between
 * leaves a page that will be read again, and no link is lost.
 *
 * The list goes by who came first, not by depth: the depth of a page is that of the first way to it
 * that was found. */
#include "cli/crawl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the list keeps of a URL that robots.txt forbids, which has no line. */
#define NO_LINE "-"
#define SCOPE_SIZE 4096

/* ---- beginning ---- */

int crawl_shared_open(struct crawl *c)
{
    c->told = bide_strset_new(.count_max = UINT32_MAX - 1);
    c->in_hand = bide_strmap_new(.drop = NULL);
    return c->told && c->in_hand ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

/* Who works at it must agree on which URLs belong to it, so also on where it begins. */
static void write_scope(const struct crawl *c, char *scope)
{
    uint64_t at = 0;
    char options[SCOPE_SIZE];
    crawl_options_scope(c->options, options, sizeof options);
    int used = snprintf(scope, SCOPE_SIZE, "crawl %s", options);
    for (const char *host; used < SCOPE_SIZE && (host = bide_strset_next(c->site.hosts, &at));)
        used += snprintf(scope + used, SCOPE_SIZE - (size_t)used, " %s", host);
}

BIDE_WAITS static int add_starts(struct crawl *c)
{
    struct crawl_url url;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->start_count; i++) {
        rc = crawl_url_read(&url, c->starts[i]);
        if (rc == 0)
            rc = (int)work_queue_add(&c->work, &(struct work_new){ url.text, "0" }, 1);
        rc = rc < 0 ? rc : 0;
    }
    return rc;
}

int crawl_shared_join(struct crawl *c)
{
    char scope[SCOPE_SIZE];
    write_scope(c, scope);
    int rc = work_queue_open(&c->work, &c->options->work, "bide crawl", "page");
    if (rc == 0)
        rc = work_queue_join(&c->work, scope, (c->options->jobs + 1) / 2);
    return rc < 0 ? rc : add_starts(c);
}

/* ---- what comes in ---- */

/* Lets an item wait for its host's turn.  1: it is here already, by another entry: this one may
 * come again when that one's page is done. */
static int put(struct crawl *c, struct work_item *item)
{
    struct crawl_url url;
    size_t depth = strtoul(item->more, NULL, 10);
    int rc = crawl_url_read(&url, item->text);
    if (rc < 0)
        return rc;
    if (bide_strmap_has(c->in_hand, url.text))
        return 1;
    rc = frontier_add(&c->frontier, url.text, url.size, depth);
    size_t index = rc > 0 ? c->frontier.count - 1 : frontier_find(&c->frontier, url.text);
    if (rc == 0 && index == SIZE_MAX)
        return bide_fail(BIDE_ELIMIT, "too deep");
    if (rc >= 0)
        rc = bide_strmap_set(c->in_hand, url.text, item);
    return rc < 0 ? rc : frontier_queue(&c->frontier, index, url.origin);
}

BIDE_WAITS static int put_or_fail(struct crawl *c, struct work_item *item)
{
    int rc = put(c, item);
    if (rc == 0)
        bide_event_set(&c->changed);
    if (rc == 0 || rc == BIDE_ENOMEM)
        return rc;
    if (rc > 0)
        return work_queue_defer(&c->work, item);
    char why[256];
    snprintf(why, sizeof why, "%s", bide_errmsg());     /* no URL of a crawl */
    rc = work_queue_fail(&c->work, item, why, false);
    return rc < 0 ? rc : 0;
}

BIDE_WAITS static int wait_for_room(struct crawl *c)
{
    size_t most = c->options->jobs + c->options->jobs / 2;
    int rc = 0;
    while (rc == 0 && c->frontier.waiting + c->frontier.running >= most) {
        bide_event_clear(&c->changed);
        rc = bide_event_wait(&c->changed);
    }
    return rc;
}

int crawl_shared_feed(void *crawl)
{
    struct crawl *c = crawl;
    struct work_item *item;
    for (;;) {
        int rc = wait_for_room(c);
        if (rc == 0)
            rc = work_queue_take(&c->work, &item);
        if (rc < 0)
            return rc;
        c->fed = rc == 0;
        rc = c->fed ? 0 : put_or_fail(c, item);
        if (rc < 0)
            return rc;
        if (c->fed)
            break;
    }
    bide_event_set(&c->changed);
    return 0;
}

/* ---- what is found ---- */

/* Does robots.txt of an origin that was seen to forbid it? */
static bool is_forbidden(const struct crawl *c, const struct crawl_url *url)
{
    const struct frontier_host *host = frontier_host(&c->frontier, url->origin);
    return host && host->state == FRONTIER_OPEN &&
           !robots_allow(&host->robots, url->text + url->path_at, url->size - url->path_at);
}

static int keep_fresh(struct crawl_page *page, const struct crawl_url *url)
{
    if (page->fresh_count == page->fresh_room) {
        size_t room = page->fresh_room ? 2 * page->fresh_room : 32;
        char **more = realloc(page->fresh, room * sizeof *more);
        if (!more)
            return bide_fail(BIDE_ENOMEM, "out of memory");
        page->fresh = more;
        page->fresh_room = room;
    }
    char *text = strdup(url->text);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    page->fresh[page->fresh_count++] = text;
    return 0;
}

int crawl_shared_find(struct crawl_page *page, const struct crawl_url *url, size_t depth)
{
    struct crawl *c = page->crawl;
    if (bide_strset_has(c->told, url->text))
        return 0;
    int rc = crawl_wants(c, url, depth);
    if (rc <= 0)
        return rc;
    rc = bide_strset_add(c->told, url->text);
    if (rc > 0 && is_forbidden(c, url)) {
        c->counts.robots++;
        return 0;
    }
    return rc < 0 ? rc : keep_fresh(page, url);
}

int crawl_shared_send(struct crawl_page *page, size_t depth)
{
    char more[24];
    struct work_new batch[WORK_BATCH];
    snprintf(more, sizeof more, "%zu", depth);
    for (size_t at = 0; at < page->fresh_count;) {
        size_t count = 0;
        for (; count < WORK_BATCH && at < page->fresh_count; at++)
            batch[count++] = (struct work_new){ page->fresh[at], more };
        int64_t rc = work_queue_add(&page->crawl->work, batch, count);
        if (rc < 0)
            return (int)rc;
    }
    return 0;
}

/* ---- what is done ---- */

int crawl_shared_hand_over(struct crawl_page *page)
{
    char *line = malloc(crawl_line_room(page));
    if (!line)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    return work_lines_tell(&page->crawl->lines, page->item, line, crawl_line_write(line, page),
                           &page->result);
}

int crawl_shared_skip(struct crawl_page *page)
{
    int rc = work_queue_finish(&page->crawl->work, page->item, NO_LINE);
    return rc < 0 ? rc : 0;
}
