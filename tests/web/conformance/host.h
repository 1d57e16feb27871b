/* Host: whose the request is.  Two readers must not find two answers. */
#ifndef CONFORMANCE_HOST_H
#define CONFORMANCE_HOST_H
#include "case.h"

#define HOST(value_) SENT("GET /a HTTP/1.1\r\nHost:" value_ "\r\n\r\n")

static const struct conformance host[] = {
    { "a request without Host is refused", "9112 3.2", SENT("GET /a HTTP/1.1\r\n\r\n"),
      "400 close", "" },
    { "a request of HTTP/1.0 needs no Host", "9112 3.2", SENT("GET /a HTTP/1.0\r\n\r\n"),
      "200 close", "GET /a" },
    { "a request of HTTP/1.2 needs a Host", "9112 3.2", SENT("GET /a HTTP/1.2\r\n\r\n"),
      "400 close", "" },
    { "two Hosts are refused", "9112 3.2", SENT("GET /a" H "Host: other\r\n\r\n"),
      "400 close", "" },
    { "two equal Hosts are refused", "9112 3.2", SENT("GET /a" H "Host: h\r\n\r\n"),
      "400 close", "" },
    { "two Hosts far apart are refused", "9112 3.2",
      SENT("GET /a" H "X: y\r\nZ: z\r\nhOST: h\r\n\r\n"), "400 close", "" },
    { "two Hosts of HTTP/1.0 are refused", "9112 3.2",
      SENT("GET /a HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n"), "400 close", "" },
    { "Host has no case", "9110 5.1", SENT("GET /a HTTP/1.1\r\nhOsT: h\r\n\r\n"), "200 open",
      "GET /a" },
    { "X-Forwarded-Host is no Host", "9112 3.2",
      SENT("GET /a HTTP/1.1\r\nX-Forwarded-Host: h\r\n\r\n"), "400 close", "" },

    /* ---- good ones ---- */
    { "a Host needs no space before it", "9112 5.1", HOST("h"), "200 open", "GET /a" },
    { "blanks around a Host are not its own", "9112 5.1", HOST(" \t h \t "), "200 open",
      "GET /a" },
    { "a Host may be empty", "9110 7.2", HOST(""), "200 open", "GET /a" },
    { "a Host may have a port", "9110 7.2", HOST(" example.org:8080"), "200 open", "GET /a" },
    { "a Host's port may be empty", "3986 3.2.3", HOST(" example.org:"), "200 open", "GET /a" },
    { "a Host may be an address", "9110 7.2", HOST(" 127.0.0.1:80"), "200 open", "GET /a" },
    { "a Host may be an address in brackets", "9110 7.2", HOST(" [::1]"), "200 open", "GET /a" },
    { "a Host may be an address in brackets with a port", "9110 7.2", HOST(" [2001:db8::1]:80"),
      "200 open", "GET /a" },
    { "a Host may end in a dot", "3986 3.2.2", HOST(" example.org."), "200 open", "GET /a" },
    { "a Host may have an underscore", "3986 3.2.2", HOST(" a_b.example"), "200 open", "GET /a" },

    /* ---- bad ones ---- */
    { "a Host with a path is refused", "9112 3.2", HOST(" h/a"), "400 close", "" },
    { "a Host with a query is refused", "9112 3.2", HOST(" h?a"), "400 close", "" },
    { "a Host with a fragment is refused", "9112 3.2", HOST(" h#a"), "400 close", "" },
    { "a Host with a user is refused", "9112 3.2", HOST(" u@h"), "400 close", "" },
    { "a Host that is a URL is refused", "9112 3.2", HOST(" http://h"), "400 close", "" },
    { "a list of Hosts is refused", "9112 3.2", HOST(" h, other"), "400 close", "" },
    { "a list of Hosts without blanks is refused", "9112 3.2", HOST(" h,other"), "400 close", "" },
    { "two words as a Host are refused", "9112 3.2", HOST(" h other"), "400 close", "" },
    { "a tab in a Host is refused", "9112 3.2", HOST(" h\tother"), "400 close", "" },
    { "a Host in quotes is refused", "9112 3.2", HOST(" \"h\""), "400 close", "" },
    { "a Host with a backslash is refused", "9112 3.2", HOST(" h\\other"), "400 close", "" },
    { "a Host beyond ASCII is refused", "9112 3.2", HOST(" h\xc3\xa4"), "400 close", "" },
    { "a NUL in a Host is refused", "9112 3.2", HOST(" h\0other"), "400 close", "" },
    /* Legal in a name, but some decode it and some do not. */
    { "a percent-encoded Host is refused", "9112 3.2", HOST(" h%2eother"), "400 close", "" },
    { "a Host with a port of letters is refused", "9112 3.2", HOST(" h:http"), "400 close", "" },
    { "a Host with a negative port is refused", "9112 3.2", HOST(" h:-1"), "400 close", "" },
    { "a Host with a port beyond 65535 is refused", "9112 3.2", HOST(" h:65536"), "400 close",
      "" },
    { "a Host with a port that overflows is refused", "9112 3.2",
      HOST(" h:18446744073709551696"), "400 close", "" },
    { "a Host with two ports is refused", "9112 3.2", HOST(" h:80:81"), "400 close", "" },
    { "a Host that is a port alone is refused", "9112 3.2", HOST(" :80"), "400 close", "" },
    { "an address of colons without brackets is refused", "9112 3.2", HOST(" ::1"), "400 close",
      "" },
    { "a bracket that is not closed is refused", "9112 3.2", HOST(" [::1"), "400 close", "" },
    { "a bracket closed by another sign is refused", "9112 3.2", HOST(" [::1)"), "400 close", "" },
    { "a bracket that was not opened is refused", "9112 3.2", HOST(" ::1]"), "400 close", "" },
    { "brackets with nothing in them are refused", "9112 3.2", HOST(" []"), "400 close", "" },
    { "brackets around a name are refused", "9112 3.2", HOST(" [host]"), "400 close", "" },
    { "more than a port behind brackets is refused", "9112 3.2", HOST(" [::1]x"), "400 close",
      "" },
    { "a Host with a space before its colon is refused", "9112 5.1",
      SENT("GET /a HTTP/1.1\r\nHost : h\r\n\r\n"), "400 close", "" },
    { "a Host with a space before its name is refused", "9112 2.2",
      SENT("GET /a HTTP/1.1\r\n Host: h\r\n\r\n"), "400 close", "" },
    { "a Host that is folded is refused", "9112 5.2",
      SENT("GET /a HTTP/1.1\r\nHost: h\r\n .other\r\n\r\n"), "400 close", "" },
};

#undef HOST
#endif
