/* Expect: clients that ask before they send. */
#ifndef CONFORMANCE_EXPECT_H
#define CONFORMANCE_EXPECT_H
#include "case.h"

#define EXPECTS(value_) "POST /a" H "Content-Length: 5\r\nExpect: " value_ "\r\n\r\n"

static const struct conformance expect[] = {
    { "a client that asks first is told to go on", "9110 10.1.1", SENT(EXPECTS("100-continue")),
      "100 waits", "POST /a" },
    { "100-continue has no case", "9110 10.1.1", SENT(EXPECTS("100-CONTINUE")), "100 waits",
      "POST /a" },
    { "a body that comes at once needs no word", "9110 10.1.1",
      SENT(EXPECTS("100-continue") "hello" NEXT), "(100) 200 200 open", "POST /a=hello GET /b" },
    { "a chunked body is asked for as well", "9110 10.1.1",
      SENT("POST /a" H "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"),
      "100 waits", "POST /a" },
    { "without a body there is nothing to go on with", "9110 10.1.1",
      SENT("POST /a" H "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n" NEXT),
      "200 200 open", "POST /a GET /b" },
    { "a GET that asks first has nothing to go on with", "9110 10.1.1",
      SENT("GET /a" H "Expect: 100-continue\r\n\r\n" NEXT), "200 200 open", "GET /a GET /b" },
    { "a body that nobody wants is not asked for, and the connection ends", "9110 10.1.1",
      SENT("POST /unread" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"), "200 close",
      "POST /unread" },
    { "a path that does not exist asks for no body", "9110 10.1.1",
      SENT("POST /x/y/z" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"), "404 close", "" },
    { "a body too large is refused before it is sent", "9110 10.1.1",
      SENT("POST /a" H "Content-Length: 101\r\nExpect: 100-continue\r\n\r\n"), "413 close",
      "POST /a!" },
    { "an old client is told nothing", "9110 10.1.1",
      SENT("POST /a HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"), "waits",
      "POST /a" },
    { "an old client's expectation is passed over", "9110 10.1.1",
      SENT("POST /a HTTP/1.0\r\nContent-Length: 5\r\nExpect: cake\r\n\r\nhello"), "200 close",
      "POST /a=hello" },
    { "another expectation cannot be met", "9110 10.1.1", SENT(EXPECTS("200-ok") "hello"),
      "417 close", "" },
    { "another expectation beside 100-continue cannot be met", "9110 10.1.1",
      SENT(EXPECTS("100-continue, cake")), "417 close", "" },
    { "100-continue with a parameter cannot be met", "9110 10.1.1",
      SENT(EXPECTS("100-continue;a=b")), "417 close", "" },
    { "another expectation in a second header cannot be met", "9110 10.1.1",
      SENT("POST /a" H "Content-Length: 5\r\nExpect: 100-continue\r\nExpect: cake\r\n\r\nhello"),
      "417 close", "" },
    { "another expectation without a body cannot be met", "9110 10.1.1",
      SENT("GET /a" H "Expect: cake\r\n\r\n"), "417 close", "" },
};

#undef EXPECTS
#endif
