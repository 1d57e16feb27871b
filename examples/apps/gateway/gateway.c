/* An API gateway: one request fans out to all services at once, and takes as long as the slowest
 * of them, not as long as all of them.
 *
 *     gateway [--address HOST:PORT] [--limit N] [--timeout SECONDS] [--trust PROXIES]
 *             NAME=URL...
 *
 * GET /dashboard/USER asks each service for URL/NAME/USER and answers with what came:
 *
 *     { "user": "ann", "complete": false, "parts": { "profile": {...}, ... },
 *       "missing": [ { "service": "orders", "why": "it took too long" } ] }
 *
 * A service that is dead or slow costs its own part, never the whole answer.  The caller may say
 * how long it will wait (X-Request-Timeout, or Request-Timeout: seconds); each service is told
 * how much of that is left. */
#include "backend.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { BACKENDS_MAX = 16 };

static struct gateway {
    const char *address, *trusted;
    size_t limit;
    double timeout;
    struct backend backends[BACKENDS_MAX];
    size_t count;
} gateway = { .address = "127.0.0.1:8080", .limit = 500, .timeout = 2 };

static const char session_key;

/* One session for the whole program: it keeps the connections to the services. */
static int keep_session(bide_worker *worker, void *unused)
{
    (void)unused;
    bide_auto(session) session = bide_session_open(
        .limit = gateway.limit * gateway.count, .limit_per_host = gateway.limit * gateway.count,
        .no_cookies = true, .no_redirects = true, .body_max = 1 << 20, .user_agent = "gateway");
    if (!session)
        return bide_errcode();
    int rc = bide_worker_set(worker, &session_key, session);
    return rc < 0 ? rc : bide_context_hold(worker);
}

/* Ours, or what the caller says if that is less; a twentieth is kept for our own answer. */
static double patience(const bide_request *req)
{
    const char *said = bide_request_header(req, "X-Request-Timeout");
    if (!said)
        said = bide_request_header(req, "Request-Timeout");
    double seconds = said ? strtod(said, NULL) : 0;
    return (seconds > 0 && seconds < gateway.timeout ? seconds : gateway.timeout) * 0.95;
}

static bide_json *put_together(const struct call *calls, const char *user, size_t *found)
{
    bide_json *answer = bide_json_new();
    bide_json_set(answer, "user", bide_value(user));
    bide_json *parts = bide_json_object(answer, "parts");
    bide_json *missing = bide_json_array(answer, "missing");
    for (size_t i = 0; i < gateway.count; i++) {
        const char *name = calls[i].backend->name;
        if (calls[i].answer) {
            bide_json_set_copy(parts, name, calls[i].answer);
            (*found)++;
            continue;
        }
        bide_json *hole = bide_json_object(missing, NULL);
        bide_json_set(hole, "service", bide_value(name));
        bide_json_set(hole, "why", bide_value(calls[i].why));
    }
    bool complete = *found == gateway.count;
    bide_json_set(answer, "complete", bide_value(complete));
    return answer;
}

BIDE_WAITS static int ask_all(bide_request *req, struct call *calls)
{
    struct bide_call tasks[BACKENDS_MAX];
    for (size_t i = 0; i < gateway.count; i++) {
        calls[i] = (struct call){
            .backend = &gateway.backends[i],
            .session = bide_request_get(req, &session_key),
            .user = bide_request_param(req, "user"),
            .request_id = bide_request_id(req),
            .seconds = patience(req),
        };
        tasks[i] = (struct bide_call){ .fn = call_make, .arg = &calls[i] };
    }
    return bide_gather_all(tasks, gateway.count);       /* one that fails ends no other */
}

static int dashboard(bide_request *req)
{
    struct call calls[BACKENDS_MAX];
    size_t found = 0;
    int rc = ask_all(req, calls);
    bide_auto(json) answer = put_together(calls, bide_request_param(req, "user"), &found);
    for (size_t i = 0; i < gateway.count; i++)
        call_end(&calls[i]);
    if (rc < 0)
        return rc;                      /* whoever asked has gone */
    rc = bide_respond_header(req, "X-Request-Id", bide_request_id(req));
    return rc < 0 ? rc : bide_respond_json(req, found > 0 ? 200 : 502, answer);
}

static int health(bide_request *req)
{
    bide_auto(json) answer = bide_json_new();
    bool stopping = bide_request_stopping(req);
    bide_json_set(answer, "status", bide_value(stopping ? "stopping" : "ok"));
    bide_json *services = bide_json_object(answer, "services");
    for (size_t i = 0; i < gateway.count; i++) {
        const struct backend *backend = &gateway.backends[i];
        bide_json *one = bide_json_object(services, backend->name);
        bide_json_set(one, "running", bide_value(backend_running(backend)));
        bide_json_set(one, "limit", bide_value(backend->limit));
        bide_json_set(one, "answered", bide_value(backend->answered));
        bide_json_set(one, "failed", bide_value(backend->failed));
    }
    return bide_respond_json(req, stopping ? 503 : 200, answer);
}

/* The first line is the address, so that a script may ask for any free port. */
static void tell(void *unused, const char *address)
{
    (void)unused;
    printf("http://%s\n", address);
    fflush(stdout);
}

static int serve(void *unused)
{
    (void)unused;
    bide_auto(app) app = bide_app_new(NULL);
    bide_app_context(app, keep_session, NULL);
    /* Who has hung up is not worked for. */
    bide_route(app, "GET", "/dashboard/{user:[A-Za-z0-9_-]+}", dashboard,
               .on_disconnect = BIDE_DISCONNECT_CANCEL);
    bide_route(app, "GET", "/health", health);
    return bide_app_run(app, gateway.address, .listening = tell,
                        .trusted_proxies = gateway.trusted);
}

static void read_options(int argc, char **argv)
{
    static const struct option known[] = {
        { "address", required_argument, NULL, 'a' }, { "limit", required_argument, NULL, 'l' },
        { "timeout", required_argument, NULL, 't' }, { "trust", required_argument, NULL, 'p' },
        { NULL, 0, NULL, 0 },
    };
    for (int option; (option = getopt_long(argc, argv, "a:l:t:p:", known, NULL)) != -1;) {
        switch (option) {
        case 'a': gateway.address = optarg; break;
        case 'l': gateway.limit = (size_t)atol(optarg); break;
        case 't': gateway.timeout = atof(optarg); break;
        case 'p': gateway.trusted = optarg; break;
        default: exit(2);
        }
    }
    for (; optind < argc; optind++)
        if (gateway.count == BACKENDS_MAX
            || !backend_read(&gateway.backends[gateway.count++], argv[optind], gateway.limit)) {
            fprintf(stderr, "gateway: %s: not NAME=http://..., or too many\n", argv[optind]);
            exit(2);
        }
}

int main(int argc, char **argv)
{
    struct rlimit files;
    read_options(argc, argv);
    if (gateway.count == 0 || gateway.limit == 0 || !(gateway.timeout > 0)) {
        fprintf(stderr, "usage: gateway [--address HOST:PORT] [--limit N] [--timeout SECONDS] "
                "[--trust PROXIES] NAME=URL...\n");
        return 2;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;        /* every connection is an open file */
        setrlimit(RLIMIT_NOFILE, &files);
    }
    int rc = bide_run(serve, NULL, .stop_on_signal = true);
    if (rc == 0 || rc == BIDE_ECANCELED)
        return 0;                               /* stopped by a signal, as it should be */
    fprintf(stderr, "gateway: %s\n", bide_errmsg());
    return 1;
}
