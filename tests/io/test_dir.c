/* tests/io/test_dir.c -- directories, names, copies, trees. */
#include "io/place.h"

enum { MANY = 3000 };

FILE_TEST(a_directory_is_listed_once_each)
{
    char name[20];
    static char seen[MANY];
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "f%d", i);
        place_put_text(name, "");
    }
    bide_auto(dir) d = bide_dir_open(".");
    struct bide_dir_entry e;
    int count = 0, rc;
    for (; (rc = bide_dir_next(d, &e)) == 1; count++) {
        int i = atoi(e.name + 1);
        CHECK(e.type == BIDE_ENTRY_FILE && e.inode && !seen[i]);
        seen[i] = 1;
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(count, MANY);
    CHECK_EQ(bide_dir_next(d, &e), 0);
    CHECK_STR(e.name, "");
}

FILE_TEST(entries_have_their_types)
{
    place_put_text("file", "");
    CHECK_EQ(bide_mkdir("dir"), 0);
    CHECK_EQ(bide_symlink("dir", "link"), 0);
    CHECK_EQ(mkfifo("other", 0600), 0);
    bide_auto(dir) d = bide_dir_open(".");
    struct bide_dir_entry e;
    int right = 0;
    while (bide_dir_next(d, &e) == 1)
        right += e.type == (*e.name == 'f' ? BIDE_ENTRY_FILE : *e.name == 'd' ? BIDE_ENTRY_DIR
                            : *e.name == 'l' ? BIDE_ENTRY_LINK : BIDE_ENTRY_OTHER);
    CHECK_EQ(right, 4);
    CHECK_PTR(bide_dir_open("file"), NULL);
    CHECK_EQ(bide_errcode(), -ENOTDIR);
    CHECK_PTR(bide_dir_open("none"), NULL);
    CHECK_STR(bide_errmsg(), "open: none: No such file or directory");
    CHECK_EQ(bide_dir_next(NULL, &e), -ENOENT);
    CHECK_PTR(bide_dir_open(NULL), NULL);
}

static int list_one(void *d)
{
    struct bide_dir_entry e;
    return bide_dir_next(d, &e);
}

FILE_TEST(one_task_lists_at_a_time)
{
    place_put_text("a", "");
    bide_task *first;
    bide_dir *d = bide_dir_open(".");
    BIDE_KEEP_GOING(g);
    bide_spawn(g, list_one, d, .handle = &first);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(list_one(d), BIDE_EBUSY);
    bide_dir_close(d);
    CHECK_EQ(bide_join(first), 0);
    CHECK_EQ(bide_task_result(first), BIDE_ECLOSED);
    bide_ignore(bide_group_wait(g));
    bide_dir_close(NULL);
}

FILE_TEST(a_cancelled_listing_goes_on_later)
{
    struct bide_dir_entry e;
    place_put_text("a", "");
    bide_auto(dir) d = bide_dir_open(".");
    {
        BIDE_SCOPE(s);
        bide_scope_cancel(s);
        CHECK_EQ(bide_dir_next(d, &e), BIDE_ECANCELED);
    }
    CHECK_EQ(bide_dir_next(d, &e), 1);
    CHECK_STR(e.name, "a");
}

FILE_TEST(names_are_changed)
{
    struct stat st;
    char text[8];
    place_put_text("a", "text");
    CHECK_EQ(bide_rename("a", "b"), 0);
    CHECK_EQ(bide_rename("a", "c"), -ENOENT);
    CHECK_STR(bide_errmsg(), "rename: a to c: No such file or directory");
    CHECK_EQ(bide_link("b", "c"), 0);
    CHECK_EQ(bide_stat("c", &st), 0);
    CHECK_EQ(st.st_nlink, 2);
    CHECK_EQ(bide_symlink("b", "l"), 0);
    CHECK_EQ(bide_readlink("l", text, sizeof text), 1);
    CHECK_STR(text, "b");
    CHECK_EQ(bide_readlink("l", text, 1), BIDE_ELIMIT);
    CHECK_EQ(bide_readlink("b", text, 8), BIDE_EINVAL);
    CHECK_EQ(bide_unlink("c"), 0);
    CHECK_EQ(bide_unlink("c"), -ENOENT);
    CHECK_STR(bide_errmsg(), "unlink: c: No such file or directory");
    CHECK_EQ(bide_unlink(NULL), BIDE_EINVAL);
    CHECK_EQ(bide_mkdir("d"), 0);
    CHECK_EQ(bide_mkdir("d"), -EEXIST);
    CHECK_EQ(bide_rmdir("d"), 0);
    CHECK_EQ(bide_rmdir("d"), -ENOENT);
}

FILE_TEST(parents_are_made)
{
    struct stat st;
    CHECK_EQ(bide_mkdir("a/b/c"), -ENOENT);
    CHECK_EQ(bide_mkdir("a/b/c", .parents = true, .permissions = 0700), 0);
    CHECK_EQ(bide_mkdir("a//b/c/", .parents = true), 0);
    CHECK_EQ(bide_stat("a/b/c", &st), 0);
    CHECK(S_ISDIR(st.st_mode) && (st.st_mode & 0777) == 0700);
    place_put_text("f", "");
    CHECK_EQ(bide_mkdir("f", .parents = true), -EEXIST);
    CHECK_EQ(bide_mkdir("f/g", .parents = true), -EEXIST);
    CHECK_EQ(bide_mkdir("", .parents = true), -ENOENT);
    CHECK_EQ(bide_mkdir(NULL), BIDE_EINVAL);
}

FILE_TEST(a_tree_is_removed_and_links_lead_nowhere)
{
    CHECK_EQ(bide_mkdir("keep"), 0);
    place_put_text("keep/this", "text");
    CHECK_EQ(bide_mkdir("t/a/b/c", .parents = true), 0);
    place_put_text("t/a/file", "");
    CHECK_EQ(bide_symlink("../../keep", "t/a/link"), 0);
    CHECK_EQ(bide_symlink("none", "t/broken"), 0);
    int before = place_descriptors();
    CHECK_EQ(bide_remove_tree("t"), 0);
    CHECK_EQ(place_descriptors(), before);
    CHECK_EQ(bide_remove_tree("t"), -ENOENT);
    CHECK_EQ(bide_remove_tree("keep/this"), 0);
    CHECK_EQ(bide_symlink("keep", "l"), 0);
    CHECK_EQ(bide_remove_tree("l"), 0);
    CHECK_EQ(place_count("."), 1);
}

FILE_TEST(a_missing_second_name_is_told)
{
    CHECK_EQ(bide_rename("a", NULL), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "rename: no path");
    CHECK_EQ(bide_link("a", NULL), BIDE_EINVAL);
    CHECK_EQ(bide_symlink(NULL, "a"), BIDE_EINVAL);
}

FILE_TEST(a_slash_behind_a_link_leads_nowhere_either)
{
    CHECK_EQ(bide_mkdir("keep/t", .parents = true), 0);
    CHECK_EQ(bide_symlink("keep", "l"), 0);
    CHECK_EQ(bide_remove_tree("l/"), -ENOTDIR);
    CHECK_EQ(bide_remove_tree("l//"), -ENOTDIR);
    CHECK_EQ(place_count("keep"), 1);
    CHECK_EQ(bide_remove_tree("keep//"), 0);
    CHECK_EQ(place_count("."), 1);
}

FILE_TEST(a_slash_at_the_end_makes_no_other_permissions)
{
    struct stat st;
    CHECK_EQ(bide_mkdir("a/b//", .permissions = 0700, .parents = true), 0);
    CHECK_EQ(bide_stat("a/b", &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0700);
    CHECK_EQ(bide_mkdir("/", .parents = true), 0);
    CHECK_EQ(bide_mkdir("//", .parents = true), 0);
}

FILE_TEST(a_file_is_copied_with_its_permissions)
{
    enum { LARGE = 3000000 };
    struct stat st;
    char *data = place_bytes(LARGE);
    place_put("a", data, LARGE);
    CHECK_EQ(chmod("a", 0750), 0);
    CHECK_EQ(bide_copy_file("a", "b"), LARGE);
    place_holds("b", data, LARGE);
    CHECK_EQ(bide_stat("b", &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0750);
    place_put_text("a", "short");
    CHECK_EQ(bide_copy_file("a", "b", .exclusive = true), -EEXIST);
    CHECK_EQ(bide_copy_file("a", "b"), 5);
    place_holds_text("b", "short");
    place_put_text("e", "");
    CHECK_EQ(bide_copy_file("e", "b"), 0);
    place_holds_text("b", "");
    CHECK(bide_copy_file("/proc/self/status", "p") > 100);
    free(data);
}

FILE_TEST(what_cannot_be_copied_is_left_alone)
{
    place_put_text("a", "text");
    CHECK_EQ(bide_link("a", "b"), 0);
    CHECK_EQ(bide_copy_file("a", "a"), BIDE_EINVAL);
    CHECK_EQ(bide_copy_file("a", "b"), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "copy: a to b: both are the same file");
    place_holds_text("a", "text");
    CHECK_EQ(bide_copy_file("none", "c"), -ENOENT);
    CHECK_EQ(bide_copy_file(".", "c"), -EISDIR);
    CHECK_EQ(bide_copy_file("a", "none/c"), -ENOENT);
    CHECK_EQ(bide_copy_file(NULL, "c"), BIDE_EINVAL);
    CHECK_EQ(mkfifo("fifo", 0600), 0);
    CHECK_EQ(bide_copy_file("fifo", "c"), BIDE_EINVAL);
    CHECK_EQ(place_count("."), 3);
}

static int ways;                /* how many of the fast ways are closed */

static ssize_t no_range(int from, off_t *from_at, int to, off_t *to_at, size_t size,
                        unsigned flags)
{
    (void)from, (void)from_at, (void)to, (void)to_at, (void)size, (void)flags;
    errno = ways >= 0 ? EXDEV : ENOSPC;
    return -1;
}

static ssize_t no_sendfile(int to, int from, off_t *at, size_t size)
{
    (void)to, (void)from, (void)at, (void)size;
    errno = EINVAL;
    return -1;
}

FILE_TEST(a_copy_finds_its_way_or_goes_again)
{
    place_put_text("a", "text");
    struct sys real = bide__sys;
    bide__sys.copy_file_range = no_range;
    ways = -1;
    CHECK_EQ(bide_copy_file("a", "b"), -ENOSPC);
    CHECK_EQ(place_count("."), 1);
    ways = 0;
    CHECK_EQ(bide_copy_file("a", "b"), 4);
    bide__sys.sendfile = no_sendfile;
    CHECK_EQ(bide_copy_file("a", "c"), 4);
    bide__sys = real;
    place_holds_text("b", "text");
    place_holds_text("c", "text");
}

/* --- temporary directories --- */

FILE_TEST(a_temporary_directory_is_removed)
{
    bide_auto(temp_dir) d = bide_temp_dir_open(.dir = ".");
    struct stat st;
    char name[128];
    CHECK_EQ(bide_stat(bide_temp_dir_path(d), &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0700);
    snprintf(name, sizeof name, "%s/a/b", bide_temp_dir_path(d));
    CHECK_EQ(bide_mkdir(name, .parents = true), 0);
    CHECK_EQ(bide_temp_dir_remove(d), 0);
    CHECK_EQ(bide_temp_dir_remove(d), 0);
    CHECK_EQ(place_count("."), 0);
    CHECK_PTR(bide_temp_dir_open(.dir = "none"), NULL);
    CHECK_HAS(bide_errmsg(), "temporary directory: /");
    CHECK_HAS(bide_errmsg(), "/none/bide-");
    CHECK_EQ(bide_temp_dir_remove(NULL), -ENOENT);
    bide_temp_dir_close(NULL);
}

static int leave_one(void *unused)
{
    (void)unused;
    char name[128];
    bide_auto(temp_dir) d = bide_temp_dir_open(.dir = ".");
    snprintf(name, sizeof name, "%s/a/b", bide_temp_dir_path(d));
    CHECK_EQ(bide_mkdir(name, .parents = true), 0);
    CHECK_EQ(chdir("/"), 0);
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    return bide_yield();        /* the guard works in a cancelled scope too */
}

TEST(the_guard_removes_it_before_the_loop_ends)
{
    char path[32];
    place_enter(path);
    CHECK_EQ(bide_run(leave_one, NULL, .jumping_clock = true), BIDE_ECANCELED);
    CHECK_EQ(place_count(path), 0);
    place_leave(path);
}
