/* cli/fetch_worker.c -- one worker of `bide fetch`: takes URLs and fetches them, one
 * after another.
 *
 * Workers are started one by one, each by its predecessor once that has something to do,
 * so there are never more than the input keeps busy.  A worker's memory is one URL long;
 * bodies pass through a block.  Nothing that is wrong with a URL, its server or the disk
 * ends a worker: it becomes the error of that URL.  Only when standard output is gone, or
 * memory, or the run is cancelled, it fails. */
#include "cli/body.h"
#include "cli/fetch.h"
#include "cli/phases.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 32768

/* A worker and what it has in hand. */
struct worker {
    struct fetch *fetch;
    struct input_line line;
    struct work_item *item;     /* the line's, with --queue */
    struct result result;
    struct body body;
    char *block;                /* what was read of a body and is yet to be written */
    struct bide_report report;  /* of the last try */
    char *final_url;            /* where redirects led */
};

/* Takes the next URL, at once if it is at hand and nobody waits before: 1; 0: there are
 * no more. */
static int take(struct fetch *f, struct input_line *line)
{
    bool ordered = f->plan->options.ordered;
    if (bide_semaphore_free(&f->taking) > 0 &&
        (!ordered || ordered_has_room(&f->ordered, f->input.taken)) &&
        input_next_nowait(&f->input, line))
        return 1;
    bide_auto(permit) taking = bide_semaphore_acquire(&f->taking);
    if (!taking)
        return bide_errcode();
    int rc = ordered ? ordered_wait(&f->ordered, f->input.taken) : 0;
    return rc < 0 ? rc : input_next(&f->input, line);
}

/* The same, counted as idle meanwhile; a failure of the input is its end, and told
 * later. */
static int take_or_end(struct worker *w)
{
    struct fetch *f = w->fetch;
    f->idle_count++;
    int rc = f->shared ? fetch_shared_take(f, &w->line, &w->item) : take(f, &w->line);
    f->idle_count--;
    if (rc >= 0 || f->shared || bide_cancelled())
        return rc;
    fetch_note_error(&f->input_error);
    return 0;
}

static void start_next_worker(struct fetch *f)
{
    if (f->idle_count > 0 || f->worker_count >= f->plan->options.jobs)
        return;
    f->worker_count++;
    bide_spawn(f->workers, fetch_worker, f);
}

static int check_line(const struct input_line *line)
{
    if (line->too_long)
        return bide_fail(BIDE_ELIMIT, "URL longer than %d bytes", INPUT_LINE_MAX);
    if (memchr(line->text, '\0', line->size))
        return bide_fail(BIDE_EURL, "bad URL: it holds a NUL byte");
    return 0;
}

/* Sends the request, with the library's own retries, and waits for the head of the
 * reply. */
static bide_response *request(struct worker *w, double time_left)
{
    const struct request *r = &w->fetch->plan->request;
    size_t used = w->result.attempts, retries = r->options->retries;
    struct bide_fetch_opts opts = r->fetch;
    opts.url = request_url(r, w->line.text);
    if (!opts.url)
        bide_fail(BIDE_ENOMEM, "out of memory");
    opts.timeouts.total = time_left;
    opts.retries = (int)(retries > used ? retries - used : 0);
    opts.report = &w->report;
    w->report = (struct bide_report){ .attempts = 0 };
    bide_response *response = opts.url ? bide_fetch_opts(w->fetch->session, r->method, &opts)
                                       : NULL;
    if (opts.url != w->line.text)
        free((void *)(uintptr_t)opts.url);
    w->result.attempts += w->report.attempts;
    w->result.redirects = w->report.redirects;
    return response;
}

/* Reads the body to its end, into the file if there is one. */
static int read_body(struct worker *w, bide_response *response)
{
    static char nowhere[BLOCK_SIZE];    /* what lands here is not looked at */
    char *block = w->block ? w->block : nowhere;
    size_t size_max = w->fetch->plan->options.request.size_max;
    for (;;) {
        ssize_t n = bide_response_read(response, block, BLOCK_SIZE);
        if (n <= 0)
            return (int)n;
        w->result.bytes += (uint64_t)n;
        if (w->result.bytes > size_max)
            return bide_fail(BIDE_ELIMIT, "body longer than %zu bytes (see --max-size)", size_max);
        int rc = w->body.fd >= 0 ? body_write(&w->body, block, (size_t)n) : 0;
        if (rc < 0)
            return rc;
    }
}

static int note_final_url(struct worker *w, const bide_response *response)
{
    free(w->final_url);
    w->final_url = strdup(bide_response_url(response));
    w->result.final_url = w->final_url;
    return w->final_url ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

/* One request and its reply, to the end of the body. */
static int exchange(struct worker *w, double time_left)
{
    const struct request_options *o = &w->fetch->plan->options.request;
    w->result.bytes = 0;
    w->result.status = 0;
    bide_auto(response) response = request(w, time_left);
    if (!response)
        return bide_errcode();
    w->result.status = bide_response_status(response);
    if (o->location && note_final_url(w, response) < 0)
        return BIDE_ENOMEM;
    bool refused = o->fail && w->result.status >= 400;
    if (w->body.directory >= 0 && !refused) {
        int rc = body_open(&w->body, w->line.index + 1, w->line.text, w->line.size);
        if (rc < 0)
            return rc;
    }
    int rc = read_body(w, response);
    if (rc == 0 && w->body.fd >= 0)
        rc = body_keep(&w->body);
    body_drop(&w->body);
    return rc == 0 && refused ? bide_response_check(response) : rc;
}

static bool may_pass(int code)
{
    return code == BIDE_EEOF || code == -ECONNRESET || code == -EPIPE;
}

/* Fetches the URL.  A reply that breaks off within its body is out of the library's
 * hands, so that it is tried again here, with what is left of tries and time. */
static int transfer(struct worker *w, double started)
{
    const struct request *r = &w->fetch->plan->request;
    const struct request_options *o = r->options;
    double time_left = o->timeout;
    double delay = o->retry_delay;
    int rc = check_line(&w->line);
    while (rc == 0) {
        rc = exchange(w, time_left);
        if (rc == 0 || w->result.status == 0 || !may_pass(rc) || !r->repeatable ||
            w->result.attempts > o->retries)
            return rc;
        double cap = o->retry_cap;
        double pause = (delay < cap ? delay : cap) * (0.5 + drand48() / 2);
        delay *= 2;
        time_left = o->timeout - (bide_now() - started) - pause;
        if (time_left <= 0)
            return rc;
        rc = bide_sleep(pause);
    }
    return rc;
}

/* ---- --resume ---- */

/* What a task's download does is told to it alone. */
static const bide_local watched = { NULL, NULL };

void fetch_trace(void *fetch, const struct bide_trace_event *event)
{
    struct phases *phases = bide_local_get(&watched);
    (void)fetch;
    if (phases)
        phases_trace(phases, event);
}

/* The same with the library's downloads, which go on where they stopped. */
static int download(struct worker *w)
{
    const struct request *r = &w->fetch->plan->request;
    const struct request_options *o = r->options;
    struct phases phases = { .tell = false };
    struct bide_fetch_opts opts = r->fetch;
    char *path;
    int rc = check_line(&w->line);
    if (rc < 0)
        return rc;
    filename_make(w->body.name, w->line.index + 1, w->line.text, w->line.size);
    if (asprintf(&path, "%s/%s", w->body.directory_name, w->body.name) < 0)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    opts.report = &w->report;
    BIDE_LOCAL(watching, &watched, &phases);
    int64_t size = bide_download(w->fetch->session, w->line.text, path, .resume = true,
        .retries = (int)o->retries, .retry_delay = o->retry_delay, .retry_cap = o->retry_cap,
        .timeout = o->timeout, .idle = opts.timeouts.idle, .request = &opts,
        .size_max = o->size_max == BIDE_UNLIMITED ? 0 : o->size_max);
    free(path);
    w->result.status = phases.status;
    w->result.attempts = phases.tries;
    w->result.redirects = w->report.redirects;
    w->result.bytes = size < 0 ? 0 : (uint64_t)size;
    return size < 0 ? (int)size : 0;
}

/* ---- the result ---- */

static int hand_over(struct fetch *f, const struct result *r)
{
    if (f->plan->options.ordered) {
        summary_add(&f->summary, r);
        return ordered_put(&f->ordered, &f->output, r);
    }
    int rc = output_reserve_sized(&f->output, RESULT_LINE_MAX);
    if (rc < 0)
        return rc;
    summary_add(&f->summary, r);
    output_commit(&f->output, result_write(output_place(&f->output), r));
    return 0;
}

/* Fetches the URL in hand and hands its result over.  < 0: the run is at its end. */
static int fetch_one(struct worker *w)
{
    struct fetch *f = w->fetch;
    const struct fetch_options *o = &f->plan->options;
    w->result = (struct result){
        .index = w->line.index, .url = w->line.text, .url_size = w->line.size,
        .followed = o->request.location, .report = o->request.trace ? &w->report : NULL };
    f->in_flight++;
    double started = bide_now();
    int rc = o->resume ? download(w) : transfer(w, started);
    w->result.seconds = bide_now() - started;
    f->in_flight--;
    if (rc < 0 && bide_cancelled())
        return BIDE_ECANCELED;
    if (rc < 0)
        result_fail(&w->result);
    if (w->body.directory >= 0 && rc == 0)
        w->result.file = w->body.name;
    return w->item ? fetch_shared_hand_over(f, w->item, &w->result) : hand_over(f, &w->result);
}

/* Waits for the URL's turn, by its host and by the rate; then fetches it. */
static int fetch_in_turn(struct worker *w)
{
    struct fetch *f = w->fetch;
    struct host_turn turn;
    int rc = hosts_enter(&f->hosts, w->line.text, &turn);
    if (rc < 0)
        return rc;
    rc = rate_wait(&f->rate);
    if (rc == 0)
        rc = fetch_one(w);
    hosts_leave(&f->hosts, &turn);
    return rc;
}

int fetch_worker(void *fetch)
{
    struct fetch *f = fetch;
    struct worker w = { .fetch = f };
    w.body = (struct body){ .directory = f->plan->directory, .fd = -1,
                            .directory_name = f->plan->options.directory };
    if (w.body.directory >= 0 && !(w.block = malloc(BLOCK_SIZE)))
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int rc = 0;
    while (rc == 0 && (rc = take_or_end(&w)) > 0) {
        start_next_worker(f);
        rc = fetch_in_turn(&w);
    }
    free(w.block);
    free(w.final_url);
    return rc;
}
