/* Services whose answers have a content coding, or are in another charset: asked for or not. */
#include "web/demo.h"

#include "base/memory.h"
#include "http/encoder.h"
#include "http/heap_writer.h"

#include <string.h>

/* ---- content codings ---- */

static void encode_all(struct writer *w, struct encoder *e, const char *in, size_t size)
{
    for (int rc = 0; rc == 0 && w->code == 0;) {
        size_t made = 1024;
        char *room = writer_room(w, made);
        if (!room)
            return;
        rc = bide__encoder_run(e, &in, &size, room, &made, ENCODER_END);
        if (rc < 0)
            bide__writer_fail(w, rc, "out of memory for an answer");
        else
            w->size += made;
    }
}

static void encode(struct writer *w, const char *coding, const char *in, size_t size)
{
    struct encoder *e;
    const char *why;
    int rc = bide__encoder_open(&e, text_of(coding, strlen(coding)), 0, &why);
    if (rc < 0) {
        bide__writer_fail(w, rc, why);
        return;
    }
    encode_all(w, e, in, size);
    bide__encoder_free(e);
}

/* Brotli as it is when nothing is made smaller (RFC 7932, 9.2): one block of bytes as they are,
 * then the empty last one. */
static void write_brotli(struct writer *w, const char *in, size_t size)
{
    unsigned head = (unsigned)(size - 1) << 4 | 1u << 20;
    char bytes[3] = { (char)(head & 255), (char)(head >> 8 & 255), (char)(head >> 16) };
    writer_put(w, bytes, sizeof bytes);
    writer_put(w, in, size);
    writer_literal(w, "\x03");
}

static int respond_coded(bide_request *req, const char *coding, const char *text, size_t size)
{
    struct writer w = bide__heap_writer();
    if (strcmp(coding, "br") != 0)
        encode(&w, coding, text, size);
    else if (size <= 65536)
        write_brotli(&w, text, size);
    if (w.code == BIDE_EHTTP) {
        bide__free(w.at);
        return bide_respond_text(req, 501, "%s is not built in\n", coding);
    }
    struct text coded = bide__heap_writer_end(&w, "an answer");
    int rc = coded.at ? bide_respond_header(req, "Content-Encoding", coding) : bide_errcode();
    if (rc == 0)
        rc = bide_respond(req, 200, "application/json", coded.at, coded.size);
    bide__free((char *)(uintptr_t)coded.at);
    return rc;
}

static int tell_coded(bide_request *req, const char *coding)
{
    size_t size;
    bide_json *j = bide__demo_told(req);
    bide_json_set(j, "coding", bide_value(coding));
    char *text = bide_json_write(j, &size);
    bide_json_free(j);
    int rc = text ? respond_coded(req, coding, text, size) : bide_errcode();
    bide_json_text_free(text);
    return rc;
}

static int gzip(bide_request *req)
{
    return tell_coded(req, "gzip");
}

static int deflate(bide_request *req)
{
    return tell_coded(req, "deflate");
}

static int brotli(bide_request *req)
{
    return tell_coded(req, "br");
}

static int zstd(bide_request *req)
{
    return tell_coded(req, "zstd");
}

/* ---- charsets ---- */

static int charset(bide_request *req)
{
    static const struct {
        const char *name, *type, *text;
        size_t size;
    } all[] = {
#define CHARSET(name, type, text) { name, "text/plain" type, text, sizeof text - 1 }
        CHARSET("latin1", "; charset=ISO-8859-1", "na\xefve caf\xe9\n"),
        CHARSET("utf8", "; charset=utf-8", "na\xc3\xafve caf\xc3\xa9\n"),
        CHARSET("utf16", "", "\xfe\xff\0n\0a\0\xef\0v\0e\0 \0c\0a\0f\0\xe9\0\n"),
        CHARSET("shift_jis", "; charset=Shift_JIS", "\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd\n"),
#undef CHARSET
    };
    const char *name = bide_request_param(req, "charset");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(name, all[i].name) == 0)
            return bide_respond(req, 200, all[i].type, all[i].text, all[i].size);
    return bide_respond_text(req, 404, "there are latin1, utf8, utf16, shift_jis\n");
}

const struct demo_route bide__demo_coded[] = {
    { "GET", "/gzip", gzip }, { "GET", "/deflate", deflate }, { "GET", "/br", brotli },
    { "GET", "/zstd", zstd }, { "GET", "/encoding/{charset}", charset }, { NULL, NULL, NULL },
};
