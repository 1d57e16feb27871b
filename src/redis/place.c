/* Where the server is: "redis://user:password@host:port/database", "rediss://...",
 * "unix:/path?db=0". */
#include "redis/client.h"

#include "base/memory.h"

#include <bide/url.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PART_MAX = 1024, DATABASE_DIGITS = 9 };
#define USUAL_PORT "6379"

static int refuse(const char *what)
{
    return bide_fail(BIDE_EURL, "redis: %s (redis://user:password@host:port/database)", what);
}

static int keep(char **part, const char *text, size_t size)
{
    bide__free(*part);
    *part = bide__copy_text(text, size);
    return *part ? 0 : bide_fail(BIDE_ENOMEM, "redis: out of memory");
}

static int keep_decoded(char **part, const char *text, size_t size)
{
    char coded[PART_MAX], plain[PART_MAX];
    if (size >= sizeof coded)
        return refuse("a user or password is too long");
    memcpy(coded, text, size);
    coded[size] = '\0';
    ssize_t plain_size = bide_percent_decode(plain, sizeof plain, coded);
    return plain_size < 0 ? (int)plain_size : keep(part, plain, (size_t)plain_size);
}

static int read_user(struct redis_place *p, const char *text, size_t size)
{
    const char *colon = memchr(text, ':', size);
    size_t user = colon ? (size_t)(colon - text) : size;
    int rc = user ? keep_decoded(&p->user, text, user) : 0;
    if (rc == 0 && colon)
        rc = keep_decoded(&p->password, colon + 1, size - user - 1);
    return rc;
}

static int read_database(struct redis_place *p, const char *text)
{
    size_t size = strspn(text, "0123456789");
    if (text[size] != '\0' || size > DATABASE_DIGITS)
        return refuse("a database is a number");
    return size && strcmp(text, "0") != 0 ? keep(&p->database, text, size) : 0;
}

/* "host", "host:port", "[::1]:port" */
static int read_host(struct redis_place *p, const char *text, size_t size)
{
    const char *end = text + size;
    bool bracketed = size && *text == '[';
    const char *close = bracketed ? memchr(text, ']', size) : NULL;
    if (bracketed && !close)
        return refuse("an address without \"]\"");
    const char *colon = memchr(close ? close : text, ':', (size_t)(end - (close ? close : text)));
    size_t host = (size_t)((colon ? colon : end) - text);
    const char *port = colon && colon + 1 < end ? colon + 1 : NULL;
    char address[PART_MAX];
    if (!host || size + sizeof USUAL_PORT + 1 > sizeof address)
        return refuse(host ? "the host is too long" : "no host");
    int n = snprintf(address, sizeof address, "%.*s:%.*s", (int)host, text,
                     port ? (int)(end - port) : (int)strlen(USUAL_PORT), port ? port : USUAL_PORT);
    int rc = keep(&p->address, address, (size_t)n);
    if (rc == 0)
        rc = close ? keep(&p->host, text + 1, (size_t)(close - text) - 1)
                   : keep(&p->host, text, host);
    return rc;
}

static int read_network(struct redis_place *p, const char *text)
{
    size_t size = strcspn(text, "/?#");
    const char *at = memrchr(text, '@', size);
    int rc = at ? read_user(p, text, (size_t)(at - text)) : 0;
    const char *host = at ? at + 1 : text;
    if (rc == 0)
        rc = read_host(p, host, size - (size_t)(host - text));
    if (rc == 0 && text[size] == '/')
        rc = read_database(p, text + size + 1);
    else if (rc == 0 && text[size])
        rc = refuse("a query or fragment means nothing here");
    return rc;
}

static int read_unix(struct redis_place *p, const char *text)
{
    if (strncmp(text, "//", 2) == 0)
        text += 2;
    size_t size = strcspn(text, "?");
    char address[PART_MAX];
    if (!size || size + sizeof "unix:" > sizeof address)
        return refuse("a path is wanted");
    int n = snprintf(address, sizeof address, "unix:%.*s", (int)size, text);
    int rc = keep(&p->address, address, (size_t)n);
    if (rc == 0)
        rc = keep(&p->host, "localhost", strlen("localhost"));
    if (rc == 0 && text[size])
        rc = strncmp(text + size, "?db=", 4) == 0 ? read_database(p, text + size + 4)
                                                  : refuse("only ?db= may follow a path");
    return rc;
}

static int read_url(struct redis_place *p, const char *url)
{
    if (!url)
        return refuse("a URL is wanted");
    if (strncasecmp(url, "redis://", 8) == 0)
        return read_network(p, url + 8);
    p->secure = strncasecmp(url, "rediss://", 9) == 0;
    if (p->secure)
        return read_network(p, url + 9);
    if (strncasecmp(url, "unix:", 5) == 0)
        return read_unix(p, url + 5);
    return refuse("neither redis://, rediss:// nor unix:");
}

int bide__place_read(struct redis_place *place, const struct bide_redis_opts *opts)
{
    place->tls = opts->tls;
    int rc = read_url(place, opts->url);
    if (rc == 0 && opts->user)
        rc = keep(&place->user, opts->user, strlen(opts->user));
    if (rc == 0 && opts->password)
        rc = keep(&place->password, opts->password, strlen(opts->password));
    if (rc == 0 && opts->name)
        rc = keep(&place->name, opts->name, strlen(opts->name));
    return rc;
}

void bide__place_end(struct redis_place *place)
{
    bide__free(place->address);
    bide__free(place->host);
    bide__free(place->user);
    bide__free(place->password);
    bide__free(place->name);
    bide__free(place->database);
}
