/* The request on its way out.
 *
 * A small body goes with its head, in one write.  While a large one, or one that has to be fetched
 * from somewhere, is on its way, a second task listens: a server that has seen enough (413, 401)
 * answers and stops reading, and who only writes would then wait for ever. */
#include "http/call.h"

#include "base/memory.h"
#include "http/chunked.h"

#include <bide/group.h>

#include <string.h>
#include <sys/uio.h>

enum {
    AT_ONCE_MAX = 65536,        /* so much is written without listening meanwhile */
    BLOCK = 32768,              /* of a source, at a time */
    FILE_STEP = 1 << 20,
};

/* ---- pieces ---- */

/* Sends these, within the time that a server may take for them. */
BIDE_WAITS static int write_pieces(struct call *call, bide_stream *stream, struct iovec *pieces,
                                   int count)
{
    if (call->limits.send == BIDE_FOREVER)
        return bide_writev(stream, pieces, count);
    BIDE_TIMEOUT(limit, call->limits.send);
    return bide_scope_result(limit, bide_writev(stream, pieces, count));
}

static struct iovec piece_of(struct text text)
{
    return (struct iovec){ .iov_base = (void *)(uintptr_t)text.at, .iov_len = text.size };
}

static void count_sent(struct call *call, size_t size)
{
    call->report.sent += size;
    if (size > 0)
        call_trace(call, BIDE_TRACE_SENT_BODY, NULL, (int64_t)size);
}

BIDE_WAITS static int send_piece(struct call *call, bide_stream *stream, struct text head,
                                 struct text data)
{
    struct iovec pieces[2] = { piece_of(head), piece_of(data) };
    struct iovec *first = head.size > 0 ? pieces : pieces + 1;
    int count = (head.size > 0) + (data.size > 0);
    int rc = count > 0 ? write_pieces(call, stream, first, count) : 0;
    if (rc == 0)
        count_sent(call, data.size);
    return rc;
}

/* All at once; where the limit is for each piece, in such. */
BIDE_WAITS static int send_memory(struct call *call, bide_stream *stream, struct text head)
{
    struct text data = call_data(call);
    size_t step = call->limits.send == BIDE_FOREVER ? SIZE_MAX : BLOCK;
    while (data.size > step) {
        int rc = send_piece(call, stream, head, text_of(data.at, step));
        if (rc < 0)
            return rc;
        head.size = 0;
        data = text_of(data.at + step, data.size - step);
    }
    return send_piece(call, stream, head, data);
}

/* ---- from a source ---- */

/* A block of the body, framed, behind what is left of the head. */
BIDE_WAITS static int send_block(struct call *call, bide_stream *stream, struct text head,
                                 struct text block)
{
    char size_line[CHUNKED_HEAD_SIZE];
    bool chunked = call->source->size < 0;
    size_t line = chunked && block.size > 0 ? bide__chunked_head(size_line, block.size) : 0;
    struct text end = text_of(CHUNKED_END, sizeof CHUNKED_END - 1);
    struct text after = !chunked ? text_of(NULL, 0) : block.size > 0 ? text_of("\r\n", 2) : end;
    struct iovec pieces[4] = {
        piece_of(head), piece_of(text_of(size_line, line)), piece_of(block), piece_of(after),
    };
    int rc = write_pieces(call, stream, pieces, 4);
    if (rc == 0)
        count_sent(call, block.size);
    return rc;
}

BIDE_WAITS static int send_blocks(struct call *call, bide_stream *stream, struct text head)
{
    char *block = bide__alloc(BLOCK);
    if (!block)
        return bide_fail(BIDE_ENOMEM, "out of memory for a request's body");
    int rc = 0;
    if (call->source->ops->slow && head.size > 0) {
        struct iovec piece = piece_of(head);    /* the server may have something to say to it */
        rc = write_pieces(call, stream, &piece, 1);
        head.size = 0;
    }
    for (ssize_t size = 1; rc == 0 && size > 0; head.size = 0) {
        size = bide__source_read(call->source, block, BLOCK);
        bool last = size == 0 && call->source->size >= 0 && head.size == 0;
        rc = size < 0 ? (int)size : 0;
        call->spoilt |= rc < 0;
        if (rc == 0 && !last)
            rc = send_block(call, stream, head, text_of(block, (size_t)size));
    }
    bide__free(block);
    return rc;
}

BIDE_WAITS static ssize_t send_of_file(struct call *call, bide_stream *stream)
{
    if (call->limits.send == BIDE_FOREVER)
        return bide__source_send_file(call->source, stream, FILE_STEP);
    BIDE_TIMEOUT(limit, call->limits.send);
    ssize_t size = bide__source_send_file(call->source, stream, BLOCK);
    return size < 0 ? bide_scope_result(limit, (int)size) : size;
}

/* A plain file goes from the system to the system. */
BIDE_WAITS static int send_file(struct call *call, bide_stream *stream, struct text head)
{
    struct iovec piece = piece_of(head);
    int rc = head.size > 0 ? write_pieces(call, stream, &piece, 1) : 0;
    for (ssize_t size = 1; rc == 0 && size > 0;) {
        size = send_of_file(call, stream);
        rc = size < 0 ? (int)size : 0;
        if (size > 0)
            count_sent(call, (size_t)size);
    }
    return rc;
}

BIDE_WAITS static int send_whole(struct call *call, bide_stream *stream, struct text head)
{
    const struct source *source = call_source(call);
    if (!source)
        return send_memory(call, stream, head);
    return source->file && source->size >= 0 ? send_file(call, stream, head)
                                             : send_blocks(call, stream, head);
}

/* ---- listening meanwhile ---- */

struct listener {
    bide_stream *stream;
    bide_scope *sending;        /* NULL: all is sent */
    bool heard;
};

/* Is there a reply, or the beginning of one, that is none of the interim ones?  Those are no reason
 * to stop. */
static bool is_final(const char *data, size_t size)
{
    static const char start[] = "HTTP/1.1 1";
    for (;;) {
        for (size_t i = 0; i < sizeof start - 1; i++) {
            if (i == size)
                return false;
            if (data[i] != start[i] && i != 7)
                return true;
        }
        const char *end = memmem(data, size, "\r\n\r\n", 4);
        if (!end)
            return false;
        size -= (size_t)(end + 4 - data);
        data = end + 4;
    }
}

static int listen_for_reply(void *arg)
{
    struct listener *l = arg;
    const char *data;
    ssize_t size = bide_stream_peek(l->stream, &data);
    while (size > 0 && !is_final(data, (size_t)size))
        size = bide_stream_peek_more(l->stream, &data, (size_t)size);
    if (size == BIDE_ECANCELED)
        return 0;
    l->heard = true;
    bide_scope_cancel(l->sending);
    return 0;
}

BIDE_WAITS static int send_listening(struct call *call, bide_stream *stream, struct text head)
{
    struct listener listener = { .stream = stream };
    int rc;
    {
        BIDE_GROUP(listening);
        BIDE_SCOPE(sending);
        listener.sending = sending;
        bide_spawn(listening, listen_for_reply, &listener);
        rc = send_whole(call, stream, head);
        listener.sending = NULL;        /* it may hear something while it is joined */
    }
    call->cut = listener.heard && rc < 0;
    return call->cut ? 1 : rc;
}

static bool is_small(const struct call *call)
{
    return !call_source(call) && call_data(call).size <= AT_ONCE_MAX;
}

BIDE_WAITS static int send_body(struct call *call, bide_stream *stream, struct text head)
{
    return is_small(call) ? send_memory(call, stream, head) : send_listening(call, stream, head);
}

/* The head alone, and the body when the server wants it. */
BIDE_WAITS static int send_asking(struct call *call, struct connection *c, struct text head)
{
    struct iovec piece = piece_of(head);
    int rc = write_pieces(call, c->stream, &piece, 1);
    if (rc == 0)
        rc = bide__call_await_continue(call, c);
    call->phase = "send";
    call->cut = rc == 0;
    if (rc <= 0)
        return rc < 0 ? rc : 1;
    return send_body(call, c->stream, text_of(NULL, 0));
}

int bide__call_send(struct call *call, struct connection *c, struct text head)
{
    double start = call_now(call);
    call->phase = "send";
    call->cut = false;
    call->report.sent = head.size;
    call_trace(call, BIDE_TRACE_SENT_HEAD, call->method.at, (int64_t)head.size);
    int rc = call_expects(call) ? send_asking(call, c, head) : send_body(call, c->stream, head);
    call->report.send = call_now(call) - start;
    return rc < 0 && rc != BIDE_ECANCELED ? bide_within("send") : rc;
}
