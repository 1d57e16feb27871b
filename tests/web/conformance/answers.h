/* What answers look like.  Besides, in every case of every table each answer is read strictly:
 * lines end in CRLF, there is one Date, one length or one coding, never both, and neither where
 * there is no body; the last one before an end says close, and no other. */
#ifndef CONFORMANCE_ANSWERS_H
#define CONFORMANCE_ANSWERS_H
#include "case.h"

static const struct conformance answers[] = {
    { "an answer has a date", "9110 6.6.1", SENT("GET /a" H "\r\n"), "200 open", "GET /a",
      .has = "\r\nDate: " },
    { "a refusal has a date", "9110 6.6.1", SENT("BAD\r\n\r\n"), "400 close", "",
      .has = "\r\nDate: " },
    { "an answer has its length", "9110 8.6",
      SENT("POST /a" H "Content-Length: 5\r\n\r\nhello"), "200 open", "POST /a=hello",
      .has = "\r\nContent-Length: 5\r\n", .lacks = "Transfer-Encoding" },
    { "an empty answer has a length of 0", "9110 8.6", SENT("GET /a" H "\r\n"), "200 open",
      "GET /a", .has = "\r\nContent-Length: 0\r\n" },
    { "an answer in pieces is chunked", "9112 7.1", SENT("GET /stream" H "\r\n" NEXT),
      "200 200 open", "GET /stream GET /b", .has = "\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n" },
    { "an answer in pieces to HTTP/1.0 ends with the connection", "9112 6.1",
      SENT("GET /stream HTTP/1.0\r\n\r\n"), "200 close", "GET /stream", .has = "\r\n\r\nonetwo",
      .lacks = "Transfer-Encoding" },
    { "an answer in pieces to HTTP/1.0 cannot keep the connection", "9112 6.1",
      SENT("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" NEXT), "200 close",
      "GET /stream", .lacks = "keep-alive" },
    { "HEAD has no body", "9110 9.3.2", SENT("HEAD /a" H "\r\n" NEXT), "200- 200 open",
      "HEAD /a GET /b" },
    { "HEAD has the length of GET", "9110 9.3.2",
      SENT("HEAD /a" H "Content-Length: 5\r\n\r\nhello"), "200- open", "HEAD /a=hello",
      .has = "\r\nContent-Length: 5\r\n" },
    { "HEAD of pieces has no body", "9110 9.3.2", SENT("HEAD /stream" H "\r\n" NEXT),
      "200- 200 open", "HEAD /stream GET /b", .lacks = "one" },
    { "HEAD of what does not exist has no body", "9110 9.3.2", SENT("HEAD /x/y/z" H "\r\n" NEXT),
      "404- 200 open", "GET /b" },
    { "HEAD of what fails has no body", "9110 9.3.2", SENT("HEAD /fails" H "\r\n" NEXT),
      "500- 200 open", "HEAD /fails GET /b" },
    { "HEAD of what has GET alone is taken", "9110 9.3.2", SENT("HEAD /only/get" H "\r\n" NEXT),
      "200- 200 open", "HEAD /only/get GET /b" },
    { "a HEAD that is refused has no body", "9110 9.3.2", SENT("HEAD /a" H "X : y\r\n\r\n"),
      "400- close", "" },
    { "204 has neither body nor length", "9110 15.3.5", SENT("GET /no-content" H "\r\n" NEXT),
      "204- 200 open", "GET /no-content GET /b" },
    { "304 has no body", "9110 15.4.5", SENT("GET /not-modified" H "\r\n" NEXT),
      "304- 200 open", "GET /not-modified GET /b" },
    { "a method that is not allowed is answered with those that are", "9110 15.5.6",
      SENT("DELETE /only/get" H "\r\n" NEXT), "405 200 open", "GET /b", .has = "\r\nAllow: " },
    { "a handler's failure is not told", "9110 15.6.1", SENT("GET /fails" H "\r\n" NEXT),
      "500 200 open", "GET /fails GET /b", .lacks = "private" },
    { "a refusal does not send back what it refuses", "9110 17.4",
      SENT("GET /<script> HTTP/1.1\r\n\r\n"), "400 close", "", .lacks = "script" },
    { "a path that does not exist is not sent back", "9110 17.4",
      SENT("GET /x/y/<script>" H "\r\n"), "404 open", "", .lacks = "script" },
    { "the version of an answer is the server's", "9110 6.2", SENT("GET /a HTTP/1.0\r\n\r\n"),
      "200 close", "GET /a", .has = "HTTP/1.1 200 " },
};

#endif
