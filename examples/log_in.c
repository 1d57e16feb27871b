/* Who asks: a password, sent or only proved, or a token. */
#include "demo.h"

static int fetch(bide_session *session, const char *path, struct bide_auth auth)
{
    bide_auto(response) response = bide_get(session, path, .auth = auth);
    const char *text = bide_response_text(response, NULL);
    if (!text)
        return bide_errcode();
    printf("%s: %d, %s", path, bide_response_status(response), text);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) session = bide_session_open(.base_url = base);
    const struct bide_auth ann = { .user = "ann", .password = "secret" };
    const struct bide_auth digest = { .user = "ann", .password = "secret", .digest = true };
    const struct bide_auth token = { .bearer = "from-elsewhere" };
    const struct bide_auth nobody = { 0 };

    int rc = fetch(session, "/basic-auth/ann/secret", ann);     /* the password, in base64 */
    if (rc == 0)
        rc = fetch(session, "/digest-auth/ann/secret", digest); /* a proof that we know it */
    if (rc == 0)
        rc = fetch(session, "/digest-auth/ann/other", digest);
    if (rc == 0)
        rc = fetch(session, "/bearer", token);
    if (rc == 0)
        rc = fetch(session, "/bearer", nobody);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
