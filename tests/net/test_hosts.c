/* tests/net/test_hosts.c -- the system's files: /etc/hosts and nsswitch.conf. */
#include "net/both.h"

#include "base/memory.h"
#include "net/hosts.h"

#include <bide/resolve.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect(struct hosts_file *h, const char *name, int family, const char *texts)
{
    struct bide_addresses found;
    char all[512] = "", text[BIDE_ADDRESS_TEXT];
    int count = bide__hosts_file_find(h, name, family, &found);
    CHECK_EQ(count, found.count);
    for (int i = 0; i < found.count; i++) {
        strcat(all, i ? " " : "");
        strcat(all, bide_address_text(&found.list[i], text));
    }
    CHECK_STR(all, texts);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    CHECK(f);
    CHECK(fputs(text, f) >= 0);
    CHECK_EQ(fclose(f), 0);
}

static char path[] = "/tmp/bide-hosts-XXXXXX";
static void make_file(const char *text)
{
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
    write_file(path, text);
}

TEST(names_have_the_addresses_of_their_lines)
{
    struct hosts_file h = { .path = NULL };
    make_file("# a comment\n"
              "127.0.0.1\tone.example one  # and more\r\n"
              "\n"
              "not.a.number one\n"
              "  ::1 one.example SIX.Example\n"
              "127.0.0.2 one.example\n"
              "127.0.0.3\n"
              "127.0.0.4 last.example");
    CHECK_EQ(bide__hosts_file_open(&h, path), 0);
    expect(&h, "one.example", AF_UNSPEC, "127.0.0.1:0 [::1]:0 127.0.0.2:0");
    expect(&h, "one.example", AF_INET, "127.0.0.1:0 127.0.0.2:0");
    expect(&h, "one.example", AF_INET6, "[::1]:0");
    expect(&h, "one", AF_UNSPEC, "127.0.0.1:0");
    expect(&h, "six.example", AF_UNSPEC, "[::1]:0");
    expect(&h, "six.example", AF_INET, "");
    expect(&h, "last.example", AF_UNSPEC, "127.0.0.4:0");
    expect(&h, "and", AF_UNSPEC, "");
    expect(&h, "", AF_UNSPEC, "");
    bide__hosts_file_close(&h);
    unlink(path);
}

TEST(a_file_that_was_written_is_read_again)
{
    struct hosts_file h = { .path = NULL };
    make_file("127.0.0.1 a.example\n");
    CHECK_EQ(bide__hosts_file_open(&h, path), 0);
    expect(&h, "a.example", AF_UNSPEC, "127.0.0.1:0");
    write_file(path, "127.0.0.2 a.example\n");  /* the same size, perhaps the same moment */
    expect(&h, "a.example", AF_UNSPEC, "127.0.0.2:0");
    struct timespec old[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
    CHECK_EQ(utimensat(AT_FDCWD, path, old, 0), 0);
    expect(&h, "a.example", AF_UNSPEC, "127.0.0.2:0");
    const char *text = h.text;
    expect(&h, "a.example", AF_UNSPEC, "127.0.0.2:0");
    CHECK_PTR(h.text, text);            /* not read again */
    old[1].tv_nsec = 4000000;
    write_file(path, "127.0.0.3 a.example\n");
    CHECK_EQ(utimensat(AT_FDCWD, path, old, 0), 0);
    expect(&h, "a.example", AF_UNSPEC, "127.0.0.3:0");
    unlink(path);
    expect(&h, "a.example", AF_UNSPEC, "");
    write_file(path, "127.0.0.3 a.example\n");
    expect(&h, "a.example", AF_UNSPEC, "127.0.0.3:0");
    bide__hosts_file_close(&h);
    unlink(path);
}

TEST(what_is_no_plain_file_is_passed_over)
{
    struct hosts_file h = { .path = NULL };
    CHECK_EQ(bide__hosts_file_open(&h, "/proc/self/fd"), 0);
    expect(&h, "a.example", AF_UNSPEC, "");
    bide__hosts_file_close(&h);
    CHECK_EQ(bide__hosts_file_open(&h, ""), 0);
    expect(&h, "a.example", AF_UNSPEC, "");
    bide__hosts_file_close(&h);
}

TEST(a_hundred_thousand_names_are_no_burden)
{
    struct hosts_file h = { .path = NULL };
    struct bide_addresses found;
    size_t size = 0, room = 100000 * 32;
    char *text = bide__alloc(room), name[32];
    for (int i = 0; i < 100000; i++)
        size += (size_t)snprintf(text + size, room - size, "0.0.0.0 ad%d.example\n", i * 7919);
    bide__hosts_file_parse(&h, text);
    CHECK_EQ(h.count, 100000);
    h.path = bide__copy_text("/nonexistent", 12);
    for (int i = 0; i < 100000; i += 77) {
        snprintf(name, sizeof name, "ad%d.example", i * 7919);
        CHECK_EQ(bide__hosts_file_find(&h, name, AF_UNSPEC, &found), 1);
    }
    bide__hosts_file_close(&h);
}

NET_TEST(a_name_of_the_file_is_known_at_once)
{
    struct bide_addresses found;
    make_file("127.0.0.9 here.example\n");
    CHECK_EQ(bide_resolver_set(NULL, .hosts = path), 0);
    double start = bide_now();
    CHECK_EQ(bide_resolve("Here.example", &found, .port = 7), 0);
    CHECK_EQ(found.count, 1);
    CHECK_EQ(found.list[0].is.v4.sin_port, htons(7));
    write_file(path, "127.0.0.9 here.example\n::1 here.example\n");
    CHECK_EQ(bide_resolve("here.example", &found), 0);
    CHECK_EQ(found.count, 2);
    CHECK_NEAR(bide_now(), start, 1e-6);
    unlink(path);
}

TEST(nsswitch_conf_says_whether_the_system_must_be_asked)
{
    static const struct { const char *text; enum nameservice_kind kind; } cases[] = {
        { "", NAMESERVICE_PLAIN },
        { "passwd: files ldap\n", NAMESERVICE_PLAIN },
        { "passwd: ldap\nhosts: files dns\ngroup: ldap", NAMESERVICE_PLAIN },
        { "hosts:\tfiles resolve [!UNAVAIL=return] dns myhostname\n", NAMESERVICE_PLAIN },
        { "hosts: files mdns4_minimal [NOTFOUND=return] dns", NAMESERVICE_MDNS },
        { "# hosts: ldap\n hosts: files dns # ldap", NAMESERVICE_PLAIN },
        { "hosts: files ldap dns mdns\n", NAMESERVICE_OTHER },
        { "hosts: files mymachines", NAMESERVICE_OTHER },
        { "hosts: files [unfinished\npasswd: x", NAMESERVICE_PLAIN },
        { "hosts:", NAMESERVICE_PLAIN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (bide__nameservice_read(cases[i].text) != cases[i].kind)
            test_fail(__FILE__, __LINE__, "%s", cases[i].text);
}
