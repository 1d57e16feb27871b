/* An application's own tasks, and those of requests. */
#include "web/background.h"

#include "web/request.h"
#include "web/sheltered.h"
#include "web/worker.h"

struct job {
    struct bide_worker *worker;
    const struct part *part;
};

/* waits: in the application's function */
static int run(void *arg)
{
    const struct job *job = arg;
    return job->part->fn(job->worker, job->part->arg);
}

int bide__background_begin(struct bide_worker *worker, const struct part *part)
{
    struct job job = { worker, part };
    int rc = bide__sheltered_open(&worker->lifecycle.background, "background of an application");
    return rc < 0 ? rc : bide_spawn(worker->lifecycle.background, run, &job, .copy = sizeof job,
                                    .name = "background");
}

bide_group *bide_request_background(bide_request *req)
{
    return req->worker->lifecycle.requests;
}

int bide__background_end(struct bide_worker *worker, double grace)
{
    return bide__sheltered_end(worker->lifecycle.requests, grace);
}
