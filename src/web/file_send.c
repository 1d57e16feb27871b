/* Sending a file: from memory in one piece, or from its descriptor; the whole, a part, or several
 * parts with heads of their own (RFC 9110, 14.6). */
#include "web/file.h"

#include "base/memory.h"
#include "base/sys.h"
#include "io/file.h"
#include "web/exchange.h"
#include "web/request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { PIECE = 65536, WINDOW = 262144, BOUNDARY_SIZE = 16 };

/* ---- bytes of it ---- */

struct piece {
    struct open_file *file;
    uint64_t at;
    char *buffer;
    size_t size;
    ssize_t got;
};

static int read_job(void *arg)
{
    struct piece *p = arg;
    p->got = bide__sys.pread(p->file->fd, p->buffer, p->size, (off_t)p->at);
    return p->got < 0 ? bide__fail_errno("") : 0;
}

/* Reads on the loop what is in the system's memory, else by a thread. */
BIDE_WAITS static ssize_t read_piece(struct piece *p)
{
    struct iovec piece = { p->buffer, p->size };
    p->got = bide__sys.preadv2(p->file->fd, &piece, 1, (off_t)p->at, RWF_NOWAIT);
    if (p->got < 0) {
        int rc = bide__file_hop(read_job, p);
        if (rc < 0)
            return rc;
    }
    return p->got > 0 ? p->got : bide_fail(BIDE_EEOF, "the file has become shorter");
}

/* Through the coder of a compressed answer, which wants to see the bytes. */
BIDE_WAITS static int copy(struct file_answer *a, uint64_t at, uint64_t size)
{
    struct piece p = { .file = a->file, .at = at, .buffer = bide__alloc(PIECE) };
    int rc = p.buffer ? 0 : bide_fail(BIDE_ENOMEM, "out of memory for a file");
    while (rc == 0 && size > 0) {
        p.size = size < PIECE ? (size_t)size : PIECE;
        ssize_t got = read_piece(&p);
        rc = got < 0 ? (int)got : bide_respond_write(a->req, p.buffer, (size_t)got);
        p.at += got > 0 ? (uint64_t)got : 0;
        size -= got > 0 ? (uint64_t)got : 0;
    }
    bide__free(p.buffer);
    return rc;
}

/* sendfile(2) waits for the disk where a page is missing: then a thread reads the window first. */
static int warm_job(void *arg)
{
    struct piece *p = arg;
    char *scratch = bide__alloc(PIECE);
    if (!scratch)
        return bide_fail(BIDE_ENOMEM, "out of memory for a file");
    p->got = 1;
    for (size_t done = 0; p->got > 0 && done < p->size; done += (size_t)p->got)
        p->got = bide__sys.pread(p->file->fd, scratch, PIECE, (off_t)(p->at + done));
    int rc = p->got < 0 ? bide__fail_errno("") : 0;
    bide__free(scratch);
    return rc;
}

static bool is_in_memory(const struct piece *p, uint64_t at)
{
    char byte;
    struct iovec piece = { &byte, 1 };
    return bide__sys.preadv2(p->file->fd, &piece, 1, (off_t)at, RWF_NOWAIT) == 1;
}

BIDE_WAITS static int send_windows(struct file_answer *a, uint64_t at, uint64_t size)
{
    int rc = 0;
    struct piece p = { .file = a->file, .at = at };
    for (; rc == 0 && size > 0; p.at += p.size, size -= p.size) {
        p.size = size < WINDOW ? (size_t)size : WINDOW;
        if (!is_in_memory(&p, p.at) || !is_in_memory(&p, p.at + p.size - 1))
            rc = bide__file_hop(warm_job, &p);
        if (rc == 0)
            rc = bide__respond_sendfile(a->req, a->file->fd, (int64_t)p.at, p.size);
    }
    return rc;
}

BIDE_WAITS static int send_bytes(struct file_answer *a, uint64_t at, uint64_t size)
{
    if (size == 0 || a->req->head.method_known == METHOD_HEAD)
        return 0;
    if (a->file->data)
        return bide_respond_write(a->req, a->file->data + at, (size_t)size);
    if (a->req->compressing.encoder)
        return copy(a, at, size);
    return send_windows(a, at, size);
}

/* ---- several parts ---- */

/* Random, so that whoever wrote the file cannot have put it there. */
static int make_boundary(char boundary[BOUNDARY_SIZE + 1])
{
    uint64_t number;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        return bide_fail(-errno, "respond_file: no random bytes");
    snprintf(boundary, BOUNDARY_SIZE + 1, "%016" PRIx64, number);
    return 0;
}

static const char *part_head(const struct file_answer *a, const struct byte_range *range,
                             const char *boundary)
{
    return bide_request_printf(a->req, "--%s\r\nContent-Type: %s\r\n"
                               "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%lld\r\n\r\n",
                               boundary, a->type, range->first, range->last,
                               (long long)a->file->st.st_size);
}

static uint64_t size_of(const struct byte_range *range)
{
    return range->last - range->first + 1;
}

/* Heads of all parts, and how long the whole is; 0: out of memory. */
static uint64_t plan_parts(const struct file_answer *a, const char *boundary,
                           const char *heads[BYTE_RANGES_MAX])
{
    uint64_t size = strlen("----\r\n") + BOUNDARY_SIZE;
    for (int i = 0; i < a->count; i++) {
        heads[i] = part_head(a, &a->ranges[i], boundary);
        if (!heads[i])
            return 0;
        size += strlen(heads[i]) + size_of(&a->ranges[i]) + 2;
    }
    return size;
}

static int begin_parts(struct file_answer *a, const char *boundary, uint64_t size)
{
    const char *type = bide_request_printf(a->req, "multipart/byteranges; boundary=%s", boundary);
    const char *length = bide_request_printf(a->req, "%" PRIu64, size);
    if (!type || !length || bide_respond_header_set(a->req, "Content-Type", type) < 0 ||
        bide_respond_header(a->req, "Content-Length", length) < 0)
        return bide_errcode();
    return bide_respond_start(a->req, 206);
}

BIDE_WAITS static int send_parts(struct file_answer *a)
{
    char boundary[BOUNDARY_SIZE + 1];
    const char *heads[BYTE_RANGES_MAX];
    int rc = make_boundary(boundary);
    uint64_t size = rc == 0 ? plan_parts(a, boundary, heads) : 0;
    rc = size ? begin_parts(a, boundary, size) : bide_errcode();
    for (int i = 0; rc == 0 && i < a->count; i++) {
        rc = bide_respond_write(a->req, heads[i], strlen(heads[i]));
        if (rc == 0)
            rc = send_bytes(a, a->ranges[i].first, size_of(&a->ranges[i]));
        if (rc == 0)
            rc = bide_respond_write(a->req, "\r\n", 2);
    }
    return rc < 0 ? rc : bide_respond_printf(a->req, "--%s--\r\n", boundary);
}

/* ---- one ---- */

static int tell_range(struct file_answer *a)
{
    const char *range = bide_request_printf(a->req, "bytes %" PRIu64 "-%" PRIu64 "/%lld",
                                            a->ranges[0].first, a->ranges[0].last,
                                            (long long)a->file->st.st_size);
    return range ? bide_respond_header(a->req, "Content-Range", range) : bide_errcode();
}

BIDE_WAITS static int send_one(struct file_answer *a, int status, uint64_t at, uint64_t size)
{
    if (a->file->data)
        return bide_respond(a->req, status, a->type, a->file->data + at, (size_t)size);
    const char *length = bide_request_printf(a->req, "%" PRIu64, size);
    if (!length || bide_respond_header(a->req, "Content-Length", length) < 0 ||
        (!bide_respond_header_get(a->req, "Content-Type") &&
         bide_respond_header(a->req, "Content-Type", a->type) < 0))
        return bide_errcode();
    int rc = bide_respond_start(a->req, status);
    return rc < 0 ? rc : send_bytes(a, at, size);
}

int bide__file_send(struct file_answer *a)
{
    if (a->count == 0)
        return send_one(a, 200, 0, (uint64_t)a->file->st.st_size);
    if (a->count > 1)
        return send_parts(a);
    int rc = tell_range(a);
    return rc < 0 ? rc : send_one(a, 206, a->ranges[0].first, size_of(&a->ranges[0]));
}
