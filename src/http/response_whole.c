/* A body that is read whole: as bytes, as text, as JSON; each made once, and then the same. */
#include "http/response_body.h"

#include "base/memory.h"
#include "http/charset.h"

#include <string.h>

ssize_t bide__response_step_whole(struct bide_response *r, double idle)
{
    struct whole *whole = &r->whole;
    size_t max = r->body_max < SIZE_MAX / 2 ? r->body_max : SIZE_MAX / 2;
    uint64_t expected = r->coded ? UINT64_MAX : body_expected(&r->body);
    for (;;) {
        int rc = bide__whole_check(whole, &r->body, max);
        if (rc < 0)
            return rc;
        if (response_at_end(r))
            return 0;
        bide__whole_lend(whole, &r->scratch, expected);
        rc = bide__whole_make_room(whole, expected, max);
        if (rc < 0)
            return rc;
        ssize_t got = bide__response_take(r, whole->text + whole->size,
                                          whole->room - whole->size - 1, idle);
        if (got < 0)
            return got;
        whole->size += (size_t)got;
        whole->text[whole->size] = '\0';
    }
}

/* 0: r->whole is there; ->text is NULL if it is empty. */
BIDE_WAITS static int read_whole(struct bide_response *r)
{
    struct wanted wanted = { .kind = WANT_WHOLE };
    return r ? (int)bide__response_run(r, &wanted) : bide_errcode();
}

static struct text whole_of(const struct bide_response *r)
{
    return r->whole.text ? text_of(r->whole.text, r->whole.size) : text_of("", 0);
}

static const char *give(struct text text, size_t *size)
{
    if (size)
        *size = text.size;
    return text.at;
}

const void *bide_response_bytes(bide_response *r, size_t *size)
{
    return read_whole(r) < 0 ? NULL : give(whole_of(r), size);
}

/* ---- text ---- */

static struct text charset_of(const struct bide_response *r)
{
    return bide__charset_of(head_get(&r->head, r->text, HEADER_CONTENT_TYPE));
}

enum { GROWTH = 3 };            /* bytes of UTF-8 that one byte can become */

static int make_text(struct bide_response *r)
{
    struct text whole = whole_of(r), text;
    char *memory = NULL;
    int rc = bide__charset_decode(whole, charset_of(r), NULL, GROWTH * whole.size + GROWTH, &text,
                                  &memory);
    if (rc < 0)
        return bide_fail(rc, "the body's text: %s", bide_strerror(rc));
    if (!memory && text.at == whole.at) {
        r->plain_text = true;
        return 0;
    }
    struct extras *extras = bide__response_extras(r);
    if (!extras) {
        bide__free(memory);
        return BIDE_ENOMEM;
    }
    extras->text = text;
    extras->text_memory = memory;
    return 0;
}

const char *bide_response_text(bide_response *r, size_t *size)
{
    if (read_whole(r) < 0)
        return NULL;
    bool made = r->plain_text || (r->extras && r->extras->text.at);
    if (!made && make_text(r) < 0) {
        bide__response_within(r);
        return NULL;
    }
    return give(r->plain_text ? whole_of(r) : r->extras->text, size);
}

/* ---- JSON ---- */

static bool is_json(struct text type)
{
    static const char *const endings[] = { "/json", "+json" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = strlen(endings[i]);
        if (type.size >= size &&
            bide__text_is(text_of(type.at + type.size - size, size), endings[i]))
            return true;
    }
    return false;
}

/* What the text is that is no JSON, if that is no wonder. */
static void explain(const struct bide_response *r)
{
    const char *type = bide_response_type(r);
    if (!*type)
        bide_within("the body, without a Content-Type");
    else if (is_json(text_of(type, strlen(type))))
        bide_within("the body");
    else
        bide_within("the body, by its Content-Type %.60s", type);
    bide__response_within(r);
}

/* JSON is UTF-8, and strictly so (RFC 8259, 8.1), unless another charset is named. */
BIDE_WAITS static const char *json_text(struct bide_response *r, size_t *size)
{
    struct text charset = charset_of(r);
    if (!charset.at || bide__text_is_caseless(charset, "utf-8") ||
        bide__text_is_caseless(charset, "utf8"))
        return bide_response_bytes(r, size);
    return bide_response_text(r, size);
}

const bide_json *bide_response_json(bide_response *r)
{
    size_t size;
    const char *text = r ? json_text(r, &size) : NULL;
    if (!text || (r->extras && r->extras->json))
        return text ? r->extras->json : NULL;
    struct extras *extras = bide__response_extras(r);
    bide_json *json = extras ? bide_json_parse(text, size) : NULL;
    if (!json)
        explain(r);
    else
        extras->json = json;
    return json;
}
