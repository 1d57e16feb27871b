/* Connecting.  libpq would look names up itself, and block; so they are looked up before, and
 * each of a host's addresses becomes a host of libpq's list.  It then tries one after the other.
 * Where it does not block it waits for a silent one for ever; so that is seen here, and it begins
 * anew behind that one. */
#include "pg/connection.h"

#include "base/memory.h"

#include <bide/resolve.h>
#include <bide/scope.h>
#include <bide/task.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the list of hosts ----------------------------------------------------------------------- */

enum { HOSTS_SIZE = 4096, HOSTS_MAX = 64 };
/* Three lists with commas between. */
struct hosts { char names[HOSTS_SIZE], addresses[HOSTS_SIZE], ports[HOSTS_SIZE]; int count; };

static int add_to(char *list, bool first, const char *item)
{
    size_t used = strlen(list);
    int wanted = snprintf(list + used, HOSTS_SIZE - used, "%s%s", first ? "" : ",", item);
    if ((size_t)wanted < HOSTS_SIZE - used)
        return 0;
    return bide_fail(BIDE_ELIMIT, "the list of hosts has more than %d bytes", HOSTS_SIZE - 1);
}

static int add_host(struct hosts *hosts, const char *name, const char *address, const char *port)
{
    bool first = hosts->count == 0;
    if (hosts->count == HOSTS_MAX)
        return 0;
    int rc = add_to(hosts->names, first, name);
    if (rc == 0)
        rc = add_to(hosts->addresses, first, address);
    if (rc == 0)
        rc = add_to(hosts->ports, first, port);
    hosts->count++;
    return rc;
}

/* "127.0.0.1" of "127.0.0.1:0", "::1" of "[::1]:0". */
static void bare_address(const struct bide_address *address, char text[BIDE_ADDRESS_TEXT])
{
    char with_port[BIDE_ADDRESS_TEXT];
    const char *at = bide_address_text(address, with_port);
    char *end = strrchr(with_port, ':');
    if (end)
        *end = '\0';
    if (*at == '[') {
        at++;
        with_port[strlen(with_port) - 1] = '\0';
    }
    snprintf(text, BIDE_ADDRESS_TEXT, "%s", at);
}

BIDE_WAITS static int add_name(struct hosts *hosts, const char *name, const char *port)
{
    struct bide_addresses found;
    int rc = bide_resolve(name, &found);
    for (int i = 0; rc == 0 && i < found.count; i++) {
        char text[BIDE_ADDRESS_TEXT];
        bare_address(&found.list[i], text);
        rc = add_host(hosts, name, text, port);
    }
    return rc;
}

/* Cuts the next item off a list with commas; one item alone stands for all. */
static const char *next_item(char **list, bool only)
{
    char *item = *list;
    char *comma = strchr(item, ',');
    if (comma) {
        *comma = '\0';
        *list = comma + 1;
    } else if (!only) {
        *list = item + strlen(item);
    }
    return item;
}

/* A name that there is not is left out, if it was not the only one. */
BIDE_WAITS static int look_up(struct hosts *hosts, char *names, char *ports)
{
    bool only_port = !strchr(ports, ',');
    int rc = 0, failed = 0;
    for (bool more = true; more;) {
        more = strchr(names, ',') != NULL;
        const char *name = next_item(&names, false), *port = next_item(&ports, only_port);
        bool named = *name && *name != '/' && *name != '@';
        rc = named ? add_name(hosts, name, port) : add_host(hosts, name, "", port);
        if (rc == BIDE_EDNS)
            failed = rc;
        else if (rc < 0)
            return rc;
    }
    return hosts->count ? 0 : failed ? failed : rc;
}

BIDE_WAITS static int find_hosts(const struct pg_config *config, struct hosts *hosts)
{
    hosts->names[0] = hosts->addresses[0] = hosts->ports[0] = '\0';
    hosts->count = 0;
    if (*config->addresses || !*config->hosts)
        return 0;
    char *names = bide__copy_text(config->hosts, strlen(config->hosts));
    char *ports = bide__copy_text(config->ports, strlen(config->ports));
    int rc = names && ports ? look_up(hosts, names, ports)
                            : bide_fail(BIDE_ENOMEM, "postgresql: out of memory");
    bide__free(names);
    bide__free(ports);
    return rc;
}

/* What stands behind so many commas. */
static const char *item_at(const char *list, int at)
{
    for (; at > 0; at--)
        list = strchr(list, ',') + 1;
    return list;
}

static bool is_item(const char *list, int at, const char *text)
{
    const char *item = item_at(list, at);
    return strcspn(item, ",") == strlen(text) && strncmp(item, text, strlen(text)) == 0;
}

/* Which host libpq is at, that began with the one numbered `from`; a port may be left open. */
static int place_of(const struct hosts *hosts, const PGconn *pg, int from)
{
    for (int at = from; at < hosts->count; at++)
        if (is_item(hosts->addresses, at, PQhostaddr(pg)) &&
            (is_item(hosts->ports, at, PQport(pg)) || is_item(hosts->ports, at, "")))
            return at;
    return from;
}

/* ---- connecting ------------------------------------------------------------------------------ */

static void receive_notice(void *arg, const PGresult *result)
{
    struct pg_connection *c = arg;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
    const char *sentence = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!c->closed && sentence)
        bide__db_notice(c->base.pool, severity ? severity : "NOTICE", sentence);
}

/* Is what the later words say: libpq takes the last of a name. */
static PGconn *start(const struct pg_config *config, const struct hosts *hosts, int from)
{
    size_t count = 0;
    while (config->names[count])
        count++;
    const char **names = bide__zalloc(2 * (count + 4) * sizeof *names);
    if (!names)
        return NULL;
    const char **values = names + count + 4;
    memcpy(names, config->names, count * sizeof *names);
    memcpy(values, config->values, count * sizeof *values);
    if (hosts->count) {
        names[count] = "host", values[count++] = item_at(hosts->names, from);
        names[count] = "hostaddr", values[count++] = item_at(hosts->addresses, from);
        names[count] = "port", values[count++] = item_at(hosts->ports, from);
    }
    PGconn *pg = PQconnectStartParams(names, values, 0);
    bide__free(names);
    return pg;
}

/* How long the server may be silent, where `others` can be tried after it: what the URL says, or an
 * equal share of the time that is left. */
static double patience(const struct pg_config *config, int others)
{
    double seconds = config->seconds ? strtod(config->seconds, NULL) : 0;
    if (seconds > 0)
        return seconds;
    return others > 0 ? bide_time_left() / (others + 1) : BIDE_FOREVER;
}

/* The socket is another with each host, and may have the number of the one before. */
BIDE_WAITS static int wait_for(struct pg_connection *c, int events, double seconds)
{
    int fd = PQsocket(c->pg);
    if (fd < 0)
        return bide__pg_fail_connect(c, -ECONNREFUSED);
    BIDE_TIMEOUT(limit, seconds);
    int rc = bide_fd_wait(fd, events);
    bide_fd_forget(fd);
    return bide_scope_result(limit, rc);
}

/* BIDE_ETIMEDOUT: the host numbered *at is silent, and there are others. */
BIDE_WAITS static int poll_until_ready(struct pg_connection *c, const struct pg_config *config,
                                       const struct hosts *hosts, int *at)
{
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    ConnStatusType stage = CONNECTION_STARTED;
    while (wanted == PGRES_POLLING_READING || wanted == PGRES_POLLING_WRITING) {
        *at = place_of(hosts, c->pg, *at);
        int rc = wait_for(c, wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT,
                          patience(config, hosts->count - 1 - *at));
        if (rc < 0)
            return rc;
        stage = PQstatus(c->pg);
        wanted = PQconnectPoll(c->pg);
    }
    int failed = stage == CONNECTION_SSL_STARTUP ? BIDE_ETLS : -ECONNREFUSED;
    return wanted == PGRES_POLLING_OK ? 0 : bide__pg_fail_connect(c, failed);
}

static int set_up(struct pg_connection *c)
{
    PQsetErrorVerbosity(c->pg, PQERRORS_DEFAULT);
    if (PQsetnonblocking(c->pg, 1) < 0 || !PQenterPipelineMode(c->pg))
        return bide__pg_fail_connect(c, -ECONNREFUSED);
    int fd = PQsocket(c->pg);
    int rc = bide__fd_watch(fd, READY_READ | READY_WRITE | WATCH_SOCKET);
    if (rc == 0)
        c->fd = fd;
    return rc;
}

BIDE_WAITS static int be_ready(struct pg_connection *c)
{
    int rc = set_up(c);
    const char *style = rc == 0 ? PQparameterStatus(c->pg, "DateStyle") : NULL;
    if (style && strncmp(style, "ISO", 3) != 0 && bide__pg_script(c, "set datestyle to iso") < 0)
        rc = bide_errcode();
    c->changed = false;
    return rc;
}

/* Begins with the host numbered *at, where it fails that is the one it failed at. */
BIDE_WAITS static int try_from(struct pg_connection *c, const struct pg_config *config,
                               const struct hosts *hosts, int *at)
{
    PQfinish(c->pg);
    c->pg = start(config, hosts, *at);
    if (!c->pg)
        return bide_fail(BIDE_ENOMEM, "postgresql: out of memory");
    PQsetNoticeReceiver(c->pg, receive_notice, c);
    PQsetErrorVerbosity(c->pg, PQERRORS_VERBOSE);       /* for refusal.c */
    if (PQstatus(c->pg) == CONNECTION_BAD)
        return bide__pg_fail_connect(c, -ECONNREFUSED);
    return poll_until_ready(c, config, hosts, at);
}

BIDE_WAITS static int connect_to(struct pg_connection *c, const struct pg_config *config)
{
    struct hosts *hosts = bide__alloc(sizeof *hosts);
    int at = 0;
    int rc = hosts ? find_hosts(config, hosts)
                   : bide_fail(BIDE_ENOMEM, "postgresql: out of memory");
    if (rc == 0)
        rc = try_from(c, config, hosts, &at);
    while (rc == BIDE_ETIMEDOUT && ++at < hosts->count)
        rc = try_from(c, config, hosts, &at);
    bide__free(hosts);
    return rc == 0 ? be_ready(c) : rc;
}

struct db_connection *bide__pg_connect(struct db_pool *pool)
{
    struct pg_connection *c = bide__zalloc(sizeof *c);
    if (!c) {
        bide_fail(BIDE_ENOMEM, "postgresql: out of memory");
        return NULL;
    }
    const struct bide_db_opts *opts = bide__db_opts(pool);
    c->base.pool = pool;
    c->fd = -1;
    c->tail = &c->head;
    c->told_tail = &c->told;
    c->notes_tail = &c->notes;
    c->statements.max = opts->no_prepare ? 0 : opts->statements_max;
    if (connect_to(c, *bide__db_config(pool)) == 0)
        return &c->base;
    BIDE_KEEP_ERROR(why);
    bide__pg_close(&c->base);
    return NULL;
}
