/* A server with https that reads its certificate again, as a renewed one needs it, and drops no
 * connection: those that run keep what they have.  aiohttp has to be started anew.
 *
 * In a daemon a task does this on each SIGHUP (see reload.c). */
#include "certificates.h"
#include "serve.h"
#include <string.h>

static int hello(bide_request *req)
{
    return bide_respond_text(req, 200, "hello over %s\n", bide_request_scheme(req));
}

/* Which certificate is shown to who comes now. */
static int look(const char *base, bide_tls *trust)
{
    struct bide_tls_info info;
    bide_auto(stream) plain = bide_connect(strrchr(base, '/') + 1);
    bide_auto(stream) secure = bide_start_tls(plain, .tls = trust, .server_name = "localhost");
    if (!secure)
        return bide_errcode();
    bide_ignore(bide_steal(plain));         /* `secure` owns it now */
    int rc = bide_tls_info(secure, &info);
    return rc < 0 ? rc : printf("a newcomer sees %s\n", info.subject) < 0;
}

static int ask(bide_session *session)
{
    struct bide_report report;
    bide_auto(response) response = bide_get(session, "/", .report = &report);
    const char *text = bide_response_text(response, NULL);
    return text ? printf("%s connection: %s", report.reused ? "old" : "new", text) < 0
        : bide_errcode();
}

static int program(void *unused)
{
    (void)unused;
    char path[300], pem[4096];
    bide_auto(temp_dir) dir = bide_temp_dir_open();
    snprintf(path, sizeof path, "%s/server.pem", bide_temp_dir_path(dir));
    snprintf(pem, sizeof pem, "%s%s", first_certificate, second_certificate);
    int rc = bide_file_save(path, first_certificate, strlen(first_certificate));
    bide_auto(tls) trust = bide_tls_new(.ca_pem = pem);
    bide_auto(tls) tls = bide_tls_new(.server = true, .cert_file = path);
    BIDE_GROUP(server);
    bide_app *app = bide_app_new(NULL);
    bide_route(app, "GET", "/", hello);
    const char *base = serve_with_tls(server, app, tls);
    bide_auto(session) session = bide_session_open(.base_url = base, .tls = trust);
    if (rc < 0 || !base || !session || ask(session) < 0 || look(base, trust) < 0)
        return bide_errcode();
    rc = bide_file_save(path, second_certificate, strlen(second_certificate));
    if (rc < 0 || bide_tls_reload(tls) < 0)
        return bide_errcode();
    return look(base, trust) < 0 || ask(session) < 0 ? bide_errcode() : 0;
}

int main(void) { return bide_run(program, NULL, .stop_on_signal = true) < 0; }
