"""What builds are measured with: packages like real ones, made from a seed once and kept."""

import dataclasses
import io
import json
import os
import pathlib
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator

from bench import CannotRun, Machine, tell

KB = 1024
MB = 1024 * KB

RELEASES = 20
"""Versions of each product."""

RELEASE_TIME = 1_768_392_000
"""2026-01-14, 12:00 UTC."""

FORM = 2
"""Raised whenever what is made changes, so that what is kept is made anew."""

PADDING_BYTES = 64 * MB

MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<extension type="module" client="site" method="upgrade">
    <name>Harbor Module {number}</name>
    <author>Harbor Works</author>
    <creationDate>2026-01-14</creationDate>
    <copyright>(C) 2026 Harbor Works</copyright>
    <license>GPL-2.0-or-later</license>
    <version>{version}</version>
    <description>Shows ships, tides and winds of the day.</description>
    <files>
        <filename module="{product}">{product}.php</filename>
        <filename>pictures.bin</filename>
    </files>
    <updateservers>
        <server type="extension" name="Harbor Module {number}">https://updates.example.org/{product}/updates.xml</server>
    </updateservers>
</extension>
"""

SCRIPT = "<?php\ndefined('_JEXEC') or die;\n// Number {number}, version {version}\necho 'Ships of the day';\n"

PRODUCT = 'id = "{product}"\nsummary = "Ships of the day, number {number}."\njoomla = ">=4.4, <7"\nphp = "8.1"\n'


@dataclasses.dataclass(frozen=True)
class Input:
    """Packages of one kind. `sizes` is how many of how many bytes each."""

    name: str
    sizes: tuple[tuple[int, int], ...]

    @property
    def packages(self) -> int:
        return sum(count for count, _ in self.sizes)

    @property
    def package_bytes(self) -> int:
        return sum(count * size for count, size in self.sizes)


def medium(machine: Machine) -> Input:
    return Input("medium", ((machine.fewer(10_000), 100 * KB),))


def large(machine: Machine) -> Input:
    return Input("large", ((machine.fewer(100), 20 * MB),))


def tiny(machine: Machine) -> Input:
    return Input("tiny", ((machine.fewer(100_000), 10 * KB),))


def mixed(machine: Machine) -> Input:
    return Input("mixed", ((396, machine.fewer(200 * KB)), (4, machine.fewer(50 * MB))))


def uniform(machine: Machine) -> Input:
    """As many packages with as many bytes as `mixed`, but all of one size."""
    of = mixed(machine)
    return Input("uniform", ((of.packages, of.package_bytes // of.packages),))


def folder(machine: Machine, wanted: Input) -> pathlib.Path:
    """The folder of packages; made when it is not there as it should be."""
    return kept(machine, wanted, "zip", lambda target: write_zips(target, wanted))


def kept(machine: Machine, wanted: Input, kind: str, write: Callable[[pathlib.Path], None]) -> pathlib.Path:
    """A folder below the inputs that `write` makes, when none of the same stamp is there."""
    target = machine.inputs / f"{kind}-{wanted.name}{'-quick' if machine.quick else ''}"
    stamp_file = target.with_name(f"{target.name}.stamp")
    stamp = json.dumps({"form": FORM, "kind": kind, "sizes": wanted.sizes})
    if stamp_file.exists() and stamp_file.read_text() == stamp and target.is_dir():
        return target
    stamp_file.unlink(missing_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    need_room(machine.inputs, wanted.package_bytes + wanted.packages * 4 * KB, "inputs")
    tell(f"  making {wanted.packages:,} × {kind} ({wanted.package_bytes / MB:,.0f} MB) in {target}")
    target.mkdir(parents=True)
    write(target)
    make_old(target)
    # What waits for the disk would disturb the first rounds.
    os.sync()
    stamp_file.write_text(stamp)
    return target


def make_old(place: pathlib.Path) -> None:
    """Gives every file the time of its release. One of just now might change again within the same moment: builds read it twice."""
    for directory, _, names in os.walk(place):
        for name in names:
            os.utime(os.path.join(directory, name), (RELEASE_TIME, RELEASE_TIME))


def linked(machine: Machine) -> pathlib.Path:
    """A place for links to what is kept, which must be on the same file system. Nothing is there."""
    target = machine.inputs / "linked"
    shutil.rmtree(target, ignore_errors=True)
    return target


def need_room(place: pathlib.Path, bytes_needed: int, what: str) -> None:
    """Raises CannotRun where the file system has no room."""
    place.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(place).free
    if free < bytes_needed * 1.1:
        raise CannotRun(
            f"`{place}`: found {free / MB:,.0f} MB of room, expected {bytes_needed * 1.1 / MB:,.0f} MB for {what}"
        )


@dataclasses.dataclass(frozen=True)
class Package:
    """What a package is of, whatever form it is written in."""

    number: int
    """Of its product."""
    version: str
    size: int
    padding: bytes
    """Of `size` bytes at least; no two packages have the same beginning."""

    @property
    def product(self) -> str:
        return f"mod_p{self.number:04}"

    @property
    def manifest(self) -> bytes:
        return MANIFEST.format(number=self.number, product=self.product, version=self.version).encode()

    @property
    def script(self) -> bytes:
        return SCRIPT.format(number=self.number, version=self.version).encode()


def packages(wanted: Input) -> Iterator[Package]:
    """All packages of an input; always the same."""
    source = random.Random(10)
    # Slices of one block are as incompressible as bytes of their own, and made a hundred times as fast.
    block = memoryview(b"".join(source.randbytes(MB) for _ in range(PADDING_BYTES // MB)))
    sizes = [size for count, size in wanted.sizes for _ in range(count)]
    source.shuffle(sizes)
    for index, size in enumerate(sizes):
        begin = source.randrange(PADDING_BYTES - size)
        version = f"1.{index % RELEASES}.0"
        yield Package(index // RELEASES, version, size, bytes(block[begin : begin + size]))


def write_zips(target: pathlib.Path, wanted: Input) -> None:
    for package in packages(wanted):
        below = target / package.product
        if not below.is_dir():
            below.mkdir()
            text = PRODUCT.format(product=package.product, number=package.number)
            (below / "product.toml").write_text(text)
        write_zip(below / f"{package.product}-{package.version}.zip", package)


def write_zip(path: pathlib.Path, package: Package) -> None:
    """A zip of just the package's size: what is missing to it is padding, stored."""
    overhead = len(zipped(package, b""))
    path.write_bytes(zipped(package, package.padding[: max(0, package.size - overhead)]))


def zipped(package: Package, padding: bytes) -> bytes:
    """Times are fixed: the same input has the same bytes wherever it is made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content, method in [
            (f"{package.product}.xml", package.manifest, zipfile.ZIP_DEFLATED),
            (f"{package.product}.php", package.script, zipfile.ZIP_DEFLATED),
            ("pictures.bin", padding, zipfile.ZIP_STORED),
        ]:
            entry = zipfile.ZipInfo(name, date_time=(2026, 1, 14, 12, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, compress_type=method)
    return out.getvalue()


def warm(place: pathlib.Path) -> None:
    """Reads every file once, so that it comes from memory for whoever reads it next."""
    for directory, _, names in os.walk(place):
        for name in names:
            with open(os.path.join(directory, name), "rb") as file:
                while file.read(4 * MB):
                    pass
