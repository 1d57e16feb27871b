/* The connection: when it ends, when it goes on, and in which order. */
#ifndef CONFORMANCE_CONNECTION_H
#define CONFORMANCE_CONNECTION_H
#include "case.h"

#define OLD(path_) "GET " path_ " HTTP/1.0\r\n"
#define SAID(value_) SENT("GET /a" H "Connection: " value_ "\r\n\r\n" NEXT)

static const struct conformance connection[] = {
    /* ---- to go on or not ---- */
    { "a connection goes on", "9112 9.3", SENT("GET /a" H "\r\n" NEXT), "200 200 open",
      "GET /a GET /b", .lacks = "Connection:" },
    { "a connection ends when it is asked to", "9112 9.6", SAID("close"), "200 close", "GET /a" },
    { "close has no case", "9110 7.6.1", SAID("CloSe"), "200 close", "GET /a" },
    { "close counts anywhere in the list", "9110 7.6.1", SAID("foo, ,\tclose ,bar"),
      "200 close", "GET /a" },
    { "close counts in a second header", "9110 5.3",
      SENT("GET /a" H "Connection: foo\r\nConnection: close\r\n\r\n" NEXT), "200 close", "GET /a" },
    { "close counts more than keep-alive", "9112 9.3", SAID("keep-alive, close"), "200 close",
      "GET /a" },
    { "close counts more than a keep-alive behind it", "9112 9.3", SAID("close, keep-alive"),
      "200 close", "GET /a" },
    { "closed is not close", "9110 7.6.1", SAID("closed"), "200 200 open", "GET /a GET /b" },
    { "an empty Connection says nothing", "9110 7.6.1", SAID(""), "200 200 open",
      "GET /a GET /b" },
    { "keep-alive says nothing new to HTTP/1.1", "9112 9.3", SAID("keep-alive"), "200 200 open",
      "GET /a GET /b" },
    { "Proxy-Connection says nothing", "9112 C.2.2",
      SENT("GET /a" H "Proxy-Connection: close\r\n\r\n" NEXT), "200 200 open", "GET /a GET /b" },
    { "a body is read before its connection ends", "9112 9.6",
      SENT("POST /a" H "Connection: close\r\nContent-Length: 5\r\n\r\nhello" NEXT), "200 close",
      "POST /a=hello" },
    { "a connection of HTTP/1.0 ends", "9112 9.3", SENT(OLD("/a") "\r\n" OLD("/b") "\r\n"),
      "200 close", "GET /a" },
    { "a connection of HTTP/1.0 goes on when it is asked to, and says so", "9112 9.3",
      SENT(OLD("/a") "Connection: keep-alive\r\n\r\n" NEXT), "200 200 open", "GET /a GET /b",
      .has = "Connection: keep-alive\r\n" },
    { "keep-alive has no case", "9112 9.3",
      SENT(OLD("/a") "Connection: Keep-Alive\r\n\r\n" NEXT), "200 200 open", "GET /a GET /b" },
    { "close counts more than keep-alive for HTTP/1.0 too", "9112 9.3",
      SENT(OLD("/a") "Connection: keep-alive, close\r\n\r\n" NEXT), "200 close", "GET /a" },
    { "a Keep-Alive header alone keeps nothing", "9112 C.2.2",
      SENT(OLD("/a") "Keep-Alive: timeout=5\r\n\r\n" NEXT), "200 close", "GET /a" },
    { "a body of HTTP/1.0 has its end before the next request", "9112 9.3",
      SENT("POST /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello" NEXT),
      "200 200 open", "POST /a=hello GET /b" },

    /* ---- in a row ---- */
    { "requests are answered in their order", "9112 9.3.2",
      SENT("GET /a" H "\r\n" "POST /pieces" H "Content-Length: 3\r\n\r\nxyz" "HEAD /a" H "\r\n"
           "GET /stream" H "\r\n" "GET /x/y/z" H "\r\n" NEXT),
      "200 200 200- 200 404 200 open", "GET /a POST /pieces=xyz HEAD /a GET /stream GET /b" },
    { "many requests are answered in one go", "9112 9.3.2", SENT(""),
      "200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 open", NULL,
      .again = "GET /a" H "\r\n", .times = 16, .rest = "" },
    { "what comes before a bad request is answered", "9112 9.3.2",
      SENT("GET /a" H "\r\nGET\r\n\r\n" NEXT), "200 400 close", "GET /a" },
    { "nothing behind the last request runs", "9112 9.6",
      SENT("GET /a" H "\r\n" "GET /c" H "Connection: close\r\n\r\n" NEXT), "200 200 close",
      "GET /a GET /c" },
    { "a connection may end without a request", "9112 9.5", SENT(""), "drop", "", .end = true },
    { "half a head is waited for", "9112 9.3", SENT("GET /a HTTP/1.1\r\nHost: h\r\n"), "waits",
      "" },
    { "a head cut short runs nothing", "9112 8", SENT("GET /a HTTP/1.1\r\nHost: h\r\n"), "drop",
      "", .end = true },
    { "a client that ends its side gets its answers", "9112 9.6", SENT("GET /a" H "\r\n" NEXT),
      "200 200 drop", "GET /a GET /b", .end = true },
    { "a client that ends its side behind a body gets its answer", "9112 9.6",
      SENT("POST /a" H "Content-Length: 5\r\n\r\nhello"), "200 drop", "POST /a=hello",
      .end = true },

    /* ---- other ways ---- */
    { "an upgrade to what is not spoken is passed over", "9110 7.8",
      SENT("GET /a" H "Connection: upgrade\r\nUpgrade: foo/1\r\n\r\n" NEXT), "200 200 open",
      "GET /a GET /b" },
    { "an upgrade that Connection does not name is passed over", "9110 7.8",
      SENT("GET /a" H "Upgrade: websocket\r\n\r\n" NEXT), "200 200 open", "GET /a GET /b" },
    { "an upgrade in HTTP/1.0 is passed over", "9110 7.8",
      SENT(OLD("/a") "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"), "200 close",
      "GET /a" },
    { "CONNECT is not implemented, and the connection ends", "9110 9.3.6",
      SENT("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n" NEXT), "501 close", "" },
    { "OPTIONS of * is about the server", "9110 9.3.7", SENT("OPTIONS *" H "\r\n" NEXT),
      "204- 200 open", "GET /b", .has = "\r\nAllow: " },
    { "TRACE is a handler's like any other, and nothing is sent back for it", "9110 9.3.8",
      SENT("TRACE /only/get" H "Cookie: secret\r\n\r\n" NEXT), "405 200 open", "GET /b",
      .lacks = "secret" },
};

#undef OLD
#undef SAID
#endif
