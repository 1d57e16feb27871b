/* bide/web.h -- an HTTP/1.1 and WebSocket server: aiohttp.web.
 *
 * Limits are on by default; framing is strict (RFC 9112): what could be read two ways is refused,
 * and the connection closed.  The parts:
 *
 *     bide/app.h          routes, middlewares, contexts, serving and stopping
 *     bide/request.h      what was asked
 *     bide/upload.h       forms and files that come in
 *     bide/respond.h      answering
 *     bide/template.h     pages from templates
 *     bide/files.h        files, and compressed answers
 *     bide/middleware.h   CORS, sessions, rate limits, log-in, secure headers
 *     bide/ws.h           WebSocket */
#ifndef BIDE_WEB_H
#define BIDE_WEB_H
#include <bide/app.h>
#include <bide/files.h>
#include <bide/http.h>
#include <bide/middleware.h>
#include <bide/request.h>
#include <bide/respond.h>
#include <bide/template.h>
#include <bide/upload.h>
#include <bide/ws.h>

#endif
