/* Connections are counted by address: exactly, by many threads as by one. */
#include "test.h"
#include "web/admission.h"

#include <bide/memory.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { THREADS = 4, ROUNDS = 20000, CLIENTS = 40, MAX = 3 };

static struct admission crowd;
static atomic_int inside[CLIENTS];

static struct client_address client_of(int which)
{
    struct client_address client = { .family = which % 2 ? AF_INET : AF_INET6 };
    memcpy(client.ip, &which, sizeof which);
    return client;
}

static bool nobody_is_in(void)
{
    for (int i = 0; i < ADMISSION_SHARDS; i++)
        if (crowd.shards[i].counts.count != 0)
            return false;
    return true;
}

static void *come_and_go(void *seed)
{
    unsigned random = *(unsigned *)seed;
    for (int i = 0; i < ROUNDS; i++) {
        random = random * 1103515245 + 12345;
        int which = (int)(random >> 16) % CLIENTS;
        struct client_address client = client_of(which);
        if (!bide__admission_enter(&crowd, &client, MAX))
            continue;
        CHECK(atomic_fetch_add(&inside[which], 1) < MAX);
        atomic_fetch_sub(&inside[which], 1);
        bide__admission_leave(&crowd, &client);
    }
    return NULL;
}

TEST(threads_count_together_and_nothing_is_left)
{
    static unsigned seeds[THREADS] = { 1, 2, 3, 4 };
    pthread_t threads[THREADS];
    bide__admission_begin(&crowd, true);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, come_and_go, &seeds[i]), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK(nobody_is_in());
    bide__admission_end(&crowd);
}

TEST(a_network_of_ipv6_is_one_client_and_a_unix_socket_none)
{
    struct client_address a = { .family = AF_INET6, .ip = { 0x20, 1 } }, b = a, c = a, d = { 0 };
    b.ip[15] = 1;
    c.ip[7] = 1;
    bide__admission_begin(&crowd, false);
    CHECK(bide__admission_enter(&crowd, &a, 1));
    CHECK(!bide__admission_enter(&crowd, &b, 1));
    CHECK(bide__admission_enter(&crowd, &c, 1));
    for (int i = 0; i < 3; i++)
        CHECK(bide__admission_enter(&crowd, &d, 1));
    bide__admission_leave(&crowd, &b);
    CHECK(bide__admission_enter(&crowd, &a, 1));
    bide__admission_leave(&crowd, &d);
    bide__admission_leave(&crowd, &a);
    bide__admission_leave(&crowd, &c);
    CHECK(nobody_is_in());
    bide__admission_end(&crowd);
}

static bool scarce;

static void *scarce_alloc(size_t size)
{
    return scarce ? NULL : malloc(size);
}

static void *scarce_resize(void *memory, size_t size)
{
    return scarce ? NULL : realloc(memory, size);
}

TEST(who_cannot_be_counted_does_not_get_in)
{
    struct client_address client = client_of(1);
    CHECK_EQ(bide_allocator_set(&(struct bide_allocator){ scarce_alloc, scarce_resize, free }), 0);
    bide__admission_begin(&crowd, true);
    scarce = true;
    CHECK(!bide__admission_enter(&crowd, &client, 1));
    scarce = false;
    CHECK(nobody_is_in());
    CHECK(bide__admission_enter(&crowd, &client, 1));
    bide__admission_leave(&crowd, &client);
    bide__admission_end(&crowd);
}
