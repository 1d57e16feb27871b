/* Transfer-Encoding: chunked alone, in exactly one way. */
#ifndef CONFORMANCE_CODING_H
#define CONFORMANCE_CODING_H
#include "case.h"

/* An empty chunked body under a header in question, and a request behind it. */
#define CODING(line_) SENT("POST /a" H line_ "\r\n\r\n0\r\n\r\n" NEXT)
#define CODED(value_) CODING("Transfer-Encoding:" value_)

static const struct conformance coding[] = {
    { "a chunked body is taken", "9112 6.1", CODED(" chunked"), "200 200 open",
      "POST /a GET /b" },
    { "chunked has no case", "9112 7", CODED(" CHUNKed"), "200 200 open", "POST /a GET /b" },
    { "Transfer-Encoding has no case", "9110 5.1", CODING("tRANSFER-eNCODING:chunked"),
      "200 200 open", "POST /a GET /b" },
    { "blanks and tabs around chunked are not its own", "9112 5.1", CODED("\t chunked \t"),
      "200 200 open", "POST /a GET /b" },
    { "a GET may have a chunked body", "9110 9.3.1",
      SENT("GET /a" H "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" NEXT),
      "200 200 open", "GET /a=hi GET /b" },

    /* ---- beside a length ---- */
    { "a length and a coding are refused", "9112 6.3",
      CODING("Content-Length: 5\r\nTransfer-Encoding: chunked"), "400 close", "" },
    { "a coding and a length are refused", "9112 6.3",
      CODING("Transfer-Encoding: chunked\r\nContent-Length: 5"), "400 close", "" },
    { "a coding and a length of 0 are refused", "9112 6.3",
      CODING("Transfer-Encoding: chunked\r\nContent-Length: 0"), "400 close", "" },
    { "a length and an unknown coding are refused", "9112 6.3",
      CODING("Content-Length: 5\r\nTransfer-Encoding: xchunked"), "400 close", "" },

    /* ---- more than once ---- */
    { "chunked in two headers is refused", "9112 6.1",
      CODING("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), "400 close", "" },
    { "chunked twice in a list is refused", "9112 6.1", CODED(" chunked, chunked"),
      "400 close", "" },
    { "identity behind chunked is refused", "9112 6.3", CODED(" chunked, identity"),
      "400 close", "" },
    { "identity in a header behind chunked is refused", "9112 6.3",
      CODING("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"), "400 close", "" },
    { "identity in a header before chunked is refused", "9112 6.3",
      CODING("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"), "400 close", "" },
    { "a second coding of nothing is refused", "9112 6.1",
      CODING("Transfer-Encoding: chunked\r\nTransfer-Encoding:"), "400 close", "" },
    { "a comma behind chunked is refused", "9112 6.1", CODED(" chunked,"), "400 close", "" },
    { "a comma before chunked is refused", "9112 6.1", CODED(" ,chunked"), "400 close", "" },

    /* ---- others ---- */
    { "a coding under chunked is not implemented", "9112 6.1", CODED(" gzip, chunked"),
      "501 close", "" },
    { "an unknown coding under chunked is not implemented", "9112 6.1", CODED(" cow,chunked"),
      "501 close", "" },
    { "identity under chunked is not implemented", "9112 6.1", CODED(" identity, chunked"),
      "501 close", "" },
    { "a coding that does not end in chunked is refused", "9112 6.3", CODED(" gzip"),
      "400 close", "" },
    { "chunked under another coding is refused", "9112 6.3", CODED(" chunked, gzip"),
      "400 close", "" },
    { "identity alone is refused", "9112 6.3", CODED(" identity"), "400 close", "" },
    { "an unknown coding is refused", "9112 6.3", CODED(" xchunked"), "400 close", "" },
    { "what begins with chunked is refused", "9112 6.3", CODED(" chunkedx"), "400 close", "" },
    { "chunked with a parameter is refused", "9112 7", CODED(" chunked;a=b"), "400 close", "" },
    { "chunked with a semicolon is refused", "9112 7", CODED(" chunked;"), "400 close", "" },
    { "chunked in quotes is refused", "9112 6.1", CODED(" \"chunked\""), "400 close", "" },
    { "chunked in single quotes is refused", "9112 6.1", CODED(" 'chunked'"), "400 close", "" },
    { "chunked in two words is refused", "9112 6.1", CODED(" chunk ed"), "400 close", "" },
    { "chunked and a word are refused", "9112 6.1", CODED(" chunked identity"), "400 close", "" },
    { "an empty coding is refused", "9112 6.3", CODED(""), "400 close", "" },
    { "a coding of blanks is refused", "9112 6.3", CODED(" \t"), "400 close", "" },
    { "a control character before chunked is refused", "9110 5.5", CODED(" \vchunked"),
      "400 close", "" },
    { "a control character behind chunked is refused", "9110 5.5", CODED(" chunked\f"),
      "400 close", "" },
    { "a NUL behind chunked is refused", "9110 5.5", CODED(" chunked\0"), "400 close", "" },
    { "a byte beyond ASCII before chunked is refused", "9112 6.3", CODED(" \xffhunked"),
      "400 close", "" },
    { "a hard space before chunked is refused", "9112 6.3", CODED("\xa0" "chunked"),
      "400 close", "" },

    /* ---- spelled so that one reader sees it and another does not ---- */
    { "a coding with a blank before its colon is refused", "9112 5.1",
      CODING("Transfer-Encoding : chunked"), "400 close", "" },
    { "a coding with a tab before its colon is refused", "9112 5.1",
      CODING("Transfer-Encoding\t: chunked"), "400 close", "" },
    { "a coding with a blank before its name is refused", "9112 5.2",
      CODING(" Transfer-Encoding: chunked"), "400 close", "" },
    { "a coding with a control character before its colon is refused", "9112 5.1",
      CODING("Transfer-Encoding\v: chunked"), "400 close", "" },
    { "a coding that is folded is refused", "9112 5.2",
      CODING("Transfer-Encoding:\r\n chunked"), "400 close", "" },
    { "a coding behind a bare LF is refused", "9112 2.2",
      CODING("X: y\nTransfer-Encoding: chunked"), "400 close", "" },
    { "a coding behind a bare CR is refused", "9112 2.2",
      CODING("X: y\rTransfer-Encoding: chunked"), "400 close", "" },
    { "a coding with an underscore is none", "9112 6.1", CODING("Transfer_Encoding: chunked"),
      "200 400 close", "POST /a" },
    { "TE is no coding", "9110 10.1.4", CODING("TE: chunked"), "200 400 close", "POST /a" },
    { "chunked is no content coding", "9110 8.4", CODING("Content-Encoding: chunked"),
      "200 400 close", "POST /a" },
    { "a coding in HTTP/1.0 is refused", "9112 6.1",
      SENT("POST /a HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      "400 close", "" },
    { "a coding in HTTP/1.0 that stays open is refused", "9112 6.1",
      SENT("POST /a HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
           "0\r\n\r\n" NEXT), "400 close", "" },
    { "a coding in HTTP/1.2 is that of HTTP/1.1", "9110 2.5",
      SENT("POST /a HTTP/1.2\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT),
      "200 200 open", "POST /a GET /b" },
};

#undef CODED
#undef CODING
#endif
