/* bide/log.h -- where the library's few messages go.
 *
 * The library itself prints nothing but through this hook.  Its default writes warnings and
 * errors to standard error, one line each, "bide: warning: ..."; the level and the function
 * can be changed per process, before the first bide_run(). */
#ifndef BIDE_LOG_H
#define BIDE_LOG_H
#include <bide/base.h>
BIDE_BEGIN_

/* How grave a message is, as in syslog(3), fewer. */
enum bide_log_level { BIDE_LOG_ERROR, BIDE_LOG_WARNING, BIDE_LOG_INFO, BIDE_LOG_DEBUG };
/* Receives one message, at most 1023 bytes, without its newline; text is valid during the call
 * only.  May be called from any thread of bide's, must not wait. */
typedef void bide_log_fn(void *arg, enum bide_log_level level, const char *text);
/* Sends messages up to level to fn(arg, ...); fn NULL: the default.  From any thread, but not
 * while a loop runs.  The default level is BIDE_LOG_WARNING; BIDE_DEBUG=1 makes it DEBUG. */
void bide_log_to(bide_log_fn *fn, void *arg, enum bide_log_level level);
/* Sends a message of the program's own the same way.  Does nothing above the level.  From any
 * thread. */
void bide_log(enum bide_log_level level, const char *fmt, ...) BIDE_PRINTF_(2, 3);

BIDE_END_
#endif
