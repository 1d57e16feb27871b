/* The access log of a worker: lines are gathered, and written by a task of its own, in one piece
 * for all that were answered in a turn of the loop.  Who reads it slowly holds up no request:
 * beyond a mebibyte lines are lost, and that is told. */
#ifndef BIDE_WEB_ACCESS_LOG_H
#define BIDE_WEB_ACCESS_LOG_H

#include <bide/app.h>

enum { ACCESS_PENDING_MAX = 1 << 20 };  /* bytes of lines that may wait to be written */

/* Opens a worker's log, if its options ask for one.  0, BIDE_ENOMEM. */
int bide__access_log_open(bide_worker *worker);
/* One line: when an answer has been handed over.  Does nothing without a log. */
void bide__access_log(bide_request *req);
/* Writes what is left, for at most a second, and closes it. */
BIDE_WAITS int bide__access_log_close(bide_worker *worker);

#endif
