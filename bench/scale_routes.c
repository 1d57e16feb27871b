/* Growth: routes of an application, by kind.
 *
 *     bench_scale_routes [COUNT]
 *
 *     add         a route is added: as many of each kind
 *     start       what is worked out before the application serves, per route
 *     fixed       a request for one of the paths without braces
 *     parameter   for one with a parameter: "/shop17/{id}"
 *     absent      for none of them: a 404
 *
 * `memory` is what a route takes. Requests are made in bundles over one connection of the same
 * loop, and answered with nothing, so that the search is what grows. */
#include <bide.h>

#include "scale.h"

enum { BUNDLES = 200, BUNDLE = 50, PATH_MAX_HERE = 64 };

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

static size_t write_bundle(char *out, size_t room, const char *format, long count)
{
    size_t size = 0;
    for (int i = 0; i < BUNDLE; i++) {
        char path[PATH_MAX_HERE];
        snprintf(path, sizeof path, format, (long)(scale_random() % (uint32_t)count));
        size += (size_t)snprintf(out + size, room - size,
                                 "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", path);
    }
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

static int ask_all(const struct place *place, long count)
{
    bide_auto(stream) s = bide_connect(place->address);
    if (!s || ask(s, "fixed", "/item%ld/list", count) < 0 ||
        ask(s, "parameter", "/shop%ld/7", count) < 0 ||
        ask(s, "absent", "/nowhere%ld/7", count) < 0)
        return bide_errcode();
    return 0;
}

static int measure(void *count_)
{
    long count = (*(long *)count_ + 1) / 2;
    int64_t before = meter_memory(), start = stretch_begin();
    bide_auto(app) app = bide_app_new(NULL);
    struct place place = { .app = app };
    if (add_routes(app, count) < 0)
        return bide_errcode();
    stretch_end("add", start, 2 * count);
    BIDE_GROUP(group);
    bide_spawn(group, serve, &place);
    if (bide_event_wait(&place.listening) < 0)
        return bide_errcode();
    stretch_end("start", place.started, 2 * count);
    meter_print("memory", (double)(meter_memory() - before) / (2.0 * (double)count), "bytes");
    int rc = ask_all(&place, count);
    bide_app_stop(app);
    return rc;
}

int main(int argc, char **argv)
{
    long count = scale_count(argc, argv, 10000);
    if (bide_run(measure, &count) >= 0)
        return 0;
    fprintf(stderr, "scale_routes: %s\n", bide_errmsg());
    return 1;
}
