/* Cookies that outlive the program: a jar, kept in a file that curl and wget read too. */
#include "demo.h"
#include <errno.h>

static int visit(bide_session *session, const char *path)
{
    bide_auto(response) response = bide_get(session, path);
    const char *text = bide_response_text(response, NULL);
    if (!text)
        return bide_errcode();
    printf("%s: %s", path, text);
    return 0;
}

/* One run of a program that remembers who it is. */
static int run(const char *base, const char *file, const char *path)
{
    bide_auto(cookies) jar = bide_cookies_new();
    if (bide_cookies_load(jar, file) < 0 && bide_errcode() != -ENOENT)
        return bide_errcode();              /* that there is none yet is no failure */
    bide_auto(session) session = bide_session_open(.base_url = base, .cookies = jar);
    int rc = visit(session, path);
    if (rc < 0)
        return rc;

    bide_cookie cookie;
    for (uint64_t at = 0; bide_cookies_next(jar, &at, &cookie);)
        printf("  %s=%s, for %s%s\n", cookie.name, cookie.value, cookie.domain, cookie.path);
    return bide_cookies_save(jar, file);
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(temp_dir) dir = bide_temp_dir_open();
    char file[300];
    snprintf(file, sizeof file, "%s/cookies.txt", bide_temp_dir_path(dir));
    int rc = run(base, file, "/cookies/set?user=ann&theme=dark");
    if (rc >= 0)
        rc = run(base, file, "/cookies");
    return rc < 0 ? rc : run(base, file, "/cookies/delete?theme");
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
