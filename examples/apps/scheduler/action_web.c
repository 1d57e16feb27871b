/* Warming caches and checking health: requests, with a session for the run. */
#include "action.h"
#include <stdio.h>

struct page { bide_session *session; const char *url; size_t size; };

static int fetch(void *arg)
{
    struct page *page = arg;
    bide_auto(response) response = bide_get(page->session, page->url);
    if (bide_response_check(response) < 0)
        return bide_errcode();
    return bide_response_bytes(response, &page->size) ? 0 : bide_errcode();
}

int action_warm(struct job *job)
{
    struct page pages[JOB_WORDS_MAX];
    struct bide_outcome outcomes[JOB_WORDS_MAX];
    size_t count = job->count - 1, warm = 0, size = 0;
    bide_auto(session) session = bide_session_open(.user_agent = "scheduler");
    for (size_t i = 0; i < count; i++)
        pages[i] = (struct page){ session, job->words[i + 1], 0 };
    int rc = bide_map(fetch, pages, count, .limit = 4, .keep_going = true, .outcomes = outcomes);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < count; i++) {
        warm += outcomes[i].rc == 0;
        size += pages[i].size;
    }
    for (size_t i = 0; i < count; i++)
        if (outcomes[i].rc < 0)
            return bide_fail(outcomes[i].rc, "%zu of %zu pages: %s", warm, count,
                             outcomes[i].error.text);
    job_say(job, "%zu pages are warm, %zu KiB", warm, (size + 1023) / 1024);
    return 0;
}

int action_check(struct job *job)
{
    struct bide_report report;
    bool was_well = job->well || job->runs == 0;
    bide_auto(session) session = bide_session_open(.user_agent = "scheduler");
    bide_auto(response) response = bide_get(session, job->words[1], .report = &report);
    if (bide_response_check(response) < 0)
        return bide_errcode();
    job_say(job, "%d after %.0f ms", bide_response_status(response), report.total * 1000);
    if (!was_well)
        bide_log(BIDE_LOG_WARNING, "%s: is well again", job->name);
    return 0;
}
