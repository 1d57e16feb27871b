/* The held error: the running task's, or the thread's where no task runs. */
#include "core/error.h"
#include "core/loop.h"
#include <stdio.h>
#include <string.h>

static __thread struct bide_error outside;

static struct bide_error *held(void)
{
    return bide__self() ? &bide__self()->error : &outside;
}

/* The same, to be written. */
static struct bide_error *changed(void)
{
    if (bide__self())
        bide__self()->flags |= TASK_HELD;
    return held();
}

int bide_errcode(void)
{
    int code = held()->code;
    return code < 0 ? code : BIDE_EUNKNOWN;
}

const char *bide_errmsg(void)
{
    return held()->text;
}

/* The new sentence may quote the old one, so it is made beside it first. */
int bide_fail(int code, const char *fmt, ...)
{
    struct bide_error *e = changed();
    char text[sizeof e->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    memcpy(e->text, text, sizeof text);
    e->code = code < 0 ? code : BIDE_EUNKNOWN;
    return e->code;
}

int bide__fail_errno(const char *before)
{
    int code = -errno;
    return bide_fail(code, "%s%s", before, bide_strerror(code));
}

int bide_within(const char *fmt, ...)
{
    struct bide_error *e = changed();
    char text[sizeof e->text];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n + 2 < sizeof text) {
        size_t room = sizeof text - (size_t)n - 3, size = strnlen(e->text, room);
        memcpy(text + n, ": ", 2);
        memcpy(text + n + 2, e->text, size);
        text[(size_t)n + 2 + size] = '\0';
    }
    memcpy(e->text, text, sizeof text);
    return bide_errcode();
}

/* The system's sentence, or NULL.  glibc's strerror() may write into a buffer; musl's texts are
 * constant. */
static const char *system_text(int number)
{
#ifdef __GLIBC__
    return strerrordesc_np(number);
#else
    return strerror(number);
#endif
}

const char *bide_strerror(int code)
{
    switch (code) {
#define BIDE_ERROR_TEXT_(name, number, text) case name: return text;
    BIDE_ERRORS_(BIDE_ERROR_TEXT_)
    }
    const char *text = code < 0 ? system_text(-code) : NULL;
    return text ? text : "no error of bide's";
}

struct bide_error bide_error_held_(void)
{
    return *held();
}

void bide_error_restore_(struct bide_error *error)
{
    *changed() = *error;
}
