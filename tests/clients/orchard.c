/* A server with one service of each kind, for clients that are real, killed, or many.
 *
 *     orchard [--workers N] [--tls FILE] [--trust PROXIES] [--grace SECONDS] [--address HOST:PORT]
 *             DIRECTORY
 *
 * The first line is the address; with --tls the second is that of https.  A service manager is told
 * that it is ready.  SIGTERM ends it. */
#include <bide.h>
#include <bide/web.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { PIECE = 65536 };

static struct {
    const char *directory, *tls, *trust, *address;
    unsigned workers;
    double grace;
} wanted = { .address = "127.0.0.1:0", .grace = 2 };

static const char hub_key;

/* ---- answers ---- */

static int plaintext(bide_request *req)
{
    return bide_respond(req, 200, "text/plain", "Hello, world!", 13);
}

static int json(bide_request *req)
{
    bide_auto(json) answer = bide_json_new();
    bide_json_set(answer, "message", bide_value("Hello, world!"));
    return bide_respond_json(req, 200, answer);
}

/* What proxies have told of the client. */
static int who(bide_request *req)
{
    bide_auto(json) answer = bide_json_new();
    bide_json_set(answer, "remote", bide_value(bide_request_remote(req)));
    bide_json_set(answer, "scheme", bide_value(bide_request_scheme(req)));
    bide_json_set(answer, "host", bide_value(bide_request_host(req)));
    bide_json_set(answer, "id", bide_value(bide_request_id(req)));
    return bide_respond_json(req, 200, answer);
}

/* Compressed, for who takes it so. */
static int text(bide_request *req)
{
    enum { TIMES = 2000 };
    static const char line[] = "the same again\n";
    size_t size = TIMES * (sizeof line - 1);
    char *whole = bide_request_alloc(req, size);
    for (size_t at = 0; whole && at < size; at += sizeof line - 1)
        memcpy(whole + at, line, sizeof line - 1);
    int rc = whole ? bide_respond_compress(req, .min_size = 1) : bide_errcode();
    return rc < 0 ? rc : bide_respond(req, 200, "text/plain", whole, size);
}

/* Sends a body back while it comes. */
static int echo_body(bide_request *req)
{
    char *piece = bide_request_alloc(req, PIECE);
    int rc = piece ? bide_respond_start(req, 200) : bide_errcode();
    for (ssize_t got = 1; rc == 0 && got > 0;) {
        got = bide_request_read(req, piece, PIECE);
        rc = got < 0 ? (int)got : got > 0 ? bide_respond_write(req, piece, (size_t)got) : 0;
    }
    return rc;
}

/* Reads a body of any length, and tells it. */
static int count(bide_request *req)
{
    char *piece = bide_request_alloc(req, PIECE);
    unsigned long long size = 0;
    ssize_t got = piece ? 1 : bide_errcode();
    while (got > 0 && (got = bide_request_read(req, piece, PIECE)) > 0)
        size += (unsigned long long)got;
    return got < 0 ? (int)got : bide_respond_text(req, 200, "%llu", size);
}

static int form(bide_request *req)
{
    const bide_form *whole = bide_request_form(req);
    const struct bide_form_file *file = bide_form_file(whole, "file");
    if (!file)
        return whole ? bide_respond_error(req, 422, "file") : bide_errcode();
    return bide_respond_text(req, 200, "%llu", (unsigned long long)file->size);
}

/* So many pieces of 64 KiB. */
static int stream(bide_request *req)
{
    long pieces = strtol(bide_request_param(req, "pieces"), NULL, 10);
    char *piece = bide_request_alloc(req, PIECE);
    int rc = piece ? 0 : bide_errcode();
    if (piece)
        memset(piece, 'x', PIECE);
    for (long i = 0; rc == 0 && i < pieces; i++)
        rc = bide_respond_write(req, piece, PIECE);
    return rc;
}

static int wait_a_while(bide_request *req)
{
    int rc = bide_sleep(strtod(bide_request_param(req, "seconds"), NULL));
    return rc < 0 ? rc : bide_respond_text(req, 200, "waited");
}

/* An event every so many milliseconds, until the client or the server goes. */
static int events(bide_request *req)
{
    double pause = strtod(bide_request_param(req, "milliseconds"), NULL) / 1000;
    char number[20];
    for (int i = 0; !bide_request_stopping(req); i++) {
        snprintf(number, sizeof number, "%d", i);
        int rc = bide_respond_event(req, number);
        if (rc < 0 || bide_request_disconnected(req))
            return rc;
        rc = bide_select(BIDE_ON_EVENT(bide_request_gone(req)), BIDE_AFTER(pause));
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- WebSockets ---- */

static int echo_messages(bide_request *req)
{
    struct bide_message message;
    int rc;
    bide_ws *ws = bide_ws_accept(req, .deflate = true, .origins = "*", .close_timeout = 2);
    if (!ws)
        return bide_respond_given(req) ? 0 : bide_errcode();
    while ((rc = bide_ws_recv(ws, &message)) > 0)
        if ((rc = bide_ws_send(ws, &message)) < 0)
            break;
    return rc == BIDE_EWS || rc == BIDE_EEOF || rc == BIDE_ECLOSED ? 0 : rc;
}

static int enter(bide_ws *ws, bide_request *req, void **data)
{
    bide_hub *room = *data = bide_worker_get(bide_request_worker(req), &hub_key);
    return bide_hub_join(room, ws);
}

/* What begins with "all" goes to all that the same worker serves. */
static int hear(bide_ws *ws, void *data, const struct bide_message *message)
{
    if (message->size < 3 || memcmp(message->data, "all", 3) != 0)
        return bide_ws_send(ws, message);
    return bide_hub_send(data, message, NULL) < 0 ? bide_errcode() : 0;
}

static const struct bide_ws_calls calls = { .open = enter, .message = hear };

static int keep_room(bide_worker *worker, void *unused)
{
    (void)unused;
    bide_auto(hub) room = bide_hub_new(.backlog = 64);
    int rc = room ? bide_worker_set(worker, &hub_key, room) : bide_errcode();
    return rc < 0 ? rc : bide_context_hold(worker);
}

/* ---- the application ---- */

static int add_routes(bide_app *app)
{
    static const struct { const char *method, *path; bide_handler *handler; } routes[] = {
        { "GET", "/plaintext", plaintext }, { "GET", "/json", json }, { "GET", "/who", who },
        { "POST", "/count", count }, { "POST", "/form", form },
        { "GET", "/stream/{pieces}", stream }, { "GET", "/wait/{seconds}", wait_a_while },
        { "GET", "/echo", echo_messages }, { "POST", "/echo", echo_body },
        { "GET", "/text", text },
        { "GET", "/health", plaintext },
    };
    int rc = bide_app_context(app, keep_room, NULL);
    for (size_t i = 0; rc == 0 && i < sizeof routes / sizeof *routes; i++)
        rc = bide_route(app, routes[i].method, routes[i].path, routes[i].handler);
    if (rc == 0)
        rc = bide_route(app, "GET", "/events/{milliseconds}", events,
                        .on_disconnect = BIDE_DISCONNECT_TELL);
    if (rc == 0)
        rc = bide_route_ws(app, "/room", &calls, .deflate = true, .no_context = true,
                           .origins = "*", .heartbeat = 20, .close_timeout = 2);
    return rc == 0 ? bide_route_static(app, "/files", wanted.directory) : rc;
}

static void tell_address(void *secure, const char *address)
{
    static int told;
    printf("%s://%s\n", secure && told++ > 0 ? "https" : "http", address);
    fflush(stdout);
    bide_ignore(bide_notify("READY=1"));
}

static int serve(void *unused)
{
    (void)unused;
    bide_auto(app) app = bide_app_new(NULL);
    bide_auto(tls) tls = wanted.tls ? bide_tls_new(.server = true, .cert_file = wanted.tls) : NULL;
    struct bide_site sites[] = { { .address = wanted.address },
                                 { .address = tls ? "127.0.0.1:0" : NULL, .tls = tls }, { 0 } };
    if (!app || (wanted.tls && !tls) || add_routes(app) < 0)
        return bide_errcode();
    int rc = bide_app_run(app, NULL, .sites = sites, .workers = wanted.workers,
                          .listening = tell_address, .listening_arg = tls, .idle = 5, .slow = 5,
                          .grace = wanted.grace, .trusted_proxies = wanted.trust);
    return rc == BIDE_ECANCELED && bide_cancelled() ? 0 : rc;
}

static int read_options(int argc, char **argv)
{
    static const struct option known[] = {
        { "workers", required_argument, NULL, 'w' }, { "tls", required_argument, NULL, 't' },
        { "trust", required_argument, NULL, 'p' }, { "grace", required_argument, NULL, 'g' },
        { "address", required_argument, NULL, 'a' }, { NULL, 0, NULL, 0 },
    };
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'w': wanted.workers = (unsigned)atoi(optarg); break;
        case 't': wanted.tls = optarg; break;
        case 'p': wanted.trust = optarg; break;
        case 'g': wanted.grace = atof(optarg); break;
        case 'a': wanted.address = optarg; break;
        default: return -1;
        }
    }
    wanted.directory = argv[optind];
    return optind + 1 == argc ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct rlimit files;
    if (read_options(argc, argv) < 0) {
        fprintf(stderr, "usage: orchard [OPTION]... DIRECTORY\n");
        return 2;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    int rc = bide_run(serve, NULL, .stop_on_signal = true);
    if (rc < 0)
        fprintf(stderr, "orchard: %s\n", bide_errmsg());
    return rc < 0;
}
