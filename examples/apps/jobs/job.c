/* The table of jobs, and one job's life and work. */
#include "job.h"
#include <stdio.h>
#include <stdlib.h>

enum { SLICE = 200000 };        /* numbers: some tens of milliseconds */

static struct job *first, **last = &first;
static int64_t last_id;
static size_t ended_count;

/* ---- the table ---- */

static void job_free(struct job *job)
{
    bide_watch_free(job->watch);
    free(job);
}

/* Forgets the oldest that have ended, where nobody follows them. */
static void forget(void)
{
    for (struct job **place = &first; *place && ended_count > ENDED_MAX;) {
        struct job *job = *place;
        if (!job_has_ended(job) || job->followers > 0) {
            place = &job->next;
            continue;
        }
        *place = job->next;
        if (last == &job->next)
            last = place;
        job_free(job);
        ended_count--;
    }
}

struct job *job_add(int64_t below)
{
    struct job *job = calloc(1, sizeof *job);
    if (job)
        job->watch = bide_watch_new(struct progress, &job->progress);
    if (!job || !job->watch) {
        free(job);
        bide_fail(BIDE_ENOMEM, "out of memory for a job");
        return NULL;
    }
    forget();
    job->id = ++last_id;
    job->below = below;
    *last = job;
    last = &job->next;
    return job;
}

struct job *job_find(int64_t id)
{
    struct job *job = first;
    while (job && job->id != id)
        job = job->next;
    return job;
}

struct job *jobs_first(void)
{
    return first;
}

size_t jobs_waiting(void)
{
    size_t count = 0;
    for (const struct job *job = first; job; job = job->next)
        count += job->progress.state == JOB_WAITING;
    return count;
}

void jobs_free(void)
{
    while (first) {
        struct job *job = first;
        first = job->next;
        job_free(job);
    }
    last = &first;
}

/* ---- one job ---- */

bool job_has_ended(const struct job *job)
{
    return job->progress.state > JOB_RUNNING;
}

void job_set(struct job *job, enum job_state state)
{
    ended_count += state > JOB_RUNNING && !job_has_ended(job);
    job->progress.state = state;
    bide_watch_set(job->watch, &job->progress);
}

void job_cancel(struct job *job)
{
    if (job->progress.state == JOB_WAITING)
        job_set(job, JOB_CANCELLED);
    else if (job->scope)
        bide_scope_cancel(job->scope);
}

/* What one thread does at a time. */
struct slice { int64_t from, to, found; };

static bool is_prime(int64_t number)
{
    if (number < 4)
        return number > 1;
    if (number % 2 == 0)
        return false;
    for (int64_t i = 3; i * i <= number; i += 2)
        if (number % i == 0)
            return false;
    return true;
}

static int count_primes(void *arg)
{
    struct slice *slice = arg;
    for (int64_t i = slice->from; i < slice->to; i++)
        slice->found += is_prime(i);
    return 0;
}

int job_run(struct job *job)
{
    struct progress *progress = &job->progress;
    while (progress->looked_at < job->below) {
        int64_t left = job->below - progress->looked_at;
        struct slice slice = { progress->looked_at,
                               progress->looked_at + (left < SLICE ? left : SLICE), 0 };
        int rc = bide_to_thread(count_primes, &slice);
        if (rc < 0)
            return rc;
        progress->looked_at = slice.to;
        progress->found += slice.found;
        bide_watch_set(job->watch, progress);
    }
    return 0;
}

void job_describe(bide_json *told, const struct job *job)
{
    static const char *const states[] = { "waiting", "running", "done", "failed", "cancelled" };
    bide_json_set(told, "id", bide_value(job->id));
    bide_json_set(told, "state", bide_value(states[job->progress.state]));
    bide_json_set(told, "below", bide_value(job->below));
    bide_json_set(told, "looked_at", bide_value(job->progress.looked_at));
    bide_json_set(told, "primes", bide_value(job->progress.found));
    if (job->progress.state == JOB_FAILED)
        bide_json_set(told, "why", bide_value(job->why));
}

/* ---- outliving a stop ---- */

int jobs_save(const char *path)
{
    size_t size;
    bide_auto(json) list = bide_json_new_array();
    for (const struct job *job = first; job; job = job->next)
        if (!job_has_ended(job))
            job_describe(bide_json_object(list, NULL), job);
    char *text = bide_json_write(list, &size, .indent = 1);
    int rc = text ? bide_file_save(path, text, size) : bide_errcode();
    bide_json_text_free(text);
    return rc;
}

/* A job goes on where it was, under its old number. */
static int load_one(const bide_json *told)
{
    int64_t id, below, looked_at, found;
    if (bide_json_get(told, "id", &id) < 0 || bide_json_get(told, "below", &below) < 0
        || bide_json_get(told, "looked_at", &looked_at) < 0
        || bide_json_get(told, "primes", &found) < 0)
        return bide_errcode();
    if (id <= last_id || below < 0 || below > BELOW_MAX || looked_at < 0)
        return bide_fail(BIDE_EINVAL, "there cannot be such a job");
    last_id = id - 1;
    struct job *job = job_add(below);
    if (!job)
        return bide_errcode();
    job->progress.looked_at = looked_at;
    job->progress.found = found;
    job_set(job, JOB_WAITING);
    return 0;
}

int jobs_load(const char *path)
{
    bide_auto(bytes) text = bide_file_load(path);
    if (!text)
        return bide_errcode() == -ENOENT ? 0 : bide_errcode();
    bide_auto(json) list = bide_json_parse(text->data, text->size);
    if (!list)
        return bide_within("%s", path);
    for (const bide_json *one = NULL; (one = bide_json_next(list, one));)
        if (load_one(one) < 0)
            return bide_within("%s", path);
    return 0;
}
