/* The client rows, as a program would be written: a session, a map with a limit, a time-out for
 * each request, its status and its body. errand.h says what it is told and what it prints. */
#include <bide.h>

#include "errand.h"

static struct errand errand;
static bide_session *session;

static int next_url(void *unused, void *item)
{
    (void)unused;
    const char *url = errand_next(&errand);
    *(const char **)item = url;
    return url != NULL;
}

/* Small bodies whole; one alone is the download, and is read piece by piece. */
static int read_body(bide_response *res)
{
    static char piece[1 << 18];         /* of no interest to anybody */
    size_t size = 0;
    if (errand.count > 1) {
        const char *text = bide_response_text(res, &size);
        errand.bytes += (int64_t)size;
        return text ? 0 : bide_errcode();
    }
    ssize_t n;
    while ((n = bide_response_read(res, piece, sizeof piece)) > 0)
        errand.bytes += n;
    return (int)n;
}

static int fetch(void *arg)
{
    static const struct bide_pair close[] = { { "Connection", "close" }, { NULL, NULL } };
    const char *url = *(const char **)arg;
    bide_auto(response) res = bide_get(session, url, .timeout = 60,
                                       .headers = errand.keep ? NULL : close);
    int rc = bide_response_check(res);
    if (rc == 0 && bide_response_status(res) != 200)
        rc = bide_fail(BIDE_EHTTP, "%s: not a 200", url);
    return rc < 0 ? rc : read_body(res);
}

static int fetch_all(void)
{
    return bide_map_from(fetch, const char *, next_url, NULL, .limit = (size_t)errand.jobs);
}

static int run(void *unused)
{
    (void)unused;
    bide_auto(tls) tls = errand.ca ? bide_tls_new(.ca_file = errand.ca) : NULL;
    bide_auto(session) opened = session = bide_session_open(.limit = errand_connections(&errand),
                                                            .tls = tls);
    errand.left = errand.warm;
    int rc = fetch_all();
    errand_begin(&errand);
    if (rc >= 0)
        rc = fetch_all();
    if (rc >= 0)
        errand_print(&errand);
    return rc;
}

int main(int argc, char **argv)
{
    if (!errand_read(&errand, argc, argv))
        return 2;
    if (bide_run(run, NULL) >= 0)
        return 0;
    fprintf(stderr, "client: %s\n", bide_errmsg());
    return 1;
}
