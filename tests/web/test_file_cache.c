/* Files as they are found and remembered, without a server. */
#include "web/files.h"

#include "base/sys.h"
#include "web/file_cache.h"
#include <bide.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static struct file_root root;

static void make_root(void)
{
    make_place();
    root = (struct file_root){ .beneath = true };
    root.directory = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CHECK(root.directory >= 0);
}

static void end_root(void)
{
    CHECK_EQ(close(root.directory), 0);
    end_place();
}

static int code_of(const char *path)
{
    struct found_file found;
    int rc = bide__file_find(&root, path, &found);
    bide__found_file_end(&found);
    return rc;
}

/* ---- finding ---- */

static void find_in_and_out(bool links_work)
{
    make_root();
    put_text("a.txt", "hello");
    put_directory("sub");
    put_text("sub/b.txt", "b");
    put_link("inside", "sub/b.txt");
    put_link("outside", "/etc/passwd");
    put_link("up", "../../../../../../etc");
    put_link("round", "round");
    CHECK_EQ(mkfifo(in_place("fifo"), 0600), 0);
    CHECK_EQ(code_of("a.txt"), 0);
    CHECK_EQ(code_of("sub/b.txt"), 0);
    CHECK_EQ(code_of("sub"), 0);
    CHECK_EQ(code_of("none"), -ENOENT);
    CHECK_EQ(code_of("none/b.txt"), -ENOENT);
    CHECK_EQ(code_of("a.txt/b"), -ENOTDIR);
    CHECK_EQ(code_of("fifo"), BIDE_EINVAL);
    CHECK(code_of("outside") < 0);
    CHECK(code_of("up/passwd") < 0);
    CHECK(code_of("../../etc/passwd") < 0);
    CHECK(code_of("/etc/passwd") < 0);
    CHECK(code_of("sub/../../../etc/passwd") < 0);
    CHECK(code_of("round") < 0);
    CHECK_EQ(code_of("inside") == 0, links_work);
    end_root();
}

TASK_TEST(names_stay_beneath_the_directory)
{
    find_in_and_out(true);
}

static int no_openat2(int directory, const char *path, int flags, uint64_t resolve)
{
    (void)directory, (void)path, (void)flags, (void)resolve;
    errno = ENOSYS;
    return -1;
}

TASK_TEST(an_old_kernel_is_asked_step_by_step_and_follows_no_link)
{
    struct sys real = bide__sys;
    bide__sys.openat2 = no_openat2;
    find_in_and_out(false);
    make_root();
    put_directory("sub");
    for (int i = 0; i < 2; i++) {       /* as a listing opens them */
        int fd = bide__file_root_open(&root, i ? "sub/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK(fd >= 0);
        CHECK_EQ(close(fd), 0);
    }
    end_root();
    bide__sys = real;
}

static int not_cached(int directory, const char *path, int flags, uint64_t resolve)
{
    enum { CACHED = 0x20 };
    struct { uint64_t flags, mode, resolve; } how = { (uint64_t)flags, 0, resolve };
    if (resolve & CACHED) {
        errno = EAGAIN;
        return -1;
    }
    return (int)syscall(437, directory, path, &how, sizeof how);
}

static ssize_t not_read(int fd, const struct iovec *pieces, int count, off_t at, int flags)
{
    (void)fd, (void)pieces, (void)count, (void)at, (void)flags;
    errno = EAGAIN;
    return -1;
}

TASK_TEST(what_is_not_in_memory_is_looked_up_by_a_thread)
{
    struct sys real = bide__sys;
    bide__sys.openat2 = not_cached;
    find_in_and_out(true);
    bide__sys = real;
    bide__sys.preadv2 = not_read;
    find_in_and_out(true);
    bide__sys = real;
}

TASK_TEST(links_may_lead_out_where_that_is_wanted)
{
    make_root();
    put_link("outside", "/etc/passwd");
    root.links = true;
    CHECK_EQ(code_of("outside"), 0);
    end_root();
}

TASK_TEST(small_files_are_read_at_once_and_large_ones_stay_open)
{
    struct found_file found;
    make_root();
    put_text("empty", "");
    put_large("small", FILE_WHOLE_MAX);
    put_large("large", FILE_WHOLE_MAX + 1);
    CHECK_EQ(bide__file_find(&root, "empty", &found), 0);
    CHECK(found.data && found.fd < 0 && found.st.st_size == 0);
    bide__found_file_end(&found);
    CHECK_EQ(bide__file_find(&root, "small", &found), 0);
    CHECK(found.data && found.fd < 0);
    CHECK_EQ(found.data[FILE_WHOLE_MAX - 1], letter(FILE_WHOLE_MAX - 1));
    bide__found_file_end(&found);
    CHECK_EQ(bide__file_find(&root, "large", &found), 0);
    CHECK(!found.data && found.fd >= 0);
    bide__found_file_end(&found);
    end_root();
}

/* ---- remembering ---- */

static unsigned opened;
static struct sys before;

static int counted(int directory, const char *path, int flags, uint64_t resolve)
{
    opened++;
    return before.openat2(directory, path, flags, resolve);
}

static void count_opens(void)
{
    opened = 0;
    before = bide__sys;
    bide__sys.openat2 = counted;
}

TASK_TEST(a_file_is_asked_for_again_after_a_second)
{
    struct file_cache *caches = NULL;
    make_root();
    put_text("a", "one");
    count_opens();
    struct open_file *one = bide__file_cache_get(&caches, &root, "a");
    struct open_file *again = bide__file_cache_get(&caches, &root, "a");
    CHECK_PTR(again, one);
    CHECK_EQ(opened, 1);
    CHECK_STR(one->modified, OLD_DATE);
    CHECK(one->settled && one->etag[0] == '"');
    bide__open_file_release(again);
    CHECK_EQ(bide_sleep(1.01), 0);
    again = bide__file_cache_get(&caches, &root, "a");
    CHECK_PTR(again, one);              /* it was the same */
    CHECK_EQ(opened, 2);
    bide__open_file_release(again);
    put_text("a", "two!");
    again = bide__file_cache_get(&caches, &root, "a");
    CHECK_PTR(again, one);              /* for a second nobody looks */
    bide__open_file_release(again);
    CHECK_EQ(bide_sleep(1.01), 0);
    again = bide__file_cache_get(&caches, &root, "a");
    CHECK(again != one);
    CHECK_MEM(again->data, "two!", 4);
    CHECK_MEM(one->data, "one", 3);     /* who sends it still has it */
    CHECK(strcmp(one->etag, again->etag) != 0);
    bide__open_file_release(one);
    bide__open_file_release(again);
    bide__sys = before;
    bide__file_cache_free(caches);
    end_root();
}

TASK_TEST(what_has_just_changed_has_a_weak_tag_and_is_read_anew)
{
    struct file_cache *caches = NULL;
    make_root();
    put_fresh("a", "one", 3);
    struct open_file *one = bide__file_cache_get(&caches, &root, "a");
    CHECK(!one->settled);
    CHECK_MEM(one->etag, "W/\"", 3);
    CHECK_EQ(bide_sleep(1.01), 0);      /* of the loop's time: the file is as young as before */
    struct open_file *again = bide__file_cache_get(&caches, &root, "a");
    CHECK(again != one);
    bide__open_file_release(one);
    bide__open_file_release(again);
    bide__file_cache_free(caches);
    end_root();
}

TASK_TEST(what_is_not_there_is_remembered_too)
{
    struct file_cache *caches = NULL;
    make_root();
    for (int i = 0; i < 3; i++) {
        struct open_file *none = bide__file_cache_get(&caches, &root, "none");
        CHECK_EQ(none->code, -ENOENT);
        bide__open_file_release(none);
        if (i == 0)
            count_opens();
    }
    CHECK_EQ(opened, 0);
    bide__sys = before;
    bide__file_cache_free(caches);
    end_root();
}

TASK_TEST(the_least_lately_used_goes_when_there_are_too_many)
{
    struct file_cache *caches = NULL;
    char name[32];
    make_root();
    for (int i = 0; i <= FILE_CACHE_COUNT; i++) {
        snprintf(name, sizeof name, "none%d", i);
        bide__open_file_release(bide__file_cache_get(&caches, &root, name));
        bide__open_file_release(bide__file_cache_get(&caches, &root, "none0"));
    }
    CHECK_EQ(caches->files.count, FILE_CACHE_COUNT);
    count_opens();
    bide__open_file_release(bide__file_cache_get(&caches, &root, "none0"));
    CHECK_EQ(opened, 0);
    bide__open_file_release(bide__file_cache_get(&caches, &root, "none1"));
    CHECK(opened > 0);
    bide__sys = before;
    bide__file_cache_free(caches);
    end_root();
}

TASK_TEST(only_so_many_descriptors_and_bytes_are_kept)
{
    struct file_cache *caches = NULL;
    char name[32];
    make_root();
    for (int i = 0; i < FILE_CACHE_OPEN + 5; i++) {
        snprintf(name, sizeof name, "%d", i);
        put_large(name, FILE_WHOLE_MAX + 1);
        bide__open_file_release(bide__file_cache_get(&caches, &root, name));
    }
    CHECK_EQ(caches->open, FILE_CACHE_OPEN);
    CHECK_EQ(caches->files.count, FILE_CACHE_OPEN);
    for (int i = 0; i < FILE_CACHE_BYTES / FILE_WHOLE_MAX + 5; i++) {
        snprintf(name, sizeof name, "small%d", i);
        put_large(name, FILE_WHOLE_MAX);
        bide__open_file_release(bide__file_cache_get(&caches, &root, name));
    }
    CHECK(caches->bytes <= FILE_CACHE_BYTES);
    bide__file_cache_free(caches);
    end_root();
}

TASK_TEST(without_descriptors_left_those_that_are_kept_are_given_up)
{
    struct file_cache *caches = NULL;
    struct rlimit limit, low;
    make_root();
    put_large("a", FILE_WHOLE_MAX + 1);
    put_text("b", "b");
    bide__open_file_release(bide__file_cache_get(&caches, &root, "a"));
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    low = limit;
    low.rlim_cur = (rlim_t)caches->newest->fd + 1;
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    struct open_file *b = bide__file_cache_get(&caches, &root, "b");
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    CHECK(b && b->code == 0);
    CHECK_EQ(caches->open, 0);
    bide__open_file_release(b);
    bide__file_cache_free(caches);
    end_root();
}

static int get_some(void *arg)
{
    struct file_cache *caches = NULL;
    int rc = 0;
    (void)arg;
    for (int i = 0; rc == 0 && i < 6; i++) {
        static const char *const names[] = { "small", "large", "none", "small", "large", "sub" };
        struct open_file *file = bide__file_cache_get(&caches, &root, names[i]);
        rc = file ? 0 : bide_errcode();
        bide__open_file_release(file);
    }
    bide__file_cache_free(caches);
    return rc;
}

TEST(whatever_fails_leaves_nothing_behind)
{
    make_root();
    put_text("small", "small");
    put_large("large", FILE_WHOLE_MAX + 1);
    put_directory("sub");
    CHECK(bide_test_each_allocation(get_some, NULL) > 0);
    CHECK(bide_test_each_call(get_some, NULL) > 0);
    CHECK(bide_test_each_call(get_some, NULL, .fault = BIDE_TEST_SHORT) > 0);
    bide__sys.openat2 = not_cached;
    CHECK(bide_test_each_wait(get_some, NULL) > 0);
    end_root();
}
