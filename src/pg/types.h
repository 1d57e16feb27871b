/* The numbers of PostgreSQL's built-in types, which are the same everywhere. */
#ifndef PG_TYPES_H
#define PG_TYPES_H

enum pg_type {
    PG_BOOL = 16, PG_BYTEA = 17, PG_CHAR = 18, PG_NAME = 19, PG_INT8 = 20, PG_INT2 = 21,
    PG_INT4 = 23, PG_TEXT = 25, PG_OID = 26, PG_JSON = 114, PG_FLOAT4 = 700, PG_FLOAT8 = 701,
    PG_BPCHAR = 1042, PG_VARCHAR = 1043, PG_DATE = 1082, PG_TIMESTAMP = 1114,
    PG_TIMESTAMPTZ = 1184, PG_NUMERIC = 1700, PG_UUID = 2950, PG_VOID = 2278, PG_JSONB = 3802,
};

#endif
