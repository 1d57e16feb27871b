/* Two of the runtime measures with threads: a task is a thread.
 *
 *     runtime_threads switch | memory COUNT
 *
 * Stacks of 64 KiB, as everybody here. What the kernel keeps for each thread, 20 KB and more,
 * is not the process's memory and does not show. */
#include "../meter.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

enum { STACK_SIZE = 65536, SWITCHES = 400000 };

static sem_t never;

static void *yield_often(void *unused)
{
    for (int i = 0; i < SWITCHES / 2; i++)
        sched_yield();
    return unused;
}

static void *wait_for_ever(void *unused)
{
    sem_wait(&never);
    return unused;
}

static bool start(pthread_t *thread, void *(*fn)(void *))
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    return pthread_create(thread, &attributes, fn, NULL) == 0;
}

static int measure_switch(void)
{
    pthread_t threads[2];
    int64_t begin = meter_cpu_ns();
    if (!start(&threads[0], yield_often) || !start(&threads[1], yield_often))
        return 1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    meter_print_each("switch", begin, SWITCHES);
    return 0;
}

static int measure_memory(int64_t count)
{
    struct timespec pause = { .tv_nsec = 300000000 };
    int64_t before = meter_memory(), made = 0;
    sem_init(&never, 0, 0);
    for (pthread_t thread; made < count && start(&thread, wait_for_ever);)
        made++;
    nanosleep(&pause, NULL);    /* all have reached their wait */
    meter_print("memory", (double)(meter_memory() - before) / (double)made, "bytes");
    meter_print("made", (double)made, "threads");
    exit(0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "switch") == 0)
        return measure_switch();
    return argc > 2 ? measure_memory(atol(argv[2])) : 2;
}
