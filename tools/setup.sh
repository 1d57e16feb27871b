# tools/setup.sh -- what ./dev and the steps of ./dev check share: packages, building, running
# tests.  Sourced, from the root of the tree.
# shellcheck shell=sh

# The Debian and Ubuntu packages that a word of ./dev needs; a|b: either will do.
demo_packages="gcc libc6-dev meson ninja-build pkgconf|pkg-config python3 libc-ares-dev \
    liburing-dev libssl-dev zlib1g-dev libbrotli-dev libzstd-dev libpsl-dev libidn2-dev g++ \
    libcrypt-dev libgumbo-dev libsqlite3-dev libpq-dev libmariadb-dev libhiredis-dev"
test_packages="$demo_packages check"
# shellcheck disable=SC2034 # used by ./dev
browser_packages="chromium"
# shellcheck disable=SC2034 # used by steps of ./dev check
clang_packages="$test_packages clang libclang-rt-dev|libclang-rt-14-dev"
# shellcheck disable=SC2034 # used by ./dev
bench_packages="$test_packages curl"
# shellcheck disable=SC2034 # used by ./dev
peer_packages="golang-go python3-aiohttp python3-websockets \
    python3-uvloop libcurl4-openssl-dev libst-dev nodejs \
    openssl node-ws libmicrohttpd-dev golang-github-gorilla-websocket-dev \
    libuv1-dev libhttp-parser-dev libevent-dev"
# shellcheck disable=SC2034 # used by ./dev
database_peer_packages="python3-asyncpg python3-psycopg python3-redis python3-hiredis \
    golang-github-jackc-pgx-v4-dev sqlite3 postgresql-client"
# shellcheck disable=SC2034 # used by ./dev
rust_packages="cargo librust-tokio-dev librust-libc-dev librust-hyper-dev \
    librust-tokio-rustls-dev librust-rustls-pemfile-dev librust-serde-json-dev"
# shellcheck disable=SC2034 # used by ./dev
picture_packages="librsvg2-bin pngquant"
# shellcheck disable=SC2034 # used by ./dev
kernel_packages="qemu-system-x86 busybox-static|busybox"
# These start a server on the machine as they are installed, where there is a systemd.
# shellcheck disable=SC2034 # used by ./dev
database_packages="redis-server postgresql pgbouncer mariadb-server"
# shellcheck disable=SC2034 # used by ./dev
service_packages="nginx-light|nginx h2o haproxy"

say() {
    printf 'dev: %s\n' "$*"
}

die() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

# For want of packages; tools/check tells this status from a failure.
lack() {
    printf 'dev: %s\n' "$*" >&2
    exit 77
}

# ---- packages ----------------------------------------------------------------------------------

is_debian() {
    command -v apt-get >/dev/null && command -v dpkg-query >/dev/null
}

# has_package NAME: is it installed, or (other distributions, tools from elsewhere) what it brings?
has_package() {
    if is_debian && dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
    then
        return 0
    fi
    case $1 in
        check) pkg-config --exists check 2>/dev/null ;;
        libc-ares-dev) pkg-config --exists libcares 2>/dev/null ;;
        liburing-dev) pkg-config --exists liburing 2>/dev/null ;;
        libssl-dev) pkg-config --exists openssl 2>/dev/null ;;
        zlib1g-dev) pkg-config --exists zlib 2>/dev/null ;;
        libbrotli-dev) pkg-config --exists libbrotlidec 2>/dev/null ;;
        libzstd-dev) pkg-config --exists libzstd 2>/dev/null ;;
        libpsl-dev) pkg-config --exists libpsl 2>/dev/null ;;
        libidn2-dev) pkg-config --exists libidn2 2>/dev/null ;;
        libcrypt-dev) pkg-config --exists libxcrypt 2>/dev/null ;;
        libgumbo-dev) pkg-config --exists gumbo 2>/dev/null ;;
        libpq-dev) pkg-config --exists libpq 2>/dev/null ;;
        libmariadb-dev) pkg-config --exists libmariadb 2>/dev/null ;;
        libhiredis-dev) pkg-config --exists hiredis 2>/dev/null ;;
        libsqlite3-dev) pkg-config --exists sqlite3 2>/dev/null ;;
        postgresql) ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 ;;
        mariadb-server) PATH=$PATH:/usr/sbin command -v mariadbd >/dev/null ;;
        libc6-dev) [ -e /usr/include/stdio.h ] ;;
        libclang-rt-dev) command -v clang >/dev/null ;;
        nodejs) command -v node >/dev/null ;;
        ninja-build) command -v ninja >/dev/null ;;
        qemu-system-x86) command -v qemu-system-x86_64 >/dev/null ;;
        busybox-static) command -v busybox >/dev/null ;;
        pkgconf) command -v pkg-config >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# missing PACKAGE...: prints those that are not there; of a|b the first, if none is.
missing() {
    for choice in "$@"; do
        found=no
        for name in $(echo "$choice" | tr '|' ' '); do
            has_package "$name" && found=yes
        done
        [ $found = yes ] || printf '%s ' "${choice%%|*}"
    done
}

# need "PACKAGE...": installs what is missing; elsewhere than on Debian and Ubuntu, names it and
# stops.
need() {
    # shellcheck disable=SC2086 # words are wanted
    lacking=$(missing $1)
    [ -n "$lacking" ] || return 0
    is_debian || lack "this machine lacks: $lacking(Debian's names). Install them with your" \
        "distribution's package manager, and start again."
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            lack "missing packages: $lacking- as root, run: apt-get install $lacking"
        as_root=sudo
        say "the next step uses sudo, to install packages"
    fi
    say "installing: $lacking"
    $as_root apt-get -q update || say "the package lists could not be updated; trying with the old"
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q install -y --no-install-recommends $lacking ||
        lack "the packages could not be installed: $lacking"
}

# ---- building ----------------------------------------------------------------------------------

# configure FOLDER [MESON-OPTION...]: makes the build folder, or changes it if its options differ.
configure() {
    folder=$1
    shift
    [ "${CI:-}" != true ] || set -- "$@" -Dwerror=true
    if [ ! -f "$folder/build.ninja" ]; then
        meson setup "$folder" "$@"
    elif [ "$(cat "$folder/options")" != "$*" ]; then
        meson setup --reconfigure "$folder" "$@"
    fi
    echo "$*" >"$folder/options"
}

# configure_once FOLDER: any options will do, if it is there.
configure_once() {
    [ -f "$1/options" ] || configure "$1"
}

# compile FOLDER [TARGET...]
compile() {
    ninja -C "$@"
}

# meson_tests FOLDER [MESON-TEST-ARGUMENT...]: runs and counts.  Fails if one failed or none ran.
meson_tests() {
    folder=$1
    shift
    rm -f "$folder"/meson-logs/testlog*.json
    meson test -C "$folder" --no-rebuild --print-errorlogs "$@" || :
    python3 tools/summary.py "$folder"/meson-logs/testlog*.json     # --wrap changes the name
}

# count_one PASSED FAILED: one case of a step that counts for itself.
count_one() {
    [ -z "${TALLY:-}" ] || echo "$1 $2" >>"$TALLY"
}

# libraries_in FOLDER: the shared ones that a build folder can make.
libraries_in() {
    ninja -C "$1" -t targets all | sed -n 's|^\(src/libbide[a-z-]*\.so\.[0-9.]*\): .*|\1|p'
}

# tests_in FOLDER SUITE...: the test programs of these suites.
tests_in() {
    folder=$1
    shift
    for suite in "$@"; do
        ninja -C "$folder" -t targets all |
            sed -n "s|^\\(tests/test_${suite}_[a-z0-9_]*\\): .*|\\1|p"
    done
}

# fuzzers_in FOLDER: the programs fuzz/fuzz_NAME that a build folder can make.
fuzzers_in() {
    ninja -C "$1" -t targets all | sed -n 's|^\(fuzz/fuzz_[a-z0-9_]*\): .*|\1|p' |
        grep -v _standalone
}

# fuzzing_seconds: how long each of them runs.
fuzzing_seconds() {
    if [ "${CI:-}" = true ]; then otherwise=20; else otherwise=30; fi
    echo "${SECONDS_EACH:-$otherwise}"
}

# two_at_a_time FUNCTION WORD...: calls it once for each word, and fails with none: it counts.
two_at_a_time() {
    function=$1 started=0
    shift
    for word in "$@"; do
        "$function" "$word" &
        started=$((started + 1))
        [ $((started % 2)) -eq 1 ] || wait
    done
    wait
}
