/* From page to page by the server's own links (the header Link), as many web interfaces have
 * them.  In Python response.links["next"]["url"]. */
#include "demo.h"

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) session = bide_session_open(.base_url = base);
    bide_auto(response) response = bide_get(session, "/items");
    for (;;) {
        const bide_json *page = bide_response_json(response);
        if (!page)
            return bide_errcode();
        printf("%s: %zu items\n", bide_response_url(response),
               bide_json_count(bide_json_at(page, "results")));
        const char *next = bide_response_link(response, "next");
        if (!next)
            return 0;
        bide_response *following = bide_get(session, next);
        bide_response_close(response);
        response = following;
    }
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
