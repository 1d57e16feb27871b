/* cli/get.c -- `bide get`: one URL, exactly its body on standard output.
 *
 * The body goes through one block, as it comes, so a stream without end can be read, and one that
 * is larger than memory.  Success is said only when the reply was complete and legal. */
#include "cli/get.h"
#include "cli/command.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Seconds between two pieces of a reply; in all there is no limit unless one is given. */
#define IDLE_DEFAULT 300

/* ---- the reply ---- */

static size_t head_size(const bide_response *r)
{
    size_t size = strlen(bide_response_reason(r)) + 64;
    for (const struct bide_pair *h = bide_response_headers(r); h->name; h++)
        size += strlen(h->name) + strlen(h->value) + 4;
    return size;
}

static int write_head(struct output *out, const bide_response *r)
{
    int rc = output_reserve_sized(out, head_size(r));
    if (rc < 0)
        return rc;
    char *at = output_place(out);
    at += sprintf(at, "HTTP/1.%d %d %s\r\n", bide_response_version(r), bide_response_status(r),
                  bide_response_reason(r));
    for (const struct bide_pair *h = bide_response_headers(r); h->name; h++)
        at += sprintf(at, "%s: %s\r\n", h->name, h->value);
    output_commit(out, stpcpy(at, "\r\n"));
    return output_flush(out);
}

static int write_body(struct output *out, bide_response *r, size_t size_max)
{
    uint64_t size = 0;
    for (;;) {
        int rc = output_reserve(out);
        if (rc < 0)
            return rc;
        char *place = output_place(out);
        ssize_t n = bide_response_read(r, place, OUTPUT_LINE_MAX);
        if (n <= 0)
            return (int)n;
        size += (uint64_t)n;
        if (size_max && size > size_max)
            return bide_fail(BIDE_ELIMIT, "body longer than %zu bytes (see --max-size)", size_max);
        output_commit(out, place + n);
        rc = output_flush(out);
        if (rc < 0)
            return rc;
    }
}

static int write_reply(struct get *get, bide_response *r)
{
    const struct get_options *o = &get->options;
    struct output *out = &get->output.out;
    int rc = get_output_open(&get->output, get->path);
    if (rc == 0 && (o->include || o->request.head))
        rc = write_head(out, r);
    if (rc == 0)
        rc = write_body(out, r, o->request.size_max);
    return rc == 0 ? get_output_keep(&get->output) : rc;
}

/* ---- the request ---- */

static int fetch(struct get *get, bide_session *session)
{
    const struct get_options *o = &get->options;
    struct bide_fetch_opts opts = get->request.fetch;
    opts.url = get->url;
    opts.report = &get->report;
    bide_auto(response) r = bide_fetch_opts(session, get->request.method, &opts);
    if (!r)
        return bide_errcode();
    if (o->request.fail && !o->fail_with_body && bide_response_check(r) < 0)
        return bide_errcode();
    int rc = write_reply(get, r);
    return rc == 0 && o->fail_with_body ? bide_response_check(r) : rc;
}

static int download(struct get *get, bide_session *session)
{
    const struct request_options *o = &get->options.request;
    struct bide_fetch_opts opts = get->request.fetch;
    opts.report = &get->report;
    int64_t size = bide_download(session, get->url, get->path, .resume = true,
        .retries = (int)o->retries, .retry_delay = o->retry_delay, .retry_cap = o->retry_cap,
        .timeout = o->timeout, .idle = opts.timeouts.idle, .request = &opts,
        .size_max = o->size_max == BIDE_UNLIMITED ? 0 : o->size_max);
    return size < 0 ? (int)size : 0;
}

static void set_patience(struct bide_timeouts *t)
{
    if (t->total == 0)
        t->total = BIDE_FOREVER;
    if (t->idle == 0)
        t->idle = IDLE_DEFAULT;
    if (t->first_byte == 0)
        t->first_byte = IDLE_DEFAULT;
}

/* ---- the run ---- */

static int run_session(struct get *get, bide_session *session)
{
    set_patience(&get->request.fetch.timeouts);
    int rc = get->options.resume ? download(get, session) : fetch(get, session);
    if (rc == 0)
        return request_keep_cookies(&get->request);
    BIDE_KEEP_ERROR(held);
    bide_ignore(request_keep_cookies(&get->request));
    return rc;
}

static int run(void *arg)
{
    struct get *get = arg;
    bool tell = get->phases.tell = get->options.request.trace;
    bide_auto(session) session = request_session(&get->request, 1, tell ? phases_trace : NULL,
                                                 &get->phases);
    get->misused = !session;
    int rc = session ? run_session(get, session) : bide_errcode();
    get->stopped = rc < 0 && bide_cancelled();
    if (tell && session)
        phases_print_report(&get->report);
    get_output_close(&get->output);
    return rc;
}

/* The sentence is left out where the reader has gone: that is not for anybody to read. */
static int exit_status(const struct get *get, int rc)
{
    bool quiet = get->options.silent && !get->options.show_error;
    if (rc == 0)
        return EXIT_FINE;
    if (get->stopped)
        return EXIT_STOPPED;
    if (!quiet && get->output.out.error != -EPIPE)
        fprintf(stderr, "bide get: %s\n", bide_errmsg());
    return get->misused ? EXIT_USAGE : EXIT_FAILED;
}

int get_command(int argc, char **argv)
{
    struct get get = { .output = { .fd = -1 } };
    int rc = get_read_options(&get, argc, argv);
    int status = rc < 0 ? options_status(rc) : exit_status(&get, bide_run(run, &get,
                                                                 .stop_on_signal = true));
    request_free(&get.request);
    request_options_free(&get.options.request);
    free(get.url);
    free(get.path);
    return status;
}
