/* The header is pairs between semicolons: the first is the cookie, the others its attributes, of
 * which the last of a name counts.  What is not understood is passed over. */
#include "http/set_cookie.h"

#include "bide/error.h"
#include "http/cookie_date.h"

#include <string.h>

struct pair {
    struct text name, value;
    bool equals;                /* there was a '=' */
};

static struct text trimmed(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return text_of(at, (size_t)(end - at));
}

/* Up to the next semicolon, which *at then is behind. */
static struct pair next_pair(const char **at, const char *end)
{
    const char *start = *at, *stop = memchr(start, ';', (size_t)(end - start));
    *at = stop ? stop + 1 : end;
    stop = stop ? stop : end;
    const char *equals = memchr(start, '=', (size_t)(stop - start));
    if (!equals)
        return (struct pair){ .name = trimmed(start, stop), .value = text_of(stop, 0) };
    return (struct pair){ trimmed(start, equals), trimmed(equals + 1, stop), true };
}

static void take_expires(struct set_cookie *c, struct text value, int64_t now)
{
    int64_t when;
    if (!bide__cookie_date(value, &when))
        return;
    c->persistent = true;
    c->expires = when > now + COOKIE_AGE_MAX ? now + COOKIE_AGE_MAX : when;
}

/* True: it was understood, and Expires means nothing beside it. */
static bool take_max_age(struct set_cookie *c, struct text value, int64_t now)
{
    bool negative = value.size > 0 && value.at[0] == '-';
    const char *digits = value.at + negative, *end = value.at + value.size;
    if (value.size == 0 || bide__chars_skip(digits, end, CHAR_DIGIT) < end)
        return false;
    uint64_t age = 0;
    if (!negative && !bide__text_number(value, &age))
        age = COOKIE_AGE_MAX;
    c->persistent = true;
    c->expires = age > COOKIE_AGE_MAX ? now + COOKIE_AGE_MAX : age > 0 ? now + (int64_t)age : 0;
    return true;
}

static enum same_site same_site_of(struct text value)
{
    if (bide__text_is_caseless(value, "Strict"))
        return SAME_SITE_STRICT;
    if (bide__text_is_caseless(value, "Lax"))
        return SAME_SITE_LAX;
    return bide__text_is_caseless(value, "None") ? SAME_SITE_NONE : SAME_SITE_UNSET;
}

static struct text without_dot(struct text domain)
{
    bool dot = domain.size > 0 && domain.at[0] == '.';
    return text_of(domain.at + dot, domain.size - dot);
}

/* *aged: a Max-Age has been there. */
static void take_attribute(struct set_cookie *c, const struct pair *p, int64_t now, bool *aged)
{
    if (p->value.size > COOKIE_ATTRIBUTE_MAX)
        return;
    if (bide__text_is_caseless(p->name, "Expires")) {
        if (!*aged)
            take_expires(c, p->value, now);
    } else if (bide__text_is_caseless(p->name, "Max-Age")) {
        *aged = take_max_age(c, p->value, now) || *aged;
    } else if (bide__text_is_caseless(p->name, "Domain")) {
        c->domain = without_dot(p->value);
    } else if (bide__text_is_caseless(p->name, "Path")) {
        bool absolute = p->value.size > 0 && p->value.at[0] == '/';
        c->path = absolute ? p->value : text_of(NULL, 0);
    } else if (bide__text_is_caseless(p->name, "Secure")) {
        c->secure = true;
    } else if (bide__text_is_caseless(p->name, "HttpOnly")) {
        c->http_only = true;
    } else if (bide__text_is_caseless(p->name, "SameSite")) {
        c->same_site = same_site_of(p->value);
    }
}

static int refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return BIDE_EINVAL;
}

int bide__set_cookie_parse(struct set_cookie *c, struct text text, int64_t now, const char **why)
{
    const char *at = text.at, *end = text.at + text.size;
    *c = (struct set_cookie){ .expires = 0 };
    if (bide__chars_skip_field(at, end) < end)
        return refuse(why, "the cookie has a control character in it");
    struct pair pair = next_pair(&at, end);
    c->name = pair.equals ? pair.name : text_of(pair.name.at, 0);
    c->value = pair.equals ? pair.value : pair.name;
    if (c->name.size == 0 && c->value.size == 0)
        return refuse(why, "the cookie has neither name nor value");
    if (memchr(c->name.at, '\t', c->name.size))
        return refuse(why, "the cookie's name has a tab in it");
    if (c->name.size + c->value.size > COOKIE_SIZE_MAX)
        return refuse(why, "the cookie is larger than 4096 bytes");
    bool aged = false;
    while (at < end) {
        pair = next_pair(&at, end);
        take_attribute(c, &pair, now, &aged);
    }
    if (c->path.size > 0 && memchr(c->path.at, '\t', c->path.size))
        return refuse(why, "the cookie's path has a tab in it");
    return 0;
}

static bool begins_caseless(struct text text, const char *word)
{
    size_t size = strlen(word);
    return text.size >= size && bide__text_is_caseless(text_of(text.at, size), word);
}

const char *bide__set_cookie_prefix_fault(const struct set_cookie *c, bool host_only)
{
    bool nameless = c->name.size == 0;
    struct text said = nameless ? c->value : c->name;
    bool host = begins_caseless(said, "__Host-"), secure = begins_caseless(said, "__Secure-");
    if (nameless && (host || secure))
        return "a cookie without a name pretends to be a __Host- or __Secure- one";
    if (secure && !c->secure)
        return "a __Secure- cookie must be Secure";
    if (host && (!c->secure || !host_only || !bide__text_is(c->path, "/")))
        return "a __Host- cookie must be Secure, of Path=/ and without Domain";
    return NULL;
}
