/* All users of a web interface that has pages; an empty page is the last.  In Python:
 *
 *     async for item in fetch_paginated("https://api.example.com/users"):
 *         process(item)
 */
#include <bide.h>
#include <stdio.h>
#include <stdlib.h>

static int serve_page(bide_request *request)
{
    int page = atoi(bide_request_query(request, "page"));
    return page > 2 ? bide_respond_text(request, 200, "%s", "")
                    : bide_respond_text(request, 200, "%d %d", 2 * page - 1, 2 * page);
}

static int serve(void *listener)
{
    bide_auto(app) app = bide_app_new(NULL);
    bide_route(app, "GET", "/users", serve_page);
    return bide_app_run(app, NULL, .listener = listener, .grace = -1);
}

static int fetch_paginated(bide_generator *generator, void *base_url)
{
    for (int page = 1;; page++) {
        char url[96];
        snprintf(url, sizeof url, "%s?page=%d", (const char *)base_url, page);
        bide_auto(session) session = bide_session_open();
        bide_auto(response) response = bide_get(session, url);
        const char *text = bide_response_text(response, NULL);
        if (!text || !*text)
            return text ? 0 : bide_errcode();
        int users[2];
        sscanf(text, "%d %d", &users[0], &users[1]);
        for (int i = 0; i < 2; i++)
            if (bide_generator_yield(generator, &users[i]) < 0)
                return bide_errcode();
    }
}

static int program(void *unused)
{
    (void)unused;
    char url[64];
    int user, rc;
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    BIDE_GROUP(server);
    bide_spawn(server, serve, listener);
    snprintf(url, sizeof url, "http://%s/users", bide_listener_address(listener));
    bide_auto(generator) users = bide_generator_new(fetch_paginated, int, url, .copy = sizeof url);
    while ((rc = bide_generator_next(users, &user)) == 1)
        printf("user %d\n", user);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
