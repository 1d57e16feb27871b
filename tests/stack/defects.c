/* tests/stack/defects.c -- defects inside tasks, for sanitizers.py: `defects NAME` does one.
 *
 * Each is done after and around switches, where a tool that does not know our switches would see
 * nothing, or things that are not there.  "sound" and "apart" do nothing wrong. */
#include <bide.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile int zero, sink;

/* What keeps stacks busy meanwhile. */
__attribute__((noinline)) static int fill(int depth)
{
    volatile char frame[300];
    memset((char *)(uintptr_t)frame, depth, sizeof frame);
    int rc = bide_yield();
    if (rc == 0 && depth > 0)
        rc = fill(depth - 1);
    sink = frame[depth];
    return rc;
}

static int fills(void *depth)
{
    return fill((int)(intptr_t)depth);
}

static int with_company(bide_fn *fn)
{
    BIDE_GROUP(g);
    for (intptr_t i = 0; i < 20; i++)
        bide_spawn(g, fills, (void *)i);
    bide_spawn(g, fn, NULL);
    for (intptr_t i = 0; i < 20; i++)
        bide_spawn(g, fills, (void *)i);
    return bide_group_wait(g);
}

static int sound(void *unused)
{
    (void)unused;
    for (int round = 0; round < 50; round++) {
        int rc = with_company(fills);
        if (rc < 0)
            return rc;
    }
    BIDE_TIMEOUT(t, 0.001);
    return bide_scope_result(t, bide_sleep(10)) == BIDE_ETIMEDOUT ? 0 : -1;
}

static int writes_beyond(void *unused)
{
    char buffer[16];
    int rc = bide_yield();
    (void)unused;
    memset(buffer, 1, sizeof buffer + (size_t)(zero + 4));
    sink = buffer[zero];
    return rc;
}

__attribute__((noinline)) static volatile int *dangling(void)
{
    volatile int local = 7;
    volatile int *volatile at = &local;
    bide_ignore(bide_yield());
    return at;
}

static int uses_after_return(void *unused)
{
    volatile int *at = dangling();
    int rc = bide_yield();
    (void)unused;
    sink = *at;
    return rc;
}

static int uses_after_scope(void *unused)
{
    volatile int *volatile at;
    (void)unused;
    {
        volatile int local = 7;
        at = &local;
        bide_ignore(bide_yield());
    }
    int rc = bide_yield();
    sink = *at;
    return rc;
}

__attribute__((noinline)) static int decides(volatile int *value)
{
    return *value == 4711 ? 1 : 2;
}

static int uses_unset(void *unused)
{
    volatile int unset[50];
    (void)unused;
    int rc = bide_yield();
    if (decides(&unset[zero + 20]) == 1)
        puts("a coincidence");
    return rc;
}

static int shared, started;

/* Relaxed, so that it orders nothing: who comes late must not find the other's work behind it. */
static int wait_for_the_other_thread(void)
{
    __atomic_add_fetch(&started, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&started, __ATOMIC_RELAXED) < 4) {
        int rc = bide_yield();
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int counts(void *at)
{
    int rc = wait_for_the_other_thread();
    if (rc < 0)
        return rc;
    for (int i = 0; i < 1000; i++) {
        ++*(int *)at;
        if (i % 10 == 0 && (rc = bide_yield()) < 0)
            return rc;
    }
    return 0;
}

static int two_count(void *at)
{
    BIDE_GROUP(g);
    bide_spawn(g, counts, at);
    bide_spawn(g, counts, at);
    return bide_group_wait(g);
}

static void *has_a_loop(void *at)
{
    int own = 0;
    return (void *)(intptr_t)bide_run(two_count, at ? at : &own);
}

/* Two threads, a loop in each, which count in one place or each in its own. */
static int count_in_threads(int *at)
{
    pthread_t threads[2];
    void *results[2] = { NULL, NULL };
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, has_a_loop, at) != 0)
            return -1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], &results[i]);
    return results[0] || results[1];
}

static int in_company(void *fn)
{
    return with_company(*(bide_fn **)fn);
}

int main(int argc, char **argv)
{
    static const struct { const char *name; bide_fn *fn; } defects[] = {
        { "sound", sound }, { "overflow", writes_beyond }, { "return", uses_after_return },
        { "scope", uses_after_scope }, { "unset", uses_unset },
    };
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "race") == 0 || strcmp(name, "apart") == 0)
        return count_in_threads(*name == 'r' ? &shared : NULL);
    for (size_t i = 0; i < sizeof defects / sizeof *defects; i++)
        if (strcmp(name, defects[i].name) == 0) {
            bide_fn *fn = defects[i].fn;
            return bide_run(in_company, &fn) < 0;
        }
    return 2;
}
