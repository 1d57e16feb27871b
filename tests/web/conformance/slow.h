/* Clients that stop in the middle.  The server's times here are those of its defaults. */
#ifndef CONFORMANCE_SLOW_H
#define CONFORMANCE_SLOW_H
#include "case.h"

static const struct conformance slow[] = {
    { "a head that does not come whole times out", "9110 15.5.9", SENT("GET /a HTTP/1.1\r\nHos"),
      "408 close", "", .silence = 40 },
    { "a head that ends in the middle of its last CRLF times out", "9110 15.5.9",
      SENT("GET /a" H "\r"), "408 close", "", .silence = 40 },
    { "a body that does not come whole times out", "9110 15.5.9",
      SENT("POST /a" H "Content-Length: 5\r\n\r\nhel"), "408 close", "POST /a!", .silence = 40 },
    { "a chunked body that does not come whole times out", "9110 15.5.9",
      SENT("POST /a" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"), "408 close", "POST /a!",
      .silence = 40 },
    { "a last chunk that does not come times out", "9110 15.5.9",
      SENT("POST /a" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), "408 close",
      "POST /a!", .silence = 40 },
    { "an expected body that does not come times out", "9110 15.5.9",
      SENT("POST /a" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"), "100 408 close",
      "POST /a!", .silence = 40 },
    { "what came before is answered", "9110 15.5.9", SENT(NEXT "GET /a HTTP/1.1\r\nHos"),
      "200 408 close", "GET /b", .silence = 40 },
    { "a connection on which nothing comes ends in silence", "9112 9.5", SENT(""), "drop", "",
      .silence = 100 },
    { "a connection on which nothing more comes ends in silence", "9112 9.5", SENT(NEXT),
      "200 drop", "GET /b", .silence = 100 },
};

#endif
