"""Contests of `bandari build`: against the floor, against itself, against `find` and against other makers of repositories."""

import gzip
import os
import pathlib
import shutil
from collections.abc import Callable

import foreign
import inputs
from bench import CannotRun, Machine, Row, Side, in_turn, instructions, peak_memory, seconds
from inputs import KB, MB, RELEASES, Input
from sites import ALL_DIGESTS, ONE_DIGEST, Site, link_tree


def named(wanted: Input) -> str:
    sizes = [f"{count:,} × {size // MB} MB" if size >= MB else f"{count:,} × {size // KB} KB" for count, size in wanted.sizes]
    return " + ".join(sizes)


def prepared(machine: Machine, wanted: Input) -> pathlib.Path:
    """The packages, in memory, and with room for a copy of them."""
    packages = inputs.folder(machine, wanted)
    inputs.need_room(machine.scratch, wanted.package_bytes * 2, "two outputs")
    inputs.warm(packages)
    return packages


def cold(machine: Machine) -> list[Row]:
    rows = []
    cases = [(inputs.medium(machine), 1.10), (inputs.large(machine), 1.03), (inputs.tiny(machine), 1.6)]
    for wanted, target in cases:
        packages = prepared(machine, wanted)
        for digests in (ONE_DIGEST, ALL_DIGESTS):
            rows += cold_case(machine, wanted, packages, digests, target)
    return rows


def cold_case(
    machine: Machine, wanted: Input, packages: pathlib.Path, digests: list[str], target: float
) -> list[Row]:
    site = Site(machine, packages, digests)
    copies = machine.scratch / "floor"
    which = "sha256" if digests == ONE_DIGEST else "all"
    floor = [machine.program("bench-floor"), which]
    try:
        build, bare, copying = in_turn(
            [
                Side("build", site.build, site.make_cold),
                Side("floor", lambda: seconds([*floor, str(packages)]), site.make_cold),
                Side(
                    "floor that copies",
                    lambda: seconds([*floor, "--copy", str(copies), str(packages)]),
                    lambda: shutil.rmtree(copies, ignore_errors=True),
                ),
            ],
            machine.rounds,
        )
        shutil.rmtree(copies)
        site.build()
        site.expect_packages(wanted.packages)
    finally:
        shutil.rmtree(copies, ignore_errors=True)
        site.remove()
    case = f"{named(wanted)}, {'sha256' if digests == ONE_DIGEST else 'all three digests'}"
    return [
        Row("cold", case, "s", "cold build", build, "floor", bare, target),
        Row("cold", f"{case}, copied", "s", "cold build", build, "floor that copies, too", copying, None),
    ]


def mixed(machine: Machine) -> list[Row]:
    sites = []
    try:
        for wanted in (inputs.mixed(machine), inputs.uniform(machine)):
            sites.append((wanted, Site(machine, prepared(machine, wanted))))
        sides = [Side(wanted.name, per_megabyte(wanted, site), site.make_cold) for wanted, site in sites]
        ours, theirs = in_turn(sides, machine.rounds)
        for wanted, site in sites:
            site.expect_packages(wanted.packages)
    finally:
        for _, site in sites:
            site.remove()
    (wanted, _), (even, _) = sites
    case = f"{named(wanted)}, a byte"
    return [Row("mixed", case, "s/MB", "cold build", ours, f"cold build of {named(even)}", theirs, 1.1)]


def per_megabyte(wanted: Input, site: Site) -> Callable[[], float]:
    return lambda: site.build() / (wanted.package_bytes / MB)


def warm(machine: Machine) -> list[Row]:
    rows = []
    for wanted in (inputs.medium(machine), inputs.tiny(machine)):
        packages = prepared(machine, wanted)
        site = Site(machine, packages)
        try:
            site.make_warm()
            find = ["find", str(packages), "-printf", "%s %T@ %p\n"]
            ours, theirs = in_turn([Side("build", site.build), Side("find", lambda: seconds(find))], machine.rounds)
            site.expect_packages(wanted.packages)
        finally:
            site.remove()
        case = f"{wanted.packages:,} packages, nothing changed"
        rows.append(Row("warm", case, "s", "build", ours, "find -printf '%s %T@ %p\\n'", theirs, 2.0))
    return rows


def added(machine: Machine) -> list[Row]:
    """Two sites of the same packages: one gets another package before each round, the other stays as it is."""
    wanted = inputs.medium(machine)
    packages = prepared(machine, wanted)
    growing = inputs.linked(machine)
    link_tree(packages, growing)
    sites = [Site(machine, growing), Site(machine, packages)]
    count = 0

    def add() -> None:
        nonlocal count
        # Of another product each time, with the bytes of none that is there.
        package = next(inputs.packages(Input("added", ((1, 100 * KB),))))
        package = inputs.Package(count, f"2.{count}.0", package.size, package.padding[::-1])
        path = growing / package.product / f"{package.product}-{package.version}.zip"
        inputs.write_zip(path, package)
        os.utime(path, (inputs.RELEASE_TIME, inputs.RELEASE_TIME))
        count += 1

    try:
        for site in sites:
            site.make_warm()
        sides = [Side("one added", sites[0].build, add), Side("nothing changed", sites[1].build)]
        ours, theirs = in_turn(sides, machine.rounds)
        sites[0].expect_packages(wanted.packages + count)
    finally:
        for site in sites:
            site.remove()
        shutil.rmtree(growing, ignore_errors=True)
    case = f"one package more than {wanted.packages:,}"
    return [Row("added", case, "s", "build", ours, "build, nothing changed", theirs, 1.6)]


def createrepo(machine: Machine) -> list[Row]:
    wanted = inputs.medium(machine)
    packages = prepared(machine, wanted)
    rpms = inputs.kept(machine, wanted, "rpm", lambda target: foreign.write_rpms(target, wanted))
    inputs.warm(rpms)
    site = Site(machine, packages)
    index = machine.scratch / "createrepo"
    command = ["createrepo_c", "--quiet", "--no-database", "--checksum", "sha256", "--outputdir", str(index), str(rpms)]

    def empty() -> None:
        shutil.rmtree(index, ignore_errors=True)
        index.mkdir()

    try:
        cold_rounds = in_turn(
            [
                Side("build", lambda: wanted.packages / site.build(), site.make_cold),
                Side("createrepo_c", lambda: wanted.packages / seconds(command), empty),
            ],
            machine.rounds,
        )
        update = [*command[:-1], "--update", command[-1]]
        warm_rounds = in_turn(
            [Side("build", site.build), Side("createrepo_c --update", lambda: seconds(update))], machine.rounds
        )
        site.expect_packages(wanted.packages)
        if f'packages="{wanted.packages}"' not in primary(index):
            raise CannotRun(f"createrepo_c did not index {wanted.packages} packages")
    finally:
        site.remove()
        shutil.rmtree(index, ignore_errors=True)
    case = named(wanted)
    note = "Bandari copies the packages, too, and makes pages, feeds and a catalog of them; createrepo_c reads and indexes them."
    peer = "createrepo_c --no-database --checksum sha256"
    return [
        Row("createrepo", f"cold, {case}", "packages/s", "cold build", cold_rounds[0], peer, cold_rounds[1], 1.8, True, note),
        Row("createrepo", f"nothing changed, {case}", "s", "build", warm_rounds[0], f"{peer} --update", warm_rounds[1], 0.1),
    ]


def primary(index: pathlib.Path) -> str:
    for path in (index / "repodata").glob("*-primary.xml.gz"):
        return gzip.decompress(path.read_bytes())[:4096].decode()
    raise CannotRun(f"`{index}`: createrepo_c wrote no primary.xml.gz")


def ftparchive(machine: Machine) -> list[Row]:
    wanted = inputs.medium(machine)
    packages = prepared(machine, wanted)
    debs = inputs.kept(machine, wanted, "deb", lambda target: foreign.write_debs(target, wanted))
    inputs.warm(debs)
    site, every = Site(machine, packages), Site(machine, packages, ALL_DIGESTS)
    index = machine.scratch / "Packages"

    def archive(*options: str) -> float:
        with index.open("wb") as out:
            taken = seconds(["apt-ftparchive", *options, "packages", str(debs)], stdout=out)
        if index.read_bytes().count(b"\nSHA256: ") != wanted.packages:
            raise CannotRun(f"apt-ftparchive did not index {wanted.packages} packages")
        return wanted.packages / taken

    try:
        values = in_turn(
            [
                Side("build, sha256", lambda: wanted.packages / site.build(), site.make_cold),
                Side("apt-ftparchive, sha256", lambda: archive("--no-md5", "--no-sha1", "--no-sha512")),
                Side("build, all digests", lambda: wanted.packages / every.build(), every.make_cold),
                Side("apt-ftparchive, its digests", archive),
            ],
            machine.rounds,
        )
        site.expect_packages(wanted.packages)
        every.expect_packages(wanted.packages)
    finally:
        site.remove()
        every.remove()
        index.unlink(missing_ok=True)
    case, peer = named(wanted), "apt-ftparchive packages"
    note = "Bandari copies the packages, too, and makes pages, feeds and a catalog of them; apt-ftparchive reads and indexes them."
    own = "sha256, sha384 and sha512 against MD5, SHA-1, SHA-256 and SHA-512"
    return [
        Row("ftparchive", f"sha256 only, {case}", "packages/s", "cold build", values[0], peer, values[1], 4.0, True, note),
        Row("ftparchive", f"all digests of each, {case}", "packages/s", "cold build", values[2], peer, values[3], None, note=own),
    ]


def memory(machine: Machine) -> list[Row]:
    rows = []
    for wanted in (inputs.medium(machine), inputs.large(machine), inputs.tiny(machine), inputs.mixed(machine)):
        site = Site(machine, prepared(machine, wanted))
        try:
            side = Side("peak memory", lambda: peak_memory(site.command) / MB, site.make_cold)
            (values,) = in_turn([side], machine.rounds)
            site.expect_packages(wanted.packages)
        finally:
            site.remove()
        allowed = (16 * MB + 1.5 * KB * wanted.packages) / MB
        rows.append(Row("memory", named(wanted), "MB", "cold build", values, "16 MB + 1.5 KB a package", [allowed], 1.0))
    return rows


def build_instructions(machine: Machine) -> list[Row]:
    """What another package costs, whatever a build costs before the first one."""
    few, many = (5 * RELEASES, 15 * RELEASES) if not machine.quick else (RELEASES, 3 * RELEASES)
    build, floor = [], []
    for count in (few, many):
        wanted = Input(f"counted-{count}", ((count, 10 * KB),))
        packages = inputs.folder(machine, wanted)
        site = Site(machine, packages)
        try:
            build.append(instructions(site.command, machine.scratch))
            site.expect_packages(wanted.packages)
        finally:
            site.remove()
        floor.append(instructions([machine.program("bench-floor"), "sha256", str(packages)], machine.scratch))
    ours, theirs = ((counted[1] - counted[0]) / (many - few) for counted in (build, floor))
    note = "Valgrind knows no SHA extensions, so sha256 is counted in its portable code; the floor has nothing else to count."
    case = "one package of 10 KB more"
    return [Row("build-instructions", case, "instructions", "cold build", [ours], "floor", [theirs], None, note=note)]
