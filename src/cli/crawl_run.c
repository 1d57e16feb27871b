/* cli/crawl_run.c -- the run: hands pages out, and keeps what was done.
 *
 * One task decides who is next and starts a task for each page.  Helpers write, ten times
 * a second, what has gathered, first the output and then as much of the state file as
 * belongs to it: so the state never says that a page is done whose line was not written.
 * The other way round it may be; the state knows how long the output was, and what is
 * behind that is cut off when the crawl goes on. */
#include "cli/crawl.h"
#include <stdio.h>

#define TICK 0.1
/* Seconds that the last lines get after Ctrl-C, if who reads them is slow. */
#define LAST_WORDS 5.0

void crawl_note_error(struct crawl *c)
{
    if (c->error.code < 0 || bide_errcode() == BIDE_ECANCELED)
        return;
    c->error.code = bide_errcode();
    snprintf(c->error.text, sizeof c->error.text, "%s", bide_errmsg());
}

static int add(struct crawl *c, const struct crawl_url *url, size_t depth)
{
    const struct frontier_host *host = frontier_host(&c->frontier, url->origin);
    int rc = frontier_add(&c->frontier, url->text, url->size, depth);
    if (rc <= 0)
        return rc;
    size_t index = c->frontier.count - 1;
    crawl_state_found(&c->state, url->text, depth);
    if (!host || host->state != FRONTIER_OPEN ||
        robots_allow(&host->robots, url->text + url->path_at, url->size - url->path_at))
        return frontier_queue(&c->frontier, index, url->origin);
    c->counts.robots++;
    c->frontier.urls[index].done = true;
    crawl_state_skipped(&c->state, index);
    return 0;
}

int crawl_wants(struct crawl *c, const struct crawl_url *url, size_t depth)
{
    if (!site_has(&c->site, url)) {
        c->counts.off_site++;
        return 0;
    }
    if (frontier_has(&c->frontier, url->text) || depth > c->options->depth)
        return 0;
    int rc = site_is_circle(url) ? 1 : site_count_query(&c->site, url);
    if (rc > 0)
        c->counts.traps++;
    return rc < 0 ? rc : rc == 0;
}

int crawl_find(struct crawl *c, const struct crawl_url *url, size_t depth)
{
    int rc = crawl_wants(c, url, depth);
    return rc > 0 ? add(c, url, depth) : rc;
}

/* ---- what is kept ---- */

static int checkpoint(struct crawl *c)
{
    size_t mark = crawl_state_mark(&c->state);
    int rc = output_flush(&c->output);
    return rc < 0 ? rc : crawl_state_write(&c->state, mark);
}

static void draw(struct crawl *c)
{
    uint64_t left = c->shared ? c->work.length : c->frontier.waiting + c->frontier.running;
    uint64_t total = c->summary.done + left;
    uint64_t room = c->options->pages - c->old;
    struct progress_state state = {
        .done = c->summary.done, .failed = c->summary.failed, .in_flight = c->in_flight,
        .total = total < room ? total : room };
    progress_draw(&c->progress, &state, bide_now());
}

static int keep_drawing(void *crawl)
{
    for (;;) {
        int rc = bide_sleep(TICK);
        if (rc < 0)
            return rc;
        draw(crawl);
    }
}

static int keep_writing(void *crawl)
{
    struct crawl *c = crawl;
    for (;;) {
        int rc = bide_sleep(TICK);
        if (rc == 0)
            rc = checkpoint(c);
        if (rc < 0)
            return rc;
        draw(c);                /* at once, if it was erased */
    }
}

/* Writes what is left; after Ctrl-C, and also if it comes just now, for a few seconds
 * more. */
static int write_last_words(struct crawl *c)
{
    int rc = c->stopped ? BIDE_ECANCELED : checkpoint(c);
    if (rc != BIDE_ECANCELED)
        return rc;
    c->stopped = true;
    BIDE_SHIELD(shield, LAST_WORDS);
    rc = checkpoint(c);
    if (rc < 0 && bide_scope_expired(shield))
        return bide_fail(BIDE_ETIMEDOUT, "%s: nobody reads, the last results are lost",
                         c->output.name);
    return rc;
}

/* ---- who is next ---- */

static bool may_begin(const struct crawl *c)
{
    return c->begun < c->options->pages && c->bytes < c->options->total_max;
}

/* Starts all that may be started now. */
static void start_pages(struct crawl *c)
{
    struct crawl_turn turn = { .crawl = c };
    while (may_begin(c) && c->frontier.running < c->options->jobs &&
           frontier_take(&c->frontier, bide_now(), &turn.index, &turn.host)) {
        c->begun++;
        bide_spawn(c->pages, crawl_page, &turn, .copy = sizeof turn);
    }
}

/* Waits until something is done, or until the next origin may be asked again. */
static int wait_for_change(struct crawl *c)
{
    double next = BIDE_FOREVER;
    if (may_begin(c) && c->frontier.running < c->options->jobs)
        next = frontier_next(&c->frontier);
    bide_event_clear(&c->changed);
    if (next == BIDE_FOREVER)
        return bide_event_wait(&c->changed);
    double now = bide_now();
    BIDE_TIMEOUT(timeout, next > now ? next - now : 0);
    int rc = bide_scope_result(timeout, bide_event_wait(&c->changed));
    return rc == BIDE_ETIMEDOUT ? 0 : rc;
}

/* Is nothing left, as far as one can know? */
static bool is_empty(const struct crawl *c)
{
    return c->frontier.waiting == 0 && (!c->shared || c->fed);
}

static int hand_out(struct crawl *c)
{
    for (;;) {
        start_pages(c);
        if (c->frontier.running == 0 && (is_empty(c) || !may_begin(c)))
            return 0;
        int rc = wait_for_change(c);
        if (rc < 0)
            return rc;
    }
}

static int run_pages(struct crawl *c)
{
    BIDE_GROUP(pages);
    c->pages = pages;
    int rc = hand_out(c);
    int failed = bide_group_wait(pages);
    return failed < 0 ? failed : rc;
}

static void run_tasks(struct crawl *c)
{
    BIDE_GROUP(helpers);
    bide_spawn(helpers, keep_writing, c);
    if (c->progress.fd >= 0)
        bide_spawn(helpers, keep_drawing, c);
    if (c->shared) {
        bide_spawn(helpers, work_queue_keep, &c->work);
        bide_spawn(helpers, crawl_shared_feed, c);
    }
    if (run_pages(c) < 0)
        crawl_note_error(c);
    bide_group_cancel(helpers);
    if (bide_group_wait(helpers) < 0)
        crawl_note_error(c);
}

int crawl_run(struct crawl *c)
{
    const struct crawl_options *o = c->options;
    bide_auto(session) session = bide_session_open(.limit = o->jobs, .limit_per_host = o->per_host,
                                                   .user_agent = o->user_agent,
                                                   .no_redirects = true);
    if (!session)
        return bide_errcode();
    c->session = session;
    c->misused = c->shared && crawl_shared_join(c) < 0;
    if (c->misused)
        crawl_note_error(c);
    else
        run_tasks(c);
    c->stopped = bide_cancelled();
    work_queue_close(&c->work);
    if (c->output.error == 0 && c->state.error == 0 && write_last_words(c) < 0)
        crawl_note_error(c);
    progress_erase(&c->progress);
    return 0;
}
