/* cli/phases.c -- see phases.h.
 *
 * Texts of events come from elsewhere: what would command a terminal becomes '?'. */
#include "cli/phases.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_text(const char *text)
{
    fputc(' ', stderr);
    for (; *text; text++)
        fputc((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f ? '?' : *text, stderr);
}

/* What the number means, where it means something. */
static void print_number(const struct phases *p, const struct bide_trace_event *event)
{
    switch (event->kind) {
    case BIDE_TRACE_TLS_END:
        fputs(event->number ? " resumed" : "", stderr);
        break;
    case BIDE_TRACE_SENT_HEAD:
        fprintf(stderr, " %" PRId64 " bytes", event->number);
        break;
    case BIDE_TRACE_HEAD:
        if (p->sent > 0)
            fprintf(stderr, " after %" PRIu64 " bytes of a body,", p->sent);
        fprintf(stderr, " status %" PRId64, event->number);
        break;
    case BIDE_TRACE_DNS_END:
    case BIDE_TRACE_REDIRECT:
    case BIDE_TRACE_RETRY:
        fprintf(stderr, " (%" PRId64 ")", event->number);
        break;
    case BIDE_TRACE_END:
        fprintf(stderr, " %" PRIu64 " bytes of a body", p->came);
        break;
    default:
        break;
    }
}

static void print_event(const struct phases *p, const struct bide_trace_event *event)
{
    fprintf(stderr, "* %10.6f %s", event->time - p->started, bide_trace_name(event->kind));
    if (event->text && *event->text)
        print_text(event->text);
    print_number(p, event);
    fputc('\n', stderr);
}

void phases_trace(void *phases, const struct bide_trace_event *event)
{
    struct phases *p = phases;
    if (p->started == 0)
        p->started = event->time;
    p->tries += event->kind == BIDE_TRACE_START || event->kind == BIDE_TRACE_RETRY;
    if (event->kind == BIDE_TRACE_SENT_BODY) {
        p->sent += (uint64_t)event->number;
        return;
    }
    if (event->kind == BIDE_TRACE_BODY) {
        p->came += (uint64_t)event->number;
        return;
    }
    if (p->tell)
        print_event(p, event);
    if (event->kind == BIDE_TRACE_HEAD) {
        p->status = (int)event->number;
        p->sent = p->came = 0;
    }
}

void phases_print_report(const struct bide_report *r)
{
    fprintf(stderr, "* pool %.6f, dns %.6f, connect %.6f, proxy %.6f, tls %.6f, send %.6f, "
            "first byte %.6f, in all %.6f s; %u %s, %u %s%s%s%s\n", r->pool, r->dns, r->connect,
            r->proxy, r->tls, r->send, r->first_byte, r->total,
            r->attempts, r->attempts == 1 ? "attempt" : "attempts",
            r->redirects, r->redirects == 1 ? "redirect" : "redirects",
            r->reused ? ", a kept connection" : "", *r->remote ? ", " : "", r->remote);
}
