/* The known shapes of request smuggling: two readers that cut the same bytes differently.
 *
 * Each shape hides a request for /secret where one of the two would see it.  It must never run. */
#ifndef CONFORMANCE_SMUGGLING_H
#define CONFORMANCE_SMUGGLING_H
#include "case.h"

/* 37 bytes, 25 in hexadecimal. */
#define SECRET "GET /secret HTTP/1.1\r\nHost: other\r\n\r\n"
#define SECRET_AS_CHUNK "25\r\n" SECRET "\r\n0\r\n\r\n"

static const struct conformance smuggling[] = {
    /* ---- length against coding ---- */
    { "CL.TE: a front that goes by the length, a request behind the last chunk", "9112 11.2",
      SENT("POST /a" H "Content-Length: 42\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SECRET),
      "400 close", "" },
    { "TE.CL: a front that goes by the chunks, a request within one", "9112 11.2",
      SENT("POST /a" H "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" SECRET_AS_CHUNK),
      "400 close", "" },
    { "CL.TE with a coding in odd case", "9112 11.2",
      SENT("POST /a" H "cONTENT-lENGTH: 42\r\ntRANSFER-eNCODING: cHUNKED\r\n\r\n0\r\n\r\n" SECRET),
      "400 close", "" },
    { "CL.TE with a blank before the coding's colon", "9112 11.2",
      SENT("POST /a" H "Content-Length: 42\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" SECRET),
      "400 close", "" },
    { "CL.TE with a folded coding", "9112 11.2",
      SENT("POST /a" H "Content-Length: 42\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"
           SECRET), "400 close", "" },
    { "CL.TE with a coding behind a bare LF", "9112 11.2",
      SENT("POST /a" H "Content-Length: 42\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
           SECRET), "400 close", "" },
    { "CL.TE with a coding behind a bare CR", "9112 11.2",
      SENT("POST /a" H "Content-Length: 42\r\nX: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
           SECRET), "400 close", "" },
    { "CL.TE with a coding behind a NUL", "9112 11.2",
      SENT("POST /a" H "Content-Length: 42\r\nX: y\0Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
           SECRET), "400 close", "" },
    { "CL.TE in HTTP/1.0", "9112 11.2",
      SENT("POST /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 42\r\n"
           "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SECRET), "400 close", "" },
    { "TE.TE: two codings, the second unknown", "9112 11.2",
      SENT("POST /a" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n"
           "0\r\n\r\n" SECRET), "400 close", "" },
    { "TE.TE: two codings, the first unknown", "9112 11.2",
      SENT("POST /a" H "Transfer-Encoding: cow\r\nTransfer-Encoding: chunked\r\n\r\n"
           "0\r\n\r\n" SECRET), "400 close", "" },
    { "TE.TE: a coding that one reader takes for chunked", "9112 11.2",
      SENT("POST /a" H "Content-Length: 42\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" SECRET),
      "400 close", "" },
    { "CL.CL: two lengths", "9112 11.2",
      SENT("POST /a" H "Content-Length: 0\r\nContent-Length: 37\r\n\r\n" SECRET), "400 close", "" },
    { "CL.CL: two lengths in a list", "9112 11.2",
      SENT("POST /a" H "Content-Length: 0, 37\r\n\r\n" SECRET), "400 close", "" },

    /* ---- bodies that somebody forgets ---- */
    { "CL.0: a request as the body of a handler that reads none", "9112 9.3",
      SENT("POST /unread" H "Content-Length: 37\r\n\r\n" SECRET NEXT), "200 200 open",
      "POST /unread GET /b" },
    { "TE.0: a request in a chunk for a handler that reads none", "9112 9.3",
      SENT("POST /unread" H "Transfer-Encoding: chunked\r\n\r\n" SECRET_AS_CHUNK NEXT),
      "200 200 open", "POST /unread GET /b" },
    { "CL.0 with a GET", "9112 9.3",
      SENT("GET /a" H "Content-Length: 37\r\n\r\n" SECRET NEXT), "200 200 open",
      "GET /a=" SECRET " GET /b" },
    { "CL.0 with a HEAD", "9112 9.3",
      SENT("HEAD /unread" H "Content-Length: 37\r\n\r\n" SECRET NEXT), "200- 200 open",
      "HEAD /unread GET /b" },
    { "CL.0 with an OPTIONS", "9112 9.3",
      SENT("OPTIONS /unread" H "Content-Length: 37\r\n\r\n" SECRET NEXT), "200 200 open",
      "OPTIONS /unread GET /b" },
    { "CL.0 with an answer without a body", "9112 9.3",
      SENT("POST /no-content" H "Content-Length: 37\r\n\r\n" SECRET NEXT), "204- 200 open",
      "POST /no-content GET /b" },
    { "CL.0 at a path that does not exist", "9112 9.3",
      SENT("POST /x/y/z" H "Content-Length: 37\r\n\r\n" SECRET NEXT), "404 200 open", "GET /b" },
    { "TE.0 at a path that does not exist", "9112 9.3",
      SENT("POST /x/y/z" H "Transfer-Encoding: chunked\r\n\r\n" SECRET_AS_CHUNK NEXT),
      "404 200 open", "GET /b" },
    { "CL.0 with a method that is not allowed", "9112 9.3",
      SENT("POST /only/get" H "Content-Length: 37\r\n\r\n" SECRET NEXT), "405 200 open",
      "GET /b" },
    { "CL.0 at a handler that fails", "9112 9.3",
      SENT("POST /fails" H "Content-Length: 37\r\n\r\n" SECRET NEXT), "500 200 open",
      "POST /fails GET /b" },
    { "CL.0 at a handler that answers before it reads", "9112 9.3",
      SENT("POST /early" H "Content-Length: 37\r\n\r\n" SECRET NEXT), "200 200 open",
      "POST /early=" SECRET " GET /b" },
    { "a body that is half read is no request", "9112 9.3",
      SENT("POST /half" H "Content-Length: 42\r\n\r\nhello" SECRET NEXT), "200 200 open",
      "POST /half=hello GET /b" },
    { "a chunked body that is half read is no request", "9112 9.3",
      SENT("POST /half" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" SECRET_AS_CHUNK NEXT),
      "200 200 open", "POST /half=hello GET /b" },
    { "a body too large to read is no request", "9112 9.6",
      SENT("POST /a" H "Content-Length: 1037\r\n\r\n" SECRET), "413 close", "POST /a!" },
    { "a request behind a bad chunk that nobody reads is none", "9112 9.3",
      SENT("POST /unread" H "Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n" SECRET), "200 drop",
      "POST /unread" },
    { "a request behind a bad trailer that nobody reads is none", "9112 9.3",
      SENT("POST /unread" H "Transfer-Encoding: chunked\r\n\r\n0\r\n" SECRET), "200 drop",
      "POST /unread" },
    { "a request right behind a body is the next", "9112 9.3.2",
      SENT("POST /a" H "Content-Length: 3\r\n\r\nGET" NEXT), "200 200 open",
      "POST /a=GET GET /b" },

    /* ---- prefixes that wait for the next request ---- */
    { "half a request waits, and swallows no other's", "9112 9.3",
      SENT("POST /a" H "Content-Length: 0\r\n\r\nGET /secret HTTP/1.1\r\nX: "), "200 waits",
      "POST /a" },
    { "a request line within a header is a header", "9112 11.2",
      SENT("GET /a" H "X: GET /secret HTTP/1.1\r\n\r\n" NEXT), "200 200 open", "GET /a GET /b" },
    { "a request line where a header belongs is refused", "9112 11.2",
      SENT("GET /a" H "GET /secret HTTP/1.1\r\nHost: h\r\n\r\n"), "400 close", "" },
    { "a request behind a refused one does not run", "9112 9.6",
      SENT("GET /a HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n" SECRET), "400 close", "" },
    { "a request behind a refused line does not run", "9112 9.6", SENT("BAD\r\n\r\n" SECRET),
      "400 close", "" },
    { "a request behind one that is too large does not run", "9112 9.6",
      SENT("GET /a" H), "431 close", "", .again = "X: y\r\n", .times = 101,
      .rest = "\r\n" SECRET },
    { "a request behind an unknown version does not run", "9112 9.6",
      SENT("GET /a HTTP/3.0\r\nHost: h\r\n\r\n" SECRET), "505 close", "" },

    /* ---- chunks cut in two ways ---- */
    { "an LF in a chunk's extension hides no request", "9112 7.1.1",
      SENT("POST /a" H "Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n25\r\n0\r\n\r\n" SECRET),
      "400 close", "POST /a!" },
    { "a size that overflows hides no request", "9112 7.1",
      SENT("POST /a" H "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n" SECRET),
      "400 close", "POST /a!" },
    { "a chunk's end of two other bytes hides no request", "9112 7.1",
      SENT("POST /a" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n\n0\r\n\r\n" SECRET),
      "400 close", "POST /a!" },
    { "a length among trailers hides no request", "9110 6.5.1",
      SENT("POST /a" H "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 37\r\n\r\n" NEXT),
      "200 200 open", "POST /a GET /b" },

    /* ---- headers that take others away, or mean more than they say ---- */
    { "Connection does not take the length away", "9110 7.6.1",
      SENT("POST /unread" H "Connection: Content-Length\r\nContent-Length: 37\r\n\r\n" SECRET NEXT),
      "200 200 open", "POST /unread GET /b" },
    { "Connection does not take the coding away", "9110 7.6.1",
      SENT("POST /unread" H "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n"
           SECRET_AS_CHUNK NEXT), "200 200 open", "POST /unread GET /b" },
    { "Connection does not take Host away", "9110 7.6.1",
      SENT("GET /a" H "Connection: Host\r\n\r\n"), "200 open", "GET /a" },
    { "no header changes the method", "9110 9.1",
      SENT("POST /a" H "X-HTTP-Method-Override: DELETE\r\nContent-Length: 0\r\n\r\n"), "200 open",
      "POST /a" },
    { "no header changes the path", "9112 3.2",
      SENT("GET /a" H "X-Original-URL: /secret\r\nX-Rewrite-URL: /secret\r\n\r\n"), "200 open",
      "GET /a" },
    { "a request behind a CONNECT does not run", "9110 9.3.6",
      SENT("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n" SECRET), "501 close", "" },
    { "a request behind an upgrade that is not made is a request", "9110 7.8",
      SENT("GET /a" H "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
           "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n" NEXT), "200 200 open",
      "GET /a GET /b" },
    { "0.CL: an expectation spelled oddly with a body behind it", "9110 10.1.1",
      SENT("POST /unread" H "Expect: y 100-continue\r\nContent-Length: 37\r\n\r\n" SECRET),
      "417 close", "" },
    { "an expected body that nobody asked for is no request", "9110 10.1.1",
      SENT("POST /unread" H "Expect: 100-continue\r\nContent-Length: 37\r\n\r\n" SECRET),
      "200 close", "POST /unread" },
};

#undef SECRET
#undef SECRET_AS_CHUNK
#endif
