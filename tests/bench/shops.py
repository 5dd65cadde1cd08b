"""A shop for the validator: a site of licensed packages, stores of licenses, and keys that are good."""

import base64
import contextlib
import dataclasses
import hashlib
import hmac
import http.client
import json
import pathlib
import tomllib
import urllib.parse
from collections.abc import Iterator

import inputs
from bench import CannotRun, Machine, run, tell
from inputs import KB, MB, Input
from servers import HOST, Server, free_port, running
from sites import Site

GROUP = "harbor"
FILES = 200
KEYS = 1_000

LARGE_FILE_BYTES = 5 * MB

URLS = 'download_url = "https://licenses.example.org"\nprotected_url = "https://downloads.example.org/protected"\n'

CONFIGURATION = """listen = "{host}:{port}"
private_listen = "{host}:{private_port}"
catalog = {catalog}
key_set = "harbor"
link_lifetime_seconds = 3600
signing_key = {signing_key}
seeds = {seeds}
licenses = {licenses}
serve_protected = {protected}
look_ups = {{ cache_seconds = {cache_seconds} }}

# All clients of a contest have one address.
[limits]
connections_per_address = 10000
"""

TARGETS = """
local keys, files = {{ {keys} }}, {{ {files} }}
local count = 0
function request()
    count = count + 1
    -- 201 has no factor in common with the number of keys: every key asks for every file in the end.
    local file = files[(count * 201 + math.floor(count / #keys)) % #files + 1]
    return file .. keys[count % #keys + 1] .. " HTTP/1.1\\r\\nHost: {host}\\r\\n{headers}\\r\\n"
end
"""


@dataclasses.dataclass(frozen=True)
class Shop:
    """A site that is built, and secrets of its own."""

    machine: Machine
    folder: pathlib.Path
    downloads: list[str]
    """Paths of its small packages, below the validator's address."""
    large: str
    """Path of the large one."""

    @property
    def secrets(self) -> pathlib.Path:
        return self.folder / "secrets"

    @property
    def protected(self) -> pathlib.Path:
        return self.folder / "output/protected"

    def configuration(self, licenses: int, cache_seconds: int = 10) -> tuple[pathlib.Path, int]:
        """A configuration for the store of so many licenses, and the port that it listens on."""
        port, private_port = free_port(), free_port()
        places = {
            "catalog": self.folder / "output/public/catalog.json",
            "protected": self.protected,
            "signing_key": self.secrets / "signing-key.pem",
            "seeds": self.secrets / "seeds.toml",
            "licenses": self.secrets / f"licenses-{licenses}.sqlite",
        }
        text = CONFIGURATION.format(
            host=HOST,
            port=port,
            private_port=private_port,
            # A string of JSON is one of TOML, too.
            **{name: json.dumps(str(place)) for name, place in places.items()},
            cache_seconds=cache_seconds,
        )
        path = self.folder / f"validator-{port}.toml"
        path.write_text(text)
        return path, port

    def stock(self, licenses: int) -> None:
        """Has a store of so many licenses, each of a user of its own. What is there is kept."""
        configuration, _ = self.configuration(licenses)
        validator = self.machine.program("bandari-validator")
        stamp = self.secrets / f"licenses-{licenses}.stamp"
        table = self.folder / "customers.csv"
        try:
            if not stamp.exists():
                for left in self.secrets.glob(f"licenses-{licenses}.sqlite*"):
                    left.unlink()
            run([validator, "init", "--config", str(configuration)])
            if stamp.exists():
                return
            tell(f"  importing {licenses:,} licenses")
            with table.open("w") as out:
                out.write("email,group\n")
                out.writelines(f"customer{number}@example.org,{GROUP}\n" for number in range(1, licenses + 1))
            run([validator, "license", "import", "--from", "csv", str(table), "--config", str(configuration)])
            stamp.write_text("")
        finally:
            table.unlink(missing_ok=True)
            configuration.unlink()

    def keys(self, licenses: int, count: int = KEYS) -> list[str]:
        """Keys of so many users, evenly among all: computed as `validator/src/license_key.rs` tells, and one of them compared."""
        seeds = tomllib.loads((self.secrets / "seeds.toml").read_text())
        seed = base64.urlsafe_b64decode(seeds["seeds"][GROUP] + "==")
        step = licenses // count
        keys = [key_of(seed, user) for user in range(step, licenses + 1, step)][:count]
        configuration, _ = self.configuration(licenses)
        command = [self.machine.program("bandari-validator"), "license", "key", GROUP, "--user", str(step)]
        try:
            printed = run([*command, "--config", str(configuration)]).strip()
        finally:
            configuration.unlink()
        if printed != keys[0]:
            raise CannotRun("the keys that were computed are not those that `license key` prints")
        return keys

    def requests(self, keys: list[str], headers: str = "") -> str:
        """A script for wrk that has every key ask for every package in turn."""
        return TARGETS.format(
            keys=",".join(f"'{key}'" for key in keys),
            files=",".join(f"'GET {path}?dlid='" for path in self.downloads),
            host=HOST,
            headers=headers.replace("\r\n", "\\r\\n"),
        )

    @contextlib.contextmanager
    def validator(
        self, licenses: int, core: int, is_logging: bool = True, cache_seconds: int = 10
    ) -> Iterator[Server]:
        """A validator that is ready. Its log goes to a file in memory, as a service manager's would to its own."""
        self.stock(licenses)
        configuration, port = self.configuration(licenses, cache_seconds)
        log = self.machine.scratch / f"validator-{port}.log"
        command = [self.machine.program("bandari-validator"), "serve", "--config", str(configuration)]
        level = {"BANDARI_LOG": "info" if is_logging else "warn"}
        try:
            name = f"bandari-validator, {licenses:,} licenses"
            with running(name, command, port, log, core, level) as server:
                yield server
        finally:
            configuration.unlink()
            log.unlink(missing_ok=True)


def key_of(seed: bytes, user: int) -> str:
    """Version byte 1, user and serial 0 as LEB128, and the first 16 bytes of an HMAC over group and these."""
    head = bytes([1])
    while user >= 0x80:
        head += bytes([user & 0x7F | 0x80])
        user >>= 7
    head += bytes([user, 0])
    mac = hmac.new(seed, GROUP.encode() + b"\0" + head, hashlib.sha256).digest()[:16]
    return base64.b32encode(head + mac).decode().rstrip("=").lower()


def opened(machine: Machine) -> Shop:
    """The shop, built anew from packages and with secrets that are kept."""
    small = Input("licensed", ((FILES, 10 * KB),))
    packages = inputs.kept(machine, small, "shop", lambda target: write_packages(target, small))
    folder = machine.inputs / "shop"
    site = Site(machine, packages, folder=folder, urls=URLS)
    site.make_warm()
    site.expect_packages(FILES + 1)
    downloads, large = [], ""
    catalog = json.loads((site.output / "public/catalog.json").read_text())
    for product in catalog["products"]:
        for package in product["packages"]:
            path = f"/download/{package['id']}/{package['file']}"
            if package["size_bytes"] >= LARGE_FILE_BYTES:
                large = path
            else:
                downloads.append(path)
    return Shop(machine, folder, downloads, large)


def write_packages(target: pathlib.Path, small: Input) -> None:
    inputs.write_zips(target, small)
    for text in target.glob("*/product.toml"):
        text.write_text(text.read_text() + f'group = "{GROUP}"\n')
    large = next(inputs.packages(Input("large", ((1, LARGE_FILE_BYTES),))))
    below = target / "mod_p0000"
    inputs.write_zip(below / "mod_p0000-9.0.0.zip", dataclasses.replace(large, version="9.0.0"))


def location(server: Server, path: str, key: str) -> str:
    """Where a good key is sent to.

    Raises CannotRun for anything but a redirect to a signed URL."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=10)
    try:
        connection.request("GET", f"{path}?dlid={key}")
        answer = connection.getresponse()
        answer.read()
        found = answer.getheader("Location") or ""
    finally:
        connection.close()
    if answer.status != 302 or "Signature=" not in found:
        raise CannotRun(f"a good key was answered {answer.status}, expected a redirect to a signed URL")
    return found


def path_of(url: str) -> str:
    """Path and query of a URL."""
    parts = urllib.parse.urlsplit(url)
    return f"{parts.path}?{parts.query}"
