/* Reading users line by line, and finding them. */
#include "web/passwords.h"

#include "base/memory.h"
#include "base/siphash.h"
#include "http/chars.h"
#include "web/password_hash.h"

#include <bide/error.h>

#include <string.h>

/* Where a field of the line ends, at a colon or with it. */
static const char *field_end(const char *at, const char *end)
{
    const char *colon = memchr(at, ':', (size_t)(end - at));
    return colon ? colon : end;
}

static int add(struct passwords *p, struct text user, struct text hash)
{
    if (bide__table_find(&p->hashes, user.at, user.size))
        return bide_fail(BIDE_EINVAL, "user %.*s: is there twice", (int)user.size, user.at);
    char *copy = bide__copy_text(hash.at, hash.size);
    const char *refusal = copy ? bide__password_hash_refusal(copy) : NULL;
    struct table_entry *entry =
        copy && !refusal ? bide__table_add(&p->hashes, user.at, user.size) : NULL;
    if (entry) {
        entry->value = copy;
        return 0;
    }
    bide__free(copy);
    return refusal ? bide_fail(BIDE_EINVAL, "user %.*s: %s", (int)user.size, user.at, refusal)
                   : bide_fail(BIDE_ENOMEM, "out of memory for users");
}

static int read_line(struct passwords *p, const char *at, const char *end)
{
    if (end > at && end[-1] == '\r')
        end--;
    if (at == end || *at == '#')
        return 0;
    const char *colon = field_end(at, end);
    struct text user = text_of(at, (size_t)(colon - at));
    if (colon == end || user.size == 0 || user.size > USER_MAX || memchr(at, '\0', user.size))
        return bide_fail(BIDE_EINVAL, "not \"user:hash\" with a user of 1 to %d bytes", USER_MAX);
    const char *hash_end = field_end(colon + 1, end);
    if (memchr(colon, '\0', (size_t)(hash_end - colon)))
        return bide_fail(BIDE_EINVAL, "a NUL in a hash");
    return add(p, user, text_of(colon + 1, (size_t)(hash_end - colon - 1)));
}

int bide__passwords_read(struct passwords *p, const char *text, size_t size)
{
    const char *end = text + size;
    int rc = 0, line = 0;
    while (rc == 0 && text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        line++;
        rc = read_line(p, text, stop);
        text = stop + (stop < end);
    }
    if (rc < 0) {
        bide_within("line %d", line);
        bide__passwords_end(p);
    }
    return rc;
}

/* Hashes may take different times, so which one it is depends on the name, by a key that strangers
 * do not know.  Nobody is ever taken out of the table: it has no holes. */
static const char *stand_in(const struct passwords *p, const char *user)
{
    uint64_t which = siphash(p->key, user, strlen(user), 2, 4) % p->hashes.count;
    return bide__table_at(&p->hashes, (uint32_t)which)->value;
}

const char *bide__passwords_find(const struct passwords *p, const char *user, bool *known)
{
    const struct table_entry *entry = bide__table_find(&p->hashes, user, strlen(user));
    *known = entry != NULL;
    if (entry)
        return entry->value;
    return p->hashes.count > 0 ? stand_in(p, user) : NULL;
}

void bide__passwords_end(struct passwords *p)
{
    bide__table_clear(&p->hashes, bide__free);
}
