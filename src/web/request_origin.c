/* Where a request came from and where to: client, scheme, host. */
#include "web/request.h"

const char *bide_request_host(const bide_request *req)
{
    struct text host = head_get(&req->head, req->text, HEADER_HOST);
    return host.at ? host.at : "";
}
