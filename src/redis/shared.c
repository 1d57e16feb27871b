/* The tasks of the shared connection: connecting, writing, reading, and what becomes of those who
 * wait when it is lost. */
#include "redis/shared.h"

#include "base/memory.h"
#include "redis/client.h"

#include <stdio.h>

/* ---- failing --------------------------------------------------------------------------------- */

/* All its places are emptied, so that it is met once. */
static void fail_one(struct shared *s, struct asked *a, const struct bide_error *why)
{
    for (size_t i = a->count - a->left; i < a->count; i++)
        place_of(s, a->first + i)->asked = NULL;
    bide__hold(a->wait.task, why->code, why->text);
    bide__settle_wait(&a->wait, why->code);
}

void bide__shared_fail(struct shared *s, const struct bide_error *why)
{
    for (size_t i = s->head; i != s->tail; i++)
        if (place_of(s, i)->asked)
            fail_one(s, place_of(s, i)->asked, why);
    s->head = s->sent = s->tail;
    s->out.size = 0;
}

static void fail_with_held(struct shared *s, struct asked *a)
{
    struct bide_error why = bide_error_held_();
    fail_one(s, a, &why);
}

static void fail_held(struct shared *s)
{
    struct bide_error why = bide_error_held_();
    bide__shared_fail(s, &why);
}

/* ---- lost ------------------------------------------------------------------------------------ */

/* May it be asked for on the next connection?  One whose reply is too large would be again. */
static bool survives(const bide_redis *redis, const struct asked *a, size_t place)
{
    const struct shared *s = &redis->shared;
    if ((ssize_t)(s->sent - place) <= 0)
        return true;            /* it was not written */
    bool is_blamed = s->why.code == BIDE_ELIMIT && place == s->head;
    return a->repeatable && a->tries < redis->opts.attempts && !is_blamed;
}

/* Behind those that were kept so far, which are in front of where they were. */
static void keep(struct shared *s, struct asked *a, size_t *kept)
{
    a->first = *kept;
    for (size_t i = 0; i < a->count; i++)
        place_of(s, (*kept)++)->asked = a;
}

/* What was not written, and what may be repeated, is encoded anew; the rest fails. */
static void lose(bide_redis *redis)
{
    struct shared *s = &redis->shared;
    struct bide_error lost;
    snprintf(lost.text, sizeof lost.text, "%.180s; the command may have been done", s->why.text);
    lost.code = s->why.code;
    size_t kept = s->head;
    s->out.size = 0;
    for (size_t i = s->head; i != s->tail; i++) {
        struct asked *a = place_of(s, i)->asked;
        if (!a || i != a->first + a->count - a->left)   /* nobody's, or not its first */
            continue;
        if (!survives(redis, a, i))
            fail_one(s, a, &lost);
        else if (bide__command_put(&s->out, &a->command) == 0)
            keep(s, a, &kept);
        else
            fail_with_held(s, a);
    }
    s->sent = s->head;
    s->tail = kept;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Until there is something to be written. */
BIDE_WAITS static int wait_for_work(struct shared *s, struct waitlist *line)
{
    static const struct waitkind idle = { "commands for Redis", bide__undo, NULL };
    struct wait w = { .kind = &idle };
    int rc = bide__enter();             /* others may have run meanwhile */
    return rc < 0 || s->out.size ? rc : bide__wait(line, &w);
}

static void count_tries(struct shared *s)
{
    for (size_t i = s->sent; i != s->tail; i++)
        if (place_of(s, i)->asked)
            place_of(s, i)->asked->tries++;
    s->sent = s->tail;
}

BIDE_WAITS static int write_gathered(struct shared *s)
{
    struct bytes gathered = s->out;
    s->out = s->writing;
    s->out.size = 0;
    s->writing = gathered;
    count_tries(s);
    s->writes++;
    return bide_write(s->link->stream, gathered.at, gathered.size);
}

/* A task beside read_replies().  A large write's memory is not kept. */
static int write_commands(void *arg)
{
    enum { KEPT = 1 << 20 };
    struct shared *s = arg;
    for (;;) {
        int rc = s->out.size ? 0 : wait_for_work(s, &s->writer);
        if (rc == 0 && s->out.size)
            rc = write_gathered(s);
        if (s->writing.room > KEPT)
            bide__bytes_free(&s->writing);
        if (rc == 0)
            continue;
        if (!s->why.code && rc != BIDE_ECANCELED)
            s->why = bide_error_held_();
        bide_stream_abort(s->link->stream);
        return 0;
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

static int deliver(struct shared *s, bide_redis_reply *reply)
{
    if (reply->type == BIDE_REDIS_PUSH) {
        bide_redis_reply_free(reply);
        return 0;
    }
    if (s->head == s->sent) {
        bide_redis_reply_free(reply);
        return bide_fail(BIDE_EDB, "redis: a reply to nothing");
    }
    struct asked *a = place_of(s, s->head++)->asked;
    s->failed = 0;
    if (!a) {
        bide_redis_reply_free(reply);
        return 0;
    }
    a->replies[a->count - a->left] = reply;
    if (--a->left == 0)
        bide__settle_wait(&a->wait, 0);
    return 0;
}

BIDE_WAITS static int read_replies(struct shared *s)
{
    for (;;) {
        bide_redis_reply *reply;
        int rc = bide__link_read(s->link, &reply);
        if (rc == 0)
            rc = deliver(s, reply);
        if (rc < 0)
            return rc;
    }
}

/* Until it is lost; why is in s->why then. */
BIDE_WAITS static int talk(bide_redis *redis)
{
    struct shared *s = &redis->shared;
    s->why.code = 0;
    s->silent = false;
    BIDE_GROUP(g);
    if (bide_spawn(g, write_commands, s, .name = "redis: writing") < 0)
        s->why = bide_error_held_();
    int rc = s->why.code ? s->why.code : read_replies(s);
    if (s->silent)
        rc = bide_fail(BIDE_ETIMEDOUT, "redis: no reply for %g s", redis->opts.timeout);
    if (s->silent || !s->why.code)
        s->why = bide_error_held_();
    bide_stream_abort(s->link->stream);
    return rc;
}

void bide__shared_watch(bide_redis *redis)
{
    struct shared *s = &redis->shared;
    if (redis->opts.timeout > 1e9)
        return;
    s->watched = s->head;
    bide__alarm_set(&s->alarm, bide__deadline_ns(bide__loop(), redis->opts.timeout));
}

/* The alarm's: is the first place still the same, and a reply due? */
void bide__shared_ring(struct alarm *alarm)
{
    struct shared *s = (struct shared *)(void *)((char *)alarm - offsetof(struct shared, alarm));
    bide_redis *redis = (bide_redis *)(void *)((char *)s - offsetof(bide_redis, shared));
    if (s->head == s->tail)
        return;
    if (s->link && s->head == s->watched && s->sent != s->head) {
        s->silent = true;
        bide_stream_abort(s->link->stream);
        return;
    }
    bide__shared_watch(redis);
}

/* ---- connecting ------------------------------------------------------------------------------ */

/* One attempt, with the pause before it; who waits fails where it was the last.  < 0: cancelled. */
BIDE_WAITS static int attempt(bide_redis *redis)
{
    struct shared *s = &redis->shared;
    int rc = s->failed ? bide_sleep(bide__redis_pause(redis, s->failed)) : 0;
    if (rc < 0)
        return rc;
    s->link = bide__link_open(&redis->place, redis->opts.reply_max, redis->opts.connect_timeout);
    if (s->link) {
        redis->connected++;
        return 0;
    }
    if (bide_errcode() == BIDE_ECANCELED && bide_cancelled())
        return BIDE_ECANCELED;
    if (++s->failed < redis->opts.attempts && !bide__redis_is_final())
        return 0;
    if (s->failed > 1)
        bide_within("after %zu attempts", s->failed);
    s->failed = 0;
    fail_held(s);
    return 0;
}

/* A connection that was lost before it brought a reply counts as a failed attempt. */
BIDE_WAITS static int serve(bide_redis *redis)
{
    struct shared *s = &redis->shared;
    s->failed++;
    bide__shared_watch(redis);          /* connecting may have taken long */
    bide_ignore(talk(redis));
    bide__link_close(s->link);
    s->link = NULL;
    lose(redis);
    if (s->failed >= redis->opts.attempts) {
        s->failed = 0;
        bide__shared_fail(s, &s->why);
    }
    return bide_cancelled() ? BIDE_ECANCELED : 0;
}

int bide__shared_run(void *arg)
{
    bide_redis *redis = arg;
    struct shared *s = &redis->shared;
    int rc = 0;
    while (rc == 0) {
        rc = s->out.size ? attempt(redis) : wait_for_work(s, &s->runner);
        if (rc == 0 && s->link)
            rc = serve(redis);
    }
    return rc;
}

void bide__shared_end(struct shared *s)
{
    bide__bytes_free(&s->out);
    bide__bytes_free(&s->writing);
    bide__free(s->ring);
}
