/* cli/hosts.c -- see hosts.h.
 *
 * A host is known by what stands between "//" and the path, in small letters.  A URL that
 * is not understood here is some host or other: the session will refuse it. */
#include "cli/hosts.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct host {
    struct host *next;
    bide_semaphore turns;
    size_t users;               /* who has a turn or waits for one */
    size_t size;
    char name[];
};

static const char *host_part(const char *url, size_t *size)
{
    const char *start = strstr(url, "://");
    start = start ? start + 3 : url;
    *size = strcspn(start, "/?#");
    return start;
}

static struct host **find_bucket(struct hosts *hosts, const char *name, size_t size)
{
    uint32_t hash = 2166136261u;        /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((unsigned char)name[i] | 0x20)) * 16777619u;
    return &hosts->buckets[(hash ^ hash >> 16) % HOSTS_BUCKETS];
}

static struct host *find_host(struct hosts *hosts, const char *name, size_t size)
{
    struct host **bucket = find_bucket(hosts, name, size);
    for (struct host *host = *bucket; host; host = host->next)
        if (host->size == size && strncasecmp(host->name, name, size) == 0)
            return host;
    struct host *host = malloc(sizeof *host + size);
    if (!host)
        return NULL;
    *host = (struct host){ .next = *bucket, .turns = BIDE_SEMAPHORE(hosts->limit), .size = size };
    memcpy(host->name, name, size);
    *bucket = host;
    return host;
}

static void leave_host(struct hosts *hosts, struct host *host)
{
    if (--host->users > 0)
        return;
    struct host **link = find_bucket(hosts, host->name, host->size);
    while (*link != host)
        link = &(*link)->next;
    *link = host->next;
    free(host);
}

int hosts_enter(struct hosts *hosts, const char *url, struct host_turn *turn)
{
    *turn = (struct host_turn){ NULL, NULL };
    if (hosts->limit == 0)
        return 0;
    size_t size;
    const char *name = host_part(url, &size);
    struct host *host = find_host(hosts, name, size);
    if (!host)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    host->users++;
    turn->permit = bide_semaphore_acquire(&host->turns);
    if (!turn->permit) {
        leave_host(hosts, host);
        return bide_errcode();
    }
    turn->host = host;
    return 0;
}

void hosts_leave(struct hosts *hosts, struct host_turn *turn)
{
    bide_permit_release(turn->permit);
    if (turn->host)
        leave_host(hosts, turn->host);
    *turn = (struct host_turn){ NULL, NULL };
}
