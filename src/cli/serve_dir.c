/* cli/serve_dir.c -- `bide serve DIRECTORY`: an application of nothing but files. */
#include "cli/serve.h"

bide_app *serve_directory_app(const struct serve_options *options)
{
    bide_auto(app) app = bide_app_new(NULL);
    int rc = bide_route_static(app, "/", options->directory, .name = "files",
                               .index = options->index ? options->index : "index.html",
                               .listing = !options->no_listing, .hidden = options->hidden,
                               .follow_links = options->follow_links, .precompressed = true,
                               .max_age = options->max_age);
    return rc < 0 ? NULL : bide_steal(app);
}
