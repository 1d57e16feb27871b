/* A hundred URLs of a second each, in a second.  In Python:
 *
 *     async with aiohttp.ClientSession() as session:
 *         texts = await asyncio.gather(*[fetch(session, f"{base}/delay/1") for _ in range(100)])
 *
 * A session opens up to 100 connections unless told otherwise: just enough. */
#include "demo.h"

static bide_session *session;

static int fetch(void *unused)
{
    (void)unused;
    bide_auto(response) response = bide_get(session, "/delay/1");
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
        bide_spawn(fetches, fetch, NULL);
    int rc = bide_group_wait(fetches);
    if (rc == 0)
        printf("Fetched 100 URLs in %.2fs\n", bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
