/* Request methods and the headers this library itself looks at, each recognised
 * once, when it is parsed, so that nothing compares strings afterwards. */
#ifndef BIDE_HTTP_METHOD_H
#define BIDE_HTTP_METHOD_H

#include "http/chars.h"

/* Method, idempotent (RFC 9110 section 9.2.2: may be sent again unasked). */
#define METHODS_(X) \
    X(GET, true) X(HEAD, true) X(POST, false) X(PUT, true) X(DELETE, true) \
    X(CONNECT, false) X(OPTIONS, true) X(TRACE, true) X(PATCH, false)

enum method {
    METHOD_OTHER,
#define METHOD_ENUM_(name, idempotent) METHOD_##name,
    METHODS_(METHOD_ENUM_)
};

enum method bide__method_of(struct text name);
/* "GET"; "" for METHOD_OTHER.  Has a NUL behind it. */
struct text bide__method_name(enum method method);
bool bide__method_is_idempotent(enum method method);

/* Constant, spelling.  Sorted by length: bide__header_of tries equal lengths only. */
#define HEADERS_(X) \
    X(TE, "te") X(DATE, "date") X(HOST, "host") X(RANGE, "range") X(ACCEPT, "accept") \
    X(COOKIE, "cookie") \
    X(EXPECT, "expect") X(SERVER, "server") X(TRAILER, "trailer") X(UPGRADE, "upgrade") \
    X(LOCATION, "location") X(IF_MATCH, "if-match") X(IF_RANGE, "if-range") \
    X(CONNECTION, "connection") X(KEEP_ALIVE, "keep-alive") \
    X(SET_COOKIE, "set-cookie") X(USER_AGENT, "user-agent") X(RETRY_AFTER, "retry-after") \
    X(CONTENT_TYPE, "content-type") X(AUTHORIZATION, "authorization") \
    X(IF_NONE_MATCH, "if-none-match") \
    X(CONTENT_LENGTH, "content-length") X(ACCEPT_ENCODING, "accept-encoding") \
    X(CONTENT_ENCODING, "content-encoding") X(TRANSFER_ENCODING, "transfer-encoding") \
    X(IF_MODIFIED_SINCE, "if-modified-since") X(IF_UNMODIFIED_SINCE, "if-unmodified-since")

enum header {
    HEADER_OTHER,
#define HEADER_ENUM_(name, spelling) HEADER_##name,
    HEADERS_(HEADER_ENUM_)
    HEADER_COUNT,
};

enum header bide__header_of(struct text name);

#endif
