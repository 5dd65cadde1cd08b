"""Packages as the peers index them, of the same sizes and with the same padding: RPMs and Debian packages, written by hand, since
`rpmbuild` and `dpkg-deb` would take an hour for ten thousand of them."""

import gzip
import hashlib
import pathlib
import struct
import tarfile

from inputs import RELEASE_TIME, Input, Package, packages

TAR_BLOCK = 512

# Types of an RPM header's entries, and the tags of its two regions (RPM, "Package format").
INT16, INT32, STRING, BINARY, STRING_ARRAY, TRANSLATED = 3, 4, 6, 7, 8, 9
SIGNATURES, IMMUTABLE = 62, 63


def write_rpms(target: pathlib.Path, wanted: Input) -> None:
    for package in packages(wanted):
        overhead = len(rpm(package, b""))
        path = target / f"{package.product}-{package.version}-1.noarch.rpm"
        path.write_bytes(rpm(package, package.padding[: max(0, package.size - overhead)]))


def rpm(package: Package, payload: bytes) -> bytes:
    """Lead, signature header, header and payload. The payload is no archive: whoever indexes does not unpack it."""
    name = f"{package.product}-{package.version}-1"
    lead = struct.pack(
        ">4sBBhh66shh16s", b"\xed\xab\xee\xdb", 3, 0, 0, 255, name.encode()[:65], 1, 5, bytes(16)
    )
    main = header(IMMUTABLE, tags(package, len(payload)))
    size = [(1000, INT32, [len(main) + len(payload)])]
    sha256 = [(273, STRING, [hashlib.sha256(main).hexdigest()])]
    signatures = header(SIGNATURES, sha256 + size)
    return lead + signatures + bytes(-len(signatures) % 8) + main + payload


def tags(package: Package, payload_bytes: int) -> list[tuple[int, int, list[str] | list[int]]]:
    """What a package of three files says of itself, by the numbers of `rpmtag.h`."""
    files = [(f"{package.product}.php", package.script), (f"{package.product}.xml", package.manifest)]
    names = [name for name, _ in files] + ["pictures.bin"]
    sizes = [len(content) for _, content in files] + [payload_bytes]
    digests = [hashlib.sha256(content).hexdigest() for _, content in files] + ["0" * 64]
    three = range(3)
    return [
        (100, STRING_ARRAY, ["C"]),
        (1000, STRING, [package.product]),
        (1001, STRING, [package.version]),
        (1002, STRING, ["1"]),
        (1004, TRANSLATED, [f"Ships of the day, number {package.number}."]),
        (1005, TRANSLATED, ["Shows ships, tides and winds of the day."]),
        (1006, INT32, [RELEASE_TIME]),
        (1007, STRING, ["builder.example.org"]),
        (1009, INT32, [sum(sizes)]),
        (1014, STRING, ["GPL-2.0-or-later"]),
        (1015, STRING, ["Harbor Works"]),
        (1016, TRANSLATED, ["Applications/Internet"]),
        (1020, STRING, ["https://updates.example.org"]),
        (1021, STRING, ["linux"]),
        (1022, STRING, ["noarch"]),
        (1028, INT32, sizes),
        (1030, INT16, [0o100644 for _ in three]),
        (1033, INT16, [0 for _ in three]),
        (1034, INT32, [RELEASE_TIME for _ in three]),
        (1035, STRING_ARRAY, digests),
        (1036, STRING_ARRAY, ["" for _ in three]),
        (1037, INT32, [0 for _ in three]),
        (1039, STRING_ARRAY, ["root" for _ in three]),
        (1040, STRING_ARRAY, ["root" for _ in three]),
        (1044, STRING, [f"{package.product}-{package.version}-1.src.rpm"]),
        (1045, INT32, [-1 & 0xFFFFFFFF for _ in three]),
        (1047, STRING_ARRAY, [package.product]),
        (1064, STRING, ["4.18.0"]),
        (1095, INT32, [1 for _ in three]),
        (1096, INT32, [1, 2, 3]),
        (1097, STRING_ARRAY, ["" for _ in three]),
        (1112, INT32, [8]),
        (1113, STRING_ARRAY, [f"{package.version}-1"]),
        (1116, INT32, [0 for _ in three]),
        (1117, STRING_ARRAY, names),
        (1118, STRING_ARRAY, [f"/usr/share/joomla/{package.product}/"]),
        (1124, STRING, ["cpio"]),
        (1125, STRING, ["gzip"]),
        (1126, STRING, ["9"]),
        (5011, INT32, [8]),
    ]


def header(region: int, entries: list[tuple[int, int, list[str] | list[int]]]) -> bytes:
    """A header structure: index and store, the whole of it one region."""
    index, store = b"", bytearray()
    for tag, kind, values in sorted(entries, key=lambda entry: entry[0]):
        width = {INT16: 2, INT32: 4}.get(kind, 1)
        store += bytes(-len(store) % width)
        index += struct.pack(">IIII", tag, kind, len(store), len(values))
        for value in values:
            store += value.encode() + b"\0" if isinstance(value, str) else value.to_bytes(width, "big")
    entries_with_region = len(entries) + 1
    index = struct.pack(">IIII", region, BINARY, len(store), 16) + index
    # The trailer of a region points back over all of the index.
    store += struct.pack(">IIiI", region, BINARY, -16 * entries_with_region, 16)
    return struct.pack(">4sIII", b"\x8e\xad\xe8\x01", 0, entries_with_region, len(store)) + index + store


def write_debs(target: pathlib.Path, wanted: Input) -> None:
    for package in packages(wanted):
        overhead = len(deb(package, b""))
        # A tar has whole blocks only, so these are up to one smaller than the other packages.
        size = max(0, package.size - overhead) // TAR_BLOCK * TAR_BLOCK
        (target / f"{package.product}_{package.version}_all.deb").write_bytes(deb(package, package.padding[:size]))


def deb(package: Package, payload: bytes) -> bytes:
    """`debian-binary`, `control.tar.gz` and an uncompressed `data.tar` (deb(5))."""
    control = (
        f"Package: {package.product.replace('_', '-')}\nVersion: {package.version}\nArchitecture: all\n"
        f"Maintainer: Harbor Works <info@example.org>\nInstalled-Size: {len(payload) // 1024}\nSection: web\n"
        f"Priority: optional\nHomepage: https://updates.example.org\n"
        f"Description: Ships of the day, number {package.number}.\n Shows ships, tides and winds of the day.\n"
    )
    control_tar = gzip.compress(tar({"./control": control.encode()}), mtime=0)
    folder = f"./usr/share/joomla/{package.product}"
    data = {
        f"{folder}/{package.product}.xml": package.manifest,
        f"{folder}/{package.product}.php": package.script,
        f"{folder}/pictures.bin": payload,
    }
    members = [("debian-binary", b"2.0\n"), ("control.tar.gz", control_tar), ("data.tar", tar(data))]
    return b"!<arch>\n" + b"".join(member(name, content) for name, content in members)


def member(name: str, content: bytes) -> bytes:
    """A member of an `ar` archive, filled up to an even length."""
    head = f"{name:<16}{RELEASE_TIME:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
    return head.encode() + content + b"\n" * (len(content) % 2)


def tar(files: dict[str, bytes]) -> bytes:
    """Without the rest of a record, ten kilobytes, that `tarfile` would fill up."""
    out = bytearray()
    for name, content in files.items():
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = len(content), RELEASE_TIME, 0o644
        out += entry.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % TAR_BLOCK)
    return bytes(out) + bytes(2 * TAR_BLOCK)
