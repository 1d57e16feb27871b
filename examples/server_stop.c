/* What begins and ends with a server, and how it stops: running requests get their time.  In
 * Python:
 *
 *     async def cleanup_ctx(app): app[pool] = await open(); yield; await app[pool].close()
 *     app.cleanup_ctx.append(cleanup_ctx) */
#include "serve.h"

static const char pool_key;

/* Made, held, and unmade in one function. */
static int pool(bide_worker *worker, void *unused)
{
    (void)unused;
    puts("the pool is open");
    int rc = bide_worker_set(worker, &pool_key, "a connection");
    if (rc == 0)
        rc = bide_context_hold(worker);     /* returns when the last request is over */
    puts("the pool is closed");
    return rc;
}

static int slow(bide_request *req)
{
    int rc = bide_sleep(2);                 /* longer than the server is left alone */
    puts(rc < 0 ? "the request is cancelled" : "the request has all its time");
    return rc < 0 ? rc : bide_respond_text(req, 200, "done with %s\n",
                                           (char *)bide_request_get(req, &pool_key));
}

static int ask(void *url)
{
    bide_auto(session) session = bide_session_open();
    bide_auto(response) response = bide_get(session, url);
    const char *text = bide_response_text(response, NULL);
    return text ? printf("%s", text) < 0 : bide_errcode();
}

static int serve_for_a_second(bide_app *app, bide_listener *listener)
{
    BIDE_TIMEOUT(limit, 1);                 /* as if a signal came then */
    return bide_scope_result(limit, bide_app_run(app, NULL, .listener = listener));
}

static int program(void *unused)
{
    (void)unused;
    char url[80];
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    bide_auto(app) app = bide_app_new(NULL);
    bide_app_context(app, pool, NULL);
    bide_route(app, "GET", "/", slow);
    snprintf(url, sizeof url, "http://%s/", bide_listener_address(listener));
    BIDE_GROUP(group);
    bide_spawn(group, ask, url);
    int rc = serve_for_a_second(app, listener);
    return rc == BIDE_ETIMEDOUT ? bide_group_wait(group) : rc;
}

int main(void) { return bide_run(program, NULL, .stop_on_signal = true) < 0; }
