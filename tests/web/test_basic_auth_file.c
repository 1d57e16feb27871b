/* Users from an htpasswd file, which may change while it is in use. */
#include "web/site.h"
#include "http/base64.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Of "secret", quick ones and one that takes longer; and of "other". */
#define SECRET "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
#define SLOW "$2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u"
#define OTHER "$2y$04$abcdefghijklmnopqrstuu0HtfOlPbTiymk5tcV.3TsFPDd3SYZqu"

static char path[100];

static int tell(bide_request *req)
{
    return bide_respond_text(req, 200, "[%s]", bide_request_user(req));
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    if (app && (bide_route(app, "GET", "/", tell) < 0 ||
                bide_use_basic_auth(app, "x", .file = path) < 0)) {
        bide_app_free(app);
        return NULL;
    }
    return app;
}

static void write_file(const char *text)
{
    if (!*path)
        snprintf(path, sizeof path, "/tmp/bide-test-%d.htpasswd", (int)getpid());
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

#ifdef BIDE_CRYPT

/* As if it had been changed then. */
static void settle_file(time_t when)
{
    struct timespec times[2] = { { .tv_sec = when }, { .tv_sec = when } };
    CHECK_EQ(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* The status of an answer to who says this. */
static int status_of(const struct site *site, const char *login)
{
    char space[1400], asked[2000], out[2000];
    struct writer w = { .at = space, .room = sizeof space };
    struct text text = text_from(login);
    bide__base64_write(&w, &text, 1);
    snprintf(asked, sizeof asked, "GET /" H "Connection: close\r\n"
             "Authorization: Basic %.*s\r\n\r\n", (int)w.size, space);
    exchange(site, asked, false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 "));
    return atoi(out + 9);
}

TASK_TEST(users_of_a_file_are_let_in_and_no_others)
{
    struct site site = { 0 };
    char login[700];
    write_file("ann:" SECRET "\nbob:" OTHER "\n");
    SITE(&site);
    for (int i = 0; i < 3; i++) {       /* the second time it is remembered */
        CHECK_EQ(status_of(&site, "ann:secret"), 200);
        CHECK_EQ(status_of(&site, "bob:other"), 200);
        CHECK_EQ(status_of(&site, "ann:other"), 401);
        CHECK_EQ(status_of(&site, "bob:"), 401);
        CHECK_EQ(status_of(&site, "eve:secret"), 401);
        CHECK_EQ(status_of(&site, "eve:other"), 401);
        CHECK_EQ(status_of(&site, ":"), 401);
    }
    snprintf(login, sizeof login, "ann:%0512d", 1);
    CHECK_EQ(status_of(&site, login), 401);
    snprintf(login, sizeof login, "%0256d:secret", 1);
    CHECK_EQ(status_of(&site, login), 401);
    unlink(path);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cost_of(const struct site *site, const char *login, int status)
{
    double before = cpu_seconds();
    CHECK_EQ(status_of(site, login), status);
    return cpu_seconds() - before;
}

TASK_TEST(who_is_not_in_the_file_costs_as_much_as_a_wrong_password_and_who_was_there_nothing)
{
    struct site site = { 0 };
    write_file("ann:" SLOW "\nbob:" SLOW "\n");
    SITE(&site);
    CHECK_EQ(status_of(&site, "ann:secret"), 200);
    double wrong = cost_of(&site, "ann:wrong", 401), unknown = cost_of(&site, "eve:secret", 401);
    CHECK(unknown > wrong / 2 && wrong > unknown / 2);
    CHECK(cost_of(&site, "ann:secret", 200) < wrong / 3);
    CHECK(cost_of(&site, "eve:secret", 401) > wrong / 2);
    unlink(path);
}

TASK_TEST(what_changes_in_the_file_holds_a_second_later)
{
    struct site site = { 0 };
    write_file("ann:" SECRET "\n");
    settle_file(1000);
    SITE(&site);
    CHECK_EQ(status_of(&site, "ann:secret"), 200);
    write_file("ann:" OTHER "\nbob:" SECRET "\n");
    CHECK_EQ(bide_sleep(1.1), 0);
    CHECK_EQ(status_of(&site, "ann:secret"), 401);      /* remembered, but not of this hash */
    CHECK_EQ(status_of(&site, "ann:other"), 200);
    CHECK_EQ(status_of(&site, "bob:secret"), 200);
    write_file("bob:" SECRET "\n");
    CHECK_EQ(bide_sleep(1.1), 0);
    CHECK_EQ(status_of(&site, "ann:other"), 401);
    CHECK_EQ(status_of(&site, "bob:secret"), 200);
    write_file("");                                     /* nobody any more */
    CHECK_EQ(bide_sleep(1.1), 0);
    CHECK_EQ(status_of(&site, "bob:secret"), 401);
    unlink(path);
}

/* Two changes within what the file's time can tell, and no more bytes than before. */
TASK_TEST(a_change_that_hides_behind_the_one_before_is_found)
{
    struct site site = { 0 };
    write_file("ann:" SECRET "\n");
    settle_file(time(NULL));
    SITE(&site);
    CHECK_EQ(status_of(&site, "ann:secret"), 200);
    write_file("ann:" OTHER "\n");
    settle_file(time(NULL));
    CHECK_EQ(bide_sleep(1.1), 0);
    CHECK_EQ(status_of(&site, "ann:other"), 200);
    unlink(path);
}

static void count(void *counter, enum bide_log_level level, const char *text)
{
    if (level > BIDE_LOG_ERROR)
        return;
    ++*(int *)counter;
    CHECK_HAS(text, "basic auth: ");
    CHECK_HAS(text, path);
    CHECK_HAS(text, "; the users from before stay");
}

TASK_TEST(a_file_that_is_wrong_or_gone_locks_nobody_out_and_is_told_once)
{
    struct site site = { 0 };
    int told = 0;
    bide_log_to(count, &told, BIDE_LOG_WARNING);
    write_file("ann:" SECRET "\n");
    SITE(&site);
    CHECK_EQ(status_of(&site, "ann:secret"), 200);
    write_file("ann:" SECRET "\nbob:{SHA}x\n");
    settle_file(1000);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_sleep(1.1), 0);
        CHECK_EQ(status_of(&site, "ann:secret"), 200);
    }
    CHECK_EQ(told, 1);
    unlink(path);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_sleep(1.1), 0);
        CHECK_EQ(status_of(&site, "ann:secret"), 200);
    }
    CHECK_EQ(told, 2);
    write_file("ann:" OTHER "\n");
    CHECK_EQ(bide_sleep(1.1), 0);
    CHECK_EQ(status_of(&site, "ann:other"), 200);
    CHECK_EQ(told, 2);
    bide_log_to(NULL, NULL, BIDE_LOG_WARNING);
    unlink(path);
}

TEST(a_file_that_cannot_be_used_is_refused)
{
    bide_auto(app) app = bide_app_new(NULL);
    CHECK_EQ(bide_use_basic_auth(app, "x", .file = "/nowhere/users"), -ENOENT);
    CHECK_HAS(bide_errmsg(), "basic auth: /nowhere/users: cannot be opened: ");
    CHECK_EQ(bide_use_basic_auth(app, "x", .file = "/tmp"), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "/tmp: is no file");
    write_file("ann:" SECRET "\nbob:$apr1$x$y\n");
    CHECK_EQ(bide_use_basic_auth(app, "x", .file = path), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "line 2: user bob: hashed with MD5");
    CHECK_EQ(bide_use_basic_auth(app, "x", .file = path, .threads = 65), BIDE_EINVAL);
    CHECK_EQ(bide_use_basic_auth(app, "x", .file = path, .users = BIDE_PAIRS({ "a", "b" })),
             BIDE_EINVAL);
    write_file("");
    CHECK_EQ(truncate(path, (1 << 20) + 1), 0);
    CHECK_EQ(bide_use_basic_auth(app, "x", .file = path), BIDE_ELIMIT);
    write_file("");
    CHECK_EQ(bide_use_basic_auth(app, "x", .file = path, .threads = 64), 0);
    unlink(path);
}

#else

TEST(without_libcrypt_a_file_is_refused)
{
    bide_auto(app) app = bide_app_new(NULL);
    write_file("");
    CHECK_EQ(bide_use_basic_auth(app, "x", .file = path), -ENOSYS);
    CHECK_HAS(bide_errmsg(), "libcrypt");
    unlink(path);
}

#endif
