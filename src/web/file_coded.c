/* Files that were compressed beforehand, and lie beside the file itself.
 *
 * Which there are is remembered with the file, for as long as the file is taken to be the same: a
 * request asks for none of them but the one that it gets. */
#include "web/file.h"

#include "base/memory.h"
#include "http/accept.h"
#include "web/request.h"

#include <bide/task.h>

/* The smallest first, as a rule. */
static const char *const codings[] = { "br", "zstd", "gzip" };
static const char *const endings[] = { ".br", ".zst", ".gz" };
enum { CODINGS = 3 };

BIDE_WAITS static struct open_file *get_sibling(struct file_answer *a, unsigned i)
{
    const char *path = bide_request_printf(a->req, "%s%s", a->path, endings[i]);
    return path ? bide__file_get(a->req, a->root, path) : NULL;
}

static bool is_there(const struct open_file *sibling)
{
    return sibling->code == 0 && !open_file_is_directory(sibling);
}

BIDE_WAITS static int look(struct file_answer *a)
{
    unsigned coded = 0;
    for (unsigned i = 0; i < CODINGS; i++) {
        struct open_file *sibling = get_sibling(a, i);
        if (!sibling)
            return bide_errcode();
        coded |= is_there(sibling) ? 1u << i : 0;
        bide__open_file_release(sibling);
    }
    a->file->coded = (uint8_t)coded;
    a->file->coded_checked = bide_now();
    return 0;
}

static int choose(const struct file_answer *a)
{
    const char *offered[CODINGS];
    unsigned place[CODINGS], count = 0;
    for (unsigned i = 0; i < CODINGS; i++)
        if (a->file->coded & 1u << i) {
            place[count] = i;
            offered[count++] = codings[i];
        }
    struct text accepted = head_get(&a->req->head, a->req->text, HEADER_ACCEPT_ENCODING);
    int chosen = bide__accept_coding(accepted, offered, count);
    return chosen < 0 ? chosen : (int)place[chosen];
}

int bide__file_choose_coding(struct file_answer *a)
{
    double age = bide_now() - a->file->coded_checked;
    if (a->file->coded_checked == 0 || age >= FILE_CACHE_SECONDS) {
        int rc = look(a);
        if (rc < 0)
            return rc;
    }
    a->varies = a->file->coded != 0;
    int chosen = a->varies ? choose(a) : ACCEPT_IDENTITY;
    if (chosen < 0)
        return 0;
    struct open_file *sibling = get_sibling(a, (unsigned)chosen);
    if (!sibling)
        return bide_errcode();
    if (!is_there(sibling)) {           /* it was there a moment ago */
        bide__open_file_release(sibling);
        return 0;
    }
    a->plain = a->file;
    a->file = sibling;
    a->coding = codings[chosen];
    return 0;
}
