/* bide/files.h -- answering with files, and with answers made smaller.
 *
 *     bide_route_static(app, "/static", "public", .index = "index.html");
 *     ...
 *     return bide_respond_file(req, "report.pdf", .name = "Report of May.pdf");
 *
 * A file goes from the system's memory straight to the socket.  Its answer has Last-Modified and
 * an ETag, made of its size and the time of its change; conditions (RFC 9110, section 13) and
 * ranges (section 14) are heeded.  Small files (32 MiB of them), and the descriptors of large ones
 * (128), are remembered by each worker and looked at again after a second: a file that changes is
 * seen to do so a second later at most.
 *
 * Answers can be compressed as they are made, for clients that accept it:
 *
 *     bide_use_compress(app);                                 // all of an application
 *     bide_respond_compress(req, .level = 9);             // one answer, before it is given */
#ifndef BIDE_FILES_H
#define BIDE_FILES_H
#include <bide/respond.h>
BIDE_BEGIN_

/* Options of bide_respond_file(); 0 is the default of each. */
struct bide_respond_file_opts {
    size_t abi_;
    const char *path;           /* hidden: the last plain argument */
    const char *type;           /* Content-Type; default: by the ending of the path, text as
                                   UTF-8 */
    const char *name;           /* it is to be saved, under this name (UTF-8) */
    const char *cache;          /* value of Cache-Control, "max-age=3600"; default: none is sent */
    bool precompressed;         /* sends PATH.br, PATH.zst or PATH.gz in its place, if there is one
                                   and the client accepts it */
};
/* Responds with a file: 200, 206 with the parts asked for (one, or as multipart/byteranges), 304,
 * 412 or 416; 404 if it is not there or no plain file, 403 if it may not be read.  Headers added
 * before, Content-Type, ETag, Last-Modified, Cache-Control among them, go before its own.  The
 * path is yours to check: symbolic links and ".." are followed; for names that come from clients
 * there is bide_route_static().  0; BIDE_EINVAL, BIDE_ENOMEM, and the connection's failures.
 * Counterpart: FileResponse. */
#define bide_respond_file(req, ...) \
    bide_respond_file_opts(req, BIDE_OPTS_(bide_respond_file_opts, .path = __VA_ARGS__))
BIDE_WAITS int bide_respond_file_opts(bide_request *req, const struct bide_respond_file_opts *opts);

/* Options of bide_route_static(); 0 is the default of each. */
struct bide_route_static_opts {
    size_t abi_;
    const char *directory;      /* hidden: the last plain argument */
    const char *name;           /* for bide_app_url(), with {path}; copied */
    const char *index;          /* what is sent for a directory that has it, "index.html"; copied;
                                   default: none */
    const char *cache;          /* value of Cache-Control; copied; default: by max_age */
    double max_age;             /* seconds that clients may keep a file without asking; default: no
                                   Cache-Control, so they ask */
    bool listing;               /* a directory without index is listed: as HTML, or as JSON for
                                   who accepts that rather; default: 403 */
    bool precompressed;         /* as in bide_respond_file() */
    bool hidden;                /* serves and lists names that begin with a dot, too */
    bool follow_links;          /* symbolic links may lead out of the directory.  Default: those
                                   that do are not there */
    size_t listing_max;         /* names in a listing; default 10000; or BIDE_UNLIMITED */
};
/* Serves what is beneath a directory, under a path: bide_route_static(app, "/static", "public").
 * GET and HEAD.  Nothing that a client may write leads out of the directory: not "..", not a
 * symbolic link, not anything encoded; whatever is neither a plain file nor a directory is not
 * there.  "/static/a" is redirected to "/static/a/" if a is a directory.  The directory is opened
 * by this call, and stays the one it was even if it is renamed.  0; -ENOENT, -ENOTDIR, ...: it
 * cannot be opened; BIDE_EINVAL: prefix is no path; and as bide_route().  Counterpart:
 * add_static(). */
#define bide_route_static(app, prefix, ...) \
    bide_route_static_opts(app, prefix, BIDE_OPTS_(bide_route_static_opts, \
                                                   .directory = __VA_ARGS__))
int bide_route_static_opts(bide_app *app, const char *prefix,
                           const struct bide_route_static_opts *opts);

/* Options of bide_respond_compress() and bide_use_compress(); 0 is the default of each. */
struct bide_compress_opts {
    size_t abi_;
    size_t min_size;            /* bytes; what is known to be smaller is left alone; default 1024;
                                   1: everything */
    int level;                  /* as the coding counts, 1 to 9 or, zstd, to 22; more is the most
                                   there is; default: the coding's own */
    bool (*wanted)(const char *type);   /* is this Content-Type to be compressed?  Default: text,
                                   JSON, XML, scripts, and what else shrinks */
};
/* Lets the answer to this request be compressed: by zstd, gzip or deflate, whichever the client
 * would rather have.  Before the answer is given.  Not for 204, 206 and 304, nor for an answer
 * that has a Content-Encoding, or Cache-Control: no-transform; those stay as they are.  An answer
 * that is written piece by piece goes on being written so, and bide_respond_flush() sends what
 * the coder holds back.  An ETag becomes a weak one, and Vary: Accept-Encoding is added.  0, or
 * BIDE_EINVAL: the answer is given.  Counterpart: response.enable_compression(). */
#define bide_respond_compress(req, ...) \
    bide_respond_compress_opts(req, BIDE_OPTS_(bide_compress_opts, __VA_ARGS__))
int bide_respond_compress_opts(bide_request *req, const struct bide_compress_opts *opts);
/* A middleware that does so for all requests of an application: bide_use_compress(app, .min_size =
 * 500).  0, or as bide_use(). */
#define bide_use_compress(app, ...) \
    bide_use_compress_opts(app, BIDE_OPTS_(bide_compress_opts, __VA_ARGS__))
int bide_use_compress_opts(bide_app *app, const struct bide_compress_opts *opts);

BIDE_END_
#endif
