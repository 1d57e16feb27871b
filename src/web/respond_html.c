/* A page as an answer. */
#include <bide/respond.h>
#include <string.h>

int bide_respond_html(bide_request *req, int status, const char *html)
{
    return bide_respond(req, status, "text/html; charset=utf-8", html, strlen(html));
}
