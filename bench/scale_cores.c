/* Two loops on two cores: how much more than one does alone.
 *
 *     bench_scale_cores LOOPS [REQUESTS]              each loop serves, and fetches from itself
 *     bench_scale_cores LOOPS REQUESTS PORT           each loop fetches from that server alone
 *
 * Loops share nothing, so each should do as much as one alone if it has a core for itself. By
 * itself a loop has its own application, its own port and its own session, and needs nobody on
 * another core: that is what two cores can show. With a server from outside, which needs a core as
 * well, the processor time of a request tells instead: it must not grow with the loops. */
#include <bide.h>

#include "scale.h"

enum { AT_ONCE = 32 };

static long requests = 100000;
static int port_outside;

struct own {                    /* of one loop */
    bide_event listening;
    char url[100];
    bide_app *app;
    bide_session *session;
    long left;
};

static int say_hello(bide_request *req)
{
    return bide_respond(req, 200, "text/plain", "Hello, World!", 13);
}

static void note_address(void *arg, const char *address)
{
    struct own *own = arg;
    snprintf(own->url, sizeof own->url, "http://%s/plaintext", address);
    bide_event_set(&own->listening);
}

static int serve(void *arg)
{
    struct own *own = arg;
    return bide_app_run(own->app, "127.0.0.1:0", .listening = note_address, .listening_arg = own);
}

static int fetch_often(void *arg)
{
    struct own *own = arg;
    size_t size;
    while (own->left-- > 0) {
        bide_auto(response) res = bide_get(own->session, own->url);
        if (bide_response_check(res) < 0 || !bide_response_text(res, &size))
            return bide_errcode();
    }
    return 0;
}

static int fetch_all(struct own *own)
{
    bide_auto(session) session = own->session = bide_session_open(.limit = AT_ONCE);
    own->left = requests;
    BIDE_GROUP(group);
    for (int i = 0; i < AT_ONCE; i++)
        bide_spawn(group, fetch_often, own);
    return bide_group_wait(group);
}

static int serve_and_fetch(struct own *own)
{
    bide_auto(app) app = own->app = bide_app_new(NULL);
    bide_route(app, "GET", "/plaintext", say_hello);
    BIDE_GROUP(group);
    bide_spawn(group, serve, own);
    if (bide_event_wait(&own->listening) < 0)
        return bide_errcode();
    int rc = fetch_all(own);
    bide_app_stop(app);
    return rc;
}

static int work(void *unused)
{
    (void)unused;
    struct own own = { .left = 0 };
    if (!port_outside)
        return serve_and_fetch(&own);
    snprintf(own.url, sizeof own.url, "http://127.0.0.1:%d/plaintext", port_outside);
    return fetch_all(&own);
}

int main(int argc, char **argv)
{
    size_t loops = argc > 1 ? (size_t)atol(argv[1]) : 1;
    requests = argc > 2 ? atol(argv[2]) : requests;
    port_outside = argc > 3 ? atoi(argv[3]) : 0;
    int64_t wall = meter_wall_ns(), cpu = meter_cpu_ns();
    if (bide_loops(work, NULL, .count = loops) < 0) {
        fprintf(stderr, "scale_cores: %s\n", bide_errmsg());
        return 1;
    }
    double all = (double)requests * (double)loops;
    meter_print("rate", all / ((double)(meter_wall_ns() - wall) / 1e9), "requests/s");
    meter_print("cpu_us", (double)(meter_cpu_ns() - cpu) / 1e3 / all, "us");
    return 0;
}
