/* Time-outs for all calls of a session.  In Python:
 *
 *     timeout = aiohttp.ClientTimeout(total=10, connect=3)
 *     async with aiohttp.ClientSession(timeout=timeout) as session:
 *
 * There `connect` has two meanings, connecting and waiting for a free connection; here each has
 * its own limit, and the sentence says which one it was. */
#include "demo.h"

static bide_session *session;
static double start;

static int fetch(void *path)
{
    bide_auto(response) response = bide_get(session, path);
    const char *text = bide_response_text(response, NULL);
    printf("%4.1f s: %s", bide_now() - start, text ? text : "failed, ");
    if (!text)
        printf("%s\n", bide_errmsg());
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();

    bide_auto(session) opened = session =
        bide_session_open(.base_url = base, .limit = 1,
                          .timeouts = { .total = 10, .connect = 3, .pool = 3 });
    start = bide_now();
    struct bide_call calls[] = { { .fn = fetch, .arg = "/delay/5" },
                                 { .fn = fetch, .arg = "/delay/1" } };
    int rc = bide_gather(calls, 2);         /* the second waits for the only connection */
    return rc < 0 ? rc : fetch("/delay/20");
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
