/* The row of Redis with hiredis: `pipelined` gathers 100 commands, sends them and takes 100
 * replies; `async` is its asynchronous interface on epoll, each reply's callback asking again.
 * stint.h says what it is told and what it prints. */
#include "stint.h"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <sys/epoll.h>

static struct stint stint;

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "hiredis: %s\n", what);
    exit(1);
}

static void check(const redisReply *reply)
{
    if (!reply || reply->type != REDIS_REPLY_STRING || strcmp(reply->str, STINT_VALUE) != 0)
        fail("another value");
}

/* ---- blocking ---- */

static void run(redisContext *redis, long count, long flight)
{
    for (long left = count; left > 0; left -= flight) {
        long some = flight < left ? flight : left;
        for (long i = 0; i < some; i++)
            redisAppendCommand(redis, "GET %s", STINT_KEY);
        for (long i = 0; i < some; i++) {
            void *reply = NULL;
            if (redisGetReply(redis, &reply) != REDIS_OK)
                fail("no reply");
            check(reply);
            freeReplyObject(reply);
        }
    }
}

static void measure_blocking(long flight)
{
    redisContext *redis = redisConnect("127.0.0.1", stint_port(&stint));
    if (!redis || redis->err)
        fail("connect");
    freeReplyObject(redisCommand(redis, "SET %s %s", STINT_KEY, STINT_VALUE));
    run(redis, stint.count / 10 + 1, flight);
    stint_begin(&stint);
    run(redis, stint.count, flight);
    stint_print(&stint, "rate");
}

/* ---- asynchronous ---- */

/* What hiredis wants of epoll; it says so again and again, and mostly the same. */
static struct { int epoll, fd; uint32_t wanted, watched; } watch;
static long asked, answered, total;

static void want(uint32_t add, uint32_t remove) { watch.wanted = (watch.wanted | add) & ~remove; }
static void add_read(void *unused) { (void)unused, want(EPOLLIN, 0); }
static void del_read(void *unused) { (void)unused, want(0, EPOLLIN); }
static void add_write(void *unused) { (void)unused, want(EPOLLOUT, 0); }
static void del_write(void *unused) { (void)unused, want(0, EPOLLOUT); }

static void ask(redisAsyncContext *redis);

static void take(redisAsyncContext *redis, void *reply, void *unused)
{
    (void)unused;
    check(reply);
    answered++;
    if (asked < total)
        ask(redis);
}

static void ask(redisAsyncContext *redis)
{
    asked++;
    redisAsyncCommand(redis, take, NULL, "GET %s", STINT_KEY);
}

/* What was asked for in callbacks is written before the wait. */
static void turn(redisAsyncContext *redis)
{
    struct epoll_event event = { .events = watch.wanted };
    if (watch.wanted & EPOLLOUT)
        redisAsyncHandleWrite(redis);
    event.events = watch.wanted;
    if (watch.wanted != watch.watched)
        epoll_ctl(watch.epoll, EPOLL_CTL_MOD, watch.fd, &event);
    watch.watched = watch.wanted;
    if (epoll_wait(watch.epoll, &event, 1, 10000) != 1)
        fail("epoll_wait");
    if (event.events & EPOLLIN)
        redisAsyncHandleRead(redis);
}

static void run_async(redisAsyncContext *redis, long count)
{
    total = count;
    asked = answered = 0;
    for (int i = 0; i < STINT_FLIGHT && asked < total; i++)
        ask(redis);
    while (answered < total)
        turn(redis);
}

static void measure_async(void)
{
    struct epoll_event event = { 0 };
    redisAsyncContext *redis = redisAsyncConnect("127.0.0.1", stint_port(&stint));
    if (!redis || redis->err)
        fail("connect");
    watch.epoll = epoll_create1(EPOLL_CLOEXEC);
    watch.fd = redis->c.fd;
    epoll_ctl(watch.epoll, EPOLL_CTL_ADD, watch.fd, &event);
    redis->ev.data = redis;
    redis->ev.addRead = add_read;
    redis->ev.delRead = del_read;
    redis->ev.addWrite = add_write;
    redis->ev.delWrite = del_write;
    run_async(redis, stint.count / 10 + 1);
    stint_begin(&stint);
    run_async(redis, stint.count);
    stint_print(&stint, "rate");
}

int main(int argc, char **argv)
{
    if (!stint_read(&stint, argc, argv))
        return 2;
    if (stint_is(&stint, "async"))
        measure_async();
    else
        measure_blocking(stint_is(&stint, "pipelined") ? STINT_FLIGHT : 1);
    return 0;
}
