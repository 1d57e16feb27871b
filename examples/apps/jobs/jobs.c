/* Background jobs inside a server: a request starts one and is answered at once; others ask how
 * far it is, follow it, or cancel it.
 *
 *     jobs [--address HOST:PORT] [--workers N] [--finish SECONDS] [--file FILE]
 *
 *     POST   /jobs             {"below": 1000000}: how many primes are there?  202 and Location;
 *                              503 if too many wait
 *     GET    /jobs             all of them
 *     GET    /jobs/ID          one
 *     GET    /jobs/ID/events   its progress, as server-sent events, until it has ended
 *     DELETE /jobs/ID          cancels it
 *
 * The workers are a context of the application: begun before the first request, ended after the
 * last.  A stop gives jobs that run a moment to finish; what has not ended is written to the
 * file, and goes on when the server is started again. */
#include "job.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char *address = "127.0.0.1:8080", *file = "jobs.json";
static size_t workers = 2;
static double finish = 3;
static bide_queue *waiting;     /* of numbers: a job may be cancelled, and forgotten, meanwhile */

/* ---- workers ---- */

BIDE_WAITS static int run_in_scope(struct job *job)
{
    BIDE_SCOPE(scope);
    job->scope = scope;
    int rc = job_run(job);
    job->scope = NULL;
    return rc;
}

/* Cancelled by somebody who asked for it, or with the server: then it goes on another day. */
BIDE_WAITS static int run(struct job *job)
{
    job_set(job, JOB_RUNNING);
    int rc = run_in_scope(job);
    if (rc == 0) {
        job_set(job, JOB_DONE);
    } else if (rc != BIDE_ECANCELED) {
        snprintf(job->why, sizeof job->why, "%s", bide_errmsg());
        job_set(job, JOB_FAILED);
    } else if (bide_cancelled()) {
        job_set(job, JOB_WAITING);
        return rc;
    } else {
        job_set(job, JOB_CANCELLED);
    }
    return 0;
}

static int work(void *unused)
{
    (void)unused;
    int64_t id;
    int rc;
    while ((rc = bide_queue_get(waiting, &id)) > 0) {
        struct job *job = job_find(id);
        if (job && job->progress.state == JOB_WAITING)
            rc = run(job);
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* Puts what the last run has left into the queue again. */
BIDE_WAITS static int go_on(void)
{
    int rc = jobs_load(file);
    for (struct job *job = jobs_first(); job && rc == 0; job = job->next)
        rc = bide_queue_put_nowait(waiting, &job->id);
    return rc;
}

static int keep_workers(bide_worker *worker, void *unused)
{
    (void)unused;
    bide_auto(queue) queue = waiting = bide_queue_new(int64_t, WAITING_MAX + workers);
    BIDE_KEEP_GOING(group);
    int rc = queue ? go_on() : bide_errcode();
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < workers; i++)
        bide_spawn(group, work, NULL);
    rc = bide_context_hold(worker);
    bide_queue_close_now(queue);        /* what has not begun stays in the table alone */
    if (rc == 0) {
        BIDE_TIMEOUT(patience, finish);
        bide_ignore(bide_group_wait(group));
    }
    bide_group_cancel(group);
    bide_ignore(bide_group_wait(group));
    BIDE_SHIELD(whole, 5);
    int saved = jobs_save(file);
    return rc < 0 ? rc : saved;
}

/* ---- requests ---- */

static int answer(bide_request *req, int status, const struct job *job)
{
    bide_auto(json) told = bide_json_new();
    job_describe(told, job);
    return bide_respond_json(req, status, told);
}

static struct job *wanted(const bide_request *req)
{
    return job_find(strtoll(bide_request_param(req, "id"), NULL, 10));
}

static int no_such_job(bide_request *req)
{
    return bide_respond_error(req, 404, "there is no job %s", bide_request_param(req, "id"));
}

static int refuse(bide_request *req)
{
    int rc = bide_respond_header(req, "Retry-After", "5");
    return rc < 0 ? rc : bide_respond_error(req, 503, "too many jobs wait");
}

static int add(bide_request *req)
{
    int64_t below;
    const bide_json *asked = bide_request_json(req);
    if (!asked)
        return bide_errcode();                  /* which becomes a 400 that says where */
    if (bide_json_get(asked, "below", &below) < 0)
        return bide_respond_error(req, 422, "%s", bide_errmsg());
    if (below < 0 || below > BELOW_MAX)
        return bide_respond_error(req, 422, "below: 0 to %d", BELOW_MAX);
    if (jobs_waiting() >= WAITING_MAX)
        return refuse(req);
    struct job *job = job_add(below);
    if (!job)
        return bide_errcode();
    if (bide_queue_put_nowait(waiting, &job->id) < 0) { /* full of jobs that were cancelled */
        job_cancel(job);
        return refuse(req);
    }
    int rc = bide_respond_header(req, "Location",
                                 bide_request_printf(req, "/jobs/%lld", (long long)job->id));
    return rc < 0 ? rc : answer(req, 202, job);
}

static int list(bide_request *req)
{
    bide_auto(json) told = bide_json_new();
    bide_json *all = bide_json_array(told, "jobs");
    for (const struct job *job = jobs_first(); job; job = job->next)
        job_describe(bide_json_object(all, NULL), job);
    return bide_respond_json(req, 200, told);
}

static int show(bide_request *req)
{
    const struct job *job = wanted(req);
    return job ? answer(req, 200, job) : no_such_job(req);
}

static int cancel(bide_request *req)
{
    struct job *job = wanted(req);
    if (!job)
        return no_such_job(req);
    if (job_has_ended(job))
        return bide_respond_error(req, 409, "job %lld has ended", (long long)job->id);
    job_cancel(job);
    return answer(req, 202, job);
}

BIDE_WAITS static int send_progress(bide_request *req, const struct job *job)
{
    bide_auto(json) told = bide_json_new();
    job_describe(told, job);
    char *text = bide_json_write(told, NULL);
    int rc = text ? bide_respond_event(req, text, .type = job_has_ended(job) ? "end" : "progress")
        : bide_errcode();
    bide_json_text_free(text);
    return rc;
}

/* Until the job has ended, its follower has gone, or the server stops. */
BIDE_WAITS static int send_all_progress(bide_request *req, struct job *job)
{
    struct progress now;
    uint64_t seen = bide_watch_get(job->watch, &now);
    bide_event *gone = bide_request_gone(req);
    int rc = send_progress(req, job), changed;
    while (rc == 0 && gone && !job_has_ended(job)) {
        switch (bide_select(BIDE_ON_WATCH(job->watch, &seen, &changed), BIDE_ON_EVENT(gone),
                            BIDE_AFTER(15))) {
        case 0: rc = send_progress(req, job); break;
        case 1: return 0;
        case 2: rc = bide_respond_event_ping(req); break;      /* else a proxy may give it up */
        default: return bide_errcode();
        }
    }
    return rc;
}

static int follow(bide_request *req)
{
    struct job *job = wanted(req);
    if (!job)
        return no_such_job(req);
    job->followers++;
    int rc = send_all_progress(req, job);
    job->followers--;
    return rc;
}

/* ---- the program ---- */

static void tell(void *unused, const char *where)
{
    (void)unused;
    printf("http://%s\n", where);
    fflush(stdout);
}

static int serve(void *unused)
{
    (void)unused;
    bide_auto(app) app = bide_app_new(NULL);
    bide_app_context(app, keep_workers, NULL);
    bide_route(app, "POST", "/jobs", add);
    bide_route(app, "GET", "/jobs", list);
    bide_route(app, "GET", "/jobs/{id:[0-9]+}", show);
    bide_route(app, "DELETE", "/jobs/{id:[0-9]+}", cancel);
    bide_route(app, "GET", "/jobs/{id:[0-9]+}/events", follow,
               .on_disconnect = BIDE_DISCONNECT_TELL);
    int rc = bide_app_run(app, address, .listening = tell, .cleanup = finish + 10);
    jobs_free();
    return rc;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        { "address", required_argument, NULL, 'a' }, { "workers", required_argument, NULL, 'w' },
        { "finish", required_argument, NULL, 'f' }, { "file", required_argument, NULL, 'o' },
        { NULL, 0, NULL, 0 },
    };
    for (int option; (option = getopt_long(argc, argv, "a:w:f:o:", known, NULL)) != -1;) {
        switch (option) {
        case 'a': address = optarg; break;
        case 'w': workers = (size_t)atol(optarg); break;
        case 'f': finish = atof(optarg); break;
        case 'o': file = optarg; break;
        default: return 2;
        }
    }
    if (optind != argc || workers == 0 || workers > 64 || !(finish >= 0)) {
        fprintf(stderr, "usage: jobs [--address HOST:PORT] [--workers N] [--finish SECONDS] "
                "[--file FILE]\n");
        return 2;
    }
    int rc = bide_run(serve, NULL, .stop_on_signal = true);
    if (rc == 0 || rc == BIDE_ECANCELED)
        return 0;
    fprintf(stderr, "jobs: %s\n", bide_errmsg());
    return 1;
}
