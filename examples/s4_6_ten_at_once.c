/* The hundred URLs of s4_5_hundred_urls.c, ten at a time.  In Python:
 *
 *     async with gate, session.get(url) as response:      # gate = asyncio.Semaphore(10)
 *         return await response.text()
 */
#include "demo.h"

static bide_session *session;
static bide_semaphore ten_at_once = BIDE_SEMAPHORE(10);

static int fetch_with_limit(void *unused)
{
    (void)unused;
    bide_auto(permit) permit = bide_semaphore_acquire(&ten_at_once);
    bide_auto(response) response = permit ? bide_get(session, "/delay/1") : NULL;
    return bide_response_text(response, NULL) ? 0 : bide_errcode();
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
    BIDE_GROUP(fetches);
    for (int i = 0; i < 100; i++)
        bide_spawn(fetches, fetch_with_limit, NULL);
    int rc = bide_group_wait(fetches);
    if (rc == 0)
        printf("Fetched 100 URLs in %.2fs\n", bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
