/* The text of a printf, on the stack if it is small. */
#include "io/print.h"
#include "base/memory.h"
#include <bide/error.h>
#include <stdio.h>

static int print_large(struct printed *p, const char *fmt, va_list args)
{
    char *text = bide__alloc(p->size + 1);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "write: out of memory");
    vsnprintf(text, p->size + 1, fmt, args);
    p->text = text;
    return 0;
}

int bide__print(struct printed *p, const char *fmt, va_list args)
{
    va_list again;
    p->text = p->small;
    va_copy(again, args);
    int size = vsnprintf(p->small, sizeof p->small, fmt, args);
    int rc = 0;
    p->size = size < 0 ? 0 : (size_t)size;
    if (size < 0)
        rc = bide_fail(BIDE_EINVAL, "write: the format cannot be printed");
    else if (size > PRINT_MAX)
        rc = bide_fail(BIDE_ELIMIT, "write: more than %d bytes printed at once", PRINT_MAX);
    else if (size >= PRINT_SMALL)
        rc = print_large(p, fmt, again);
    va_end(again);
    return rc;
}

void bide__print_end(struct printed *p)
{
    if (p->text != p->small)
        bide__free(p->text);
}
