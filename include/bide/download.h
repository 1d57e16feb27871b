/* bide/download.h -- what a URL holds, into a file.
 *
 *     int64_t size = bide_download(session, url, "image.iso", .resume = true, .retries = 5);
 *
 * The file is whole or not there: the body goes to a temporary name beside it, which is renamed
 * when its last byte has come.  A download that was cut short goes on where it stopped, within one
 * call (.retries) and, if that was asked for (.resume), in a later one.  It goes on only if the
 * server proves that it still has the same bytes: a strong ETag, or a Last-Modified that was old
 * enough, is sent along (If-Range, RFC 9110), and what comes back must begin exactly where it
 * stopped.  In every other case it starts anew. */
#ifndef BIDE_DOWNLOAD_H
#define BIDE_DOWNLOAD_H
#include <bide/base.h>
BIDE_BEGIN_

struct bide_session;
struct bide_fetch_opts;
struct bide_pair;

/* Options of bide_download(). */
struct bide_download_opts {
    size_t abi_;
    const char *path;           /* the file; what was there before stays until all has come */
    bool resume;                /* keeps what has come, as PATH.part, when the call fails, and goes
                                   on from there.  PATH.part.from says what it is a part of.
                                   One download of a path at a time, else BIDE_EBUSY */
    int retries;                /* further tries, as for bide_fetch(), and also where a body was
                                   cut short; default 0 */
    double retry_delay;         /* seconds before such a try goes on, doubled each time; default
                                   0.5 */
    double retry_cap;           /* the longest of these; default 30 */
    double timeout;             /* seconds for all of it; default none, for files may be large */
    double idle;                /* seconds between two pieces; default 60 */
    const struct bide_pair *headers;    /* sent with each request.  Not Range, nor If-Range */
    const struct bide_fetch_opts *request;      /* whatever else is to be said of them; its url and
                                   timeouts.total do not count */
    uint64_t size_max;          /* bytes; more: BIDE_ELIMIT.  Default none */
    bool sync;                  /* returns only when all is on the disk, the new name too */
    /* Told after each piece: bytes of the file that are here, and how many it will have; -1: not
     * known.  Begins lower again if the download starts anew.  Must not wait. */
    void (*progress)(void *arg, int64_t done, int64_t total);
    void *progress_arg;
};

/* bide_download(session, url, "a.iso", .resume = true): the file's size when it is there, under its
 * own name.  < 0, and the old file is as it was (unless .sync failed last, and the sentence says
 * that the new one is there): what bide_fetch() says, BIDE_EHTTP (also a status of 400 and more, or
 * a reply that does not fit the part), BIDE_ELIMIT, -ENOSPC, -EACCES, BIDE_EBUSY, BIDE_ECANCELED,
 * ...  Counterpart: none; curl -C -. */
#define bide_download(session, url, ...) \
    bide_download_opts(session, url, BIDE_OPTS_(bide_download_opts, .path = __VA_ARGS__))
BIDE_WAITS int64_t bide_download_opts(struct bide_session *session, const char *url,
                                      const struct bide_download_opts *opts);

BIDE_END_
#endif
