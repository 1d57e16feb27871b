/* A hundred requests, never more than ten at once.  In Python:
 *
 *     gate = asyncio.Semaphore(10)
 *     ...
 *     async with gate:
 *         async with session.get(url) as response:
 */
#include "demo.h"

static bide_session *session;
static bide_semaphore ten_at_once = BIDE_SEMAPHORE(10);
static int inside, most;

static int fetch_with_limit(void *arg)
{
    int *status = arg;
    bide_auto(permit) permit = bide_semaphore_acquire(&ten_at_once);
    if (!permit)
        return bide_errcode();
    if (++inside > most)        /* no lock: nobody else runs until this task waits */
        most = inside;
    bide_auto(response) response = bide_get(session, "/delay/1");
    inside--;
    return *status = bide_response_status(response);
}                               /* the permit goes to the next in line, on every path */

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();

    bide_auto(session) opened = session = bide_session_open(.base_url = base);
    double start = bide_now();
    int statuses[100], fetched = 0;
    struct bide_call calls[100];
    for (int i = 0; i < 100; i++)
        calls[i] = (struct bide_call){ .fn = fetch_with_limit, .arg = &statuses[i] };
    int rc = bide_gather(calls, 100);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 100; i++)
        fetched += statuses[i] == 200;
    printf("%d of 100 fetched, at most %d at once, in %.1f s\n", fetched, most,
           bide_now() - start);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
