/* Finding values by path, and reading them as what the caller wants. */
#include "json/built.h"
#include "json/number.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* A step of a path, as written. */
struct step { const char *at, *end; bool escaped; };

static struct step read_step(const char *path)
{
    struct step step = { path, path, false };
    while (*step.end && *step.end != '.') {
        if (*step.end == '\\' && step.end[1]) {
            step.escaped = true;
            step.end++;
        }
        step.end++;
    }
    return step;
}

static bool step_is(const struct step *step, const char *name, size_t size)
{
    if (!step->escaped)
        return (size_t)(step->end - step->at) == size && memcmp(step->at, name, size) == 0;
    const char *at = step->at, *end = name + size;
    for (; at < step->end && name < end; at++, name++) {
        if (*at == '\\' && at + 1 < step->end)
            at++;
        if (*at != *name)
            return false;
    }
    return at == step->end && name == end;
}

/* The last member of that name. */
static const bide_json *find_member(const bide_json *object, const struct step *step)
{
    const bide_json *found = NULL;
    for (const bide_json *item = node_first(object); item; item = node_next(object, item)) {
        size_t size = 0;
        const char *name = node_name(item, &size);
        if (step_is(step, name, size))
            found = item;
    }
    return found;
}

/* Is it a number, and which? */
static bool read_index(const struct step *step, size_t *index)
{
    *index = 0;
    if (step->at == step->end)
        return false;
    for (const char *at = step->at; at < step->end; at++) {
        if (*at < '0' || *at > '9' || *index > SIZE_MAX / 10 - 1)
            return false;
        *index = *index * 10 + (size_t)(*at - '0');
    }
    return true;
}

static const bide_json *find_item(const bide_json *array, size_t index)
{
    if (index >= node_size(array))
        return NULL;
    const bide_json *item = node_first(array);
    while (index-- > 0)
        item = node_next(array, item);
    return item;
}

static const char *kind_name(const bide_json *j)
{
    static const char *const names[] = {
        [NODE_NULL] = "null", [NODE_FALSE] = "a bool", [NODE_TRUE] = "a bool",
        [NODE_INT] = "an integer", [NODE_UINT] = "an integer", [NODE_REAL] = "a real",
        [NODE_BIG] = "a number", [NODE_TEXT] = "a text", [NODE_ARRAY] = "an array",
        [NODE_OBJECT] = "an object",
    };
    return names[node_kind(j)];
}

/* Where the step leads; NULL: nowhere, and, if tell, a sentence says why. */
static const bide_json *follow(const bide_json *j, const char *path, const struct step *step,
                               bool tell)
{
    const bide_json *found = NULL;
    size_t index;
    int until = (int)(step->end - path < 150 ? step->end - path : 150);
    int before = (int)(step->at - path < 150 ? step->at - path : 150);
    if (node_kind(j) == NODE_OBJECT) {
        found = find_member(j, step);
        if (!found && tell)
            bide_fail(BIDE_EINVAL, "%.*s: there is no such member", until, path);
    } else if (node_kind(j) != NODE_ARRAY) {
        if (tell && before > 0)
            bide_fail(BIDE_EINVAL, "%.*s: %s, with nothing in it", before - 1, path, kind_name(j));
        else if (tell)
            bide_fail(BIDE_EINVAL, "%.*s: %s has no members", until, path, kind_name(j));
    } else if (!read_index(step, &index)) {
        if (tell)
            bide_fail(BIDE_EINVAL, "%.*s: an array's items have numbers", until, path);
    } else {
        found = find_item(j, index);
        if (!found && tell)
            bide_fail(BIDE_EINVAL, "%.*s: there are %zu items", until, path, node_size(j));
    }
    return found;
}

static const bide_json *find(const bide_json *j, const char *path, bool tell)
{
    if (!path || !*path)
        return j;
    for (const char *at = path; j;) {
        struct step step = read_step(at);
        j = follow(j, path, &step, tell);
        if (!*step.end)
            break;
        at = step.end + 1;
    }
    return j;
}

const bide_json *bide_json_at(const bide_json *j, const char *path)
{
    return find(j, path, true);
}

bool bide_json_has(const bide_json *j, const char *path)
{
    j = find(j, path, false);
    return j && node_kind(j) != NODE_NULL;
}

enum bide_json_type bide_json_type(const bide_json *j)
{
    static const uint8_t types[] = {
        [NODE_NULL] = BIDE_JSON_NULL, [NODE_FALSE] = BIDE_JSON_BOOL, [NODE_TRUE] = BIDE_JSON_BOOL,
        [NODE_INT] = BIDE_JSON_INTEGER, [NODE_UINT] = BIDE_JSON_INTEGER,
        [NODE_REAL] = BIDE_JSON_REAL, [NODE_BIG] = BIDE_JSON_REAL, [NODE_TEXT] = BIDE_JSON_TEXT,
        [NODE_ARRAY] = BIDE_JSON_ARRAY, [NODE_OBJECT] = BIDE_JSON_OBJECT,
    };
    if (!j)
        return BIDE_JSON_NONE;
    return j->tag & NODE_WHOLE ? BIDE_JSON_INTEGER : (enum bide_json_type)types[node_kind(j)];
}

size_t bide_json_count(const bide_json *j)
{
    return j && node_is_container(j) ? node_size(j) : 0;
}

const bide_json *bide_json_next(const bide_json *j, const bide_json *item)
{
    if (!j)
        return NULL;
    return item ? node_next(j, item) : node_first(j);
}

const char *bide_json_name(const bide_json *member)
{
    size_t size;
    return member ? node_name(member, &size) : NULL;
}

/* ---- as a type ---- */

static int refuse(const char *path, const bide_json *j, const char *wanted)
{
    if (path && *path)
        return bide_fail(BIDE_EINVAL, "%.150s: %s, not %s", path, kind_name(j), wanted);
    return bide_fail(BIDE_EINVAL, "%s, not %s", kind_name(j), wanted);
}

static int too_large(const char *path)
{
    if (path && *path)
        return bide_fail(BIDE_ELIMIT, "%.150s: does not fit", path);
    return bide_fail(BIDE_ELIMIT, "the number does not fit");
}

static int get_text(const bide_json *j, const char *path, const char **to)
{
    if (node_kind(j) != NODE_TEXT)
        return refuse(path, j, "a text");
    if (memchr(j->as.text, '\0', node_size(j)))
        return refuse(path, j, "one without a NUL in it");
    *to = j->as.text;
    return 0;
}

static int get_bool(const bide_json *j, const char *path, bool *to)
{
    if (node_kind(j) != NODE_TRUE && node_kind(j) != NODE_FALSE)
        return refuse(path, j, "a bool");
    *to = node_kind(j) == NODE_TRUE;
    return 0;
}

static int get_real(const bide_json *j, const char *path, double *to)
{
    switch (node_kind(j)) {
    case NODE_INT:
        *to = (double)j->as.i;
        return 0;
    case NODE_UINT:
        *to = (double)j->as.u;
        return 0;
    case NODE_REAL:
        *to = j->as.d;
        return 0;
    case NODE_BIG:
        *to = bide__real_read(j->as.text, j->as.text + node_size(j));
        return isinf(*to) ? too_large(path) : 0;
    default:
        return refuse(path, j, "a number");
    }
}

static int get_int(const bide_json *j, const char *path, int64_t min, int64_t max, int64_t *to)
{
    if (node_kind(j) == NODE_UINT || (j->tag & NODE_WHOLE))
        return too_large(path);
    if (node_kind(j) != NODE_INT)
        return refuse(path, j, "an integer");
    if (j->as.i < min || j->as.i > max)
        return too_large(path);
    *to = j->as.i;
    return 0;
}

static int get_uint(const bide_json *j, const char *path, uint64_t max, uint64_t *to)
{
    int64_t small = 0;
    if (node_kind(j) != NODE_UINT) {
        int rc = get_int(j, path, 0, INT64_MAX, &small);
        if (rc < 0)
            return rc;
    }
    uint64_t value = node_kind(j) == NODE_UINT ? j->as.u : (uint64_t)small;
    if (value > max)
        return too_large(path);
    *to = value;
    return 0;
}

static int get_number(const bide_json *j, const char *path, enum bide_json_wanted_ wanted, void *to)
{
    int64_t i;
    uint64_t u;
    double d;
    int rc;
    switch (wanted) {
    case BIDE_JSON_WANT_INT_:
        rc = get_int(j, path, INT_MIN, INT_MAX, &i);
        return rc < 0 ? rc : (*(int *)to = (int)i, 0);
    case BIDE_JSON_WANT_LONG_:
        rc = get_int(j, path, INT64_MIN, INT64_MAX, &i);
        return rc < 0 ? rc : (memcpy(to, &i, sizeof i), 0);
    case BIDE_JSON_WANT_UINT_:
        rc = get_uint(j, path, UINT_MAX, &u);
        return rc < 0 ? rc : (*(unsigned *)to = (unsigned)u, 0);
    case BIDE_JSON_WANT_ULONG_:
        rc = get_uint(j, path, UINT64_MAX, &u);
        return rc < 0 ? rc : (memcpy(to, &u, sizeof u), 0);
    default:
        rc = get_real(j, path, &d);
        if (rc < 0)
            return rc;
        if (wanted != BIDE_JSON_WANT_FLOAT_)
            return *(double *)to = d, 0;
        return isinf((float)d) ? too_large(path) : (*(float *)to = (float)d, 0);
    }
}

int bide_json_get_(const bide_json *j, const char *path, enum bide_json_wanted_ wanted, void *to)
{
    j = find(j, path, true);
    if (!j)
        return bide_errcode();
    switch (wanted) {
    case BIDE_JSON_WANT_TEXT_:
        return get_text(j, path, to);
    case BIDE_JSON_WANT_BOOL_:
        return get_bool(j, path, to);
    case BIDE_JSON_WANT_JSON_:
        *(const bide_json **)to = j;
        return 0;
    default:
        return get_number(j, path, wanted, to);
    }
}

/* What may be missing. */
static const bide_json *find_optional(const bide_json *j, const char *path)
{
    j = find(j, path, false);
    return j && node_kind(j) != NODE_NULL ? j : NULL;
}

const char *bide_json_text(const bide_json *j, const char *path, const char *otherwise)
{
    j = find_optional(j, path);
    if (j)
        bide_ignore(get_text(j, path, &otherwise));
    return otherwise;
}

int64_t bide_json_int(const bide_json *j, const char *path, int64_t otherwise)
{
    j = find_optional(j, path);
    if (j)
        bide_ignore(get_int(j, path, INT64_MIN, INT64_MAX, &otherwise));
    return otherwise;
}

double bide_json_real(const bide_json *j, const char *path, double otherwise)
{
    double real;
    j = find_optional(j, path);
    return j && get_real(j, path, &real) == 0 ? real : otherwise;
}

bool bide_json_bool(const bide_json *j, const char *path, bool otherwise)
{
    j = find_optional(j, path);
    if (j)
        bide_ignore(get_bool(j, path, &otherwise));
    return otherwise;
}

const char *bide_json_sized(const bide_json *j, size_t *size)
{
    *size = 0;
    if (!j)
        return NULL;
    if (node_kind(j) != NODE_TEXT) {
        refuse(NULL, j, "a text");
        return NULL;
    }
    *size = node_size(j);
    return j->as.text;
}

const char *bide_json_digits(const bide_json *j)
{
    return j && node_kind(j) == NODE_BIG ? j->as.text : NULL;
}
