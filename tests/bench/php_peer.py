"""What a shop's own PHP script would make of the same request: php-fpm behind nginx, for orientation."""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
from collections.abc import Iterator

import shops
from bench import CannotRun, Machine, Row, run
from redirects import LICENSES, Contestant, loads, seconds_of
from servers import HOST, Server, cores, free_port, nginx, running

SCRIPT = """<?php
// Whose key it is, whether there is a license, and a signed link to the package.
$database = new SQLite3({database}, SQLITE3_OPEN_READONLY);
$statement = $database->prepare('SELECT expires FROM licenses WHERE key_hash = ?');
$statement->bindValue(1, hash('sha256', $_GET['dlid'] ?? ''));
$row = $statement->execute()->fetchArray(SQLITE3_NUM);
if ($row === false || $row[0] <= time()) {{
    http_response_code(403);
    exit;
}}
$expires = intdiv(time(), 60) * 60 + 360;
$file = substr($_SERVER['REQUEST_URI'], 0, strpos($_SERVER['REQUEST_URI'], '?'));
$url = "https://downloads.example.org/protected$file?Expires=$expires&KeyName=harbor";
$signature = sodium_crypto_sign_detached($url, file_get_contents({key}));
$signature = sodium_bin2base64($signature, SODIUM_BASE64_VARIANT_URLSAFE_NO_PADDING);
header('Cache-Control: no-store');
header("Location: $url&Signature=$signature", true, 302);
"""

POOL = """[global]
error_log = {folder}/words
daemonize = no
[www]
listen = {host}:{port}
pm = static
pm.max_children = 4
pm.max_requests = 0
"""

PASS = """location / {{
            include /etc/nginx/fastcgi_params;
            fastcgi_param SCRIPT_FILENAME {script};
            fastcgi_pass php;
            fastcgi_keep_conn on;
        }}"""


def php(machine: Machine) -> list[Row]:
    shop = shops.opened(machine)
    licenses = machine.fewer(LICENSES)
    shop.stock(licenses)
    keys = shop.keys(licenses)
    script = shop.requests(keys)
    with shop.validator(licenses, cores()[0]) as validator, peer(machine, keys, licenses) as stand_in:
        shops.location(stand_in, shop.downloads[0], keys[0])
        ours, theirs = loads(machine, [Contestant(validator, script), Contestant(stand_in, script)], seconds_of(machine))
    rates = [[load.rate for load in taken] for taken in (ours, theirs)]
    cpu = [[load.cpu_us for load in taken] for taken in (ours, theirs)]
    name, other = "licensed redirect", "nginx and php-fpm"
    return [
        Row("php", "requests a second", "/s", name, rates[0], other, rates[1], None),
        Row("php", "CPU a request", "µs", name, cpu[0], other, cpu[1], None),
    ]


def fpm() -> str:
    """Debian has the version in the name."""
    found = sorted(pathlib.Path("/usr/sbin").glob("php-fpm*"))
    program = shutil.which("php-fpm") or (str(found[-1]) if found else None)
    if program is None:
        raise CannotRun("`php-fpm` is not installed")
    return program


@contextlib.contextmanager
def peer(machine: Machine, keys: list[str], licenses: int) -> Iterator[Server]:
    folder = machine.scratch / "php"
    folder.mkdir()
    try:
        write(folder, keys, licenses)
        port = free_port()
        (folder / "fpm.conf").write_text(POOL.format(folder=folder, host=HOST, port=port))
        command = [fpm(), "--nodaemonize", "--fpm-config", str(folder / "fpm.conf")]
        if os.geteuid() == 0:
            command.append("--allow-to-run-as-root")
            with (folder / "fpm.conf").open("a") as pool:
                pool.write("user = root\ngroup = root\n")
        upstream = f"upstream php {{ server {HOST}:{port}; keepalive 16; }}"
        server = PASS.format(script=folder / "download.php")
        with (
            running("php-fpm", command, port, folder / "log", cores()[0]) as behind,
            nginx(machine, server, cores()[0], is_logging=True, upstream=upstream) as front,
        ):
            yield Server("nginx and php-fpm", front.port, front.process, (behind.process,))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(folder: pathlib.Path, keys: list[str], licenses: int) -> None:
    """The script, its signing key, and a table with as many licenses as ours."""
    database = folder / "licenses.sqlite"
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE licenses (key_hash TEXT PRIMARY KEY, expires INTEGER) WITHOUT ROWID")
        others = (f"customer {number}" for number in range(licenses - len(keys)))
        rows = ((hashlib.sha256(key.encode()).hexdigest(), 4_102_444_800) for key in [*keys, *others])
        connection.executemany("INSERT INTO licenses VALUES (?, ?)", rows)
    key = folder / "key"
    code = f"file_put_contents({json.dumps(str(key))}, sodium_crypto_sign_secretkey(sodium_crypto_sign_keypair()));"
    run(["php", "-r", code])
    key.chmod(0o600)
    text = SCRIPT.format(database=json.dumps(str(database)), key=json.dumps(str(key)))
    (folder / "download.php").write_text(text)
