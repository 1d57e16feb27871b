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

bool bide__admission_enter(struct admission *a, const struct client_address *client, size_t max)
{
    if (!client->family)
        return true;
    struct table_entry *entry = bide__table_find(&a->counts, client->ip, key_size(client));
    if (!entry && !(entry = bide__table_add(&a->counts, client->ip, key_size(client))))
        return false;
    uintptr_t count = (uintptr_t)entry->value;
    if (count >= max)
        return false;
    entry->value = (void *)(count + 1);
    return true;
}

void bide__admission_leave(struct admission *a, const struct client_address *client)
{
    if (!client->family)
        return;
    struct table_entry *entry = bide__table_find(&a->counts, client->ip, key_size(client));
    uintptr_t count = (uintptr_t)entry->value - 1;
    entry->value = (void *)count;
    if (count == 0)
        bide__table_remove(&a->counts, entry);
}

void bide__client_write(const struct client_address *client, char text[CLIENT_TEXT])
{
    if (!client->family || !inet_ntop(client->family, client->ip, text, CLIENT_TEXT))
        strcpy(text, "unix");
}

void bide__admission_end(struct admission *a)
{
    bide__table_clear(&a->counts, NULL);
}
