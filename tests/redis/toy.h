/* tests/redis/toy.h -- a server in the test's own loop, so that the jumping clock and every fault
 * are its as well.  It knows a counter, a list that never ends, transactions and messages:
 *
 *     INCR, BLPOP      add one to the counter, at once; in a transaction when it is executed
 *     SUBSCRIBE        is confirmed, and "one", "two", "three" come
 *     ECHO, GET        say their argument; HUSH says nothing, also to what comes behind it;
 *                      TWICE is answered twice; DROP ends the connection
 *
 * so that the counter tells how often something has been done. */
#ifndef REDIS_TOY_H
#define REDIS_TOY_H
#include "test.h"

#include <bide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOY_WORDS = 8, TOY_WORD = 64 };

struct toy {
    bide_listener *listener;
    char address[64], url[64];
    int64_t counter;
    int connections, commands, pings;
};

struct toy_talk {
    struct toy *toy;
    bide_stream *stream;
    bool queueing, hushed;
    int queued;                 /* that count */
    char words[TOY_WORDS][TOY_WORD];
    int count;
};

/* A whole line, without its end: its size, or < 0. */
BIDE_WAITS static inline ssize_t toy_line(struct toy_talk *t, char **line)
{
    ssize_t size = bide_read_until(t->stream, "\r\n", line);
    if (size < 2 || (*line)[size - 1] != '\n')
        return -1;
    (*line)[size - 2] = '\0';
    return size - 2;
}

/* A command is "*n", then n pairs of lines: 0, or < 0: the end. */
BIDE_WAITS static inline int toy_read(struct toy_talk *t)
{
    char *line;
    if (toy_line(t, &line) < 0 || *line != '*')
        return -1;
    t->count = atoi(line + 1);
    for (int i = 0; i < t->count; i++) {
        if (toy_line(t, &line) < 0 || toy_line(t, &line) < 0)
            return -1;
        if (i < TOY_WORDS)
            snprintf(t->words[i], TOY_WORD, "%s", line);
    }
    return 0;
}

static inline bool toy_is(const struct toy_talk *t, const char *word)
{
    return strcmp(t->words[0], word) == 0;
}

BIDE_WAITS static inline int toy_write(struct toy_talk *t, const char *text)
{
    return bide_write(t->stream, text, strlen(text));
}

BIDE_WAITS static inline int toy_execute(struct toy_talk *t)
{
    char text[64];
    t->queueing = false;
    snprintf(text, sizeof text, "*%d\r\n", t->queued);
    int rc = toy_write(t, text);
    for (; rc == 0 && t->queued; t->queued--) {
        snprintf(text, sizeof text, ":%lld\r\n", (long long)++t->toy->counter);
        rc = toy_write(t, text);
    }
    return rc;
}

BIDE_WAITS static inline int toy_subscribe(struct toy_talk *t)
{
    static const char *const news[] = { "$3\r\none", "$3\r\ntwo", "$5\r\nthree" };
    char text[300];
    int rc = 0;
    for (int i = 1; rc == 0 && i < t->count; i++) {
        snprintf(text, sizeof text, "*3\r\n$9\r\nsubscribe\r\n$%zu\r\n%s\r\n:%d\r\n",
                 strlen(t->words[i]), t->words[i], i);
        rc = toy_write(t, text);
    }
    for (int i = 0; rc == 0 && i < 3; i++) {
        snprintf(text, sizeof text, "*3\r\n$7\r\nmessage\r\n$%zu\r\n%s\r\n%s\r\n",
                 strlen(t->words[1]), t->words[1], news[i]);
        rc = toy_write(t, text);
    }
    return rc;
}

/* The counter's. */
BIDE_WAITS static inline int toy_count(struct toy_talk *t)
{
    char text[80];
    if (t->queueing) {
        t->queued++;
        return toy_write(t, "+QUEUED\r\n");
    }
    long long now = ++t->toy->counter;
    bool popped = toy_is(t, "BLPOP");
    snprintf(text, sizeof text, popped ? "*2\r\n$1\r\nl\r\n:%lld\r\n" : ":%lld\r\n", now);
    return toy_write(t, text);
}

BIDE_WAITS static inline int toy_answer(struct toy_talk *t)
{
    char text[TOY_WORD + 32];
    if (toy_is(t, "PING"))
        return toy_write(t, "+PONG\r\n");
    if (toy_is(t, "INCR") || toy_is(t, "BLPOP"))
        return toy_count(t);
    if (toy_is(t, "EXEC"))
        return toy_execute(t);
    if (toy_is(t, "SUBSCRIBE"))
        return toy_subscribe(t);
    if (toy_is(t, "HUSH"))
        t->hushed = true;
    if (t->hushed)
        return 0;
    if (toy_is(t, "DROP"))
        return -1;
    if (toy_is(t, "TWICE"))
        return toy_write(t, "+once\r\n+twice\r\n");
    if (toy_is(t, "MULTI"))
        t->queueing = true;
    if (toy_is(t, "MULTI") || toy_is(t, "WATCH"))
        return toy_write(t, "+OK\r\n");
    if (!toy_is(t, "ECHO") && !toy_is(t, "GET"))
        return toy_write(t, "-ERR unknown command\r\n");
    snprintf(text, sizeof text, "$%zu\r\n%s\r\n", strlen(t->words[1]), t->words[1]);
    return toy_write(t, text);
}

static inline int toy_serve(bide_stream *stream, void *arg)
{
    struct toy *toy = arg;
    struct toy_talk t = { .toy = toy, .stream = stream };
    toy->connections++;
    while (toy_read(&t) == 0 && toy_answer(&t) == 0)
        ++*(toy_is(&t, "PING") ? &toy->pings : &toy->commands);
    return 0;
}

static inline int toy_accept(void *arg)
{
    struct toy *toy = arg;
    return bide_serve(toy->listener, toy_serve, toy);
}

static inline int toy_open(struct toy *toy, bide_group *g)
{
    toy->listener = bide_listen("127.0.0.1:0");
    if (!toy->listener)
        return bide_errcode();
    snprintf(toy->address, sizeof toy->address, "%s", bide_listener_address(toy->listener));
    snprintf(toy->url, sizeof toy->url, "redis://%s", toy->address);
    return bide_spawn(g, toy_accept, toy);
}

static inline void toy_end(struct toy *toy, bide_group *g)
{
    bide_group_cancel(g);
    bide_ignore(bide_group_wait(g));
    bide_listener_close(toy->listener);
}

/* Declares `struct toy name`, which listens; in a task. */
#define TOY(name) \
    struct toy name = { .counter = 0 }; \
    BIDE_KEEP_GOING(name##_group); \
    CHECK_EQ(toy_open(&name, name##_group), 0)
#define TOY_END(name) toy_end(&name, name##_group)

#endif
