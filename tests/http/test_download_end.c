/* How a download ends: with its new name, for good, or without it. */
#include "io/place.h"
#include "stand.h"

#include <bide/download.h>
#include <bide/testing.h>

#define REPLY "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"one\"\r\n\r\nhello"

static int download_once(void *unused)
{
    (void)unused;
    struct stand stand = { .reply = REPLY };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    unlink("a");
    int64_t rc = bide_download(session, stand.url, "a", .resume = true, .sync = true);
    if ((access("a", F_OK) == 0) != (rc >= 0))
        test_fail(__FILE__, __LINE__, "%lld, though the file is%s there", (long long)rc,
                  rc < 0 ? "" : " not");
    return rc < 0 ? (int)rc : 0;
}

TEST(wherever_it_is_cancelled_it_fails_only_if_the_file_is_not_there)
{
    char path[32];
    place_enter(path);
    place_by_threads();
    if (bide_test_each_wait(download_once, NULL) < 5)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    place_leave(path);
}

static int (*real_fsync)(int fd);
static int folders;

static int note_fsync(int fd)
{
    struct stat st;
    folders += fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
    return real_fsync(fd);
}

static void sync_names(void)
{
    struct stand stand = { .reply = REPLY };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    char cwd[60], whole[70];
    CHECK_PTR(getcwd(cwd, sizeof cwd), cwd);
    snprintf(whole, sizeof whole, "%s/b", cwd);
    real_fsync = bide__sys.fsync;
    bide__sys.fsync = note_fsync;
    CHECK_EQ(bide_download(session, stand.url, "a"), 5);
    CHECK_EQ(folders, 0);
    CHECK_EQ(bide_download(session, stand.url, "a", .sync = true), 5);
    CHECK_EQ(folders, 1);
    CHECK_EQ(bide_download(session, stand.url, whole, .sync = true), 5);
    CHECK_EQ(folders, 2);
    bide__sys.fsync = real_fsync;
}

TEST(what_is_on_the_disk_is_there_under_its_name) { place_run(sync_names, PLACE_USUAL); }
