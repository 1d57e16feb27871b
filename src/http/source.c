/* What holds for all kinds of bodies, and the kinds that lie in memory. */
#include "http/source.h"

#include "base/memory.h"
#include "http/form.h"
#include "http/heap_writer.h"

#include <bide/error.h>

#include <inttypes.h>
#include <string.h>

/* ---- in memory ---- */

static ssize_t memory_read(struct source *s, void *buf, size_t size)
{
    size_t left = s->memory.size - (size_t)s->given;
    size_t n = size < left ? size : left;
    if (n > 0)
        memcpy(buf, s->memory.at + s->given, n);
    return (ssize_t)n;
}

static int memory_rewind(struct source *s)
{
    (void)s;
    return 0;
}

static void text_close(struct source *s)
{
    bide__free((void *)(uintptr_t)s->memory.at);
    bide__free(s);
}

static const struct source_ops memory_ops = { .read = memory_read, .rewind = memory_rewind };
static const struct source_ops text_ops = {
    .read = memory_read, .rewind = memory_rewind, .close = text_close,
};

void bide__source_in_memory(struct source *s, const void *data, size_t size, const char *type)
{
    *s = (struct source){
        .size = (int64_t)size, .type = type, .name = "the body", .in_memory = true,
        .memory = text_of(data, size),
    };
}

struct source *bide__source_of_text(char *text, size_t size, const char *type)
{
    if (!text)
        return NULL;
    struct source *s = bide__alloc(sizeof *s);
    if (!s) {
        bide__free(text);
        bide_fail(BIDE_ENOMEM, "out of memory for a request's body");
        return NULL;
    }
    bide__source_in_memory(s, text, size, type);
    s->ops = &text_ops;
    return s;
}

struct source *bide__source_of_form(const struct bide_pair *form)
{
    struct writer w = bide__heap_writer();
    bide__form_write(&w, form);
    struct text text = bide__heap_writer_end(&w, "a form");
    return bide__source_of_text((char *)(uintptr_t)text.at, text.size,
                                "application/x-www-form-urlencoded");
}

/* ---- all kinds ---- */

static const struct source_ops *ops_of(const struct source *s)
{
    return s->ops ? s->ops : &memory_ops;
}

static int too_short(const struct source *s)
{
    return bide_fail(BIDE_EEOF, "%s ended after %" PRIu64 " of %" PRId64 " bytes", s->name,
                     s->given, s->size);
}

/* The announced size is all that there is: 0. */
/* waits: through the source's operations */
static int check_end(struct source *s)
{
    int more = ops_of(s)->more ? ops_of(s)->more(s) : 0;
    if (more > 0)
        return bide_fail(BIDE_ELIMIT, "%s is longer than the announced %" PRId64 " bytes", s->name,
                         s->size);
    return more;
}

static bool is_complete(const struct source *s)
{
    return s->size >= 0 && s->given == (uint64_t)s->size;
}

/* How many bytes may be asked for. */
static size_t allowed(const struct source *s, size_t size)
{
    uint64_t left = s->size < 0 ? UINT64_MAX : (uint64_t)s->size - s->given;
    return left < size ? (size_t)left : size;
}

/* n bytes, or the end, were taken: counts and judges. */
BIDE_WAITS static ssize_t take(struct source *s, ssize_t n)
{
    if (n < 0)
        return n;
    if (n == 0 && s->size >= 0)
        return too_short(s);
    s->given += (uint64_t)n;
    int rc = is_complete(s) ? check_end(s) : 0;
    s->ended = rc == 0 && (n == 0 || is_complete(s));
    return rc < 0 ? rc : n;
}

/* It was announced as empty. */
BIDE_WAITS static int take_nothing(struct source *s)
{
    int rc = check_end(s);
    s->ended = rc == 0;
    return rc;
}

/* waits: through the source's operations */
ssize_t bide__source_read(struct source *s, void *buf, size_t size)
{
    size_t most = allowed(s, size);
    if (s->ended)
        return 0;
    s->started = true;
    if (most == 0)
        return take_nothing(s);
    ssize_t n = ops_of(s)->read(s, buf, most);
    if (n > 0 && (size_t)n > most)
        return bide_fail(BIDE_EINVAL, "%s gave %zd bytes where %zu were asked for", s->name, n,
                         most);
    return take(s, n);
}

ssize_t bide__source_send_file(struct source *s, bide_stream *to, size_t size)
{
    size_t most = allowed(s, size);
    if (s->ended)
        return 0;
    s->started = true;
    if (most == 0)
        return take_nothing(s);
    if (s->given + most == (uint64_t)s->size) {
        int rc = check_end(s);  /* before the last byte is out */
        if (rc < 0)
            return rc;
    }
    int64_t n = bide_sendfile(to, s->file, (int64_t)s->given, most);
    if (n < 0)
        return (ssize_t)n;
    s->given += (uint64_t)n;
    if ((uint64_t)n < most)
        return too_short(s);
    s->ended = is_complete(s);
    return (ssize_t)n;
}

bool bide__source_is_rewindable(const struct source *s)
{
    return !s->started || !s->once;
}

/* waits: through the source's operations */
int bide__source_rewind(struct source *s)
{
    if (!s->started)
        return 0;
    if (s->once)
        return bide_fail(BIDE_EINVAL, "the body cannot be sent again");
    int rc = ops_of(s)->rewind(s);
    if (rc < 0)
        return rc;
    s->given = 0;
    s->started = s->ended = false;
    return 0;
}

void bide__source_close(struct source *s)
{
    if (s && s->ops)
        s->ops->close(s);
}
