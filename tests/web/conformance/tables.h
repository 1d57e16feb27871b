/* All tables, in the order of the page. */
#ifndef CONFORMANCE_TABLES_H
#define CONFORMANCE_TABLES_H
#include "answers.h"
#include "chunked.h"
#include "coding.h"
#include "connection.h"
#include "expect.h"
#include "fields.h"
#include "host.h"
#include "length.h"
#include "request_line.h"
#include "slow.h"
#include "smuggling.h"
#include "target.h"

#define CONFORMANCE_TABLES(X) \
    X(request_line, "The request line") \
    X(target, "The target") \
    X(host, "Host") \
    X(fields, "Header fields") \
    X(length, "Content-Length") \
    X(coding, "Transfer-Encoding") \
    X(chunked, "The chunked coding") \
    X(smuggling, "Request smuggling") \
    X(connection, "The connection") \
    X(expect, "Expect") \
    X(answers, "Answers") \
    X(slow, "Slow clients")

#endif
