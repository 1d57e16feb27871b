/* A middleware: it signs each request, and asks for a new key when the old one is refused.  In
 * Python a function given as aiohttp.ClientSession(middlewares=(sign,)). */
#include "demo.h"
#include <string.h>

static int keys_asked_for;

/* Stands for a hash of the key and the URL. */
static int set_signature(bide_client_request *request, int key)
{
    char token[60];
    snprintf(token, sizeof token, "Bearer key-%d-for-%zu-bytes", key,
             strlen(strrchr(bide_client_request_url(request), '/')));
    return bide_client_request_set_header(request, "Authorization", token);
}

static bide_response *sign(bide_client_request *request, void *arg)
{
    int *key = arg;
    bide_response *response = NULL;
    for (int tries = 0; tries < 2; tries++) {
        if (*key && set_signature(request, *key) < 0) {
            bide_response_close(response);
            return NULL;
        }
        bide_response_close(response);          /* that of the try before is ours */
        response = bide_client_next(request);
        if (bide_response_status(response) != 401)
            break;
        *key = ++keys_asked_for;
    }
    return response;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    int key = 0;
    const struct bide_middleware middlewares[] = { { sign, &key }, { NULL, NULL } };
    bide_auto(session) session = bide_session_open(.base_url = base,
                                                   .middlewares = middlewares);
    for (int i = 0; i < 2; i++) {
        bide_auto(response) response = bide_get(session, "/bearer");
        const char *text = bide_response_text(response, NULL);
        if (!text)
            return bide_errcode();
        printf("%d %s", bide_response_status(response), text);
    }
    printf("%d key asked for\n", keys_asked_for);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
