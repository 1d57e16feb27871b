/* A batch that never breaks: an HTTP error is a result, any other failure its task's own.  In
 * Python:
 *
 *     try: return await fetch_url(url)
 *     except aiohttp.ClientError as e: return {"error": str(e)}
 *     ...
 *     results = await asyncio.gather(*tasks, return_exceptions=True) */
#include "demo.h"
#include <errno.h>

static bide_session *session;

struct fetch { const char *url; char text[200]; };

static bool is_client_error(int code)
{
    return code == BIDE_EHTTP || code == BIDE_EURL || code == -ECONNREFUSED;
}

static int safe_fetch(void *arg)
{
    struct fetch *fetch = arg;
    bide_auto(response) response = bide_get(session, fetch->url, .timeout = 5);
    if (bide_response_check(response) == 0 && bide_response_text(response, NULL))
        snprintf(fetch->text, sizeof fetch->text, "%s", bide_response_text(response, NULL));
    else if (is_client_error(bide_errcode()))
        snprintf(fetch->text, sizeof fetch->text, "error: %s\n", bide_errmsg());
    else
        return bide_errcode();
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();

    bide_auto(session) opened = session = bide_session_open(.base_url = base);
    struct fetch fetches[] = { { "/delay/1", "" }, { "/status/404", "" },
                               { "http://127.0.0.1:1/", "" }, { "/delay/60", "" } };
    struct bide_call calls[4];
    for (int i = 0; i < 4; i++)
        calls[i] = (struct bide_call){ .fn = safe_fetch, .arg = &fetches[i] };
    int rc = bide_gather_all(calls, 4);
    for (int i = 0; i < 4; i++)
        if (calls[i].rc < 0)
            printf("Task failed: %s\n", calls[i].error.text);
        else
            printf("%s", fetches[i].text);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
