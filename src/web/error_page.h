/* Pages that say what went wrong, by what the client reads: text, HTML, or RFC 9457's JSON.  They
 * tell nothing of the inside. */
#ifndef BIDE_WEB_ERROR_PAGE_H
#define BIDE_WEB_ERROR_PAGE_H

#include <bide/app.h>

/* What a client is told about a request without a route. */
const char *bide__error_why(int status);
/* Answers with an error page: by the application's function, or the library's own. */
int bide__error_page(bide_request *req, int status, const char *why);

#endif
