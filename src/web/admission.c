/* Counting connections per address. */
#include "web/admission.h"

#include <arpa/inet.h>
#include <string.h>

_Static_assert(CLIENT_TEXT == INET6_ADDRSTRLEN, "room for any address");

/* What a client's connections have in common. */
static size_t key_size(const struct client_address *client)
{
    return client->family == AF_INET ? 4 : 8;
}

/* Who aims at one shard wins nothing but a lock that is more often taken: within it the table
 * hashes with a key. */
static struct admission_shard *lock_shard(struct admission *a, const struct client_address *client)
{
    uint32_t words[2] = { 0 };
    if (!a->shared)
        return a->shards;
    memcpy(words, client->ip, key_size(client));
    uint32_t mixed = (words[0] ^ words[1]) * 2654435769u;
    struct admission_shard *shard = &a->shards[mixed >> 16 & (ADMISSION_SHARDS - 1)];
    pthread_mutex_lock(&shard->lock);
    return shard;
}

static void unlock(const struct admission *a, struct admission_shard *shard)
{
    if (a->shared)
        pthread_mutex_unlock(&shard->lock);
}

void bide__admission_begin(struct admission *a, bool shared)
{
    a->shared = shared;
    for (size_t i = 0; shared && i < ADMISSION_SHARDS; i++)
        pthread_mutex_init(&a->shards[i].lock, NULL);
}

static bool count_in(struct table *counts, const struct client_address *client, size_t max)
{
    struct table_entry *entry = bide__table_find(counts, client->ip, key_size(client));
    if (!entry && !(entry = bide__table_add(counts, client->ip, key_size(client))))
        return false;
    uintptr_t count = (uintptr_t)entry->value;
    if (count >= max)
        return false;
    entry->value = (void *)(count + 1);
    return true;
}

bool bide__admission_enter(struct admission *a, const struct client_address *client, size_t max)
{
    if (!client->family)
        return true;
    struct admission_shard *shard = lock_shard(a, client);
    bool admitted = count_in(&shard->counts, client, max);
    unlock(a, shard);
    return admitted;
}

static void count_out(struct table *counts, const struct client_address *client)
{
    struct table_entry *entry = bide__table_find(counts, client->ip, key_size(client));
    uintptr_t count = (uintptr_t)entry->value - 1;
    entry->value = (void *)count;
    if (count == 0)
        bide__table_remove(counts, entry);
}

void bide__admission_leave(struct admission *a, const struct client_address *client)
{
    if (!client->family)
        return;
    struct admission_shard *shard = lock_shard(a, client);
    count_out(&shard->counts, client);
    unlock(a, shard);
}

void bide__client_write(const struct client_address *client, char text[CLIENT_TEXT])
{
    if (!client->family || !inet_ntop(client->family, client->ip, text, CLIENT_TEXT))
        strcpy(text, "unix");
}

void bide__admission_end(struct admission *a)
{
    for (size_t i = 0; i < ADMISSION_SHARDS; i++) {
        bide__table_clear(&a->shards[i].counts, NULL);
        if (a->shared)
            pthread_mutex_destroy(&a->shards[i].lock);
    }
}
