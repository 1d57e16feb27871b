/* The central program: a hundred URLs, ten at a time, five seconds each, an error per task.
 *
 * bide_gather_all() lets every call run to its end (return_exceptions=True in Python);
 * bide_gather() instead would cancel the other 99 at the first failure. */
#include "demo.h"

static struct job { char url[80]; int status; size_t size; } jobs[100];
static bide_session *session;
static bide_semaphore ten_at_once = BIDE_SEMAPHORE(10);

static int fetch(void *arg)
{
    struct job *job = arg;
    bide_auto(permit) permit = bide_semaphore_acquire(&ten_at_once);
    bide_auto(response) res = permit ? bide_get(session, job->url, .timeout = 5) : NULL;
    if (bide_response_check(res) < 0 || !bide_response_text(res, &job->size))
        return bide_errcode();              /* NULL passes the held error on */
    job->status = bide_response_status(res);
    return 0;
}

static int fetch_all(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();

    bide_auto(session) opened = session = bide_session_open(.limit = 10);
    struct bide_call calls[100];
    for (int i = 0; i < 100; i++) {
        const char *path = i == 33 ? "/status/503" : i == 66 ? "/delay/60" : "/delay/1";
        snprintf(jobs[i].url, sizeof jobs[i].url, "%s%s", base, path);
        calls[i] = (struct bide_call){ .fn = fetch, .arg = &jobs[i] };
    }
    double start = bide_now();
    int rc = bide_gather_all(calls, 100);
    int fetched = 0;
    for (int i = 0; i < 100; i++)
        if (calls[i].rc < 0)
            printf("job %d: %s\n", i, calls[i].error.text);
        else
            fetched += jobs[i].status == 200;
    printf("Fetched %d of 100 URLs in %.1f s\n", fetched, bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(fetch_all, NULL, .stop_on_signal = true) < 0;
}
