/* What cli/filename.c must hold: no URL leads anywhere but to a plain name in the directory. */
#include "cli/filename.c"
#include "test.h"

static void check_name(const char *url, const char *expected)
{
    char name[FILENAME_SIZE];
    filename_make(name, 7, url, strlen(url));
    CHECK_STR(name, expected);
}

TEST(a_name_shows_number_host_and_path)
{
    check_name("http://example.org/users/ann.json", "000007-example.org_users_ann.json");
    check_name("http://127.0.0.1:8080/", "000007-127.0.0.1_8080");
    check_name("http://[::1]:80/a?b=c&d=%20", "000007-_1_80_a_b_c_d_20");
}

TEST(a_password_and_a_fragment_are_left_out)
{
    check_name("http://user:secret@example.org/x#part", "000007-example.org_x");
    check_name("http://example.org/user@host", "000007-example.org_user_host");
}

TEST(nothing_leads_out_of_the_directory)
{
    check_name("http://x/../../etc/passwd", "000007-x_.._.._etc_passwd");
    check_name("..", "000007-");
    check_name("/", "000007-");
    check_name("", "000007-");
    check_name("http://x/\n\x1b[31m\xff", "000007-x_31m");
}

TEST(a_name_never_gets_too_long)
{
    char url[9000], name[FILENAME_SIZE];
    memset(url, 'x', sizeof url);
    filename_make(name, UINT64_MAX, url, sizeof url);
    CHECK_EQ((long long)strlen(name), FILENAME_SIZE - 1);
}

TEST(a_url_need_not_end_in_nul)
{
    char name[FILENAME_SIZE];
    filename_make(name, 1, "http://x/abcdef", 10);
    CHECK_STR(name, "000001-x_a");
}
