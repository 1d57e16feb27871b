/* A real MariaDB for one program of tests: in a temporary folder, on a free port of the loopback
 * and a socket in the folder, as another user where we are root.  Started before main() and ended
 * after it, by its pid; where there is none, the program says so and is skipped. */
#ifndef TESTS_MYSQL_SERVER_H
#define TESTS_MYSQL_SERVER_H

#include "db/service.h"

#include <bide/mysql.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct server {
    char folder[64], url[200];
    const char *options;        /* more of them, for the next start */
    int port;
    pid_t owner;                /* who ends it */
} server;

static inline bool server_can(const char *program)
{
    char line[120];
    snprintf(line, sizeof line, "PATH=$PATH:/usr/sbin command -v %s >/dev/null", program);
    return system(line) == 0;
}

static inline void server_run(void)
{
    char line[1400];
    snprintf(line, sizeof line, "cd %s && exec %s$(PATH=$PATH:/usr/sbin command -v mariadbd) "
             "--no-defaults --datadir=%s/data --socket=%s/socket --port=%d "
             "--bind-address=127.0.0.1 --pid-file=%s/pid --log-error=%s/log --skip-name-resolve "
             "--innodb-flush-log-at-trx-commit=2 --innodb-buffer-pool-size=32M "
             "--max-connections=40 --character-set-server=utf8mb4 %s >>log.out 2>&1", server.folder,
             geteuid() ? "" : "setpriv --reuid=mysql --regid=mysql --clear-groups ", server.folder,
             server.folder, server.port, server.folder, server.folder,
             server.options ? server.options : "");
    setsid();                   /* it outlives the test that starts it anew */
    execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(127);
}

/* Whoever has started it: a test is a process of its own. */
static inline pid_t server_pid(void)
{
    char path[100];
    int pid = 0;
    snprintf(path, sizeof path, "%s/pid", server.folder);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%d", &pid) != 1)
        pid = 0;
    if (file)
        fclose(file);
    return pid;
}

/* Waits until it takes connections. */
static inline void server_start(void)
{
    pid_t pid = fork();
    if (pid == 0)
        server_run();
    for (int i = 0; i < 1200 && !(service_answers(server.port) && server_pid()); i++) {
        if (waitpid(pid, NULL, WNOHANG) == pid) {
            fprintf(stderr, "the server did not start: see %s\n", server.folder);
            return;
        }
        nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
    }
}

/* One that nobody has waited for has no command any more. */
static inline bool server_lives(pid_t pid)
{
    char path[60];
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    FILE *file = fopen(path, "r");
    bool lives = file && fgetc(file) != EOF;
    if (file)
        fclose(file);
    return lives;
}

/* SIGKILL is a crash. */
static inline void server_stop(int signal)
{
    pid_t pid = server_pid();
    if (pid <= 0 || !server_lives(pid))
        return;
    kill(pid, signal);
    for (int i = 0; i < 1200 && (server_lives(pid) || service_answers(server.port)); i++)
        nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
    waitpid(pid, NULL, WNOHANG);
    char path[100];
    snprintf(path, sizeof path, "%s/pid", server.folder);
    unlink(path);               /* a crash leaves it */
}

static inline void server_end(void)
{
    if (getpid() != server.owner)
        return;
    server_stop(SIGKILL);
    service_remove(server.folder);
}

/* A folder of the data is a database. */
static inline int server_install(void)
{
    char line[600];
    bool root = geteuid() == 0;
    snprintf(line, sizeof line, "cd %s && mkdir data && %s mariadb-install-db --no-defaults "
             "--auth-root-authentication-method=normal --skip-test-db --datadir=%s/data %s "
             "--innodb-log-file-size=8M >>log.out 2>&1 && mkdir data/bide %s", server.folder,
             root ? "chown mysql data &&" : "", server.folder, root ? "--user=mysql" : "",
             root ? "&& chown mysql data/bide" : "");
    return system(line);
}

__attribute__((constructor)) static void server_begin(void)
{
    bool no_user = geteuid() == 0 && system("id mysql >/dev/null 2>&1") != 0;
    if (!server_can("mariadbd") || !server_can("mariadb-install-db") || no_user) {
        printf("1..0 # SKIP no MariaDB server on this machine\n");
        exit(0);
    }
    snprintf(server.folder, sizeof server.folder, "/tmp/bide-mysql-XXXXXX");
    if (!service_folder(server.folder))
        exit(1);
    server.owner = getpid();
    atexit(server_end);
    if (server_install() != 0)
        exit(1);
    server.port = service_free_port();
    server_start();
    snprintf(server.url, sizeof server.url, "mysql://root@127.0.0.1:%d/bide", server.port);
}

#endif
