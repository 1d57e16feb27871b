/* Gathering and writing lines. */
#include "web/access_log.h"

#include "base/memory.h"
#include "base/sys.h"
#include "core/group.h"
#include "http/heap_writer.h"
#include "web/access_format.h"
#include "web/request.h"
#include "web/sheltered.h"
#include "web/worker.h"

#include <bide/log.h>
#include <bide/pipe.h>
#include <bide/sync.h>

struct access_log {
    int form;
    const struct access_format *format; /* instead of form; the run's */
    void (*line)(void *arg, const char *line, size_t size);     /* or NULL: standard error */
    void *arg;
    struct writer gathered, going;      /* lines that came; those that are being written */
    bide_group *group;          /* of the task that writes */
    bide_event more;            /* there are lines; or it is to end */
    bool ending, broken;        /* broken: nobody takes lines any more */
    size_t lost;                /* lines for which there was no room */
};

/* ---- its task ---- */

static void tell_lost(struct access_log *log)
{
    if (log->lost > 0)
        bide_log(BIDE_LOG_WARNING, "access log: %zu lines are lost, for nobody took them",
                 log->lost);
    log->lost = 0;
}

BIDE_WAITS static int write_gathered(struct access_log *log, bide_stream *out)
{
    struct writer lines = log->gathered;
    log->gathered = log->going;
    log->going = lines;
    int rc = bide_write(out, lines.at, lines.size);
    log->going.size = 0;
    tell_lost(log);
    return rc;
}

static int write_lines(void *arg)
{
    struct access_log *log = arg;
    bide_auto(stream) out = bide_stderr();
    int rc = out ? 0 : bide_errcode();
    while (rc == 0 && (log->gathered.size > 0 || !log->ending)) {
        bide_event_clear(&log->more);
        rc = log->gathered.size > 0 ? write_gathered(log, out) : bide_event_wait(&log->more);
    }
    log->broken = rc < 0;
    if (rc < 0 && !bide_cancelled())
        bide_log(BIDE_LOG_WARNING, "access log: %s; no more of it", bide_errmsg());
    return 0;
}

/* ---- a worker's ---- */

int bide__access_log_open(struct bide_worker *worker)
{
    const struct serving *serving = worker->serving;
    if (serving->access_log == BIDE_LOG_NONE && !serving->access_format)
        return 0;
    struct access_log *log = bide__zalloc(sizeof *log);
    if (!log)
        return bide_fail(BIDE_ENOMEM, "out of memory for the access log");
    worker->log = log;
    log->form = serving->access_log;
    log->format = serving->access_format;
    log->line = serving->access_line;
    log->arg = serving->access_arg;
    log->gathered = log->going = bide__heap_writer();
    int rc = log->line ? 0 : bide__sheltered_open(&log->group, "access log");
    return rc < 0 || log->line ? rc : bide_spawn(log->group, write_lines, log,
                                                 .name = "access log");
}

BIDE_WAITS static int finish(struct access_log *log)
{
    BIDE_SHIELD(limit, 1);
    return bide__group_emptied(log->group);
}

int bide__access_log_close(struct bide_worker *worker)
{
    struct access_log *log = worker->log;
    int rc = 0;
    if (!log)
        return 0;
    worker->log = NULL;
    log->ending = true;
    bide_event_set(&log->more);
    if (log->group) {
        bide_ignore(finish(log));
        rc = bide__sheltered_close(&log->group);
    }
    tell_lost(log);
    bide__free(log->gathered.at);
    bide__free(log->going.at);
    bide__free(log);
    return rc;
}

/* ---- lines ---- */

static struct text known(const char *text)
{
    return text && *text ? text_from(text) : text_of(NULL, 0);
}

static struct text header(const bide_request *req, enum header which)
{
    return head_get(&req->head, req->text, which);
}

/* What was no request has nothing to tell but who sent it, and what it got. */
static void describe(bide_request *req, bool all, struct access *a)
{
    a->remote = known(bide_request_remote(req));
    if (!req->text)
        return;
    a->method = known(bide_request_method(req));
    a->target = known(req->target);
    a->version = known(bide_request_version(req));
    a->referer = known(bide_request_header(req, "Referer"));
    a->agent = header(req, HEADER_USER_AGENT);
    if (!all)
        return;
    a->scheme = known(bide_request_scheme(req));
    a->host = known(bide_request_host(req));
    a->route = known(bide_request_route(req));
    a->id = known(bide_request_id(req));
}

static void hand_over(struct access_log *log, size_t start)
{
    struct writer *w = &log->gathered;
    if (!log->line)
        writer_literal(w, "\n");
    if (w->code < 0) {
        w->size = start;
        w->code = 0;
        log->lost++;
    } else if (log->line) {
        log->line(log->arg, w->at, w->size);
        w->size = 0;
    } else {
        bide_event_set(&log->more);
    }
}

void bide__access_log(bide_request *req)
{
    struct access_log *log = req->worker->log;
    struct timespec now;
    if (!log || log->broken)
        return;
    if (log->gathered.size > ACCESS_PENDING_MAX) {
        log->lost++;
        return;
    }
    bide__sys.clock_gettime(CLOCK_REALTIME, &now);
    struct access access = {
        .second = now.tv_sec, .millisecond = (unsigned)(now.tv_nsec / 1000000),
        .status = req->answered, .bytes = req->sent,
        .seconds = req->timed ? bide_now() - req->began : 0,
    };
    describe(req, log->format || log->form == BIDE_LOG_JSON, &access);
    size_t start = log->gathered.size;
    if (log->format)
        bide__access_format_write(&log->gathered, log->format, req, &access);
    else
        bide__access_write(&log->gathered, log->form, &access);
    hand_over(log, start);
}
