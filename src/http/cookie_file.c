/* Loading and saving a jar: the text of cookie_text.h by way of a thread. */
#include "http/cookie_text.h"

#include "base/memory.h"
#include "bide/error.h"
#include "bide/file.h"
#include "http/wall.h"

static void unref(void *jar)
{
    bide__cookies_unref(jar);
}

int bide_cookies_load(bide_cookies *jar, const char *path)
{
    size_t line;
    const char *why;
    if (!jar)
        return bide_errcode();
    BIDE_DEFER(owner, unref, bide__cookies_ref(jar));   /* others may free it meanwhile */
    bide_auto(bytes) bytes = bide_file_load(path);
    if (!bytes)
        return bide_within("cookies");
    int rc = bide__cookies_read(jar, text_of(bytes->data, bytes->size), wall_now(), &line, &why);
    return rc < 0 ? bide_fail(rc, "cookies: %s: line %zu: %s", path, line, why) : rc;
}

static bool grow(struct writer *w, size_t more)
{
    size_t room = 2 * (w->size + more);
    char *at = bide__resize(w->at, room);
    if (!at)
        return false;
    w->at = at;
    w->room = room;
    return true;
}

int bide_cookies_save(bide_cookies *jar, const char *path)
{
    struct writer w = { .grow = grow };
    if (!jar)
        return bide_errcode();
    int count = bide__cookies_print(jar, wall_now(), &w);
    int rc = w.code < 0 ? bide_fail(w.code, "cookies: %s: out of memory", path)
                        : bide_file_save(path, w.at, w.size, .permissions = 0600);
    bide__free(w.at);
    return rc < 0 ? rc : count;
}
