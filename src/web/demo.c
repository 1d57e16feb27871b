/* The demo application: local stand-ins for the services that examples and tests call.
 *
 * Nothing is random, so a test knows what to expect; the only state is how often a flaky URL
 * has failed. */
#include "base/memory.h"
#include "web/app.h"
#include "web/request.h"

#include <bide/task.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DELAY_MAX = 3600, BYTES_MAX = 1 << 30, POSTS = 100, PAGES = 3, PAGE_SIZE = 10,
    FLAKY_MAX = 10000, LETTERS_SIZE = 26 * 512,
};

/* One distinct URL under /flaky. */
struct flaky {
    struct flaky *next;
    int failed;
    char target[];
};

struct demo {
    struct flaky *flaky;
    size_t flaky_count;
    char letters[LETTERS_SIZE];         /* a to z, over and over */
};

/* ---- answers ---- */

static int respond_json(bide_request *req, const char *text)
{
    return bide_respond(req, 200, "application/json", text, strlen(text));
}

static int bad_number(bide_request *req, const char *what)
{
    return bide_respond_text(req, 400, "%s is not a number that can be served here\n", what);
}

/* A whole number from least to most; false: it is something else. */
static bool read_number(const char *text, long least, long most, long *number)
{
    char *end;
    if (!text || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *number = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' && *number >= least && *number <= most;
}

/* Text as it stands between the quotes of a JSON string, cut where out is full. */
static const char *escaped(char *out, size_t size, const char *text)
{
    size_t at = 0;
    for (; *text && at + 7 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            at += (size_t)snprintf(out + at, size - at, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            at += (size_t)snprintf(out + at, size - at, "\\u%04x", c);
        else
            out[at++] = (char)c;
    }
    out[at] = '\0';
    return out;
}

/* ---- handlers ---- */

static int delay(bide_request *req)
{
    const char *text = bide_request_param(req, "seconds");
    char *end;
    double seconds = strtod(text, &end);
    if (*end || !isfinite(seconds) || seconds < 0 || seconds > DELAY_MAX)
        return bad_number(req, text);
    int rc = bide_sleep(seconds);
    return rc < 0 ? rc : bide_respond_text(req, 200, "waited %g s\n", seconds);
}

/* Everything that /get says, in memory of its own: too much for a task's stack. */
struct told {
    char text[16384], headers[12000], path[2000], name[300], value[2000];
};

static void put_headers(struct told *told, const struct bide_pair *pair)
{
    size_t at = 0, size = sizeof told->headers;
    for (; pair->name && at + sizeof told->name + sizeof told->value + 10 < size; pair++)
        at += (size_t)snprintf(told->headers + at, size - at, "%s\"%s\": \"%s\"", at ? ", " : "",
                               escaped(told->name, sizeof told->name, pair->name),
                               escaped(told->value, sizeof told->value, pair->value));
}

/* Tells the request back. */
static int get(bide_request *req)
{
    struct told *told = bide__zalloc(sizeof *told);
    if (!told)
        return bide_fail(BIDE_ENOMEM, "out of memory for an answer");
    put_headers(told, bide_request_headers(req));
    snprintf(told->text, sizeof told->text,
             "{\"method\": \"%s\", \"path\": \"%s\", \"headers\": {%s}}\n",
             bide_request_method(req),
             escaped(told->path, sizeof told->path, bide_request_path(req)), told->headers);
    int rc = respond_json(req, told->text);
    bide__free(told);
    return rc;
}

static int post(bide_request *req)
{
    char text[300];
    long id;
    if (!read_number(bide_request_param(req, "id"), 1, POSTS, &id))
        return bide_respond_text(req, 404, "there are posts 1 to %d\n", POSTS);
    snprintf(text, sizeof text, "{\"userId\": %ld, \"id\": %ld, \"title\": \"Post %ld\", "
             "\"body\": \"This is post number %ld.\"}\n", (id - 1) / 10 + 1, id, id, id);
    return respond_json(req, text);
}

static int user(bide_request *req)
{
    char text[1000], name[400];
    escaped(name, sizeof name, bide_request_param(req, "name"));
    snprintf(text, sizeof text, "{\"name\": \"%s\", \"login\": \"%s\"}\n", name, name);
    return respond_json(req, text);
}

/* PAGES pages of PAGE_SIZE items, and empty ones for ever. */
static int items(bide_request *req)
{
    char text[2000];
    const char *asked = bide_request_query(req, "page");
    long page = 1;
    if (asked && !read_number(asked, 1, 1000000000, &page))
        return bad_number(req, "page");
    size_t at = (size_t)snprintf(text, sizeof text, "{\"page\": %ld, \"results\": [", page);
    for (long i = (page - 1) * PAGE_SIZE + 1; page <= PAGES && i <= page * PAGE_SIZE; i++)
        at += (size_t)snprintf(text + at, sizeof text - at,
                               "%s{\"id\": %ld, \"name\": \"item %ld\"}",
                               i % PAGE_SIZE == 1 ? "" : ", ", i, i);
    snprintf(text + at, sizeof text - at, "]}\n");
    return respond_json(req, text);
}

static int status(bide_request *req)
{
    long number;
    if (!read_number(bide_request_param(req, "status"), 200, 599, &number))
        return bad_number(req, bide_request_param(req, "status"));
    if (number == 204 || number == 304)
        return bide_respond(req, (int)number, NULL, NULL, 0);
    return bide_respond_text(req, (int)number, "status %ld\n", number);
}

/* The letters over and over; large answers go out piece by piece. */
static int bytes(bide_request *req)
{
    long size;
    const char *text = bide_request_param(req, "size");
    const struct demo *demo = bide_request_state(req);
    if (!read_number(text, 0, BYTES_MAX, &size))
        return bad_number(req, text);
    if (size <= LETTERS_SIZE)
        return bide_respond(req, 200, NULL, demo->letters, (size_t)size);
    int rc = bide_respond_header(req, "Content-Length", text);
    for (long left = size, n; rc == 0 && left > 0; left -= n) {
        n = left < LETTERS_SIZE ? left : LETTERS_SIZE;
        rc = bide_respond_write(req, demo->letters, (size_t)n);
    }
    return rc;
}

static int json(bide_request *req)
{
    return respond_json(req, "{\"name\": \"bide\", \"waits\": true, \"numbers\": [1, 2, 3]}\n");
}

static struct flaky *find_flaky(struct demo *demo, const char *target)
{
    struct flaky *flaky = demo->flaky;
    while (flaky && strcmp(flaky->target, target) != 0)
        flaky = flaky->next;
    if (flaky || demo->flaky_count == FLAKY_MAX)
        return flaky;
    flaky = bide__zalloc(sizeof *flaky + strlen(target) + 1);
    if (!flaky)
        return NULL;
    memcpy(flaky->target, target, strlen(target) + 1);
    flaky->next = demo->flaky;
    demo->flaky_count++;
    return demo->flaky = flaky;
}

/* Each distinct URL fails its own first `times` times. */
static int flaky(bide_request *req)
{
    long times;
    if (!read_number(bide_request_param(req, "times"), 0, 1000000, &times))
        return bad_number(req, bide_request_param(req, "times"));
    struct flaky *this = find_flaky(bide_request_state(req), req->target);
    if (!this)
        return bide_respond_text(req, 503, "too many flaky URLs\n");
    if (this->failed < times) {
        this->failed++;
        return bide_respond_text(req, 503, "failed %d of %ld times\n", this->failed, times);
    }
    return bide_respond_text(req, 200, "succeeded after %d failures\n", this->failed);
}

static void drop_demo(void *state)
{
    struct demo *demo = state;
    while (demo->flaky) {
        struct flaky *next = demo->flaky->next;
        bide__free(demo->flaky);
        demo->flaky = next;
    }
    bide__free(demo);
}

bide_app *bide_demo_app(void)
{
    static const struct { const char *path; bide_handler *handler; } routes[] = {
        { "/bytes/{size}", bytes }, { "/delay/{seconds}", delay }, { "/flaky/{times}", flaky },
        { "/get", get }, { "/items", items }, { "/json", json }, { "/posts/{id}", post },
        { "/status/{status}", status }, { "/users/{name}", user },
    };
    struct demo *demo = bide__zalloc(sizeof *demo);
    bide_app *app = demo ? bide_app_new(demo) : NULL;
    if (!app) {
        bide__free(demo);
        bide_fail(BIDE_ENOMEM, "out of memory for the demo");
        return NULL;
    }
    app->drop = drop_demo;
    for (size_t i = 0; i < LETTERS_SIZE; i++)
        demo->letters[i] = (char)('a' + i % 26);
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (bide_route(app, "GET", routes[i].path, routes[i].handler) < 0) {
            bide_app_free(app);
            return NULL;
        }
    return app;
}
