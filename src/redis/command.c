/* Writing commands: redisFormatCommandArgv() would do it as well, with an allocation and a copy for
 * each; straight into what is written next they need neither. */
#include "redis/command.h"

#include "base/memory.h"

#include <string.h>
#include <strings.h>

enum { BYTES_LEAST = 512, NUMBER_ROOM = 24, COUNT_MOST = 1 << 20 };

/* ---- memory ---------------------------------------------------------------------------------- */

int bide__bytes_reserve(struct bytes *b, size_t size)
{
    if (b->room - b->size >= size)
        return 0;
    size_t room = b->room ? b->room : BYTES_LEAST;
    while (room - b->size < size)
        room *= 2;
    char *at = bide__resize(b->at, room);
    if (!at)
        return bide_fail(BIDE_ENOMEM, "redis: out of memory");
    b->at = at;
    b->room = room;
    return 0;
}

void bide__bytes_free(struct bytes *b)
{
    bide__free(b->at);
    *b = (struct bytes){ 0 };
}

const char **bide__arguments_of(const char **few, size_t count, va_list args)
{
    const char **argv = count <= ARGUMENTS_FEW ? few : bide__alloc(count * sizeof *argv);
    for (size_t i = 0; argv && i < count; i++)
        argv[i] = va_arg(args, const char *);
    if (!argv)
        bide_fail(BIDE_ENOMEM, "redis: out of memory");
    return argv;
}

/* ---- encoding -------------------------------------------------------------------------------- */

static size_t size_of(const struct command *c, size_t index)
{
    return c->sizes ? c->sizes[index] : strlen(c->argv[index]);
}

/* "*3\r\n" or "$5\r\n" */
static char *put_number(char *at, char mark, size_t number)
{
    char digits[NUMBER_ROOM], *first = digits + sizeof digits;
    do
        *--first = (char)('0' + number % 10);
    while (number /= 10);
    size_t size = (size_t)(digits + sizeof digits - first);
    *at++ = mark;
    memcpy(at, first, size);
    at[size] = '\r';
    at[size + 1] = '\n';
    return at + size + 2;
}

static int put_argument(struct bytes *out, const char *text, size_t size)
{
    int rc = bide__bytes_reserve(out, size + NUMBER_ROOM + 5);
    if (rc < 0)
        return rc;
    char *at = put_number(out->at + out->size, '$', size);
    memcpy(at, text, size);
    at[size] = '\r';
    at[size + 1] = '\n';
    out->size = (size_t)(at + size + 2 - out->at);
    return 0;
}

static int put_bytes(struct bytes *out, const struct command *c)
{
    int rc = bide__bytes_reserve(out, c->size);
    if (rc < 0)
        return rc;
    memcpy(out->at + out->size, c->bytes, c->size);
    out->size += c->size;
    return 0;
}

int bide__command_put(struct bytes *out, const struct command *c)
{
    if (!c->argv)
        return put_bytes(out, c);
    size_t before = out->size;
    int rc = bide__bytes_reserve(out, NUMBER_ROOM + 3);
    if (rc < 0)
        return rc;
    out->size = (size_t)(put_number(out->at + out->size, '*', c->count) - out->at);
    for (size_t i = 0; rc == 0 && i < c->count; i++)
        rc = put_argument(out, c->argv[i], size_of(c, i));
    if (rc < 0)
        out->size = before;
    return rc;
}

int bide__command_check(const struct command *c)
{
    if (!c->argv || !c->count || c->count > COUNT_MOST)
        return bide_fail(BIDE_EINVAL, "redis: a command of %zu texts (1 to %d)", c->count,
                         COUNT_MOST);
    for (size_t i = 0; i < c->count; i++)
        if (!c->argv[i])
            return bide_fail(BIDE_EINVAL, "redis: argument %zu of %s is NULL", i,
                             i ? c->argv[0] : "a command");
    return 0;
}

/* ---- which connection ------------------------------------------------------------------------ */

static const char *const waiting[] = {
    "BLMOVE", "BLMPOP", "BLPOP", "BRPOP", "BRPOPLPUSH", "BZMPOP", "BZPOPMAX", "BZPOPMIN", "WAIT",
    "WAITAOF", NULL,
};
/* They change the connection, or are answered otherwise than by one reply. */
static const struct { const char *name, *instead; } refused[] = {
    { "AUTH", "give .user and .password to bide_redis_open()" },
    { "DISCARD", "use bide_redis_batch_free()" },
    { "EXEC", "use bide_redis_exec()" },
    { "HELLO", "bide_redis_open() says it" },
    { "MONITOR", "its replies have no end" },
    { "MULTI", "use bide_redis_batch_new() and bide_redis_exec()" },
    { "PSUBSCRIBE", "use bide_redis_subscribe()" },
    { "PSYNC", "its replies have no end" },
    { "PUNSUBSCRIBE", "use bide_redis_subscribe()" },
    { "QUIT", "use bide_redis_close()" },
    { "RESET", "it would change the connection of all tasks" },
    { "SELECT", "give the database in the URL" },
    { "SSUBSCRIBE", "use bide_redis_subscribe()" },
    { "SUBSCRIBE", "use bide_redis_subscribe()" },
    { "SUNSUBSCRIBE", "use bide_redis_subscribe()" },
    { "SYNC", "its replies have no end" },
    { "UNSUBSCRIBE", "use bide_redis_subscribe()" },
    { "UNWATCH", "use bide_redis_batch_free()" },
    { "WATCH", "use bide_redis_watch()" },
};

static bool is(const struct command *c, size_t index, const char *word)
{
    return index < c->count && size_of(c, index) == strlen(word) &&
           strncasecmp(c->argv[index], word, strlen(word)) == 0;
}

static bool is_waiting(const struct command *c)
{
    for (const char *const *name = waiting; *name; name++)
        if (is(c, 0, *name))
            return true;
    return false;
}

/* XREAD and XREADGROUP wait if one of their options says so; keys come behind STREAMS. */
static bool is_blocking_read(const struct command *c)
{
    if (!is(c, 0, "XREAD") && !is(c, 0, "XREADGROUP"))
        return false;
    for (size_t i = 1; i < c->count && !is(c, i, "STREAMS"); i++)
        if (is(c, i, "BLOCK"))
            return true;
    return false;
}

static bool is_reply_mode(const struct command *c)
{
    return is(c, 0, "CLIENT") && is(c, 1, "REPLY");
}

/* What to look at, by the first letter: most commands (GET, SET, INCR, LPUSH) are none of these. */
static bool may_be_special(char first)
{
    return strchr("ABCDEHMPQRSUWX", first & ~0x20) != NULL;
}

enum command_kind bide__command_kind(const struct command *c)
{
    if (!size_of(c, 0) || !may_be_special(*c->argv[0]))
        return COMMAND_SHARED;
    if (is_waiting(c) || is_blocking_read(c))
        return COMMAND_OWN;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (is(c, 0, refused[i].name)) {
            bide_fail(BIDE_EINVAL, "redis: %s is not for a connection that all share: %s",
                      refused[i].name, refused[i].instead);
            return COMMAND_REFUSED;
        }
    }
    if (!is_reply_mode(c))
        return COMMAND_SHARED;
    bide_fail(BIDE_EINVAL, "redis: CLIENT REPLY would take the replies of all tasks");
    return COMMAND_REFUSED;
}
