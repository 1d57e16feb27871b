/* cli/work_place.c -- see work_place.h.
 *
 * Only as much is taken apart as is needed to find the stream; whether the rest is right is
 * for bide_redis_open() to say. */
#include "cli/work_place.h"
#include <bide/error.h>
#include <bide/url.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define EXPECTED "expected redis://HOST[:PORT][/DATABASE]/STREAM"

static int refuse(const char *what)
{
    return bide_fail(BIDE_EURL, EXPECTED "%s%s", what ? ": " : "", what ? what : "");
}

static int read_stream(struct work_place *p, const char *name)
{
    ssize_t size = bide_percent_decode(p->stream, sizeof p->stream, name);
    if (size < 0)
        return refuse("the name of the stream is too long, or badly encoded");
    if (size == 0 || strlen(p->stream) != (size_t)size)
        return refuse("the stream needs a name");
    return 0;
}

/* Who reads the messages need not know who may log in. */
static void show(struct work_place *p, const char *authority, size_t size)
{
    const char *at = memrchr(authority, '@', size);
    if (at) {
        size -= (size_t)(at + 1 - authority);
        authority = at + 1;
    }
    snprintf(p->shown, sizeof p->shown, "%.*s", (int)size, authority);
}

/* "HOST/STREAM" or "HOST/DATABASE/STREAM", behind the scheme. */
static int read_network(struct work_place *p, const char *url, const char *authority)
{
    size_t size = strcspn(authority, "/?#");
    const char *step = authority + size;
    if (*step != '/' || strpbrk(step, "?#"))
        return refuse(*step == '/' ? "no query and no fragment" : NULL);
    size_t digits = strspn(step + 1, "0123456789");
    const char *name = step + 1;
    if (digits > 0 && name[digits] == '/')
        name += digits + 1;
    else if (digits > 0 && name[digits] == '\0')
        return refuse("a database alone is no stream");
    show(p, authority, size);
    size_t server = (size_t)(name - 1 - url);
    snprintf(p->server, sizeof p->server, "%.*s", (int)server, url);
    return read_stream(p, name);
}

/* "PATH?db=0&stream=NAME" */
static int read_unix(struct work_place *p, const char *url)
{
    const char *query = strchr(url, '?');
    const char *name = query ? strstr(query, "stream=") : NULL;
    if (!name || (name[-1] != '?' && name[-1] != '&') || strchr(name, '&'))
        return refuse("or unix:/PATH?[db=DATABASE&]stream=STREAM");
    snprintf(p->server, sizeof p->server, "%.*s", (int)(name - 1 - url), url);
    snprintf(p->shown, sizeof p->shown, "%.*s", (int)(query - url), url);
    return read_stream(p, name + strlen("stream="));
}

int work_place_read(struct work_place *place, const char *url)
{
    *place = (struct work_place){ .stream = "" };
    if (strlen(url) > WORK_URL_MAX)
        return refuse("it is too long");
    if (strncasecmp(url, "unix:", 5) == 0)
        return read_unix(place, url);
    if (strncasecmp(url, "redis://", 8) == 0)
        return read_network(place, url, url + 8);
    if (strncasecmp(url, "rediss://", 9) == 0)
        return read_network(place, url, url + 9);
    return refuse(NULL);
}
