#!/bin/sh
# Shows the whole path on 127.0.0.1: builds Bandari, makes the example site and a sample license in a scratch folder, and
# serves catalog, feeds, validator and edge. Ctrl-C ends it and leaves nothing behind.
#
# The port is 8480, or what BANDARI_DEMO_PORT says.
set -eu

cd "$(dirname "$0")/.."
port=${BANDARI_DEMO_PORT:-8480}
base=http://127.0.0.1:$port

echo "Building Bandari …"
cargo build --quiet --locked --package bandari-generator --package bandari-validator --package bandari-tests --bins
bin=$(cargo metadata --format-version 1 --no-deps --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug

scratch=$(mktemp -d)
server=
clean_up() {
    trap - EXIT INT TERM
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 0' INT TERM

# The site: packages from their sources, feeds and pages from the packages. What is installed from here looks for its updates
# here, so the manifests name this port, too.
cp -R site/packages site/logo.svg "$scratch"
sed "s|http://127.0.0.1:8480|$base|" site/bandari.toml >"$scratch/bandari.toml"
cp -R site/sources "$scratch/sources"
find "$scratch/sources" -name '*.xml' | while read -r file; do
    sed "s|http://127.0.0.1:8480|$base|" "$file" >"$scratch/rewritten"
    cp "$scratch/rewritten" "$file"
done
"$bin/pack-example-site" "$scratch/sources" "$scratch/packages" >/dev/null
"$bin/bandari" client-plugin --quiet --config "$scratch/bandari.toml"
"$bin/bandari" build --config "$scratch/bandari.toml"

# The validator: keys, a license store, and both folders served by itself.
private_port=$((port + 1))
cat >"$scratch/validator.toml" <<END
listen = "127.0.0.1:$port"
private_listen = "127.0.0.1:$private_port"
catalog = "output/public/catalog.json"
key_set = "demo"
serve_protected = "output/protected"
serve_public = "output/public"

[mail]
from = "Mwambao Extensions <keys@mwambao.example>"
transport = "folder"
folder = "mail"
END
validator() { "$bin/bandari-validator" "$@" --config "$scratch/validator.toml"; }
validator init >/dev/null
echo "ada@example.org" | validator license grant lighthouse >/dev/null
key=$(validator license key lighthouse --user 1)
# One customer more for each state that a license can be in; keys as another system gave them out.
soon=$(date -u -d '+20 days' +%F 2>/dev/null || date -u -v+20d +%F)
validator license import --from csv - >/dev/null <<END
email,group,key,expires,state
bea@example.org,lighthouse,expiring-demo-key,$soon,active
carl@example.org,lighthouse,expired-demo-key,2026-02-28,active
dora@example.org,lighthouse,canceled-demo-key,,canceled
emil@example.org,lighthouse,refunded-demo-key,,refunded
fay@example.org,lighthouse,suspended-demo-key,,suspended
gus@example.org,dockyard,not-covered-demo-key,,active
END

# Not through the function: a function in the background is a shell of its own, and ending that would leave the server.
"$bin/bandari-validator" serve --config "$scratch/validator.toml" 2>"$scratch/log" &
server=$!
tries=0
until grep --quiet serving "$scratch/log"; do
    tries=$((tries + 1))
    if ! kill -0 "$server" 2>/dev/null || [ "$tries" -gt 100 ]; then
        echo "The validator did not start:" >&2
        cat "$scratch/log" >&2
        exit 1
    fi
    sleep 0.1
done

file=plg_system_lighthouse-1.1.0.zip
cat <<END

  Catalog    $base/ (German: $base/de/)
  Feed       $base/plg_system_lighthouse/updates.xml
  All feeds  $base/collection.xml
  License    $key  (plug-in "Lighthouse", sample user ada@example.org)

A licensed download, from the key through the redirect to the zip:

  curl --location --remote-name --remote-header-name '$base/download/lighthouse_110/$file?dlid=$key'

And what a wrong key gets (also: expiring-demo-key, expired-, canceled-, refunded-, suspended-, not-covered-demo-key). Open it
in a browser to read it as a customer does:

  curl '$base/download/lighthouse_110/$file?dlid=wrong'

What a key is worth, as JSON here and as a page with a form in a browser, and a mail with the key (it goes to a folder):

  curl '$base/check/plg_system_lighthouse?dlid=expiring-demo-key'
  curl '$base/post/release/keybyemail/lighthouse?email=ada@example.org' && sleep 1 && cat '$scratch'/mail/*.eml

The plug-in that says such things inside of a customer's Joomla (\`bandari client-plugin\`):

  $base/plg_installer_mwambaoextensions/

Ctrl-C ends the demo.
END
wait "$server"
