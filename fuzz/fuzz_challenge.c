/* Challenges: what is heard of any bytes lies inside of them, and what is said in answer is a
 * header that reads again as a challenge would.  Lines are headers. */
#include "fuzz.h"

#include "http/auth.h"
#include "http/challenge.h"

#include <string.h>

static void check_inside(struct text text, struct text all)
{
    MUST(text.size == 0 || (text.at >= all.at && text.at + text.size <= all.at + all.size));
}

static void check_challenges(struct text all)
{
    struct reader r = reader_of(all);
    struct challenge c;
    const char *before = r.at;
    while (bide__challenge_next(&r, &c) > 0) {
        MUST(r.at > before && r.at <= r.end && c.scheme.size > 0);
        MUST(c.count <= CHALLENGE_PARAMETERS_MAX && !(c.count && c.token68.size));
        check_inside(c.scheme, all);
        check_inside(c.token68, all);
        for (unsigned i = 0; i < c.count; i++) {
            check_inside(c.parameters[i].name, all);
            check_inside(c.parameters[i].value, all);
            MUST(c.parameters[i].name.size > 0);
        }
        before = r.at;
    }
}

static void check_answer(struct auth *a, const struct credentials *c)
{
    static char out[1 << 16];
    struct writer w = { .at = out, .room = sizeof out };
    struct auth_request request = { .method = text_of("GET", 3), .target = text_of("/x", 2),
                                    .body_known = true };
    if (!bide__auth_write(a, c, &request, &w) || w.code < 0)
        return;
    MUST(bide__chars_skip_field(out, out + w.size) == out + w.size);
    struct reader r = reader_of(text_of(out, w.size));
    struct challenge said;
    MUST(bide__challenge_next(&r, &said) == 1 && bide__challenge_next(&r, &said) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct credentials users[] = { { .user = "a\"\\b", .password = "c" },
                                                { .user = "\xc3\xa4:", .password = "c" },
                                                { .bearer = "abc=" } };
    const char *at = (const char *)data, *end = at + size;
    for (size_t i = 0; i < sizeof users / sizeof *users && size > 0; i++) {
        struct auth a;
        bide__auth_start(&a, AUTH_NONE);
        bide__auth_begin(&a);
        for (const char *line = at; line < end;) {
            const char *stop = memchr(line, '\n', (size_t)(end - line));
            stop = stop ? stop : end;
            struct text header = text_of(line, (size_t)(stop - line));
            check_challenges(header);
            bide__auth_hear(&a, &users[i], header);
            bide__auth_info(&a, header);
            line = stop + (stop < end);
        }
        if (bide__auth_decide(&a, 0))
            check_answer(&a, &users[i]);
        bide__auth_info(&a, text_of(at, size));
        check_answer(&a, &users[i]);
        bide__auth_end(&a);
    }
    return 0;
}
