/* Three users of a web interface, in order.  In Python:
 *
 *     response.raise_for_status()
 *     return await response.json()
 *     ...
 *     for result in results:
 *         print(f"{result['login']}: {result['public_repos']} repos")
 */
#include "demo.h"

static bide_session *session;

struct user { const char *path; char login[40]; int repos; };

static int fetch_user(void *arg)
{
    struct user *user = arg;
    const char *login;
    bide_auto(response) response = bide_get(session, user->path);
    if (bide_response_check(response) < 0)
        return bide_errcode();
    const bide_json *json = bide_response_json(response);
    if (bide_json_get(json, "login", &login) < 0 ||
        bide_json_get(json, "public_repos", &user->repos) < 0)
        return bide_errcode();
    snprintf(user->login, sizeof user->login, "%s", login);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();

    bide_auto(session) opened = session = bide_session_open(.base_url = base);
    struct user users[] = { { .path = "/users/octocat" }, { .path = "/users/torvalds" },
                            { .path = "/users/gvanrossum" } };
    struct bide_call calls[3];
    for (int i = 0; i < 3; i++)
        calls[i] = (struct bide_call){ .fn = fetch_user, .arg = &users[i] };
    int rc = bide_gather(calls, 3);
    for (int i = 0; rc == 0 && i < 3; i++)
        printf("%s: %d repos\n", users[i].login, users[i].repos);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
