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
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 32768

/* A worker and what it has in hand. */
struct worker {
    struct fetch *fetch;
    struct input_line line;
    struct result result;
    struct body body;
    char *block;                /* what was read of a body and is yet to be written */
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
static int take_or_end(struct fetch *f, struct input_line *line)
{
    f->idle_count++;
    int rc = take(f, line);
    f->idle_count--;
    if (rc >= 0 || bide_cancelled())
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
    const struct fetch_plan *plan = w->fetch->plan;
    const struct fetch_options *o = &plan->options;
    struct bide_report report = { .attempts = 0 };
    size_t used = w->result.attempts;
    bide_response *response = bide_fetch(w->fetch->session, o->method, w->line.text,
        .timeouts = { .total = time_left, .connect = o->connect_timeout },
        .headers = plan->headers, .data = plan->data, .data_size = plan->data_size,
        .retries = (int)(o->retries > used ? o->retries - used : 0),
        .retry = { .delay = o->retry_delay, .cap = o->retry_cap, .all_methods = o->retry_all },
        .no_redirects = true,
        .report = &report);
    w->result.attempts += report.attempts;
    return response;
}

/* Reads the body to its end, into the file if there is one. */
static int read_body(struct worker *w, bide_response *response)
{
    static char nowhere[BLOCK_SIZE];    /* what lands here is not looked at */
    char *block = w->block ? w->block : nowhere;
    size_t size_max = w->fetch->plan->options.size_max;
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

/* One request and its reply, to the end of the body. */
static int exchange(struct worker *w, double time_left)
{
    const struct fetch_options *o = &w->fetch->plan->options;
    w->result.bytes = 0;
    w->result.status = 0;
    bide_auto(response) response = request(w, time_left);
    if (!response)
        return bide_errcode();
    w->result.status = bide_response_status(response);
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
    const struct fetch_plan *plan = w->fetch->plan;
    double time_left = plan->options.timeout;
    double delay = plan->options.retry_delay;
    int rc = check_line(&w->line);
    while (rc == 0) {
        rc = exchange(w, time_left);
        if (rc == 0 || w->result.status == 0 || !may_pass(rc) || !plan->repeatable ||
            w->result.attempts > plan->options.retries)
            return rc;
        double cap = plan->options.retry_cap;
        double pause = (delay < cap ? delay : cap) * (0.5 + drand48() / 2);
        delay *= 2;
        time_left = plan->options.timeout - (bide_now() - started) - pause;
        if (time_left <= 0)
            return rc;
        rc = bide_sleep(pause);
    }
    return rc;
}

static int hand_over(struct fetch *f, const struct result *r)
{
    if (f->plan->options.ordered) {
        summary_add(&f->summary, r);
        return ordered_put(&f->ordered, &f->output, r);
    }
    int rc = output_reserve(&f->output);
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
    w->result = (struct result){
        .index = w->line.index, .url = w->line.text, .url_size = w->line.size };
    f->in_flight++;
    double started = bide_now();
    int rc = transfer(w, started);
    w->result.seconds = bide_now() - started;
    f->in_flight--;
    if (rc < 0 && bide_cancelled())
        return BIDE_ECANCELED;
    if (rc < 0)
        result_fail(&w->result);
    if (w->body.directory >= 0 && rc == 0)
        w->result.file = w->body.name;
    return hand_over(f, &w->result);
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
    while (rc == 0 && (rc = take_or_end(f, &w.line)) > 0) {
        start_next_worker(f);
        rc = fetch_in_turn(&w);
    }
    free(w.block);
    return rc;
}
