/* How the steps to a route grow with the number of routes, and of mounted hosts. */
#include "steps.h"

#include "web/app.h"

#include <bide.h>
#include <stdio.h>
#include <stdlib.h>

enum { FEW = 10, MANY = 10000, TIMES = 3 };

static int never(bide_request *req)
{
    (void)req;
    return 0;
}

/* As many of both kinds; paths of the one lead to the table, of the other into the tree. */
static bide_app *app_of(int count)
{
    char path[40];
    bide_app *app = bide_app_new(NULL);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "/item%05d/list", i);
        CHECK_EQ(bide_route(app, "GET", path, never), 0);
        snprintf(path, sizeof path, "/shop%05d/{id}", i);
        CHECK_EQ(bide_route(app, "GET", path, never), 0);
    }
    CHECK_EQ(bide__app_start(app), 0);
    return app;
}

static char paths[TIMES][40];

static void name_paths(const char *format)
{
    for (int i = 0; i < TIMES; i++)
        snprintf(paths[i], sizeof paths[i], format, i);
}

static void find_fixed(void *app)
{
    for (int i = 0; i < TIMES; i++)
        if (!bide__fixed_find(&((bide_app *)app)->fixed, text_from(paths[i])))
            abort();
}

/* Whether there is one or not: it must end. */
static void search(void *app)
{
    static char space[4096];
    for (int i = 0; i < TIMES; i++) {
        struct path segments;
        struct scratch scratch;
        bide__scratch_start(&scratch, space, sizeof space);
        if (bide__path_read(&segments, &scratch, text_from(paths[i])) != 0)
            abort();
        struct search s = { .path = &segments, .method_name = "GET", .method = METHOD_GET };
        bide__tree_find(&s, app, 0);
        bide__scratch_end(&scratch);
    }
}

static void check_growth(void (*find)(void *app), const char *format)
{
    bide_auto(app) small = app_of(FEW);
    bide_auto(app) large = app_of(MANY);
    name_paths(format);
    long few = steps_of(find, small), many = steps_of(find, large);
    CHECK(many <= 2 * few || few < 0);
    bide__app_stopped(small);
    bide__app_stopped(large);
}

TEST(looking_up_one_of_10000_routes_takes_no_more_steps_than_one_of_10)
{
    check_growth(find_fixed, "/item%05d/list");
    check_growth(search, "/shop%05d/7");
}

TEST(that_none_of_10000_routes_fits_takes_no_more_steps_to_find_out_than_of_10)
{
    check_growth(search, "/none%05d/7");
}

/* ---- hosts ---- */

static void find_hosts(void *hosts)
{
    for (int i = 0; i < TIMES; i++)
        if (!bide__mounted_hosts_find(hosts, paths[i]))
            abort();
}

static void fill(struct mounted_hosts *hosts, int count)
{
    static char app;
    char host[40];
    for (int i = 0; i < count; i++) {
        snprintf(host, sizeof host, "shop%05d.example", i);
        CHECK_EQ(bide__mounted_hosts_add(hosts, host, (bide_app *)(void *)&app), 0);
        snprintf(host, sizeof host, "*.shop%05d.example", i);
        CHECK_EQ(bide__mounted_hosts_add(hosts, host, (bide_app *)(void *)&app), 0);
    }
}

TEST(finding_one_of_10000_mounted_hosts_takes_no_more_steps_than_one_of_10)
{
    static const char *const formats[] = { "shop%05d.example:80", "www.shop%05d.example" };
    struct mounted_hosts small = { 0 }, large = { 0 };
    fill(&small, FEW);
    fill(&large, MANY);
    for (int i = 0; i < 2; i++) {
        name_paths(formats[i]);
        long few = steps_of(find_hosts, &small), many = steps_of(find_hosts, &large);
        CHECK(many <= 2 * few || few < 0);
    }
    bide__mounted_hosts_forget(&small);
    bide__mounted_hosts_forget(&large);
}
