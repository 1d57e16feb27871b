/* tests/testing/test_scenarios.c -- the library's ordinary uses, with every allocation refused,
 * every system call refused, shortened and interrupted, every wait cancelled, and in any order. */
#include "testing/scenario.h"

#include <bide/group.h>
#include <bide/net.h>
#include <bide/queue.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <string.h>

/* --- a queue between producers and consumers --- */

struct work { bide_queue *queue; int got, sum; };

static int produce(void *arg)
{
    struct work *w = arg;
    for (int i = 1; i <= 5; i++) {
        int rc = bide_queue_put(w->queue, &i);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int consume(void *arg)
{
    struct work *w = arg;
    int item, rc;
    while ((rc = bide_queue_get(w->queue, &item)) > 0) {
        w->got++;
        w->sum += item;
        bide_queue_done(w->queue);
    }
    return rc;
}

static int run_work(struct work *w)
{
    BIDE_GROUP(consumers);
    BIDE_GROUP(producers);
    bide_spawn(consumers, consume, w);
    bide_spawn(consumers, consume, w);
    bide_spawn(producers, produce, w);
    bide_spawn(producers, produce, w);
    int rc = bide_group_wait(producers);
    if (rc == 0)
        rc = bide_queue_join(w->queue);
    bide_queue_close(w->queue);
    int others = bide_group_wait(consumers);
    return rc < 0 ? rc : others;
}

static int queueing(void *unused)
{
    (void)unused;
    bide_auto(queue) q = bide_queue_new(int, 2);
    struct work w = { q, 0, 0 };
    int rc = q ? run_work(&w) : bide_errcode();
    if (rc == 0 && (w.got != 10 || w.sum != 30))
        return WRONG("%d items, in all %d", w.got, w.sum);
    return rc;
}

/* --- groups, their failures, and a semaphore --- */

struct gate { bide_semaphore two; int inside, most; };

static int pass(void *arg)
{
    struct gate *g = arg;
    bide_auto(permit) p = bide_semaphore_acquire(&g->two);
    if (!p)
        return bide_errcode();
    if (++g->inside > g->most)
        g->most = g->inside;
    int rc = bide_sleep(0.5);
    g->inside--;
    return rc;
}

static int gating(void *unused)
{
    (void)unused;
    struct gate gate = { .two = BIDE_SEMAPHORE(2) };
    BIDE_GROUP(g);
    for (int i = 0; i < 6; i++)
        bide_spawn(g, pass, &gate);
    int rc = bide_group_wait(g);
    if (gate.inside || gate.most > 2)
        return WRONG("%d inside, %d at most", gate.inside, gate.most);
    if (bide_semaphore_free(&gate.two) != 2)
        return WRONG("%zu permits", bide_semaphore_free(&gate.two));
    return rc;
}

static int fail_later(void *unused)
{
    (void)unused;
    int rc = bide_sleep(1);
    return rc < 0 ? rc : bide_fail(-EPROTO, "as agreed");
}

static int sleep_long(void *unused)
{
    (void)unused;
    return bide_sleep(100);
}

static int failing(void *unused)
{
    int rc;
    {
        BIDE_GROUP(g);
        bide_spawn(g, sleep_long, unused);
        bide_spawn(g, fail_later, unused, .name = "failer");
        rc = bide_group_wait(g);
    }
    return rc == -EPROTO ? 0 : rc == 0 ? WRONG("the failure was lost") : rc;
}

static int gathering(void *unused)
{
    struct bide_call calls[] = { { sleep_long, unused, 0, { 0, "" } },
                                 { fail_later, unused, 0, { 0, "" } } };
    int rc = bide_gather_all(calls, 2);
    if (rc == 0 && calls[0].rc == 0 && calls[1].rc != -EPROTO)
        return WRONG("the second call gave %d", calls[1].rc);
    for (int i = 0; rc == 0 && i < 2; i++)
        if (calls[i].rc < 0 && calls[i].rc != -EPROTO)
            return bide_fail(calls[i].rc, "%s", calls[i].error.text);
    return rc;
}

static int collecting(void *unused)
{
    bide_task *done;
    int rc, seen = 0;
    BIDE_COLLECT(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, sleep_long, unused);
    while ((rc = bide_group_next(g, &done)) > 0)
        seen += bide_task_result(done) == 0;
    return rc == 0 && seen < 3 ? bide_fail(BIDE_ENOMEM, "only %d ended well", seen) : rc;
}

/* --- owned groups, time limits, events --- */

static int ticked;
static int tick(void *unused)
{
    (void)unused;
    for (;;) {
        int rc = bide_sleep(1);
        if (rc < 0)
            return rc;
        ticked++;
    }
}

static int owning(void *unused)
{
    bide_group *g = bide_group_open("ticker", NULL, NULL);
    if (!g)
        return bide_errcode();
    bide_spawn(g, tick, unused);
    int rc = bide_sleep(3.5);
    bide_group_close(g);
    return rc;
}

static int limited(void *unused)
{
    static bide_event never;
    (void)unused;
    BIDE_TIMEOUT(t, 2);
    int rc = bide_scope_result(t, bide_event_wait(&never));
    return rc == BIDE_ETIMEDOUT ? 0 : rc;
}

/* --- streams --- */

static int answer(bide_stream *s)
{
    char *line;
    ssize_t n;
    int rc = 0;
    while (rc == 0 && (n = bide_read_until(s, "\n", &line)) > 0)
        rc = bide_printf(s, "you said: %s", line);
    return rc < 0 ? rc : n < 0 ? (int)n : bide_write_end(s);
}

static int answer_task(void *s)
{
    return answer(s);
}

static int ask(bide_stream *s)
{
    char *line;
    for (int i = 0; i < 3; i++) {
        int rc = bide_printf(s, "hello %d\n", i);
        ssize_t n = rc < 0 ? rc : bide_read_until(s, "\n", &line);
        if (n < 0)
            return (int)n;
        if (n == 0)
            return bide_fail(BIDE_EEOF, "no answer");
        if (strncmp(line, "you said: hello ", 16) != 0)
            return WRONG("the answer is '%s'", line);
    }
    int rc = bide_write_end(s);
    ssize_t n = rc < 0 ? rc : bide_read_until(s, "\n", &line);
    return n > 0 ? WRONG("more than was asked for") : (int)n;
}

static int converse(bide_stream *ends[2])
{
    BIDE_GROUP(g);
    bide_spawn(g, answer_task, ends[1]);
    int rc = ask(ends[0]);
    if (rc < 0)
        bide_stream_abort(ends[0]);
    int other = rc < 0 ? 0 : bide_group_wait(g);
    return rc < 0 ? rc : other;
}

static int streaming(void *unused)
{
    bide_stream *ends[2];
    (void)unused;
    int rc = bide_stream_pair(ends);
    if (rc == 0)
        rc = converse(ends);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    return rc;
}

static int cruelly(void *unused)
{
    bide_stream *ends[2];
    (void)unused;
    int rc = bide_test_stream_pair(ends, .seed = 3, .split = 4, .delay = 0.1, .short_writes = 2);
    if (rc == 0)
        rc = converse(ends);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    return rc;
}

/* --- the network --- */

static int serve_one(bide_stream *s, void *unused)
{
    (void)unused;
    return answer(s);
}

static int serve(void *listener)
{
    return bide_serve(listener, serve_one, NULL);
}

static int networking(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    if (!l)
        return bide_errcode();
    BIDE_TIMEOUT(t, 60);
    BIDE_GROUP(g);
    bide_spawn(g, serve, l);
    bide_auto(stream) s = bide_connect(bide_listener_address(l));
    int rc = s ? ask(s) : bide_errcode();
    bide_group_cancel(g);
    int served = bide_group_wait(g);
    return bide_scope_result(t, rc < 0 ? rc : served);
}

/* --- all of it --- */

SCENARIO(queueing)
SCENARIO(gating)
SCENARIO(failing)
SCENARIO(gathering)
SCENARIO(collecting)
SCENARIO(owning)
SCENARIO(limited)
SCENARIO(streaming)
SCENARIO(cruelly)
SCENARIO(networking)
