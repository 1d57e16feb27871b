/* Runs: who of the threads knows of which, and how they are stopped from outside. */
#include "web/run.h"

#include "base/memory.h"
#include "base/sys.h"
#include "core/outside.h"
#include "net/listener.h"
#include "web/access_format.h"
#include "web/networks.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct run *all;

static void enlist(struct run *run)
{
    pthread_mutex_lock(&lock);
    run->next = all;
    all = run;
    pthread_mutex_unlock(&lock);
}

static void delist(struct run *run)
{
    struct run **link = &all;
    pthread_mutex_lock(&lock);
    while (*link && *link != run)
        link = &(*link)->next;
    if (*link)
        *link = run->next;
    pthread_mutex_unlock(&lock);
}

void bide__run_hold(struct run *run)
{
    atomic_fetch_add(&run->references, 1);
}

void bide__run_drop(struct run *run)
{
    if (atomic_fetch_sub(&run->references, 1) > 1)
        return;
    bide__room_end(&run->room);
    bide__free(run->places);
    bide__free(run);
}

/* ---- sites ---- */

static int add_site(struct run *run, const struct bide_site *given, bool shared)
{
    struct site *site = &run->sites[run->site_count];
    if (run->site_count == SITES_MAX)
        return bide_fail(BIDE_EINVAL, "app_run: more than %d sites", SITES_MAX);
    if (!given->address && !given->listener)
        return bide_fail(BIDE_EINVAL, "app_run: neither address nor listener given");
    site->given = given->listener;
    site->tls = given->tls;
    site->inherited = !given->listener && bide__is_given(given->address);
    if (!site->given && !(site->own = bide_listen(given->address, .reuse_port = shared)))
        return bide_errcode();
    run->site_count++;
    return 0;
}

static bool is_site(const struct bide_site *site)
{
    return site->address || site->listener || site->tls;
}

static int add_sites(struct run *run, const struct bide_app_run_opts *opts)
{
    struct bide_site first = { opts->address, opts->listener, opts->tls };
    bool shared = run->workers > 1;
    int rc = is_site(&first) || !opts->sites ? add_site(run, &first, shared) : 0;
    for (const struct bide_site *site = opts->sites; rc == 0 && site && is_site(site); site++)
        rc = add_site(run, site, shared);
    return rc;
}

/* The first worker takes what the run itself has opened; TCP ports are shared with the others by
 * sockets of their own, the rest by the one socket. */
bide_listener *bide__run_listen(struct run *run, size_t index, unsigned worker, bool *borrowed)
{
    const struct site *site = &run->sites[index];
    bide_listener *l = site->given ? site->given : site->own;
    const char *address = bide_listener_address(l);
    *borrowed = run->workers == 1;
    if (*borrowed)
        return l;
    if (worker == 0 || site->given || site->inherited || !bide__listener_is_tcp(l))
        return bide__listener_twin(l);
    return bide_listen(address, .reuse_port = true);
}

/* From here on who comes is refused, and not kept waiting for what is left of the stop.  Sockets
 * that are not ours are left alone: whoever comes there waits for the next run. */
void bide__run_shut(struct run *run)
{
    if (atomic_fetch_sub(&run->accepting, 1) > 1)
        return;
    for (size_t i = 0; i < run->site_count; i++)
        if (run->sites[i].own && !run->sites[i].inherited)
            bide__sys.shutdown(bide_listener_fd(run->sites[i].own), SHUT_RDWR);
}

/* ---- options ---- */

static double either(double given, double otherwise)
{
    return given != 0 ? given : otherwise;
}

static size_t either_size(size_t given, size_t otherwise)
{
    return given ? given : otherwise;
}

static size_t at_most(size_t value, size_t max)
{
    return value < max ? value : max;
}

static void set_serving(struct serving *serving, const struct bide_app_run_opts *opts)
{
    *serving = (struct serving){
        .limits = { .size = at_most(either_size(opts->header_max, HEAD_SIZE), HEAD_SIZE_MAX),
                    .count = opts->headers_max },
        .body_max = either_size(opts->body_max, 1 << 20),
        .connections = either_size(opts->connections, 10000),
        .per_address = either_size(opts->connections_per_address, BIDE_UNLIMITED),
        .requests = either_size(opts->requests_per_connection, BIDE_UNLIMITED),
        .idle = either(opts->idle, 75), .slow = either(opts->slow, 30),
        .grace = either(opts->grace, 5), .cleanup = either(opts->cleanup, 5),
        .server_header = opts->server_header,
        .access_log = opts->access_log, .access_line = opts->access_line,
        .access_arg = opts->access_arg,
    };
}

static int trust(struct run *run, const char *proxies)
{
    run->trusted = proxies ? bide__networks_read(proxies) : NULL;
    run->serving.trusted = run->trusted;
    return proxies && !run->trusted ? bide_errcode() : 0;
}

static int set_access_format(struct run *run, const char *pattern)
{
    run->access_format = pattern ? bide__access_format_read(pattern) : NULL;
    run->serving.access_format = run->access_format;
    return pattern && !run->access_format ? bide_errcode() : 0;
}

static int check(const struct bide_app_run_opts *opts)
{
    const double times[] = { opts->grace, opts->cleanup, opts->idle, opts->slow };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i] != times[i])
            return bide_fail(BIDE_EINVAL, "app_run: a time limit is not a number");
    if (opts->access_log < BIDE_LOG_NONE || opts->access_log > BIDE_LOG_JSON)
        return bide_fail(BIDE_EINVAL, "app_run: there is no access log %d", opts->access_log);
    if (opts->access_log != BIDE_LOG_NONE && opts->access_format)
        return bide_fail(BIDE_EINVAL, "app_run: access_log and access_format exclude each other");
    if (opts->workers > WORKERS_MAX)
        return bide_fail(BIDE_EINVAL, "app_run: %u workers; at most %d", opts->workers,
                         WORKERS_MAX);
    return 0;
}

/* ---- making and ending ---- */

struct run *bide__run_new(bide_app *app, const struct bide_app_run_opts *opts)
{
    if (check(opts) < 0)
        return NULL;
    struct run *run = bide__zalloc(sizeof *run);
    unsigned workers = opts->workers ? opts->workers : 1;
    if (run)
        run->places = bide__zalloc(workers * sizeof *run->places);
    if (!run || !run->places) {
        bide__free(run);
        bide_fail(BIDE_ENOMEM, "app_run: out of memory");
        return NULL;
    }
    run->app = app;
    run->workers = workers;
    atomic_init(&run->references, 1);
    atomic_init(&run->accepting, workers);
    run->listening = opts->listening;
    run->listening_arg = opts->listening_arg;
    set_serving(&run->serving, opts);
    bide__room_begin(&run->room, run->serving.connections, workers > 1);
    bide__admission_begin(&run->admission, workers > 1);
    enlist(run);
    if (trust(run, opts->trusted_proxies) == 0 &&
        set_access_format(run, opts->access_format) == 0 && add_sites(run, opts) == 0)
        return run;
    bide__run_free(run);
    return NULL;
}

void bide__run_free(struct run *run)
{
    delist(run);
    for (size_t i = 0; i < run->site_count; i++)
        bide_listener_close(run->sites[i].own);
    bide__free(run->trusted);
    bide__access_format_free(run->access_format);
    bide__admission_end(&run->admission);
    bide__run_drop(run);
}

/* ---- workers ---- */

int bide__run_enter(struct run *run, struct bide_worker *worker)
{
    struct place *place = &run->places[worker->index];
    bide_loop *loop = bide_loop_hold();
    if (!loop)
        return bide_errcode();
    pthread_mutex_lock(&lock);
    *place = (struct place){ .loop = loop, .worker = worker, .run = run };
    if (run->stopping)
        bide_event_set(&worker->stop);
    pthread_mutex_unlock(&lock);
    return 0;
}

void bide__run_leave(struct run *run, struct bide_worker *worker)
{
    struct place *place = &run->places[worker->index];
    bide__room_forget(worker);
    pthread_mutex_lock(&lock);
    bide_loop *loop = place->loop;
    place->loop = NULL;
    place->worker = NULL;
    pthread_mutex_unlock(&lock);
    bide_loop_drop(loop);
}

void bide__run_begun(struct run *run)
{
    pthread_mutex_lock(&lock);
    bool all_have = ++run->begun == run->workers && !run->stopping &&
                    atomic_load(&run->accepting) == run->workers;
    pthread_mutex_unlock(&lock);
    for (size_t i = 0; all_have && run->listening && i < run->site_count; i++) {
        const struct site *site = &run->sites[i];
        run->listening(run->listening_arg,
                       bide_listener_address(site->given ? site->given : site->own));
    }
}

/* ---- stopping ---- */

/* On the thread of a worker, which may have gone meanwhile, in its poller. */
static void stop_here(struct post *post)
{
    struct place *place = (struct place *)(void *)((char *)post - offsetof(struct place, stop));
    pthread_mutex_lock(&lock);
    if (place->worker)
        bide_event_set(&place->worker->stop);
    pthread_mutex_unlock(&lock);
    bide__run_drop(place->run);
}

/* It must not fail for want of memory, so each place has its post, sent once. */
static void stop(struct run *run)
{
    bool again = run->stopping;
    run->stopping = true;
    for (unsigned i = 0; !again && i < run->workers; i++) {
        struct place *place = &run->places[i];
        if (!place->loop)
            continue;
        place->stop.run = stop_here;
        bide__run_hold(run);
        if (!bide__inbox_post(bide__inbox_of(place->loop), &place->stop))
            bide__run_drop(run);
    }
}

void bide_app_stop(bide_app *app)
{
    pthread_mutex_lock(&lock);
    for (struct run *run = all; run; run = run->next)
        if (run->app == app)
            stop(run);
    pthread_mutex_unlock(&lock);
}
