/* Fetches that may fail, each with its own error.  In Python:
 *
 *     limit = aiohttp.ClientTimeout(total=5)
 *     async with session.get(url, timeout=limit) as response:
 *         response.raise_for_status()
 *     ...
 *     outcomes = await asyncio.gather(*map(risky_fetch, urls), return_exceptions=True)
 */
#include "demo.h"

static bide_session *session;

struct fetch { char url[80], text[128]; };

static int risky_fetch(void *arg)
{
    struct fetch *fetch = arg;
    bide_auto(response) response = bide_get(session, fetch->url, .timeout = 5);
    if (bide_response_check(response) < 0)  /* no response, or a status of 400 and above */
        return bide_errcode();
    const char *text = bide_response_text(response, NULL);
    if (!text)
        return bide_errcode();
    snprintf(fetch->text, sizeof fetch->text, "%s", text);
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
    static const char *const urls[] = { "/posts/1", "http://invalid-url-xyz.invalid/",
                                        "http://127.0.0.1:1/", "/status/503", "/delay/60" };
    struct fetch fetches[5];
    struct bide_call calls[5];
    for (int i = 0; i < 5; i++) {
        snprintf(fetches[i].url, sizeof fetches[i].url, "%s%s", urls[i][0] == '/' ? base : "",
                 urls[i]);
        calls[i] = (struct bide_call){ .fn = risky_fetch, .arg = &fetches[i] };
    }
    int rc = bide_gather_all(calls, 5);     /* nobody is cancelled by another's failure */
    for (int i = 0; i < 5; i++)
        if (calls[i].rc < 0)
            printf("Failed %s: %s\n", fetches[i].url, calls[i].error.text);
        else
            printf("Success %s: %s", fetches[i].url, fetches[i].text);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
