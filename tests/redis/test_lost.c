/* A server that breaks off, says too much, or nothing: one of ours, which reads commands and says
 * what it is told to. */
#include <bide.h>
#include <bide/redis.h>

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What it does with its connections, one after the other. */
struct fake {
    bide_listener *listener;
    const char *answers[4];     /* to the first command of the n-th one; NULL: closes */
    size_t sizes[4];            /* of the answers; 0: all of the text */
    int connections, commands;  /* that were seen */
    char url[64];
};

/* Skips one command: "*n", then n pairs of lines.  1: it was HELLO; 0: another; < 0: the end. */
BIDE_WAITS static int skip_command(bide_stream *s)
{
    char *line;
    ssize_t size = bide_read_until(s, "\r\n", &line);
    if (size <= 0 || *line != '*')
        return -1;
    int hello = 0;
    for (int count = 2 * atoi(line + 1); count; count--) {
        if (bide_read_until(s, "\r\n", &line) <= 0)
            return -1;
        hello |= strcmp(line, "HELLO\r\n") == 0;
    }
    return hello;
}

/* HELLO, where the client would speak RESP3, and the PING behind it; else PING alone. */
BIDE_WAITS static int let_in(bide_stream *s)
{
    static const char no[] = "-ERR unknown command 'HELLO'\r\n+PONG\r\n";
    int hello = skip_command(s);
    if (hello < 0 || (hello && (skip_command(s) < 0 || bide_write(s, no, sizeof no - 1) < 0)))
        return -1;
    return hello && skip_command(s) < 0 ? -1 : bide_write(s, "+PONG\r\n", 7);
}

BIDE_WAITS static int serve_one(struct fake *f, bide_stream *s)
{
    int number = f->connections++;
    if (let_in(s) < 0)
        return 0;
    while (skip_command(s) == 0) {
        const char *answer = f->answers[number < 4 ? number : 3];
        f->commands++;
        if (!answer)
            return 0;
        size_t size = number < 4 && f->sizes[number] ? f->sizes[number] : strlen(answer);
        if (bide_write(s, answer, size) < 0 || size < strlen(answer))
            return 0;
    }
    return 0;
}

static int serve(void *arg)
{
    struct fake *f = arg;
    for (;;) {
        bide_auto(stream) s = bide_accept(f->listener);
        if (!s)
            return bide_errcode();
        bide_ignore(serve_one(f, s));
    }
}

static void fake_open(struct fake *f, bide_group *g)
{
    f->listener = bide_listen("127.0.0.1:0");
    CHECK(f->listener != NULL);
    snprintf(f->url, sizeof f->url, "redis://%s", bide_listener_address(f->listener));
    bide_spawn(g, serve, f);
}

/* HELLO is not for this server, which knows no more than PING. */
#define FAKE(name, ...) \
    struct fake name = { .answers = { __VA_ARGS__ } }; \
    BIDE_KEEP_GOING(name##_group); \
    fake_open(&name, name##_group)
#define FAKE_END(name) \
    do { \
        bide_group_cancel(name##_group); \
        bide_ignore(bide_group_wait(name##_group)); \
        bide_listener_close((name).listener); \
    } while (0)

TASK_TEST(what_was_written_and_not_answered_fails_and_is_not_repeated)
{
    FAKE(fake, NULL, "+fine\r\n");
    bide_auto(redis) redis = bide_redis_open(fake.url);
    CHECK(!bide_redis_call(redis, "INCR", "n"));
    CHECK_EQ(bide_errcode(), BIDE_EEOF);
    CHECK_HAS(bide_errmsg(), "may have been done");
    CHECK_EQ(fake.commands, 1);
    bide_auto(redis_reply) r = bide_redis_call(redis, "INCR", "n");
    CHECK_STR(bide_redis_text(r), "fine");
    CHECK_EQ(fake.commands, 2);
    bide_redis_close(bide_steal(redis));
    FAKE_END(fake);
}

TASK_TEST(what_may_be_repeated_is)
{
    FAKE(fake, NULL, NULL, "+fine\r\n");
    bide_auto(redis) redis = bide_redis_open(fake.url);
    const char *argv[] = { "GET", "n" };
    bide_auto(redis_reply) r = bide_redis_command(redis, argv, 2, .repeatable = true);
    CHECK_STR(bide_redis_text(r), "fine");
    CHECK_EQ(fake.commands, 3);
    bide_redis_close(bide_steal(redis));
    FAKE_END(fake);
}

TASK_TEST(what_may_be_repeated_is_not_for_ever)
{
    FAKE(fake, NULL, NULL, NULL, NULL);
    bide_auto(redis) redis = bide_redis_open(fake.url, .attempts = 3);
    const char *argv[] = { "GET", "n" };
    CHECK(!bide_redis_command(redis, argv, 2, .repeatable = true));
    CHECK_EQ(bide_errcode(), BIDE_EEOF);
    CHECK_EQ(fake.commands, 3);
    bide_redis_close(bide_steal(redis));
    FAKE_END(fake);
}

TASK_TEST(a_reply_that_is_cut_at_any_byte_is_a_failure)
{
    static const char reply[] = "*3\r\n$3\r\nabc\r\n:12\r\n*1\r\n+OK\r\n";
    for (size_t size = 1; size < sizeof reply - 1; size++) {
        FAKE(fake, reply, "+fine\r\n");
        fake.sizes[0] = size;
        bide_auto(redis) redis = bide_redis_open(fake.url);
        CHECK(!bide_redis_call(redis, "LRANGE", "l", "0", "-1"));
        CHECK_EQ(bide_errcode(), BIDE_EEOF);
        bide_auto(redis_reply) r = bide_redis_call(redis, "PING");
        CHECK_STR(bide_redis_text(r), "fine");
        bide_redis_close(bide_steal(redis));
        FAKE_END(fake);
    }
}

TASK_TEST(a_reply_that_is_too_large_or_none_ends_the_connection)
{
    FAKE(fake, "$100000\r\n", "*99999999\r\n", "?\r\n", "+fine\r\n");
    bide_auto(redis) redis = bide_redis_open(fake.url, .reply_max = 5000);
    CHECK(!bide_redis_command(redis, ((const char *[]){ "GET", "n" }), 2, .timeout = 1));
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    bide_redis_close(bide_steal(redis));
    redis = bide_redis_open(fake.url, .reply_max = 5000);
    CHECK(!bide_redis_call(redis, "GET", "n"));
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK(!bide_redis_call(redis, "GET", "n"));
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    bide_auto(redis_reply) r = bide_redis_call(redis, "GET", "n");
    CHECK_STR(bide_redis_text(r), "fine");
    bide_redis_close(bide_steal(redis));
    FAKE_END(fake);
}

static int ask(void *redis)
{
    bide_auto(redis_reply) r = bide_redis_call(redis, "GET", "n");
    return r ? 0 : bide_errcode();
}

TASK_TEST(the_queue_has_a_limit_and_closing_ends_who_waits)
{
    FAKE(fake, "+fine\r\n");
    bide_redis *redis = bide_redis_open(fake.url, .queue_max = 2);
    bide_task *tasks[3];
    BIDE_KEEP_GOING(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, ask, redis, .handle = &tasks[i]);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_task_result(tasks[2]), BIDE_ELIMIT);
    bide_redis_close(redis);
    CHECK_EQ(bide_group_wait(g), BIDE_ELIMIT);
    CHECK_EQ(bide_task_result(tasks[0]), BIDE_ECLOSED);
    CHECK_EQ(bide_task_result(tasks[1]), BIDE_ECLOSED);
    FAKE_END(fake);
}

TASK_TEST(places_are_read_and_refused)
{
    static const char *const bad[] = { "http://x/", "redis://", "redis://h/x", "redis://[::1",
                                       "redis://h?x=1", "unix:", "unix:/x?y=1", "redis://%zz@h" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(!bide_redis_open(bad[i]));
        CHECK_EQ(bide_errcode(), BIDE_EURL);
    }
    CHECK(!bide_redis_open("redis://h", .timeout = -1));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    bide_auto(redis) fine = bide_redis_open("redis://u:p@[::1]:7/15");
    CHECK(fine != NULL);
}
