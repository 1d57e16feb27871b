/* bide/error.h -- a code and a sentence.
 *
 * A failing call leaves both with the running task (outside a task: with the thread) and
 * returns the code, or NULL.  System errors are plain -errno, so -ENOENT means what it always
 * means; what no errno names has a code of its own below.  The sentence gains context while
 * it rises: connecting fails with "connect: 127.0.0.1:1: Connection refused", the client makes
 * it "get http://x/: connect: 127.0.0.1:1: Connection refused".  Buffers are fixed, so failing
 * never allocates; a sentence that is too long is cut.
 * An error stays held until the next failure; success does not clear it. */
#ifndef BIDE_ERROR_H
#define BIDE_ERROR_H
#include <bide/base.h>
BIDE_BEGIN_

/* Code, errno or number, what it means.  The one table from which names and texts are made. */
#define BIDE_ERRORS_(X) \
    X(BIDE_ECANCELED, ECANCELED, "cancelled") \
    X(BIDE_ETIMEDOUT, ETIMEDOUT, "timed out") \
    X(BIDE_ENOMEM, ENOMEM, "out of memory") \
    X(BIDE_EINVAL, EINVAL, "invalid argument") \
    X(BIDE_EAGAIN, EAGAIN, "would have to wait") \
    X(BIDE_EBUSY, EBUSY, "another task is already waiting here") \
    X(BIDE_EPERM, EPERM, "not permitted; maybe outside of a task, another loop's, or a plain -1") \
    X(BIDE_EDEADLK, EDEADLK, "every task waits for another") \
    X(BIDE_ECLOSED, 1001, "closed") \
    X(BIDE_EEOF, 1002, "ended too early") \
    X(BIDE_EDNS, 1003, "name not resolved") \
    X(BIDE_ETLS, 1004, "TLS failed") \
    X(BIDE_EHTTP, 1005, "HTTP rules broken, or status 400 and above") \
    X(BIDE_EWS, 1006, "WebSocket rules broken") \
    X(BIDE_EDB, 1007, "database error") \
    X(BIDE_ESTACK, 1008, "stack limit") \
    X(BIDE_ELIMIT, 1009, "a limit was exceeded") \
    X(BIDE_EURL, 1010, "bad URL") \
    X(BIDE_EPROCESS, 1011, "a child process failed") \
    X(BIDE_ETEST, 1012, "a test found fault") \
    X(BIDE_EUNKNOWN, 1099, "failed without saying why")

#define BIDE_ERROR_ENUM_(name, number, text) name = -(number),
/* Codes that bide returns besides plain -errno. */
enum { BIDE_ERRORS_(BIDE_ERROR_ENUM_) };

/* A code and its sentence.  The size is fixed for ever. */
struct bide_error { int code; char text[252]; };

/* The code held by this task: always < 0, BIDE_EUNKNOWN if nothing has failed yet. */
int bide_errcode(void);
/* The sentence held by this task; "" if nothing has failed yet.  Valid till the next
   failure. */
const char *bide_errmsg(void);
/* Makes the sentence, cut to 251 bytes, and holds it with the code.  A code >= 0 counts as
 * BIDE_EUNKNOWN.  Returns the code held: `return bide_fail(-EPROTO, "line %d: ...", n);` */
int bide_fail(int code, const char *fmt, ...) BIDE_PRINTF_(2, 3);
/* Puts context before the held sentence: "<context>: <sentence>".  Returns the held code. */
int bide_within(const char *fmt, ...) BIDE_PRINTF_(1, 2);
/* What a code means, in a few words; static.  From any thread. */
const char *bide_strerror(int code);
/* First line of a clean-up that may itself fail: the error held now is held afterwards. */
#define BIDE_KEEP_ERROR(name) \
    BIDE_CLEANUP_(bide_error_restore_) struct bide_error name = bide_error_held_()

/* Behind BIDE_KEEP_ERROR: a copy of the held error; and holding it again. */
struct bide_error bide_error_held_(void);
void bide_error_restore_(struct bide_error *held);

BIDE_END_
#endif
