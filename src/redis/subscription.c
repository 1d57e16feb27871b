/* Messages: a connection that says SUBSCRIBE and is only read from then on, by who wants the next
 * message.  What it says is kept, to be said again on the next connection. */
#include "redis/client.h"

#include "base/memory.h"

#include <bide/scope.h>

#include <string.h>

/* Messages may come before the last of several confirmations has. */
struct early { struct early *next; bide_redis_reply *reply; };
enum { EARLY_MAX = 1024 };

struct bide_redis_subscription {
    bide_redis *redis;
    struct redis_link *link;    /* NULL: lost */
    struct bytes wishes;        /* SUBSCRIBE and PSUBSCRIBE */
    size_t wished;              /* channels and patterns */
    struct early *early, **early_end;
    size_t early_count;
    bide_redis_reply *last;     /* whose texts the program has */
    bool reading, asked;        /* a task is in it; PING was said, and nothing came since */
};

/* ---- what comes ------------------------------------------------------------------------------ */

enum kind { KIND_OTHER, KIND_MESSAGE, KIND_CONFIRMED };

static enum kind kind_of(const bide_redis_reply *r)
{
    const char *word = bide_redis_text(bide_redis_at(r, 0));
    if (!word)
        return KIND_OTHER;
    if (strcmp(word, "message") == 0)
        return r->size == 3 ? KIND_MESSAGE : KIND_OTHER;
    if (strcmp(word, "pmessage") == 0)
        return r->size == 4 ? KIND_MESSAGE : KIND_OTHER;
    if (strcmp(word, "subscribe") == 0 || strcmp(word, "psubscribe") == 0)
        return KIND_CONFIRMED;
    return KIND_OTHER;
}

static const char *text_at(const bide_redis_reply *r, size_t index)
{
    const char *text = bide_redis_text(bide_redis_at(r, index));
    return text ? text : "";
}

static void show(const bide_redis_reply *r, struct bide_redis_message *m)
{
    bool by_pattern = r->size == 4;
    *m = (struct bide_redis_message){ .channel = text_at(r, r->size - 2),
                                      .pattern = by_pattern ? text_at(r, 1) : NULL,
                                      .data = text_at(r, r->size - 1),
                                      .size = bide_redis_size(bide_redis_at(r, r->size - 1)) };
}

static void forget_last(bide_redis_subscription *sub)
{
    bide_redis_reply_free(sub->last);
    sub->last = NULL;
}

/* ---- early ones ------------------------------------------------------------------------------ */

static int put_early(bide_redis_subscription *sub, bide_redis_reply *reply)
{
    bool many = sub->early_count == EARLY_MAX;
    struct early *e = many ? NULL : bide__alloc(sizeof *e);
    if (!e) {
        bide_redis_reply_free(reply);
        return many ? bide_fail(BIDE_ELIMIT, "redis: %d messages while subscribing", EARLY_MAX)
                    : bide_fail(BIDE_ENOMEM, "redis: out of memory");
    }
    *e = (struct early){ NULL, reply };
    *sub->early_end = e;
    sub->early_end = &e->next;
    sub->early_count++;
    return 0;
}

static bide_redis_reply *take_early(bide_redis_subscription *sub)
{
    struct early *e = sub->early;
    if (!e)
        return NULL;
    bide_redis_reply *reply = e->reply;
    sub->early = e->next;
    if (!sub->early)
        sub->early_end = &sub->early;
    sub->early_count--;
    bide__free(e);
    return reply;
}

/* ---- subscribing ----------------------------------------------------------------------------- */

/* One of the confirmations: 1; something else: 0. */
static int judge(bide_redis_subscription *sub, bide_redis_reply *reply)
{
    if (reply->type == BIDE_REDIS_ERROR) {
        bide__reply_judge(reply);
        return bide_errcode();
    }
    enum kind kind = kind_of(reply);
    if (kind == KIND_MESSAGE)
        return put_early(sub, reply);
    bide_redis_reply_free(reply);
    return kind == KIND_CONFIRMED;
}

BIDE_WAITS static int say_wishes(bide_redis_subscription *sub)
{
    BIDE_TIMEOUT(limit, sub->redis->opts.connect_timeout);
    int rc = bide_write(sub->link->stream, sub->wishes.at, sub->wishes.size);
    if (rc < 0)
        bide_within("redis");
    for (size_t confirmed = 0; rc >= 0 && confirmed < sub->wished;) {
        bide_redis_reply *reply;
        rc = bide__link_read(sub->link, &reply);
        if (rc == 0)
            rc = judge(sub, reply);
        confirmed += rc == 1;
    }
    return bide_scope_result(limit, rc < 0 ? rc : 0);
}

static void hang_up(bide_redis_subscription *sub)
{
    if (sub->link)
        bide__redis_pool_give(sub->redis, sub->link, false);
    sub->link = NULL;
}

BIDE_WAITS static int connect_sub(bide_redis_subscription *sub)
{
    sub->asked = false;
    sub->link = bide__redis_pool_take(sub->redis);
    int rc = sub->link ? say_wishes(sub) : bide_errcode();
    if (rc == 0)
        return 0;
    BIDE_KEEP_ERROR(why);
    hang_up(sub);
    return rc;
}

static int wish(bide_redis_subscription *sub, const char *word, const char *const *names)
{
    size_t count = 0;
    while (names && names[count])
        count++;
    if (!count)
        return 0;
    const char **argv = bide__alloc((count + 1) * sizeof *argv);
    if (!argv)
        return bide_fail(BIDE_ENOMEM, "redis: out of memory");
    argv[0] = word;
    memcpy((void *)(argv + 1), (const void *)names, count * sizeof *argv);
    int rc = bide__command_put(&sub->wishes, &(struct command){ .argv = argv, .count = count + 1 });
    bide__free((void *)argv);
    sub->wished += count;
    return rc;
}

static bide_redis_subscription *make(bide_redis *redis)
{
    if (bide__redis_hold(redis) < 0)
        return NULL;
    bide_redis_subscription *sub = bide__zalloc(sizeof *sub);
    if (!sub) {
        bide__redis_drop(redis);
        bide_fail(BIDE_ENOMEM, "redis: out of memory");
        return NULL;
    }
    sub->redis = redis;
    sub->early_end = &sub->early;
    return sub;
}

bide_redis_subscription *bide_redis_subscribe(bide_redis *redis, const char *const *channels,
                                              const char *const *patterns)
{
    bide_redis_subscription *sub = make(redis);
    if (!sub)
        return NULL;
    int rc = wish(sub, "SUBSCRIBE", channels);
    if (rc == 0)
        rc = wish(sub, "PSUBSCRIBE", patterns);
    if (rc == 0 && !sub->wished)
        rc = bide_fail(BIDE_EINVAL, "redis: neither channels nor patterns");
    if (rc == 0)
        rc = connect_sub(sub);
    if (rc == 0)
        return sub;
    BIDE_KEEP_ERROR(why);
    bide_redis_subscription_close(sub);
    return NULL;
}

/* ---- listening ------------------------------------------------------------------------------- */

/* A reply, or after some silence a question: 1, 0. */
BIDE_WAITS static int listen_once(bide_redis_subscription *sub, bide_redis_reply **reply)
{
    double silence = sub->redis->opts.heartbeat;
    BIDE_TIMEOUT(limit, silence);
    int rc = bide_scope_result(limit, bide__link_read(sub->link, reply));
    if (rc != BIDE_ETIMEDOUT)
        return rc < 0 ? rc : 1;
    return sub->asked ? bide_fail(rc, "redis: no answer for %g s", silence) : 0;
}

BIDE_WAITS static int ask_if_there(bide_redis_subscription *sub)
{
    static const char ping[] = "*1\r\n$4\r\nPING\r\n";
    sub->asked = true;
    return bide_write(sub->link->stream, ping, sizeof ping - 1);
}

/* The next message of this connection: sub->last. */
BIDE_WAITS static int receive(bide_redis_subscription *sub)
{
    sub->last = take_early(sub);
    while (!sub->last) {
        bide_redis_reply *reply;
        int rc = listen_once(sub, &reply);
        if (rc == 0)
            rc = ask_if_there(sub);
        else if (rc > 0 && kind_of(reply) == KIND_MESSAGE)
            sub->last = reply;
        else if (rc > 0)
            bide_redis_reply_free(reply);
        if (rc < 0)
            return rc;
        sub->asked = rc == 0;
    }
    return 1;
}

BIDE_WAITS static int next(bide_redis_subscription *sub, struct bide_redis_message *message)
{
    int rc = sub->link ? receive(sub) : BIDE_EEOF;
    if (rc == 1) {
        show(sub->last, message);
        return 1;
    }
    if (sub->redis->closed)
        return bide_fail(BIDE_ECLOSED, "redis: the client was closed");
    if (bide_cancelled())
        return bide_fail(BIDE_ECANCELED, "cancelled");
    hang_up(sub);
    rc = connect_sub(sub);
    *message = (struct bide_redis_message){ .channel = "", .data = "", .gap = true };
    return rc < 0 ? rc : 1;
}

int bide_redis_next(bide_redis_subscription *sub, struct bide_redis_message *message)
{
    if (!sub)
        return bide_errcode();
    if (sub->reading)
        return bide_fail(BIDE_EBUSY, "redis: another task waits for messages");
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    sub->reading = true;
    forget_last(sub);
    rc = next(sub, message);
    sub->reading = false;
    return rc;
}

void bide_redis_subscription_close(bide_redis_subscription *sub)
{
    if (!sub)
        return;
    BIDE_KEEP_ERROR(why);
    hang_up(sub);
    forget_last(sub);
    for (bide_redis_reply *r; (r = take_early(sub));)
        bide_redis_reply_free(r);
    bide__bytes_free(&sub->wishes);
    bide__redis_drop(sub->redis);
    bide__free(sub);
}
