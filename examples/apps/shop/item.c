#include "item.h"

#include "problem.h"

#include <stdio.h>
#include <string.h>

void item_describe(bide_json *told, bide_rows *row)
{
    bide_json_set(told, "id", bide_rows_value(row, "id"));
    bide_json_set(told, "name", bide_rows_value(row, "name"));
    bide_json_set(told, "price", bide_rows_value(row, "price"));
    bide_json_set(told, "stock", bide_rows_value(row, "stock"));
    bide_json_set(told, "version", bide_rows_value(row, "version"));
}

static void read_name(struct item *item, const bide_json *asked, bide_json *errors)
{
    if (bide_json_get(asked, "name", &item->name) < 0)
        problem_add(errors, "name", bide_errmsg());
    else if (!*item->name || strlen(item->name) > ITEM_NAME_MAX)
        problem_add(errors, "name", "1 to 200 bytes");
}

static int64_t read_number(const bide_json *asked, const char *field, int64_t most,
                           bide_json *errors)
{
    int64_t number = 0;
    char why[60];
    if (bide_json_get(asked, field, &number) < 0) {
        problem_add(errors, field, bide_errmsg());
    } else if (number < 0 || number > most) {
        snprintf(why, sizeof why, "0 to %lld", (long long)most);
        problem_add(errors, field, why);
    }
    return number;
}

void item_read(struct item *item, const bide_json *asked, bide_json *errors)
{
    read_name(item, asked, errors);
    item->price = read_number(asked, "price", ITEM_PRICE_MAX, errors);
    item->stock = read_number(asked, "stock", ITEM_STOCK_MAX, errors);
}
