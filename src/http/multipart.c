/* Making a multipart body.
 *
 * The boundary is 128 random bits, so that whoever makes the parts cannot know it; where they
 * lie in memory it is looked for in them all the same. */
#include "http/multipart.h"

#include "base/memory.h"

#include <string.h>
#include <sys/random.h>

enum { BOUNDARY_BYTES = 16 };
static const char boundary_start[] = "----bide-";

/* ---- the boundary ---- */

static int draw(char *to)
{
    uint8_t bytes[BOUNDARY_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return bide_fail(-EIO, "the system gives no random bytes");
    memcpy(to, boundary_start, sizeof boundary_start - 1);
    to += sizeof boundary_start - 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        *to++ = "0123456789abcdef"[bytes[i] >> 4];
        *to++ = "0123456789abcdef"[bytes[i] & 15];
    }
    return 0;
}

static bool is_boundary(const char *text)
{
    size_t size = strlen(text);
    if (size == 0 || size > BOUNDARY_MAX || text[size - 1] == ' ')
        return false;
    for (; *text; text++)
        if (!char_is(*text, CHAR_DIGIT) && !(char_lower(*text) >= 'a' && char_lower(*text) <= 'z')
            && !strchr("'()+_,-./:=? ", *text))
            return false;
    return true;
}

static bool is_token(const char *text)
{
    size_t size = strlen(text);
    return size > 0 && bide__chars_skip(text, text + size, CHAR_TOKEN) == text + size;
}

/* Writes "multipart/TYPE; boundary=..."; the boundary in quotes if it is no token. */
static int set_type(bide_multipart *m, const char *type, const char *boundary)
{
    static const char before[] = "multipart/", between[] = "; boundary=";
    bool quoted = !is_token(boundary);
    size_t size = sizeof before + strlen(type) + sizeof between + strlen(boundary) + 2;
    char *to = m->type = bide__alloc(size);
    if (!to)
        return bide_fail(BIDE_ENOMEM, "out of memory for a multipart body");
    to = stpcpy(stpcpy(stpcpy(to, before), type), between);
    if (quoted)
        *to++ = '"';
    m->boundary = text_of(to, strlen(boundary));
    to = stpcpy(to, boundary);
    if (quoted)
        stpcpy(to, "\"");
    return 0;
}

static bool has_boundary(const bide_multipart *m, struct text text)
{
    return text.size && memmem(text.at, text.size, m->boundary.at, m->boundary.size);
}

/* The part itself, and all that is in it. */
static bool collides(const bide_multipart *m, const struct part *part)
{
    if (has_boundary(m, part->head) ||
        (part->kind == PART_MEMORY && has_boundary(m, part->memory)))
        return true;
    const struct part *inner = part->kind == PART_MULTIPART ? part->multipart->first : NULL;
    while (inner && !collides(m, inner))
        inner = inner->next;
    return inner != NULL;
}

static bool any_collides(const bide_multipart *m, const struct part *latest)
{
    for (const struct part *part = m->first; part; part = part->next)
        if (collides(m, part))
            return true;
    return collides(m, latest);
}

/* Sees to it that no part has the boundary in it. */
static int keep_apart(bide_multipart *m, const struct part *latest)
{
    if (!collides(m, latest))
        return 0;
    if (!m->drawn)
        return bide_fail(BIDE_EINVAL, "the boundary occurs in a part");
    do {
        int rc = draw((char *)(uintptr_t)m->boundary.at);
        if (rc < 0)
            return rc;
    } while (any_collides(m, latest));
    return 0;
}

/* ---- parts ---- */

static void free_part(struct part *part)
{
    bide__free((void *)(uintptr_t)part->head.at);
    bide__free(part->copy);
    bide__free(part);
}

static int check_part(const bide_multipart *m, const char *name, const struct bide_part_opts *o)
{
    int kinds = !!o->text + (o->data || (o->size && !o->stream && !o->source)) + !!o->file +
                !!o->stream + !!o->source + !!o->multipart;
    if (kinds != 1)
        return bide_fail(BIDE_EINVAL, kinds ? "a part of more than one kind" : "a part of no kind");
    if (o->size && !o->data && !o->stream && !o->source)
        return bide_fail(BIDE_EINVAL, "a size without what it is the size of");
    if (m->is_form && !name)
        return bide_fail(BIDE_EINVAL, "a form's field needs a name");
    if (m->sealed)
        return bide_fail(BIDE_EINVAL, "it is a part itself, and takes no more parts");
    if (m->senders)
        return bide_fail(BIDE_EBUSY, "it is just being sent");
    if (o->multipart == m)
        return bide_fail(BIDE_EINVAL, "it cannot be a part of itself");
    if (o->size > INT64_MAX)
        return bide_fail(BIDE_EINVAL, "a part's size is no size");
    return o->multipart && o->multipart->error.code ? bide_fail(o->multipart->error.code, "%s",
                                                                o->multipart->error.text) : 0;
}

static void set_kind(struct part *part, const struct bide_part_opts *o)
{
    part->kind = o->file ? PART_FILE : o->stream ? PART_STREAM : o->source ? PART_CALLBACK
               : o->multipart ? PART_MULTIPART : PART_MEMORY;
    part->memory = text_of(o->data, o->size);
    part->stream = o->stream;
    part->fn = o->source;
    part->arg = o->source_arg;
    part->multipart = o->multipart;
    part->size = o->size ? (int64_t)o->size : -1;
    if (o->multipart)
        o->multipart->sealed = true;
}

/* Texts and names are copied. */
static int copy_text(struct part *part, const struct bide_part_opts *o)
{
    const char *text = o->text ? o->text : o->file;
    if (!text)
        return 0;
    part->copy = bide__copy_text(text, strlen(text));
    if (!part->copy)
        return bide_fail(BIDE_ENOMEM, "out of memory for a multipart body");
    if (o->text)
        part->memory = text_of(part->copy, strlen(text));
    return 0;
}

static int add(bide_multipart *m, const char *name, const struct bide_part_opts *o)
{
    int rc = check_part(m, name, o);
    if (rc < 0)
        return rc;
    struct part *part = bide__zalloc(sizeof *part);
    if (!part)
        return bide_fail(BIDE_ENOMEM, "out of memory for a multipart body");
    set_kind(part, o);
    part->head = bide__part_head(m, name, o);
    rc = part->head.at ? copy_text(part, o) : bide_errcode();
    if (rc == 0)
        rc = keep_apart(m, part);
    if (rc < 0) {
        free_part(part);
        return rc;
    }
    *m->last = part;
    m->last = &part->next;
    m->count++;
    return 0;
}

int bide_multipart_add_opts(bide_multipart *m, const char *name, const struct bide_part_opts *opts)
{
    if (!m)
        return bide_errcode();
    if (m->error.code)
        return bide_fail(m->error.code, "%s", m->error.text);
    int rc = add(m, name, opts);
    if (rc < 0) {
        rc = bide_within("multipart: part %zu", m->count + 1);
        m->error = bide_error_held_();
    }
    return rc;
}

/* ---- its life ---- */

static int set_up(bide_multipart *m, const struct bide_multipart_opts *o)
{
    char drawn[sizeof boundary_start + 2 * BOUNDARY_BYTES];
    const char *type = o->type ? o->type : "form-data", *boundary = o->boundary;
    if (!is_token(type))
        return bide_fail(BIDE_EINVAL, "multipart: no such type: '%.100s'", type);
    if (boundary && !is_boundary(boundary))
        return bide_fail(BIDE_EINVAL, "multipart: no boundary may be '%.100s'", boundary);
    if (!boundary) {
        int rc = draw(drawn);
        if (rc < 0)
            return rc;
        drawn[sizeof drawn - 1] = '\0';
        boundary = drawn;
    }
    m->last = &m->first;
    m->drawn = !o->boundary;
    m->is_form = strcasecmp(type, "form-data") == 0;
    return set_type(m, type, boundary);
}

bide_multipart *bide_multipart_new_opts(const struct bide_multipart_opts *opts)
{
    bide_multipart *m = bide__zalloc(sizeof *m);
    if (!m) {
        bide_fail(BIDE_ENOMEM, "out of memory for a multipart body");
        return NULL;
    }
    if (set_up(m, opts) == 0)
        return m;
    bide_multipart_free(m);
    return NULL;
}

const char *bide_multipart_type(const bide_multipart *m)
{
    return m ? m->type : NULL;
}

void bide_multipart_free(bide_multipart *m)
{
    if (!m)
        return;
    for (struct part *part = m->first, *next; part; part = next) {
        next = part->next;
        free_part(part);
    }
    bide__free(m->type);
    bide__free(m);
}
