/* tests/random/random.c -- random programs against the runtime, judged by a tree of their own.
 *
 *     random [--seed N] [--count N] [--trace]
 *
 * Each seed is one program: tasks that spawn groups, join, cancel, nest time-outs and shields, take
 * permits, lock, meet at barriers, put and get, gather, collect, own groups, fail, and swallow
 * cancellations, under the jumping clock, every other one with a shuffled ready queue.  What each
 * call has to return follows from tests/random/tree.c, which never asks the runtime.  No task is
 * there to help others on: what waits for something that is not coming is ended by its deadline,
 * and the tree knows that one.
 * Prints the seed and what differed, and exits with 1. */
#include "program.h"

#include <bide/log.h>
#include <bide/memory.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t seed, random_state;
static bool tracing;
static long blocks;             /* allocated and not freed */

static uint64_t next_random(void)
{
    random_state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = random_state;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

int below(int limit)
{
    return limit > 0 ? (int)(next_random() % (uint64_t)limit) : 0;
}

void wrong(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    printf("seed %llu: ", (unsigned long long)seed);
    vprintf(fmt, args);
    printf("\n");
    va_end(args);
    fflush(stdout);
    _exit(1);
}

void trace(const char *fmt, ...)
{
    va_list args;
    if (!tracing)
        return;
    va_start(args, fmt);
    vprintf(fmt, args);
    printf("\n");
    va_end(args);
}

static void *counted_alloc(size_t size)
{
    void *memory = is_short && below(2) ? NULL : malloc(size);
    blocks += memory != NULL;
    return memory;
}

static void *counted_resize(void *old, size_t size)
{
    void *memory = realloc(old, size);
    blocks += !old && memory;
    return memory;
}

static void counted_free(void *memory)
{
    blocks -= memory != NULL;
    free(memory);
}

static void pass_message(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    hear_log(text);
}

/* A signal that ends the process says first which program it was. */
static void tell_seed(int number)
{
    char text[64];
    int size = snprintf(text, sizeof text, "seed %llu: signal %d\n", (unsigned long long)seed,
                        number);
    if (write(STDOUT_FILENO, text, (size_t)size) < 0)
        _exit(2);
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_signals(void)
{
    static char stack[65536];
    static const int numbers[] = { SIGALRM, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
    sigaltstack(&(stack_t){ .ss_sp = stack, .ss_size = sizeof stack }, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &(struct sigaction){ .sa_handler = tell_seed,
                                                   .sa_flags = SA_ONSTACK | SA_NODEFER }, NULL);
}

static uint64_t read_number(const char *text)
{
    char *end;
    uint64_t number = text ? strtoull(text, &end, 0) : 0;
    if (text && *text && !*end)
        return number;
    fprintf(stderr, "usage: random [--seed N] [--count N] [--trace]\n");
    exit(2);
}

static void run_one(void)
{
    random_state = seed;
    alarm(10);
    program_run(seed);
    if (blocks != 0)
        wrong("%ld blocks of memory are left", blocks);
}

int main(int argc, char **argv)
{
    uint64_t first = 1, count = 10000;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seed") == 0)
            first = read_number(argv[++i]);
        else if (strcmp(argv[i], "--count") == 0)
            count = read_number(argv[++i]);
        else if (strcmp(argv[i], "--trace") == 0)
            tracing = true;
        else
            read_number(NULL);
    }
    catch_signals();
    bide_log_to(pass_message, NULL, BIDE_LOG_DEBUG);
    if (bide_allocator_set(&(struct bide_allocator){ counted_alloc, counted_resize,
                                                     counted_free }) < 0)
        wrong("the allocator was refused");
    for (seed = first; seed < first + count; seed++)
        run_one();
    printf("%llu random programs from seed %llu: as the tree says\n", (unsigned long long)count,
           (unsigned long long)first);
    return 0;
}
