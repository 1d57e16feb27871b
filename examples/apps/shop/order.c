#include "order.h"

#include "problem.h"

#include <stdlib.h>

static int by_item(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    return (x->item > y->item) - (x->item < y->item);
}

static void read_line(struct line *line, const bide_json *asked, bide_json *errors)
{
    if (bide_json_get(asked, "item", &line->item) < 0)
        problem_add(errors, "lines", bide_errmsg());
    if (bide_json_get(asked, "count", &line->count) < 0)
        problem_add(errors, "lines", bide_errmsg());
    else if (line->count < 1 || line->count > LINE_COUNT_MAX)
        problem_add(errors, "lines", "count: 1 to 1000");
}

void order_read(struct order *order, const bide_json *asked, bide_json *errors)
{
    const bide_json *lines = bide_json_at(asked, "lines");
    *order = (struct order){ .count = bide_json_count(lines) };
    if (bide_json_type(lines) != BIDE_JSON_ARRAY || !order->count || order->count > LINES_MAX) {
        problem_add(errors, "lines", "a list of 1 to 50 lines");
        return;
    }
    struct line *line = order->lines;
    for (const bide_json *each = NULL; (each = bide_json_next(lines, each)); line++)
        read_line(line, each, errors);
    qsort(order->lines, order->count, sizeof *order->lines, by_item);
    for (size_t i = 1; i < order->count; i++)
        if (order->lines[i].item == order->lines[i - 1].item)
            problem_add(errors, "lines", "an item stands there twice");
}

void order_add(struct order *order, int64_t item, int64_t count, int64_t price)
{
    if (order->count == LINES_MAX)
        return;
    order->lines[order->count++] = (struct line){ item, count, price };
    order->total += count * price;
}

void order_describe(bide_json *told, const struct order *order)
{
    bide_json_set(told, "id", bide_value(order->id));
    bide_json_set(told, "total", bide_value(order->total));
    bide_json *lines = bide_json_array(told, "lines");
    for (size_t i = 0; i < order->count; i++) {
        bide_json *line = bide_json_object(lines, NULL);
        bide_json_set(line, "item", bide_value(order->lines[i].item));
        bide_json_set(line, "count", bide_value(order->lines[i].count));
        bide_json_set(line, "price", bide_value(order->lines[i].price));
    }
}
