/* listing.h -- the routes of all items at once, streamed. */
#ifndef LISTING_H
#define LISTING_H
#include <bide.h>

void listing_join(bide_app *app);

#endif
