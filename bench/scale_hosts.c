/* Growth: hosts of a client's pool, each with a connection that is kept.
 *
 *     bench_scale_hosts COUNT PORT
 *
 *     first     one request to each host: it is new, and so is the connection
 *     again     one more to each, in another order, over the connections that were kept
 *     expire    all are closed, each when its time is over
 *
 * `memory` is what a host with an idle connection takes. Hosts are names below localhost, which are
 * all 127.0.0.1 and yet different; there a server must be at PORT. There may be as many as
 * descriptors. */
#include <bide.h>

#include "scale.h"

#include <sys/resource.h>
#include <sys/socket.h>

enum { AT_ONCE = 64 };
static const double keep_seconds = 2;          /* where all are to end, and not before */

static long count;
static int port;
static long next;
static bide_session *session;

/* Every host once; the factor and the count have no common divisor. */
static int next_host(void *factor, void *item)
{
    *(long *)item = next * *(long *)factor % count;
    return next++ < count;
}

static int fetch(void *item)
{
    char url[80];
    snprintf(url, sizeof url, "http://h%ld.localhost:%d/plaintext", *(long *)item, port);
    bide_auto(response) res = bide_get(session, url);
    size_t size;
    return bide_response_text(res, &size) ? 0 : bide_errcode();
}

static int fetch_all(long factor)
{
    next = 0;
    return bide_map_from(fetch, long, next_host, &factor, .limit = AT_ONCE);
}

static int measure_fetches(void)
{
    int64_t before = meter_memory();
    bide_auto(session) opened = session = bide_session_open(.limit = BIDE_UNLIMITED,
                                                            .keep_alive = BIDE_FOREVER,
                                                            .family = AF_INET);
    int64_t start = stretch_begin();
    int rc = fetch_all(1);
    stretch_end("first", start, count);
    if (rc < 0)
        return rc;
    meter_print("memory", (double)(meter_memory() - before) / (double)count, "bytes");
    start = stretch_begin();
    rc = fetch_all(7919);
    stretch_end("again", start, count);
    return rc;
}

/* Those that have ended before all were there are not counted. */
static int measure_end(void)
{
    bide_auto(session) opened = session = bide_session_open(.limit = BIDE_UNLIMITED,
                                                            .keep_alive = keep_seconds,
                                                            .family = AF_INET);
    int rc = fetch_all(1);
    if (rc < 0)
        return rc;
    int64_t left = (int64_t)bide_session_connections(session), start = stretch_begin();
    while (bide_session_connections(session) > 0)
        if (bide_sleep(0.05) < 0)
            return bide_errcode();
    stretch_end("expire", start, left);
    return 0;
}

static int measure(void *unused)
{
    (void)unused;
    int rc = measure_fetches();
    return rc < 0 ? rc : measure_end();
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    count = scale_count(argc, argv, 1000);
    port = argc > 2 ? atoi(argv[2]) : 0;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (bide_run(measure, NULL) >= 0)
        return 0;
    fprintf(stderr, "scale_hosts: %s\n", bide_errmsg());
    return 1;
}
