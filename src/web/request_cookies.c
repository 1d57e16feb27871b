/* The cookies that a client sends (RFC 6265, 4.2): "a=b; c=d".
 *
 * Read leniently, as they were set by all sorts of software: blanks around names and values go,
 * and so do the quotes around a value, what has no '=' is passed over.  Values stay as they are
 * otherwise: no percent-codes and no backslashes, for nothing says that there are any. */
#include "web/request.h"

static const struct bide_pair none[] = { { NULL, NULL } };

static struct text trimmed(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return text_of(at, (size_t)(end - at));
}

static struct text unquoted(struct text value)
{
    bool quoted = value.size >= 2 && value.at[0] == '"' && value.at[value.size - 1] == '"';
    return quoted ? text_of(value.at + 1, value.size - 2) : value;
}

/* One piece between semicolons: 1; 0: it is no cookie; -1: out of memory. */
static int read_cookie(struct scratch *s, struct text piece, struct bide_pair *pair)
{
    const char *equals = memchr(piece.at, '=', piece.size), *end = piece.at + piece.size;
    if (!equals)
        return 0;
    struct text name = trimmed(piece.at, equals), value = unquoted(trimmed(equals + 1, end));
    if (name.size == 0)
        return 0;
    pair->name = bide__scratch_copy(s, name.at, name.size);
    pair->value = bide__scratch_copy(s, value.at, value.size);
    return pair->name && pair->value ? 1 : -1;
}

static int read_header(struct scratch *s, struct text value, struct bide_pair **next)
{
    const char *at = value.at, *end = at + value.size;
    while (at < end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        struct text piece = text_of(at, (size_t)((stop ? stop : end) - at));
        int found = read_cookie(s, piece, *next);
        if (found < 0)
            return -1;
        *next += found;
        at += piece.size + 1;
    }
    return 0;
}

static size_t count_pieces(struct text value)
{
    size_t count = 1;
    for (size_t i = 0; i < value.size; i++)
        count += value.at[i] == ';';
    return count;
}

static const struct bide_pair *read_all(struct bide_request *req)
{
    size_t room = 1;
    for (unsigned i = 0; i < req->head.count; i++)
        if (req->head.fields[i].header == HEADER_COOKIE)
            room += count_pieces(head_value(req->text, &req->head.fields[i]));
    struct bide_pair *pairs = bide__scratch_take(&req->scratch, room * sizeof *pairs);
    struct bide_pair *next = pairs;
    for (unsigned i = 0; pairs && i < req->head.count; i++)
        if (req->head.fields[i].header == HEADER_COOKIE &&
            read_header(&req->scratch, head_value(req->text, &req->head.fields[i]), &next) < 0)
            return none;
    if (pairs)
        *next = none[0];
    return pairs ? pairs : none;
}

const struct bide_pair *bide_request_cookies(const bide_request *req)
{
    /* Made late, which does not change what was asked. */
    bide_request *mine = (bide_request *)(uintptr_t)req;
    if (!req->cookies)
        mine->cookies = read_all(mine);
    return req->cookies;
}

const char *bide_request_cookie(const bide_request *req, const char *name)
{
    for (const struct bide_pair *pair = bide_request_cookies(req); pair->name; pair++)
        if (strcmp(pair->name, name) == 0)
            return pair->value;
    return NULL;
}
