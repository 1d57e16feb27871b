/* The first statement of a session: "set session time_zone = '+00:00', ...". */
#include "mysql/connection.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* Time-stamps come and go in UTC.  That the session's state was changed is told by the server. */
static const char own[] = "set session time_zone = '+00:00', session_track_state_change = 1";

static bool is_name(const char *name)
{
    return *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789_.")] == '\0';
}

/* Variables that are numbers take no text. */
static bool is_number(const char *value)
{
    const char *digits = value + (*value == '-');
    return *digits && digits[strspn(digits, "0123456789.")] == '\0';
}

/* In hexadecimal digits, for what a backslash means depends on a setting. */
static char *write_value(char *at, const char *value)
{
    if (is_number(value))
        return stpcpy(at, value);
    at = stpcpy(at, "_utf8mb4 x'");
    for (; *value; value++)
        at += sprintf(at, "%02x", (unsigned char)*value);
    return stpcpy(at, "'");
}

int bide__mysql_write_settings(const struct bide_pair *settings, char **text)
{
    static const struct bide_pair none[] = { { NULL, NULL } };
    settings = settings ? settings : none;
    size_t size = sizeof own;
    for (const struct bide_pair *s = settings; s->name; s++) {
        if (!is_name(s->name))
            return bide_fail(BIDE_EINVAL, ".settings: \"%s\" is no variable's name", s->name);
        size += strlen(s->name) + 2 * strlen(s->value) + sizeof ",  = _utf8mb4 x''";
    }
    *text = bide__alloc(size);
    if (!*text)
        return bide__mysql_no_memory();
    char *at = stpcpy(*text, own);
    for (const struct bide_pair *s = settings; s->name; s++) {
        at = stpcpy(stpcpy(stpcpy(at, ", "), s->name), " = ");
        at = write_value(at, s->value);
    }
    return 0;
}
