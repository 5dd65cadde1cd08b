#!/bin/sh
# How fast Bandari is beside its peers and the machine's limits: `sh tests/bench/run.sh [--quick] [CONTEST…]`. Installs what it
# needs, where that is possible, builds the programs as they are shipped, and runs the contests. README.md tells what they are.
set -eu
cd "$(dirname "$0")/../.."

# Programs of servers lie where only root looks for them.
PATH=$PATH:/usr/sbin:/sbin
missing=
command -v python3 >/dev/null || missing="$missing python3"
command -v cc >/dev/null || missing="$missing gcc libc6-dev"
command -v c++ >/dev/null || missing="$missing g++"
command -v find >/dev/null || missing="$missing findutils"
command -v taskset >/dev/null || missing="$missing util-linux"
command -v createrepo_c >/dev/null || missing="$missing createrepo-c"
command -v apt-ftparchive >/dev/null || missing="$missing apt-utils"
command -v nginx >/dev/null || missing="$missing nginx-light"
command -v wrk >/dev/null || missing="$missing wrk"
command -v valgrind >/dev/null || missing="$missing valgrind"
command -v php >/dev/null || missing="$missing php-cli"
ls /usr/sbin/php-fpm* >/dev/null 2>&1 || missing="$missing php-fpm"
php -m 2>/dev/null | grep -qx sqlite3 || missing="$missing php-sqlite3"
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing:$missing"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        # Debian starts the services that it installs, unless a policy says no (invoke-rc.d(8)). Contests start their own.
        (
            policy=/usr/sbin/policy-rc.d
            if [ ! -e "$policy" ]; then
                trap 'rm -f "$policy"' EXIT
                printf '#!/bin/sh\nexit 101\n' >"$policy"
                chmod +x "$policy"
            fi
            # shellcheck disable=SC2086 # one word for each package
            apt-get install -qq -y --no-install-recommends $missing >/dev/null
        )
    else
        echo "not installed, and only root can:$missing; contests that need them say so" >&2
    fi
fi

# The folder of the sources stays as it is.
export PYTHONDONTWRITEBYTECODE=1
# What is wrong with the arguments is told before minutes of building.
python3 tests/bench/ --only-arguments "$@"
# One by one: built together, they would share features of libraries that the shipped programs do not have.
cargo build --quiet --release --locked --package bandari-generator --bins
cargo build --quiet --release --locked --package bandari-validator --bins
cargo build --quiet --release --locked --package bandari-tests --bin bench-floor
exec python3 tests/bench/ "$@"
