/* Where the netrc is, and whether it may be trusted. */
#include "http/netrc.h"

#include "base/memory.h"
#include "bide/dir.h"
#include "bide/error.h"
#include "bide/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ~/.netrc with passwords is for its owner alone. */
static int check_owner(const char *path, const bide_bytes *text)
{
    struct stat st;
    if (!memmem(text->data, text->size, "password", 8))
        return 0;
    if (bide_stat(path, &st) < 0)
        return bide_errcode();
    if (st.st_uid != getuid())
        return bide_fail(-EPERM, "%s: it has passwords in it and belongs to somebody else", path);
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return bide_fail(-EPERM, "%s: it has passwords in it and others may use it: chmod 600",
                         path);
    return 0;
}

static char *copy(const char *text, size_t size, size_t *size_out)
{
    char *out = bide__copy_text(text, size);
    *size_out = size;
    if (!out)
        bide_fail(BIDE_ENOMEM, "netrc: out of memory");
    return out;
}

char *bide__netrc_load(size_t *size)
{
    char path[4096];
    const char *named = getenv("NETRC"), *home = getenv("HOME");
    if ((!named && !home) || (named && strcmp(named, "/dev/null") == 0))
        return copy("", 0, size);
    int length = named ? snprintf(path, sizeof path, "%s", named)
                       : snprintf(path, sizeof path, "%s/.netrc", home);
    if (length < 0 || (size_t)length >= sizeof path) {
        bide_fail(-ENAMETOOLONG, "netrc: its path is too long");
        return NULL;
    }
    bide_auto(bytes) text = bide_file_load(path, .size_max = NETRC_SIZE_MAX);
    if (!text && bide_errcode() == -ENOENT)
        return copy("", 0, size);
    if (!text || (!named && check_owner(path, text) < 0)) {
        bide_within("netrc");
        return NULL;
    }
    return copy(text->data, text->size, size);
}
