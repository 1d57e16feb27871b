/* A file as an answer: what RFC 9110 says of conditions and ranges, in its order. */
#include "web/file.h"

#include "http/wall.h"
#include "web/request.h"
#include "web/worker.h"

#include <errno.h>
#include <fcntl.h>

struct open_file *bide__file_get(bide_request *req, const struct file_root *root,
                                 const char *path)
{
    return bide__file_cache_get(&req->worker->files, root, path);
}

int bide__file_refuse(bide_request *req, int code)
{
    return bide_respond_error(req, code == -EACCES || code == -EPERM ? 403 : 404, NULL);
}

static int judge(const struct file_answer *a)
{
    return bide__conditions_judge(&a->req->head, a->req->text, &a->file->is);
}

/* How many parts are to be sent; 0: the whole, -1: there are no such. */
static int choose_ranges(struct file_answer *a)
{
    struct bide_request *req = a->req;
    struct text range = head_get(&req->head, req->text, HEADER_RANGE);
    struct validators is = a->file->is;
    if (!range.at || req->head.method_known != METHOD_GET)
        return 0;
    is.now = wall_now();
    if (!bide__if_range_holds(&req->head, req->text, &is))
        return 0;
    return bide__byte_ranges_read(range, (uint64_t)a->file->st.st_size, a->ranges);
}

static int refuse_range(struct file_answer *a)
{
    const char *range = bide_request_printf(a->req, "bytes */%lld",
                                            (long long)a->file->st.st_size);
    if (!range || bide_respond_header(a->req, "Content-Range", range) < 0)
        return bide_errcode();
    return bide_respond_error(a->req, 416, NULL);
}

BIDE_WAITS static int answer(struct file_answer *a)
{
    int rc = a->manner->precompressed ? bide__file_choose_coding(a) : 0;
    if (rc == 0)
        rc = bide__file_headers(a);
    if (rc < 0)
        return rc;
    int status = judge(a);
    if (status == 304)
        return bide_respond_status(a->req, status);
    if (status != 0)
        return bide_respond_error(a->req, status, NULL);
    a->count = choose_ranges(a);
    return a->count < 0 ? refuse_range(a) : bide__file_send(a);
}

int bide__file_answer(bide_request *req, const struct file_root *root, const char *path,
                      struct open_file *file, const struct file_manner *manner)
{
    struct file_answer a = { .req = req, .root = root, .path = path, .manner = manner,
                             .file = file, .alone = req->fields.size == 0 };
    a.type = manner->type ? manner->type : file->type;
    int rc = file->code < 0 || open_file_is_directory(file) ? bide__file_refuse(req, file->code)
                                                            : answer(&a);
    bide__open_file_release(a.file);
    bide__open_file_release(a.plain);
    return rc;
}

int bide_respond_file_opts(bide_request *req, const struct bide_respond_file_opts *opts)
{
    static const struct file_root anywhere = { .directory = AT_FDCWD };
    struct file_manner manner = { opts->type, opts->name, opts->cache, opts->precompressed };
    if (!opts->path)
        return bide_fail(BIDE_EINVAL, "respond_file: no path");
    struct open_file *file = bide__file_get(req, &anywhere, opts->path);
    return file ? bide__file_answer(req, &anywhere, opts->path, file, &manner) : bide_errcode();
}
