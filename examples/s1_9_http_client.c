/* A client for one service: a base URL, and GETs that are tried again, 1 s and then 2 s later; a
 * POST is not.  In Python a class AsyncHttpClient with a loop in its get():
 *
 *     except aiohttp.ClientError as e:
 *         await asyncio.sleep(2 ** attempt)
 *
 * Here the session has all of it, and its trace tells of each retry before the delay. */
#include "demo.h"

static bide_session *client;

static void log_retry(void *unused, const struct bide_trace_event *event)
{
    (void)unused;
    if (event->kind == BIDE_TRACE_RETRY)
        printf("Retry %d: %s\n", (int)event->number - 1, event->text);
}

static int get(void *path)
{
    bide_auto(response) response = bide_get(client, path);
    const char *text = bide_response_text(response, NULL);
    if (text)
        printf("%s", text);
    return text ? 0 : bide_errcode();
}

static int post(const char *path, const bide_json *data)
{
    bide_auto(response) response = bide_post(client, path, .json = data);
    return bide_response_text(response, NULL) ? 0 : bide_errcode();
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) opened = client =
        bide_session_open(.base_url = base, .limit = 100, .limit_per_host = 20, .timeout = 30,
                          .retry = { .retries = 2, .delay = 1, .jitter = -1 },
                          .raise_for_status = true, .trace = log_retry);
    double start = bide_now();
    int rc = get("/flaky/2");
    printf("after %.0f s\n", bide_now() - start);
    bide_auto(json) data = bide_json_new();
    if (rc == 0 && post("/flaky/1?post", data) < 0)
        printf("POST failed: %s\n", bide_errmsg());
    struct bide_call calls[] = { { .fn = get, .arg = "/users/1" },
                                 { .fn = get, .arg = "/users/2" },
                                 { .fn = get, .arg = "/users/3" } };
    return rc < 0 ? rc : bide_gather(calls, 3);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
