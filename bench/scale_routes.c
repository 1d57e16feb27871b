/* Growth: routes of an application, by kind.
 *
 *     bench_scale_routes [COUNT]
 *
 *     add         a route is added: as many of each kind
 *     start       what is worked out before the application serves, per route
 *     fixed       a request for one of the paths without braces
 *     parameter   for one with a parameter: "/shop17/{id}"
 *     absent      for none of them: a 404
 *     mount       an application is mounted for a host; also as many
 *     host        a request for one of the hosts
 *
 * `memory` is what a route takes. Requests are made in bundles over one connection of the same
 * loop, and answered with nothing, so that the search is what grows. */
#include <bide.h>

#include "scale.h"

enum { BUNDLES = 200, BUNDLE = 50, PATH_MAX_HERE = 64 };

#define GET(path, host) "GET " path " HTTP/1.1\r\nHost: " host "\r\n\r\n"

struct place {
    bide_event listening;
    char address[64];
    bide_app *app;
    int64_t started;
};

static int answer(bide_request *req)
{
    return bide_respond(req, 204, NULL, NULL, 0);
}

static int add_routes(bide_app *app, long count)
{
    char path[PATH_MAX_HERE];
    for (long i = 0; i < count; i++) {
        snprintf(path, sizeof path, "/item%ld/list", i);
        if (bide_route(app, "GET", path, answer) < 0)
            return bide_errcode();
        snprintf(path, sizeof path, "/shop%ld/{id}", i);
        if (bide_route(app, "GET", path, answer) < 0)
            return bide_errcode();
    }
    return 0;
}

/* Each with a route of its own. */
static int mount_hosts(bide_app *app, long count)
{
    char host[PATH_MAX_HERE];
    for (long i = 0; i < count; i++) {
        bide_auto(app) in = bide_app_new(NULL);
        snprintf(host, sizeof host, "h%ld.example", i);
        if (bide_route(in, "GET", "/", answer) < 0 || bide_mount_host(app, host, in, NULL) < 0)
            return bide_errcode();
        bide_steal(in);
    }
    return 0;
}

static void note_address(void *arg, const char *address)
{
    struct place *place = arg;
    snprintf(place->address, sizeof place->address, "%s", address);
    bide_event_set(&place->listening);
}

static int serve(void *arg)
{
    struct place *place = arg;
    place->started = stretch_begin();
    return bide_app_run(place->app, "127.0.0.1:0", .listening = note_address,
                        .listening_arg = place);
}

/* ---- the client ---- */

/* The format has a path and a host, one of them with a number in it. */
static size_t write_bundle(char *out, size_t room, const char *format, long count)
{
    size_t size = 0;
    for (int i = 0; i < BUNDLE; i++)
        size += (size_t)snprintf(out + size, room - size, format,
                                 (long)(scale_random() % (uint32_t)count));
    return size;
}

/* As many status lines as there were requests. */
static int read_answers(bide_stream *s)
{
    for (int answers = 0; answers < BUNDLE;) {
        char *line;
        ssize_t size = bide_read_until(s, "\n", &line);
        if (size <= 0)
            return size < 0 ? (int)size : bide_fail(BIDE_EEOF, "the server has closed");
        answers += strncmp(line, "HTTP/1.1 ", 9) == 0;
    }
    return 0;
}

static int ask(bide_stream *s, const char *name, const char *format, long count)
{
    char bundle[BUNDLE * (PATH_MAX_HERE + 32)];
    int64_t start = stretch_begin();
    for (int i = 0; i < BUNDLES; i++) {
        size_t size = write_bundle(bundle, sizeof bundle, format, count);
        if (bide_write(s, bundle, size) < 0 || read_answers(s) < 0)
            return bide_errcode();
    }
    stretch_end(name, start, BUNDLES * BUNDLE);
    return 0;
}

/* Half of the routes are of each kind. */
static int ask_all(const struct place *place, long count)
{
    count /= 2;
    bide_auto(stream) s = bide_connect(place->address);
    if (!s || ask(s, "fixed", GET("/item%ld/list", "h"), count) < 0 ||
        ask(s, "parameter", GET("/shop%ld/7", "h"), count) < 0 ||
        ask(s, "absent", GET("/nowhere%ld/7", "h"), count) < 0)
        return bide_errcode();
    return 0;
}

static int ask_hosts(const struct place *place, long count)
{
    bide_auto(stream) s = bide_connect(place->address);
    return s ? ask(s, "host", GET("/", "h%ld.example"), count) : bide_errcode();
}

/* Serves while it is asked. */
static int measure_app(bide_app *app, long count, int (*ask_all_of)(const struct place *, long))
{
    struct place place = { .app = app };
    BIDE_GROUP(group);
    bide_spawn(group, serve, &place);
    if (bide_event_wait(&place.listening) < 0)
        return bide_errcode();
    stretch_end(ask_all_of == ask_all ? "start" : "start_hosts", place.started, count);
    int rc = ask_all_of(&place, count);         /* waits: for the server */
    bide_app_stop(app);
    return rc;
}

static int measure_routes(long count)
{
    int64_t before = meter_memory(), start = stretch_begin();
    bide_auto(app) app = bide_app_new(NULL);
    if (add_routes(app, count / 2) < 0)
        return bide_errcode();
    stretch_end("add", start, count);
    meter_print("memory", (double)(meter_memory() - before) / (double)count, "bytes");
    return measure_app(app, count, ask_all);
}

static int measure_hosts(long count)
{
    int64_t start = stretch_begin();
    bide_auto(app) app = bide_app_new(NULL);
    if (mount_hosts(app, count) < 0)
        return bide_errcode();
    stretch_end("mount", start, count);
    return measure_app(app, count, ask_hosts);
}

static int measure(void *count)
{
    int rc = measure_routes(*(long *)count);
    return rc < 0 ? rc : measure_hosts(*(long *)count);
}

int main(int argc, char **argv)
{
    long count = scale_count(argc, argv, 10000);
    if (bide_run(measure, &count) >= 0)
        return 0;
    fprintf(stderr, "scale_routes: %s\n", bide_errmsg());
    return 1;
}
