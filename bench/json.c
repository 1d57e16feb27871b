/* JSON: four documents parsed to what can be read, and written again.
 *
 * A list of records (9 MB), the reply of an API (700 bytes), long texts (4 MB) and numbers (4
 * MB), made of one sequence of random numbers; bench/peers/json_python.py makes the same ones.
 * Figures are megabytes of text per second of processor time. */
#include <bide.h>

#include "meter.h"

static uint64_t state = 1;

/* Below `below`; the high bits are the good ones. */
static unsigned draw(unsigned below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((state >> 33) % below);
}

static const char *word(void)
{
    static const char *const words[] = { "alpha", "beta", "gamma", "delta", "epsilon", "zeta",
                                         "eta", "th\xc3\xa9ta" };
    return words[draw(8)];
}

static void add_record(bide_json *list, int id)
{
    char text[100];
    bide_json *record = bide_json_object(list, NULL);
    bide_json_set(record, "id", bide_value(id));
    bide_json_set(record, "active", bide_value((bool)(draw(2) == 1)));
    bide_json_set(record, "balance", bide_value(draw(500000) / 100.0));
    snprintf(text, sizeof text, "%s.%d@example.com", word(), id);
    bide_json_set(record, "mail", bide_value(text));
    bide_json *address = bide_json_object(record, "address");
    snprintf(text, sizeof text, "%u %s street", draw(999), word());
    bide_json_set(address, "street", bide_value(text));
    bide_json_set(address, "city", bide_value(word()));
    bide_json *tags = bide_json_array(record, "tags");
    for (int i = 0; i < 4; i++)
        bide_json_add(tags, bide_value(word()));
    bide_json_set(record, "score", bide_value(draw(1000000000) / 1e7));
    bide_json_set(record, "parent", draw(3) ? BIDE_NULL : bide_value(id / 3));
}

static bide_json *make_records(int count)
{
    bide_json *list = bide_json_new_array();
    for (int i = 0; i < count; i++)
        add_record(list, i);
    return list;
}

static bide_json *make_texts(int count)
{
    static char text[1000];
    bide_json *list = bide_json_new_array();
    for (int i = 0; i < count; i++) {
        int size = 0;
        for (int n = 0; n < 60; n++)
            size += snprintf(text + size, sizeof text - (size_t)size, "%s%s", word(),
                             draw(50) ? " " : ".\n\"");
        bide_json_add(list, bide_value(text));
    }
    return list;
}

static bide_json *make_numbers(int count)
{
    bide_json *list = bide_json_new_array();
    for (int i = 0; i < count; i++) {
        bide_json_add(list, bide_value((int)draw(2000000) - 1000000));
        bide_json_add(list, bide_value(draw(100000) / 1000.0));
        bide_json_add(list, bide_value(draw(2147483647) / 2147483647.0));
    }
    return list;
}

static int measure(const char *name, const char *what, const char *text, size_t size,
                   const bide_json *j)
{
    char label[60];
    int turns = size > 100000 ? 20 : 50000, bad = 0;
    int64_t best = INT64_MAX;
    for (int round = 0; round < 3; round++) {
        int64_t start = meter_cpu_ns();
        for (int i = 0; i < turns; i++) {
            char *written = j ? bide_json_write(j, NULL) : NULL;
            bide_json *parsed = j ? NULL : bide_json_parse(text, size);
            bad += !written && !parsed;
            bide_json_text_free(written);
            bide_json_free(parsed);
        }
        int64_t took = meter_cpu_ns() - start;
        best = took < best ? took : best;
    }
    snprintf(label, sizeof label, "json_%s%s", what, name);
    meter_print(label, (double)size * turns * 1e3 / (double)best, "MB/s");
    return bad;
}

static int measure_both(const char *name, bide_json *made)
{
    size_t size;
    char *text = bide_json_write(made, &size);
    bide_json *parsed = bide_json_parse(text, size);
    int bad = measure(name, "parse", text, size, NULL) + measure(name, "write", text, size, parsed);
    bide_json_free(parsed);
    bide_json_text_free(text);
    bide_json_free(made);
    return bad;
}

int main(void)
{
    int bad = measure_both("", make_records(45000));
    bad += measure_both("_small", make_records(3));
    bad += measure_both("_texts", make_texts(12000));
    bad += measure_both("_numbers", make_numbers(100000));
    return bad > 0;
}
