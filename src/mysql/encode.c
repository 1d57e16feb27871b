#include "mysql/encode.h"

#include "base/memory.h"
#include "db/convert.h"
#include "mysql/moment.h"

#include <bide/error.h>

#include <math.h>

/* What is no text lies here. */
union cell { int64_t i; uint64_t u; double d; signed char truth; MYSQL_TIME moment; };

static void bind(MYSQL_BIND *b, enum enum_field_types type, const void *place, size_t size)
{
    b->buffer_type = type;
    b->buffer = (void *)(uintptr_t)place;
    b->buffer_length = b->length_value = size;
    b->length = &b->length_value;
}

static int bind_real(MYSQL_BIND *b, union cell *cell, double d)
{
    if (!isfinite(d))
        return bide_fail(BIDE_EINVAL, "is %g, which MariaDB does not know", d);
    cell->d = d;
    bind(b, MYSQL_TYPE_DOUBLE, &cell->d, sizeof cell->d);
    return 0;
}

static int bind_moment(MYSQL_BIND *b, union cell *cell, const struct bide_value *v)
{
    bool date = v->type == BIDE_VALUE_DATE;
    bool good = date ? bide__mysql_from_date(v->as.i, &cell->moment)
                     : bide__mysql_from_time(v->as.i, &cell->moment);
    if (!good)
        return bide_fail(BIDE_EINVAL, "is %s beyond the years 0 to 9999", bide__db_what(v));
    bind(b, date ? MYSQL_TYPE_DATE : MYSQL_TYPE_DATETIME, &cell->moment, sizeof cell->moment);
    return 0;
}

static int bind_value(MYSQL_BIND *b, union cell *cell, const struct bide_value *v)
{
    *b = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_NULL };
    switch (v->type) {
    case BIDE_VALUE_NULL:
        return 0;
    case BIDE_VALUE_BOOL:
        cell->truth = v->as.i != 0;
        bind(b, MYSQL_TYPE_TINY, &cell->truth, sizeof cell->truth);
        return 0;
    case BIDE_VALUE_INT:
    case BIDE_VALUE_UINT:
        cell->u = v->as.u;
        b->is_unsigned = v->type == BIDE_VALUE_UINT;
        bind(b, MYSQL_TYPE_LONGLONG, &cell->u, sizeof cell->u);
        return 0;
    case BIDE_VALUE_REAL:
        return bind_real(b, cell, v->as.d);
    case BIDE_VALUE_TEXT:
        bind(b, MYSQL_TYPE_STRING, v->as.s, v->size);
        return 0;
    case BIDE_VALUE_NUMERIC:
        bind(b, MYSQL_TYPE_NEWDECIMAL, v->as.s, v->size);
        return 0;
    case BIDE_VALUE_BYTES:
        bind(b, MYSQL_TYPE_BLOB, v->as.s, v->size);
        return 0;
    case BIDE_VALUE_TIME:
    case BIDE_VALUE_DATE:
        return bind_moment(b, cell, v);
    default:
        return bide_fail(BIDE_EINVAL, "is %s, which MariaDB does not know", bide__db_what(v));
    }
}

int bide__mysql_encode(struct mysql_parameters *p, const struct bide_value *values, size_t count)
{
    p->binds = bide__alloc(count * sizeof *p->binds + 1);
    p->memory = bide__alloc(count * sizeof(union cell) + 1);
    int rc = p->binds && p->memory ? 0 : bide_fail(BIDE_ENOMEM, "mysql: out of memory");
    union cell *cells = p->memory;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = bind_value(&p->binds[i], &cells[i], &values[i]);
        if (rc < 0)
            bide_within("value %zu", i + 1);
    }
    if (rc < 0) {
        BIDE_KEEP_ERROR(why);
        bide__mysql_parameters_free(p);
    }
    return rc;
}

void bide__mysql_parameters_free(struct mysql_parameters *p)
{
    bide__free(p->binds);
    bide__free(p->memory);
}
