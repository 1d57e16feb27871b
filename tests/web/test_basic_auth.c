/* User and password. */
#include "web/asked.h"

#include <unistd.h>

static struct bide_basic_auth_opts opts;

static int use(bide_app *app)
{
    opts.abi_ = sizeof opts;
    return bide_use_basic_auth_opts(app, &opts);
}

static int tell(bide_request *req)
{
    return bide_respond_text(req, 200, "[%s]", bide_request_user(req));
}

/* Waits as one that asks a database would. */
static int look_up(bide_request *req, const char *user, const char *password, void *arg)
{
    (void)req;
    if (bide_sleep(1) < 0)
        return bide_errcode();
    if (strcmp(user, "broken") == 0)
        return bide_fail(-7, "no database");
    return strcmp(user, "ann") == 0 && bide_secret_is(password, arg);
}

static void check(const char *header, const char *want)
{
    get(tell, header);
    if (want) {
        CHECK_ANSWER(200, want);
        return;
    }
    CHECK_ANSWER(401, "");
    CHECK(has_line("WWW-Authenticate: Basic realm=\"the \\\"archive\\\"\", charset=\"UTF-8\""));
}

/* The codes are those of "ann:secret", "ann:a:b", "ann:", "ann:wrong", "bob:x", "ann", "\0:x". */
static void check_all(void)
{
    static const char *const bad[] = {
        "", "Authorization: Basic\r\n", "Authorization: Basic YW5uOndyb25n\r\n",
        "Authorization: Basic YW5u\r\n", "Authorization: Basic !\r\n",
        "Authorization: Basic YW5uOnNlY3JldA\r\n", "Authorization: Bearer YW5uOnNlY3JldA==\r\n",
        "Authorization: Basic YW5uOnNlY3JldA== x\r\n", "Authorization: Basic YW5uOg==\r\n",
        "Authorization: Basic Ym9iOng=\r\n", "Authorization: Basic ADp4\r\n",
        "Authorization: BasicYW5uOnNlY3JldA==\r\n",
    };
    asked_use = use;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check(bad[i], NULL);
    check("Authorization: Basic YW5uOnNlY3JldA==\r\n", "[ann]");
    check("Authorization: bAsIc  YW5uOnNlY3JldA==\r\n", "[ann]");
}

TASK_TEST(users_of_a_list_are_let_in)
{
    opts = (struct bide_basic_auth_opts){ .realm = "the \"archive\"", .users = BIDE_PAIRS(
        { "eve", "x" }, { "ann", "secret" }) };
    check_all();
    opts.users = BIDE_PAIRS({ "ann", "a:b" });
    check("Authorization: Basic YW5uOmE6Yg==\r\n", "[ann]");
}

TASK_TEST(a_function_may_be_asked)
{
    opts = (struct bide_basic_auth_opts){ .realm = "the \"archive\"", .check = look_up,
                                          .arg = (void *)(uintptr_t)"secret" };
    check_all();
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    get(tell, "Authorization: Basic YnJva2VuOng=\r\n");
    CHECK_ANSWER(500, "");
}

TEST(options_that_let_anybody_in_are_refused)
{
    bide_auto(app) app = bide_app_new(NULL);
    CHECK_EQ(bide_use_basic_auth(app, "x"), BIDE_EINVAL);
    CHECK_EQ(bide_use_basic_auth(app, "x", .check = look_up, .users = BIDE_PAIRS({ "a", "b" })),
             BIDE_EINVAL);
    CHECK_EQ(bide_use_basic_auth(app, "x\n", .check = look_up), BIDE_EINVAL);
    CHECK_EQ(bide_use_basic_auth(app, "x", .users = BIDE_PAIRS({ "a:b", "c" })), BIDE_EINVAL);
    CHECK(!bide_secret_is(NULL, "") && !bide_secret_is("", NULL) && bide_secret_is("a", "a"));
}

static int ask_all(void *unused)
{
    static const char text[] = "GET /" H "Authorization: Basic YW5uOnNlY3JldA==\r\n\r\n";
    (void)unused;
    return try_asking(tell, text, sizeof text - 1, ASKED_AT_ONCE);
}

TEST(every_allocation_and_wait_may_fail)
{
    asked_use = use;
    opts = (struct bide_basic_auth_opts){ .realm = "x", .users = BIDE_PAIRS({ "ann", "secret" }) };
    check_faults(ask_all, 10);
}

#ifdef BIDE_CRYPT

/* Never is somebody let in who should not be. */
static int ask_the_file(void *unused)
{
    static const char wrong[] = "GET /" H "Authorization: Basic YW5uOndyb25n\r\n\r\n";
    int rc = try_asking(tell, wrong, sizeof wrong - 1, ASKED_AT_ONCE);
    CHECK(!strstr(asked_answer, "[ann]"));
    return rc < 0 ? rc : ask_all(unused);
}

TEST(every_allocation_and_wait_may_fail_where_there_is_a_file)
{
    char path[] = "/tmp/bide-test-XXXXXX";
    static const char users[] =
        "ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n";
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, users, sizeof users - 1) == sizeof users - 1 && close(fd) == 0);
    asked_use = use;
    opts = (struct bide_basic_auth_opts){ .realm = "x", .file = path };
    check_faults(ask_the_file, 20);
    unlink(path);
}

#endif
