/* A client with all its limits said.  In Python:
 *
 *     connector = aiohttp.TCPConnector(limit=100, limit_per_host=30, ttl_dns_cache=300)
 *     timeout = aiohttp.ClientTimeout(total=30, connect=5, sock_read=10)
 *
 * There `connect` counts the wait for a free connection too, here .pool does; sock_read is
 * .first_byte and .idle.  Names are remembered for as long as their records say. */
#include "demo.h"

enum { URLS = 60 };

static bide_session *client;

static bide_session *optimized_client(const char *base)
{
    return bide_session_open(.base_url = base, .limit = 100, .limit_per_host = 30,
                             .timeouts = { .total = 30, .pool = 5, .connect = 5,
                                           .first_byte = 10, .idle = 10 });
}

static int fetch(void *path)
{
    bide_auto(response) response = bide_get(client, path);
    return bide_response_text(response, NULL) ? 0 : bide_errcode();
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) session = client = optimized_client(base);
    double start = bide_now();
    BIDE_GROUP(fetches);
    for (int i = 0; i < URLS; i++)
        bide_spawn(fetches, fetch, "/delay/1");
    int rc = bide_group_wait(fetches);
    if (rc < 0)
        return rc;
    printf("%d URLs, 30 at once: %.1f s\n", URLS, bide_now() - start);

    start = bide_now();
    if (fetch("/delay/20") < 0)
        printf("after %.1f s: %s\n", bide_now() - start, bide_errmsg());
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
