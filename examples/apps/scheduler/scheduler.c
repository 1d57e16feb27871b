/* A scheduled task runner: jobs at intervals and by cron lines, in one process without threads of
 * its own, and a page that shows how they do.
 *
 *     scheduler [--address HOST:PORT] [--page FILE] jobs.conf
 *
 *     GET  /                   the page
 *     GET  /jobs               all jobs, as JSON
 *     POST /jobs/NAME/run      runs one now
 *
 * SIGTERM and SIGINT stop it: jobs that run are cancelled, unwind, and are waited for. */
#include "config.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *address = "127.0.0.1:8080", *page = "page.html";

/* The jobs are tasks of a context: begun before the first request, ended after the last. */
static int keep_running(bide_worker *worker, void *jobs)
{
    BIDE_KEEP_GOING(tasks);
    for (struct job *job = jobs; job; job = job->next)
        bide_spawn(tasks, job_look_after, job);
    int rc = bide_context_hold(worker);
    bide_group_cancel(tasks);
    return rc;
}

static int show_page(bide_request *req)
{
    return bide_respond_file(req, page);
}

static void describe(bide_json *one, const struct job *job)
{
    bide_json_set(one, "name", bide_value(job->name));
    bide_json_set(one, "when", bide_value(job->when));
    bide_json_set(one, "does", bide_value(job->words[0]));
    bide_json_set(one, "running", bide_value(job->running));
    bide_json_set(one, "runs", bide_value(job->runs));
    bide_json_set(one, "failed", bide_value(job->failed));
    bide_json_set(one, "skipped", bide_value(job->skipped));
    bide_json_set(one, "next", bide_value(job->begins));
    if (job->runs == 0)
        return;
    bide_json *last = bide_json_object(one, "last");
    bide_json_set(last, "began", bide_value(job->began));
    bide_json_set(last, "seconds", bide_value(job->took));
    bide_json_set(last, "well", bide_value(job->well));
    bide_json_set(last, "said", bide_value(job->said));
}

static int list_jobs(bide_request *req)
{
    bide_auto(json) answer = bide_json_new();
    bide_json *list = bide_json_array(answer, "jobs");
    for (const struct job *job = bide_request_state(req); job; job = job->next)
        describe(bide_json_object(list, NULL), job);
    return bide_respond_json(req, 200, answer);
}

static int run_now(bide_request *req)
{
    const char *name = bide_request_param(req, "name");
    for (struct job *job = bide_request_state(req); job; job = job->next)
        if (strcmp(job->name, name) == 0) {
            bide_event_set(&job->wanted);
            return bide_respond_status(req, 202);
        }
    return bide_respond_error(req, 404, "there is no job of that name");
}

static void tell(void *unused, const char *where)
{
    (void)unused;
    printf("http://%s\n", where);
    fflush(stdout);
}

static int serve(struct job *jobs)
{
    bide_auto(app) app = bide_app_new(jobs);
    bide_app_context(app, keep_running, jobs);
    bide_route(app, "GET", "/", show_page);
    bide_route(app, "GET", "/jobs", list_jobs);
    bide_route(app, "POST", "/jobs/{name}/run", run_now);
    return bide_app_run(app, address, .listening = tell, .grace = 1);
}

static int schedule(void *path)
{
    struct job *jobs = config_read(path);
    if (!jobs)
        return bide_errcode();
    srandom((unsigned)time(NULL));
    int rc = serve(jobs);
    config_free(jobs);
    return rc;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        { "address", required_argument, NULL, 'a' }, { "page", required_argument, NULL, 'p' },
        { NULL, 0, NULL, 0 },
    };
    for (int option; (option = getopt_long(argc, argv, "a:p:", known, NULL)) != -1;) {
        switch (option) {
        case 'a': address = optarg; break;
        case 'p': page = optarg; break;
        default: return 2;
        }
    }
    if (optind + 1 != argc) {
        fprintf(stderr, "usage: scheduler [--address HOST:PORT] [--page FILE] jobs.conf\n");
        return 2;
    }
    int rc = bide_run(schedule, argv[optind], .stop_on_signal = true);
    if (rc == 0 || rc == BIDE_ECANCELED)
        return 0;
    fprintf(stderr, "scheduler: %s\n", bide_errmsg());
    return 1;
}
