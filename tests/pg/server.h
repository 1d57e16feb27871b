/* A real PostgreSQL for one program of tests: in a temporary folder, on a free port of the loopback
 * and a socket in the folder, as another user where we are root.  Started before main() and ended
 * after it, by its pid; where there is none, the program says so and is skipped. */
#ifndef TESTS_PG_SERVER_H
#define TESTS_PG_SERVER_H

#include "db/service.h"

#include <bide/pg.h>
#include <glob.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static struct server {
    char folder[64], bin[128], url[200];
    int port;
    char more[500];             /* further options of the server, for when it is started again */
    pid_t owner;                /* who ends it */
} server;

static inline int server_do(const char *command)
{
    char line[1200];
    const char *as = geteuid() ? "" : "setpriv --reuid=postgres --regid=postgres --clear-groups ";
    snprintf(line, sizeof line, "cd %s && %s%s/%s >>log 2>&1", server.folder, as, server.bin,
             command);
    return system(line);
}

static inline bool server_find(void)
{
    glob_t found;
    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) != 0)
        return false;
    snprintf(server.bin, sizeof server.bin, "%s", found.gl_pathv[found.gl_pathc - 1]);
    *strrchr(server.bin, '/') = '\0';
    globfree(&found);
    return true;
}

/* Waits until it takes connections. */
static inline void server_start(void)
{
    char command[1000];
    snprintf(command, sizeof command,
             "pg_ctl -D %s/data -l %s/server.log -w -o '-p %d -k %s -c listen_addresses=127.0.0.1 "
             "-c fsync=off -c max_connections=40 %s' start", server.folder, server.folder,
             server.port, server.folder, server.more);
    if (server_do(command) != 0)
        fprintf(stderr, "the server did not start: see %s\n", server.folder);
}

/* The postmaster's process. */
static inline pid_t server_pid(void)
{
    char path[100], text[32] = "";
    snprintf(path, sizeof path, "%s/data/postmaster.pid", server.folder);
    FILE *f = fopen(path, "r");
    if (f && !fgets(text, sizeof text, f))
        text[0] = '\0';
    if (f)
        fclose(f);
    return (pid_t)atoi(text);
}

/* "immediate" is a crash. */
static inline void server_stop(const char *mode)
{
    char command[200];
    snprintf(command, sizeof command, "pg_ctl -D %s/data -m %s -w stop", server.folder, mode);
    server_do(command);
}

static inline void server_end(void)
{
    if (getpid() != server.owner)
        return;
    server_stop("immediate");
    service_remove(server.folder);
}

__attribute__((constructor)) static void server_begin(void)
{
    if (!server_find() || (geteuid() == 0 && system("id postgres >/dev/null 2>&1") != 0)) {
        printf("1..0 # SKIP no PostgreSQL server on this machine\n");
        exit(0);
    }
    snprintf(server.folder, sizeof server.folder, "/tmp/bide-pg-XXXXXX");
    if (!service_folder(server.folder))
        exit(1);
    server.owner = getpid();
    atexit(server_end);
    char command[300];
    snprintf(command, sizeof command, "initdb -D %s/data -U tester -A trust --no-sync -E UTF8 "
             "--locale=C.UTF-8", server.folder);
    if (server_do(command) != 0)
        exit(1);
    /* Members of this role, where a test makes it, need a password. */
    snprintf(command, sizeof command, "sed -i '1i host all +asked 127.0.0.1/32 scram-sha-256' "
             "%s/data/pg_hba.conf", server.folder);
    if (system(command) != 0)
        exit(1);
    server.port = service_free_port();
    server_start();
    snprintf(server.url, sizeof server.url, "postgresql://tester@127.0.0.1:%d/postgres",
             server.port);
}

#endif
