/* bide/app.h -- an application: routes, middlewares, what it starts and ends, and serving it.
 *
 *     static int hello(bide_request *req)
 *     {
 *         return bide_respond_text(req, 200, "hello, %s\n", bide_request_param(req, "name"));
 *     }
 *     ...
 *     bide_auto(app) app = bide_app_new(NULL);
 *     bide_route(app, "GET", "/hello/{name}", hello);
 *     return bide_app_run(app, "127.0.0.1:8080");
 *
 * A handler is a function of a request that responds on it and may wait meanwhile.  What it
 * returns < 0 becomes a 500 (unless it has responded) and a message in the log.  An application
 * is built first, then run; from then on it is not changed.  With .workers = N it is served by
 * N loops on N threads at once, so what handlers share then needs locks or a loop of its own:
 * bide_worker_set() keeps things per worker. */
#ifndef BIDE_APP_H
#define BIDE_APP_H
#include <bide/group.h>
#include <bide/net.h>
#include <bide/pair.h>
#include <bide/tls.h>
BIDE_BEGIN_

typedef struct bide_app bide_app;
/* One loop that serves an application; ended by the library. */
typedef struct bide_worker bide_worker;
typedef struct bide_request bide_request;
/* Answers one request, or, as a middleware, stands around who does: 0, or < 0 with the error
 * held. */
typedef int bide_handler(bide_request *req);

/* An application; state is what bide_request_state() gives, and stays yours.  NULL:
 * BIDE_ENOMEM.  Counterpart: aiohttp.web.Application. */
bide_app *bide_app_new(void *state);
/* Ends the application and those mounted in it.  Not while it runs.  NULL: nothing. */
void bide_app_free(bide_app *app);
BIDE_AUTO_(app, bide_app_free)

/* What happens to a handler whose client has gone away. */
enum bide_disconnect {
    BIDE_DISCONNECT_KEEP,       /* nothing: it runs to its end; its writes fail (the default) */
    BIDE_DISCONNECT_CANCEL,     /* its waits fail with BIDE_ECANCELED */
    BIDE_DISCONNECT_TELL,       /* bide_request_disconnected() becomes true and its event is set */
};
/* Options of bide_route(); 0 is the default of each. */
struct bide_route_opts {
    size_t abi_;
    bide_handler *fn;           /* hidden: the last plain argument */
    const char *name;           /* for bide_app_url(); copied */
    int on_disconnect;          /* enum bide_disconnect */
    bool blocking;              /* it may block: it is run on a thread, as by bide_to_thread(), with
                                   its body read before (up to the limit), and must respond whole;
                                   what waits, and spawning, fails there with BIDE_EPERM */
    size_t body_max;            /* bytes of a body read whole, instead of the server's; or
                                   BIDE_UNLIMITED */
    double timeout;             /* seconds for the handler, then it is cancelled and the client
                                   gets a 503; default none */
};
/* bide_route(app, "GET", "/users/{name}", show, .name = "user").  {name} matches what is not
 * empty, up to the next slash; {name:expression} what fits the whole of an extended regular
 * expression (POSIX, and \d), matched decoded; {name:*} as the last segment the whole rest, maybe
 * empty.  Fixed text may stand before and after the braces, of which a segment has one pair
 * ("/v{version}/{file}.json").  Segments without braces go before those with them, then the order
 * of adding decides, from left to right; a path whose method does not fit is left for another.
 * GET answers HEAD too, unless HEAD has a route; "*" is every method that has none; at most 64
 * segments.  "/a" and "/a/" are two paths.  Nothing matches: 404, or 405 with Allow if another
 * method would (OPTIONS too: it is answered where a route or a middleware does).  0, or BIDE_EINVAL
 * (no such pattern, or there is one of the same shape for the method), BIDE_ENOMEM, BIDE_EBUSY (the
 * application runs).  Counterpart: UrlDispatcher.add_route(). */
#define bide_route(app, method, path, ...) \
    bide_route_opts(app, method, path, BIDE_OPTS_(bide_route_opts, .fn = __VA_ARGS__))
int bide_route_opts(bide_app *app, const char *method, const char *path,
                    const struct bide_route_opts *opts);
/* Writes the URL of a named route, its parameters encoded, and a query if there are pairs for
 * one (NULL: none): its length, as snprintf.  Parameters that the route does not have are left
 * out.  BIDE_EINVAL: no such name, a parameter is missing, does not fit its pattern, or is "." or
 * "..", which clients take for another path.  Routes of a mounted application are named
 * "mounted.name", see bide_mount().  Counterpart: Application.router["name"].url_for(). */
ssize_t bide_app_url(const bide_app *app, const char *name, const struct bide_pair *params,
                     const struct bide_pair *query, char *buf, size_t size);
/* Puts an application under a path without braces, "/api": it gets the requests below it that no
 * route of this one answers, and "/api" itself as its "/"; with its own state, and its own
 * middlewares inside of this one's.  bide_request_path() stays whole.  name (may be NULL) goes
 * before the names of its routes.  It is freed with this one.  0; BIDE_EINVAL: not a path, or
 * mounted already; BIDE_ENOMEM, BIDE_EBUSY; then it is still yours.  Counterpart: add_subapp(). */
int bide_mount(bide_app *app, const char *prefix, bide_app *mounted, const char *name);
/* The same for a host: "api.example.org", or "*.example.org" (the longest that fits), of any port
 * unless one is given.  It goes before this one's routes.  Counterpart: add_domain(). */
int bide_mount_host(bide_app *app, const char *host, bide_app *mounted, const char *name);

/* Adds a middleware: the first added is the outermost.  It calls bide_next(), or responds
 * itself.  Also around 404 and 405.  arg is what bide_middleware_arg() gives it; drop (or NULL)
 * ends arg with the application. 0, or BIDE_ENOMEM, BIDE_EBUSY; then arg has been dropped. */
int bide_use_with(bide_app *app, bide_handler *middleware, void *arg, bide_drop_fn *drop);
/* The same without an argument. */
int bide_use(bide_app *app, bide_handler *middleware);
/* In a middleware: runs the rest of the chain, and returns what it does.  An answer given by the
 * rest is not on its way before the outermost has returned, unless it is streamed.  Once per
 * request, else BIDE_EINVAL.  Counterpart: await handler(request). */
BIDE_WAITS int bide_next(bide_request *req);
/* In a middleware: its argument, before and after bide_next(). */
void *bide_middleware_arg(const bide_request *req);
/* A middleware: where nothing is at a path, but something with slashes in a row as one, or with one
 * at the end more or less, it redirects there (308).  bide_use(app, bide_normalize_path);
 * Counterpart: aiohttp.web.normalize_path_middleware(). */
BIDE_WAITS int bide_normalize_path(bide_request *req);
/* Has error pages (404, 405, 500, ...) of this application, and of those mounted in it that have no
 * such function, written by page in place of the library's own, which are plain text, HTML or
 * application/problem+json (RFC 9457) by what the client accepts.  why is for the client: it tells
 * nothing of the inside.  page responds with bide_respond...(req, status, ...), and must not wait;
 * where it fails, the library's own is sent.  NULL: the library's again.  0, or BIDE_EBUSY. */
int bide_app_on_error(bide_app *app, int (*page)(bide_request *req, int status, const char *why));
/* Adds a function that is called for each answer of this application, and of those mounted in it,
 * just before its head goes out: whole, streamed, a file, an error page or a WebSocket's 101.  That
 * is the place for a header that every answer shall have: bide_respond_given() tells the status.
 * It must neither respond nor wait.  Outer applications' go first, then the order of adding.  One
 * that fails (< 0) makes the response fail with its error: the client gets a 500, for which none is
 * called.  0, or BIDE_ENOMEM, BIDE_EBUSY.  Counterpart: Application.on_response_prepare. */
int bide_app_on_prepare(bide_app *app, bide_handler *prepare);

/* ---- what an application starts and ends ---- */

/* A clean-up context: sets something up, calls bide_context_hold(), and takes it down after, all in
 * one function with its guards. */
typedef int bide_context(bide_worker *worker, void *arg);
/* Adds one.  Each worker runs them in order before it accepts, the next when one holds, those of
 * mounted applications after their parents'; and ends them in reverse order when its requests are
 * over.  One that fails before it holds ends bide_app_run() with its error, when those that held
 * have ended; what fails later is logged.  0, or BIDE_ENOMEM, BIDE_EBUSY.  Counterpart:
 * Application.cleanup_ctx. */
int bide_app_context(bide_app *app, bide_context *fn, void *arg);
/* In a context, once: what was set up is there; returns 0 when the application has stopped.
 * Clean-up that waits after it may take .cleanup seconds, then it is cancelled.  BIDE_EINVAL:
 * elsewhere, or again; BIDE_ECANCELED: the start was given up. */
BIDE_WAITS int bide_context_hold(bide_worker *worker);
/* When a hook is called. */
enum bide_moment {
    BIDE_ON_STARTUP,            /* before accepting, when contexts hold; a failure ends
                                   bide_app_run() */
    BIDE_ON_SHUTDOWN,           /* it stops: no new requests; those that run have their grace */
    BIDE_ON_CLEANUP,            /* its requests are over, before contexts end; also where a hook
                                   for the start has failed */
};
/* Adds a hook, which may wait; in order of adding.  For each worker.  What fails after the start is
 * logged.  0, or BIDE_EINVAL (no such moment), BIDE_ENOMEM, BIDE_EBUSY.  Counterpart:
 * Application.on_startup, on_shutdown, on_cleanup. */
int bide_app_on(bide_app *app, int moment, bide_context *hook, void *arg);
/* Adds a task of the application: started when it serves, cancelled and joined after the last
 * request, before the clean-up.  In the first worker alone.  Its failure is told (on_failure), and
 * ends nothing. */
int bide_app_background(bide_app *app, bide_context *fn, void *arg);
/* Where a handler spawns what shall outlive its request, owned by the worker that serves it;
 * joined at its stop, within the grace, then cancelled.
 * bide_spawn(bide_request_background(req), fn, arg). */
bide_group *bide_request_background(bide_request *req);
/* Keeps something under a key, whose address counts, for this worker's requests: a session, a pool;
 * in place of what was there, until the worker ends.  On the worker's own thread.  0, or
 * BIDE_ENOMEM.  value stays yours.  Counterpart: app[AppKey]. */
int bide_worker_set(bide_worker *worker, const void *key, void *value);
/* What is kept there; NULL: nothing. */
void *bide_worker_get(const bide_worker *worker, const void *key);
/* 0 for the first worker, then 1, ... */
unsigned bide_worker_index(const bide_worker *worker);
/* Its application. */
bide_app *bide_worker_app(const bide_worker *worker);
/* The application's state, as given to bide_app_new(). */
void *bide_app_state(const bide_app *app);

/* ---- serving ---- */

/* One place to listen at. */
struct bide_site {
    const char *address;        /* "127.0.0.1:8080", "[::]:80", "unix:/run/x.sock", "fd:3",
                                   "systemd:"; port 0: any free one */
    bide_listener *listener;    /* instead of address; stays yours */
    bide_tls *tls;              /* serves https; a server's settings; stays yours */
};
/* What one line of the access log tells. */
enum bide_access_log {
    BIDE_LOG_NONE,              /* the default */
    BIDE_LOG_COMMON,            /* Common Log Format */
    BIDE_LOG_COMBINED,          /* and Referer and User-Agent */
    BIDE_LOG_JSON,              /* an object a line, with times and request id */
};
/* Options of bide_app_run(); 0 is the default of each. */
struct bide_app_run_opts {
    size_t abi_;
    const char *address;        /* where to listen, if it is one place */
    bide_listener *listener;    /* instead of address; stays yours */
    bide_tls *tls;              /* for that one */
    const struct bide_site *sites;      /* more places, ended by one that is all zero; at most 64
                                   in all */
    unsigned workers;           /* loops; default 1, that of who calls; most 1024.  More are on a
                                   thread each, and share the ports (SO_REUSEPORT); the loop of
                                   who calls supervises, and the first that fails stops all */
    void (*listening)(void *arg, const char *address);  /* called once per place, with the port that
                                   it got, when all workers have started; on a worker's thread */
    void *listening_arg;
    double grace;               /* seconds that running requests get when it stops; default 5,
                                   < 0: none */
    double cleanup;             /* seconds for the hooks of the shut-down, within which the grace
                                   runs already, and again for contexts and hooks after it;
                                   default 5; then they are cancelled */
    size_t connections;         /* at once, of all workers together; default 10000: then accepting
                                   waits */
    size_t connections_per_address;     /* of one address (IPv6: of one /64), of all workers
                                           together; default none; more are closed at once */
    size_t requests_per_connection;     /* then it is closed; default none */
    size_t header_max;          /* bytes of a request's head; default 32768, most 65535; else 431 */
    size_t headers_max;         /* how many fields; default 100; else 431 */
    size_t body_max;            /* bytes of a body read whole; default 1 MiB, else 413 */
    double idle;                /* seconds a connection may be silent between requests, or
                                   take for 256 KiB of an answer; default 75 */
    double slow;                /* seconds for a request's head, and again for its body (read
                                   piece by piece: 256 KiB of it), to arrive; default 30,
                                   else 408 */
    int access_log;             /* enum bide_access_log */
    const char *access_format;  /* instead: a pattern of one line, %a %t "%r" %s %b %D
                                   "%{User-Agent}i"; the letters are in bide_app_run(3) */
    void (*access_line)(void *arg, const char *line, size_t size);      /* gets each line, without
                                   its end, on its worker's thread; must not wait.  Default: they
                                   go to standard error, by a task of their own: beyond 1 MiB
                                   that nobody takes, lines are lost, and that is logged */
    void *access_arg;
    const char *trusted_proxies;        /* addresses and networks, "127.0.0.1, 10.0.0.0/8,
                                   unix", whose X-Forwarded-For, -Proto and -Host are believed, or
                                   Forwarded where none of these is there; with the word
                                   "forwarded": Forwarded alone.  Default none; at most 1024 */
    const char *server_header;  /* value of Server; default: none is sent */
};
/* Serves until it is cancelled or stopped: bide_app_run(app, "127.0.0.1:8080").  Then it accepts no
 * more, closes idle connections, tells WebSockets (1001), gives running requests `grace` seconds,
 * then cancels them.  BIDE_ECANCELED; 0 after bide_app_stop(); or why it could not begin.
 * Counterpart: aiohttp.web.run_app(), AppRunner. */
#define bide_app_run(app, ...) \
    bide_app_run_opts(app, BIDE_OPTS_(bide_app_run_opts, .address = __VA_ARGS__))
BIDE_WAITS int bide_app_run_opts(bide_app *app, const struct bide_app_run_opts *opts);
/* Stops a running application, gracefully, from any thread; also one that is just starting.  One
 * that does not run: nothing. */
void bide_app_stop(bide_app *app);
/* The stand-in for the services that examples and tests call: /delay/N, /get, /status/N, ...; all
 * of them are in the manual of `bide serve`.  NULL: BIDE_ENOMEM. */
bide_app *bide_demo_app(void);

BIDE_END_
#endif
