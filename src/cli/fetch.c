/* cli/fetch.c -- `bide fetch`: many URLs at once, one line of JSON for each.
 *
 * Two groups: the workers, which end when the input does, and helpers that ten times a
 * second write out what has gathered and draw the progress line.  When either fails for
 * good (standard output is gone) the other is cancelled with it.  Ctrl-C cancels both;
 * what was done is still printed. */
#include "cli/fetch.h"
#include "cli/command.h"
#include "cli/jobs.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define TICK 0.1
/* Seconds that the last lines get after Ctrl-C, if who reads them is slow. */
#define LAST_WORDS 5.0

static void draw(struct fetch *f)
{
    struct progress_state state = {
        .done = f->summary.done, .failed = f->summary.failed, .in_flight = f->in_flight };
    state.total = f->shared ? f->summary.done + f->work.length
                            : input_total(&f->input, &state.total_is_exact);
    progress_draw(&f->progress, &state, bide_now());
}

/* Two tasks, for writing may wait for who reads, and the line shall tell so. */
static int keep_drawing(void *fetch)
{
    for (;;) {
        int rc = bide_sleep(TICK);
        if (rc < 0)
            return rc;
        draw(fetch);
    }
}

static int keep_writing(void *fetch)
{
    struct fetch *f = fetch;
    for (;;) {
        int rc = bide_sleep(TICK);
        if (rc == 0)
            rc = output_flush(&f->output);
        if (rc < 0)
            return rc;
        draw(f);                /* at once, if it was erased */
    }
}

static void erase_progress(void *fetch)
{
    struct fetch *f = fetch;
    progress_erase(&f->progress);
}

static int run_workers(struct fetch *f)
{
    BIDE_GROUP(workers);
    f->workers = workers;
    f->worker_count = 1;
    bide_spawn(workers, fetch_worker, f);
    if (f->work.adding)
        bide_spawn(workers, fetch_shared_feed, f);
    return bide_group_wait(workers);
}

void fetch_note_error(struct bide_error *first)
{
    if (first->code < 0 || bide_errcode() == BIDE_ECANCELED)
        return;
    first->code = bide_errcode();
    snprintf(first->text, sizeof first->text, "%s", bide_errmsg());
}

static void run_tasks(struct fetch *f)
{
    BIDE_GROUP(helpers);
    bide_spawn(helpers, keep_writing, f);
    if (f->progress.fd >= 0)
        bide_spawn(helpers, keep_drawing, f);
    if (f->shared)
        bide_spawn(helpers, work_queue_keep, &f->work);
    if (run_workers(f) < 0)
        fetch_note_error(&f->error);
    bide_group_cancel(helpers);
    if (bide_group_wait(helpers) < 0)
        fetch_note_error(&f->error);
}

static int write_rest(struct fetch *f)
{
    int rc = f->plan->options.ordered ? ordered_finish(&f->ordered, &f->output) : 0;
    return rc < 0 ? rc : output_flush(&f->output);
}

/* Writes what is left; after Ctrl-C, and also if it comes just now, for a few seconds
 * more. */
static int write_last_words(struct fetch *f)
{
    int rc = f->stopped ? BIDE_ECANCELED : write_rest(f);
    if (rc != BIDE_ECANCELED)
        return rc;
    f->stopped = true;
    BIDE_SHIELD(shield, LAST_WORDS);
    rc = write_rest(f);
    if (rc < 0 && bide_scope_expired(shield))
        return bide_fail(BIDE_ETIMEDOUT,
                         "standard output: nobody reads, the last results are lost");
    return rc;
}

static int run(void *fetch)
{
    struct fetch *f = fetch;
    const struct fetch_options *o = &f->plan->options;
    const struct request *request = &f->plan->request;
    bide_auto(session) session = request_session(request, o->jobs, o->resume ? fetch_trace : NULL,
                                                 NULL);
    f->misused = !session || (f->shared && fetch_shared_join(f) < 0);
    if (f->misused) {
        fetch_note_error(&f->error);
        work_queue_close(&f->work);
        return 0;
    }
    f->session = session;
    run_tasks(f);
    f->stopped = bide_cancelled();
    work_queue_close(&f->work);
    if (f->output.error == 0 && write_last_words(f) < 0)
        fetch_note_error(&f->error);
    if (request_keep_cookies(request) < 0)
        fetch_note_error(&f->error);
    progress_erase(&f->progress);
    input_close(&f->input);
    return 0;
}

static int open_all(struct fetch *f, char **urls, int count)
{
    const struct fetch_options *o = &f->plan->options;
    int rc = input_open(&f->input, urls, (size_t)count, o->file);
    if (rc == 0)
        rc = output_open(&f->output, STDOUT_FILENO);
    if (rc == 0 && o->ordered)
        rc = ordered_open(&f->ordered);
    if (isatty(STDOUT_FILENO)) {
        f->output.before = erase_progress;
        f->output.arg = f;
    }
    f->hosts.limit = o->per_host;
    f->rate.interval = o->rate > 0 ? 1 / o->rate : 0;
    f->started = bide_now();
    progress_open(&f->progress, STDERR_FILENO, !o->quiet, f->started);
    return rc;
}

static int exit_status(const struct fetch *f)
{
    bool closed = f->output.error == -EPIPE;    /* who read has had enough; no failure */
    bool broken = f->error.code < 0 && !closed;
    if (broken)
        fprintf(stderr, "bide fetch: %s\n", f->error.text);
    if (f->input_error.code < 0)
        fprintf(stderr, "bide fetch: %s\n", f->input_error.text);
    if (f->shared)
        work_queue_tell(&f->work, f->plan->options.quiet);
    if (f->stopped)
        return EXIT_STOPPED;
    if (f->misused)
        return EXIT_USAGE;
    bool failed = f->summary.failed > 0 || f->work.buried > 0 || f->feed.refused > 0;
    return broken || f->input_error.code < 0 || failed ? EXIT_FAILED : EXIT_FINE;
}

/* URLs that a stop left undone: of the whole input where its length is known. */
static uint64_t count_missing(const struct fetch *f)
{
    bool exact;
    if (f->shared)
        return 0;               /* they are others' */
    uint64_t total = input_total(&f->input, &exact);
    return (exact ? total : f->input.taken) - f->summary.done;
}

static int run_fetch(struct fetch *f)
{
    const struct fetch_options *o = &f->plan->options;
    if (bide_run(run, f, .stop_on_signal = true) < 0)
        fetch_note_error(&f->error);
    double elapsed = bide_now() - f->started;
    work_lines_leave(&f->lines);
    if (!o->quiet && (o->summary || f->progress.fd >= 0))
        summary_print(&f->summary, stderr, elapsed, count_missing(f));
    return exit_status(f);
}

int fetch_command(int argc, char **argv)
{
    struct fetch_plan plan;
    struct fetch f = { .plan = &plan };
    int urls = fetch_plan_make(&plan, argc, argv);
    f.lines = (struct work_lines){ &f.work, &f.output, &f.summary, NULL };
    f.shared = plan.options.work.url != NULL;
    int status = options_status(urls);
    if (urls >= 0) {
        size_t files = plan.options.resume ? 3 : plan.directory >= 0 ? 2 : 1;
        plan.options.jobs = jobs_fit("bide fetch", plan.options.jobs, files);
        srand48((long)time(NULL) ^ getpid());
        if (open_all(&f, argv, urls) == 0) {
            status = run_fetch(&f);
        } else {
            fprintf(stderr, "bide fetch: %s\n", bide_errmsg());
            status = EXIT_USAGE;
        }
        input_close(&f.input);
        output_close(&f.output);
        ordered_close(&f.ordered);
    }
    fetch_plan_free(&plan);
    return status;
}
