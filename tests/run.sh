#!/bin/sh
# Installs what the tests need, where that is possible, and runs them all.
set -eu

cd "$(dirname "$0")/.."

missing=
command -v cc >/dev/null || missing="$missing gcc libc6-dev"
command -v c++ >/dev/null || missing="$missing g++"
command -v php >/dev/null || missing="$missing php-cli"
php -m 2>/dev/null | grep -qx curl || missing="$missing php-curl"
command -v openssl >/dev/null || missing="$missing openssl"
command -v systemd-analyze >/dev/null || missing="$missing systemd"
# The servers of databases lie where only root looks for programs.
PATH=$PATH:/usr/sbin:/sbin
command -v setpriv >/dev/null || missing="$missing util-linux"
command -v mariadbd >/dev/null || missing="$missing mariadb-server"
{ command -v postgres || ls /usr/lib/postgresql/*/bin/postgres; } >/dev/null 2>&1 || missing="$missing postgresql"
command -v nginx >/dev/null || missing="$missing nginx-light"
command -v caddy >/dev/null || missing="$missing caddy"
command -v node >/dev/null || missing="$missing nodejs"
command -v shellcheck >/dev/null || missing="$missing shellcheck"
command -v varnishd >/dev/null || missing="$missing varnish"
command -v haproxy >/dev/null || missing="$missing haproxy"
command -v apache2 >/dev/null || missing="$missing apache2"
[ -e /usr/lib/nginx/modules/ngx_http_lua_module.so ] || missing="$missing libnginx-mod-http-lua"
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
command -v npm >/dev/null || missing="$missing npm"
command -v chromium >/dev/null || missing="$missing chromium"
# What the pages of the tests are written in: Arabic and Hebrew, and emoji.
fonts=/usr/share/fonts/truetype
[ -e "$fonts/dejavu/DejaVuSans.ttf" ] || missing="$missing fonts-dejavu-core"
[ -e "$fonts/noto/NotoColorEmoji.ttf" ] || missing="$missing fonts-noto-color-emoji"
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing:$missing"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        # Debian starts the services that it installs, unless a policy says no (invoke-rc.d(8)). Tests start their own.
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
        echo "not installed, and only root can:$missing; tests that need them say so" >&2
    fi
fi

# A real SMTP server, readers of YAML and Terraform: in a Python environment of their own.
python=${CARGO_TARGET_DIR:-target}/tests-python
if ! cmp -s tests/requirements.txt "$python/requirements.txt"; then
    rm -rf "$python"
    if python3 -m venv "$python" && "$python/bin/pip" install --quiet --requirement tests/requirements.txt; then
        cp tests/requirements.txt "$python/requirements.txt"
    else
        rm -rf "$python"
        echo "not installed: tests/requirements.txt; tests that need it say so" >&2
    fi
fi

# Runtimes of workers, and what tries the pages in chromium. Tests call programs themselves, so no script of a package is run.
node=${CARGO_TARGET_DIR:-target}/tests-node
if ! cmp -s tests/package-lock.json "$node/installed"; then
    rm -rf "$node"
    mkdir -p "$node"
    cp tests/package.json tests/package-lock.json tests/.npmrc "$node"
    if (cd "$node" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error); then
        cp tests/package-lock.json "$node/installed"
    else
        rm -rf "$node"
        echo "not installed: tests/package.json; tests that need it say so" >&2
    fi
fi

table=${CARGO_TARGET_DIR:-target}/tmp/edges
pictures=${CARGO_TARGET_DIR:-target}/tmp/pages
rm -rf "$table" "$pictures"
failed=0
cargo test --workspace --locked --doc
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --config-file tests/nextest.toml --workspace --locked --no-fail-fast || failed=$?
else
    cargo test --workspace --locked --no-fail-fast --lib --bins --tests || failed=$?
fi

echo "What each edge answers to each request; \`!\` where it is not what has to come of it:"
paste "$table/cases" "$table"/*.column |
    awk -F '\t' '{ printf "%-46s", $1; for (edge = 2; edge <= NF; edge++) printf " %-18s", $edge; print "" }'
[ ! -d "$pictures" ] || echo "Every type of page, in three widths, light and dark, to be looked at: $pictures"
[ "$failed" = 0 ] || exit "$failed"

sh tests/faults/run.sh --quick
sh tests/fuzz/run.sh 10
