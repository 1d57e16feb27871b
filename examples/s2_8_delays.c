/* Five slow URLs in the time of the slowest.  In Python:
 *
 *     async with session.get(url) as response:
 *         return url, response.status, len(await response.text())
 */
#include "demo.h"

static bide_session *session;

struct fetch { char url[80]; int status; size_t length; };

static int fetch_url(void *arg)
{
    struct fetch *fetch = arg;
    bide_auto(response) response = bide_get(session, fetch->url);
    if (!bide_response_text(response, &fetch->length))
        return bide_errcode();
    fetch->status = bide_response_status(response);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();

    bide_auto(session) opened = session = bide_session_open();
    double start = bide_now();
    struct fetch fetches[5];
    struct bide_call calls[5];
    for (int i = 0; i < 5; i++) {
        snprintf(fetches[i].url, sizeof fetches[i].url, "%s/delay/%d", base, 1 + i % 2);
        calls[i] = (struct bide_call){ .fn = fetch_url, .arg = &fetches[i] };
    }
    int rc = bide_gather(calls, 5);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 5; i++)
        printf("%s: status=%d, length=%zu\n", fetches[i].url, fetches[i].status,
               fetches[i].length);
    printf("Total: %.1fs\n", bide_now() - start);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
