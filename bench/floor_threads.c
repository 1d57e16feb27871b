/* The floor of thread.c and cross.c, what the system itself takes: a word changed and waited for
 * with futex(2), to another thread and back; a number with eventfd(2) and epoll(7), per way;
 * numbers through a ring under a mutex. */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "meter.h"

enum { TRIPS = 50000, STREAMED = 1000000, ROOM = 1000 };

static void print_wall(const char *name, int64_t start, int64_t count)
{
    meter_print(name, (double)(meter_wall_ns() - start) / (double)count, "ns");
}

/* ---- A word and futex ---- */

static atomic_int word;

static void set_word(int value)
{
    atomic_store(&word, value);
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void await_word(int value)
{
    for (int seen; (seen = atomic_load(&word)) != value; )
        syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void *answer_word(void *unused)
{
    for (int i = 0; i < TRIPS; i++) {
        await_word(2 * i + 1);
        set_word(2 * i + 2);
    }
    return unused;
}

static void measure_word(void)
{
    pthread_t other;
    pthread_create(&other, NULL, answer_word, NULL);
    int64_t start = meter_wall_ns();
    for (int i = 0; i < TRIPS; i++) {
        set_word(2 * i + 1);
        await_word(2 * i + 2);
    }
    print_wall("to_thread", start, TRIPS);
    pthread_join(other, NULL);
}

/* ---- Two loops ---- */

static int there, back;

static void tell(int fd)
{
    uint64_t one = 1;
    if (write(fd, &one, sizeof one) < 0)
        abort();
}

static void hear(int set, int fd)
{
    struct epoll_event event;
    uint64_t count;
    while (epoll_wait(set, &event, 1, -1) < 1)
        ;
    if (read(fd, &count, sizeof count) < 0)
        abort();
}

static int watch(int fd)
{
    int set = epoll_create1(0);
    struct epoll_event event = { .events = EPOLLIN | EPOLLET };
    epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
    return set;
}

static void *answer_loop(void *unused)
{
    int set = watch(there);
    for (int i = 0; i < TRIPS; i++) {
        hear(set, there);
        tell(back);
    }
    return unused;
}

static void measure_loops(void)
{
    pthread_t other;
    there = eventfd(0, EFD_NONBLOCK);
    back = eventfd(0, EFD_NONBLOCK);
    int set = watch(back);
    pthread_create(&other, NULL, answer_loop, NULL);
    int64_t start = meter_wall_ns();
    for (int i = 0; i < TRIPS; i++) {
        tell(there);
        hear(set, back);
    }
    print_wall("cross_loop", start, 2 * TRIPS);
    pthread_join(other, NULL);
}

/* ---- A ring ---- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int items[ROOM], first, count;
} ring = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void *take_all(void *sum)
{
    for (int i = 0; i < STREAMED; i++) {
        pthread_mutex_lock(&ring.lock);
        while (!ring.count)
            pthread_cond_wait(&ring.changed, &ring.lock);
        *(int64_t *)sum += ring.items[ring.first];
        ring.first = (ring.first + 1) % ROOM;
        if (ring.count-- == ROOM)
            pthread_cond_signal(&ring.changed);
        pthread_mutex_unlock(&ring.lock);
    }
    return NULL;
}

static void measure_ring(void)
{
    pthread_t other;
    int64_t sum = 0;
    pthread_create(&other, NULL, take_all, &sum);
    int64_t start = meter_wall_ns();
    for (int i = 0; i < STREAMED; i++) {
        pthread_mutex_lock(&ring.lock);
        while (ring.count == ROOM)
            pthread_cond_wait(&ring.changed, &ring.lock);
        ring.items[(ring.first + ring.count) % ROOM] = i;
        if (ring.count++ == 0)
            pthread_cond_signal(&ring.changed);
        pthread_mutex_unlock(&ring.lock);
    }
    print_wall("cross_stream", start, STREAMED);
    pthread_join(other, NULL);
}

int main(void)
{
    measure_word();
    measure_loops();
    measure_ring();
    return 0;
}
