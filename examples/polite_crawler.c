/* A crawler that is polite: at most four pages a second, three in a row, while as many requests
 * as there are run at once; and every second it says how far it is.  asyncio has neither the
 * rate nor the interval. */
#include "demo.h"

enum { PAGES = 16 };

static bide_session *session;
static bide_rate polite = BIDE_RATE(4, 3);
static int fetched;

static int fetch(void *arg)
{
    char url[32];
    int rc = bide_rate_take(&polite, 1);        /* in the order in which they were spawned */
    if (rc < 0)
        return rc;
    snprintf(url, sizeof url, "/posts/%d", *(int *)arg);
    bide_auto(response) response = bide_get(session, url);
    rc = bide_response_check(response);
    fetched += rc >= 0;
    return rc;
}

static int report(void *start)
{
    bide_interval every_second = BIDE_INTERVAL(1, .missed = BIDE_MISSED_SKIP);
    int rc;
    while ((rc = bide_interval_wait(&every_second)) > 0)
        printf("%.1f s: %d pages\n", bide_now() - *(double *)start, fetched);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) opened = session = bide_session_open(.base_url = base);
    double start = bide_now();
    BIDE_GROUP(reporter);                       /* left, and so cancelled, at the end */
    bide_spawn(reporter, report, &start);
    BIDE_GROUP(g);
    for (int page = 1; page <= PAGES; page++)
        bide_spawn(g, fetch, &page, .copy = sizeof page);
    int rc = bide_group_wait(g);
    printf("%.2f s: all %d pages\n", bide_now() - start, fetched);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL) < 0;
}
