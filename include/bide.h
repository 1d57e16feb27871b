/* bide.h -- asyncio and aiohttp for C: straight-line code that waits for many things at once.
 *
 * There is no await: a task is a coroutine with a stack of its own, so any function may wait,
 * at any depth, and an ordinary call is an await.  The rules that hold everywhere:
 *
 * Failure   is a negative number or a NULL.  After either, bide_errcode() is the code and
 *           bide_errmsg() the sentence; both belong to the running task.  A call on a NULL
 *           object fails with the error already held, so checks may be put off.
 *           Things that arrive one by one return 1 for an item, 0 at the end, < 0 on failure.
 * Waiting   Calls marked BIDE_WAITS may run other tasks; all others never do, so between two
 *           marked calls a task has its loop to itself.  Each marked call fails with
 *           BIDE_ECANCELED, every time, while a scope around it is cancelled; the compiler
 *           warns where its result is dropped, for a loop that drops it would never end.
 * Time      is in seconds, as a double.  In option structs 0 means the default; in arguments
 *           0 is 0 ("now"), and less than 0 is as 0.
 * Threads   Everything belongs to the loop, and so to the thread, that made it, unless the
 *           comment says "from any thread".  Tasks never move between threads.
 * Options   come by name: bide_run(fn, arg, .stop_on_signal = true).  Option structs are
 *           copied before the call returns.
 *
 * Not in here: <bide/testing.h>, and databases (<bide/sqlite.h>), which are libraries of their
 * own. */
#ifndef BIDE_H
#define BIDE_H
#include <bide/base.h>
#include <bide/error.h>
#include <bide/log.h>
#include <bide/memory.h>
#include <bide/strings.h>
#include <bide/run.h>
#include <bide/loop.h>
#include <bide/task.h>
#include <bide/group.h>
#include <bide/scope.h>
#include <bide/local.h>
#include <bide/guest.h>
#include <bide/sync.h>
#include <bide/queue.h>
#include <bide/retry.h>
#include <bide/map.h>
#include <bide/generator.h>
#include <bide/rate.h>
#include <bide/channel.h>
#include <bide/promise.h>
#include <bide/select.h>
#include <bide/thread.h>
#include <bide/signal.h>
#include <bide/stream.h>
#include <bide/file.h>
#include <bide/dir.h>
#include <bide/resolve.h>
#include <bide/pipe.h>
#include <bide/process.h>
#include <bide/workers.h>
#include <bide/net.h>
#include <bide/udp.h>
#include <bide/unix.h>
#include <bide/service.h>
#include <bide/pair.h>
#include <bide/url.h>
#include <bide/trace.h>
#include <bide/response.h>
#include <bide/cookies.h>
#include <bide/tls.h>
#include <bide/multipart.h>
#include <bide/sse.h>
#include <bide/value.h>
#include <bide/json.h>
#include <bide/http.h>
#include <bide/download.h>
#include <bide/web.h>
#endif
