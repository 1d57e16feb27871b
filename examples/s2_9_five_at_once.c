/* At most five connections, to spare the server.  In Python:
 *
 *     async with gate, session.get(url) as response:      # gate = asyncio.Semaphore(5)
 *         return await response.text()
 *
 * Where it is connections that must be few, the session itself can keep the limit. */
#include "demo.h"

enum { URLS = 12 };

static bide_session *session;

static int fetch(void *arg)
{
    size_t *length = arg;
    bide_auto(response) response = bide_get(session, "/delay/1");
    return bide_response_text(response, length) ? 0 : bide_errcode();
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();

    bide_auto(session) opened = session =
        bide_session_open(.base_url = base, .limit_per_host = 5);
    double start = bide_now();
    size_t lengths[URLS];
    struct bide_call calls[URLS];
    for (int i = 0; i < URLS; i++)
        calls[i] = (struct bide_call){ .fn = fetch, .arg = &lengths[i] };
    int rc = bide_gather(calls, URLS);
    if (rc < 0)
        return rc;
    int bodies = 0;
    for (int i = 0; i < URLS; i++)
        bodies += lengths[i] > 0;
    printf("%d bodies in %.1f s\n", bodies, bide_now() - start);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
