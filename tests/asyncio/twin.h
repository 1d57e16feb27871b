/* tests/asyncio/twin.h -- scenarios in C beside their Python twins.
 *
 * AREA.py holds scenarios, AREA.out what CPython 3.11 said of each.  A TWIN of the same name has to
 * say the same lines.  Where bide means to differ, TWIN_DIFFERS says why, and what bide says; it
 * must then really differ.  docs/asyncio-scenarios.md is the table made of both. */
#ifndef ASYNCIO_TWIN_H
#define ASYNCIO_TWIN_H
#include "test.h"
#include <bide.h>
#include <stdio.h>
#include <string.h>

#define AREA(name) \
    extern const char recorded[]; \
    __asm__(".pushsection .rodata\nrecorded:\n.incbin \"asyncio/" #name ".out\"\n.byte 0\n" \
            ".popsection\n");

#define TWIN_(name_, says_) \
    static void name_(void); \
    static int name_##_task(void *unused) \
    { \
        (void)unused; \
        begun = bide_now(); \
        name_(); \
        return 0; \
    } \
    TEST(name_##_twin) \
    { \
        CHECK_EQ(bide_run(name_##_task, NULL, .jumping_clock = true), 0); \
        judge(recorded, #name_, says_); \
    } \
    static void name_(void)
/* As the main task of a loop. */
#define TWIN(name_) TWIN_(name_, NULL)
#define TWIN_DIFFERS(name_, why_, says_) TWIN_(name_, says_)
/* Outside of any loop: calls run() itself. */
#define TWIN_PLAIN(name_) \
    static void name_(void); \
    TEST(name_##_twin) { name_(); judge(recorded, #name_, NULL); } \
    static void name_(void)

enum { FAILED = -2000 };
static char said[4096];
static double begun;

__attribute__((format(printf, 1, 2), unused)) static void say(const char *fmt, ...)
{
    size_t used = strlen(said);
    va_list args;
    va_start(args, fmt);
    vsnprintf(said + used, sizeof said - used - 1, fmt, args);
    va_end(args);
    strcat(said, "\n");
}

/* Seconds since the loop began: the jumping clock begins where the system's is. */
__attribute__((unused)) static const char *now(void)
{
    static char text[8][16];
    static int next;
    char *to = text[next++ % 8];
    snprintf(to, sizeof text[0], "%.3f", bide_now() - begun);
    return to;
}

/* What was recorded of a scenario: its lines, in memory of this function. */
static const char *lines_of(const char *all, const char *name)
{
    static char block[4096];
    char head[80];
    snprintf(head, sizeof head, "# %s: ", name);
    const char *from = strncmp(all, head, strlen(head)) == 0 ? all : NULL;
    for (const char *at = all; !from && (at = strchr(at, '\n')); at++)
        if (strncmp(at + 1, head, strlen(head)) == 0)
            from = at + 1;
    CHECK(from != NULL);
    from = strchr(from, '\n') + 1;
    const char *end = *from == '#' ? from : strstr(from, "\n# ");
    size_t size = !end ? strlen(from) : *from == '#' ? 0 : (size_t)(end + 1 - from);
    CHECK(size < sizeof block);
    memcpy(block, from, size);
    block[size] = '\0';
    return block;
}

static void judge(const char *all, const char *name, const char *says)
{
    const char *lines = lines_of(all, name);
    if (!says) {
        CHECK_STR(said, lines);
        return;
    }
    CHECK_STR(said, says);
    CHECK(strcmp(says, lines) != 0);
}

/* What most scenarios run: begins, sleeps, ends or fails; says when it is cancelled. */
struct job { const char *name; double seconds; bool fails; };

__attribute__((unused)) static int job(void *arg)
{
    const struct job *j = arg;
    say("%s begins", j->name);
    int rc = bide_sleep(j->seconds);
    if (rc < 0) {
        say("%s cancelled at %s", j->name, now());
        return rc;
    }
    say("%s %s at %s", j->name, j->fails ? "fails" : "ends", now());
    return j->fails ? bide_fail(FAILED, "%s", j->name) : 0;
}

/* The name of a task's job. */
__attribute__((unused)) static const char *name_of(const bide_task *t)
{
    return ((const struct job *)bide_task_arg(t))->name;
}

/* A text as an argument, which is no constant. */
#define NAME(text) ((char[]){ text })

/* "ValueError" or a cancellation, as the scenarios in Python tell them apart. */
__attribute__((unused)) static void join_and_tell(bide_task *t, const char *cancelled)
{
    CHECK_EQ(bide_join(t), 0);
    if (bide_task_result(t) == BIDE_ECANCELED)
        say("%s", cancelled);
}

#endif
