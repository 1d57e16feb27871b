/* What If-Range may be asked with: only what is strong. */
#include "test.h"

#include "http/if_range.h"

TEST(only_what_is_strong_proves_anything)
{
    const char *old = "Sun, 06 Nov 1994 08:49:37 GMT", *now = "Sun, 06 Nov 1994 08:51:37 GMT";
    const char *soon = "Sun, 06 Nov 1994 08:50:36 GMT", *then = "Sun, 06 Nov 1994 08:50:37 GMT";
    CHECK_STR(bide__if_range_of("\"x\"", NULL, NULL), "\"x\"");
    CHECK_STR(bide__if_range_of("\"\"", old, now), "\"\"");
    CHECK_STR(bide__if_range_of("W/\"x\"", old, now), NULL);
    CHECK_STR(bide__if_range_of("x", NULL, NULL), NULL);
    CHECK_STR(bide__if_range_of("\"x", NULL, NULL), NULL);
    CHECK_STR(bide__if_range_of("\"", NULL, NULL), NULL);
    CHECK_STR(bide__if_range_of("\"a\"b\"", NULL, NULL), NULL);
    CHECK_STR(bide__if_range_of(NULL, old, now), old);
    CHECK_STR(bide__if_range_of(NULL, old, then), old);
    CHECK_STR(bide__if_range_of(NULL, old, soon), NULL);
    CHECK_STR(bide__if_range_of(NULL, now, old), NULL);
    CHECK_STR(bide__if_range_of(NULL, old, NULL), NULL);
    CHECK_STR(bide__if_range_of(NULL, NULL, now), NULL);
    CHECK_STR(bide__if_range_of(NULL, "yesterday", now), NULL);
}
