"""`sh tests/bench/run.sh [--quick] [CONTEST…]`: the contests, their table, chart and JSON."""

import argparse
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable

import builds
import php_peer
import redirects
import report
import server_costs
from bench import CannotRun, Machine, Row, tell

CONTESTS: dict[str, Callable[[Machine], list[Row]]] = {
    "cold": builds.cold,
    "mixed": builds.mixed,
    "warm": builds.warm,
    "added": builds.added,
    "createrepo": builds.createrepo,
    "ftparchive": builds.ftparchive,
    "memory": builds.memory,
    "build-instructions": builds.build_instructions,
    "redirect": redirects.redirect,
    "php": php_peer.php,
    "million": redirects.million,
    "edge": redirects.edge,
    "server-memory": server_costs.server_memory,
    "redirect-instructions": server_costs.redirect_instructions,
}

ROUNDS, QUICK_ROUNDS = 5, 3

MEMORY = pathlib.Path("/dev/shm")


def main() -> int:
    arguments = parse()
    # Servers end and outputs go, also when somebody ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")).absolute()
    place = pathlib.Path(os.environ.get("BANDARI_BENCH_DIR", target / "bench")).absolute()
    with tempfile.TemporaryDirectory(prefix="bandari-bench-", dir=scratch_parent(place)) as scratch:
        machine = Machine(
            programs=target / "release",
            inputs=place / "inputs",
            scratch=pathlib.Path(scratch),
            quick=arguments.quick,
            rounds=arguments.rounds or (QUICK_ROUNDS if arguments.quick else ROUNDS),
        )
        machine.inputs.mkdir(parents=True, exist_ok=True)
        rows, failed = run(machine, arguments.contests or list(CONTESTS))
    written = report.save(target / "bench", rows, failed, arguments.quick, description(machine))
    print(report.markdown(rows, failed, arguments.quick))
    for path in written:
        print(path)
    return 1 if failed else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sh tests/bench/run.sh", description=__doc__)
    parser.add_argument("contests", metavar="CONTEST", nargs="*", help=f"all, or some of {', '.join(CONTESTS)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: shows that it runs, not how fast")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"rounds of each contest ({ROUNDS}; quick: {QUICK_ROUNDS})")
    parser.add_argument("--only-arguments", action="store_true", help="say what is wrong with the arguments, and end")
    arguments = parser.parse_args()
    unknown = [contest for contest in arguments.contests if contest not in CONTESTS]
    if unknown:
        tell(f"error: found no contest `{unknown[0]}`, expected some of {', '.join(CONTESTS)}")
        sys.exit(2)
    if arguments.rounds is not None and arguments.rounds < 1:
        tell(f"error: `--rounds`: found {arguments.rounds}, expected 1 or more")
        sys.exit(2)
    if arguments.only_arguments:
        sys.exit(0)
    return arguments


def scratch_parent(place: pathlib.Path) -> pathlib.Path:
    """Where outputs go: into memory, so that no disk is measured."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        return MEMORY
    tell(f"found no `{MEMORY}`: outputs go to `{place}`, so writing to the disk is measured, too")
    place.mkdir(parents=True, exist_ok=True)
    return place


def run(machine: Machine, contests: list[str]) -> tuple[list[Row], dict[str, str]]:
    """All contests; one that cannot run says why, and the others go on."""
    rows: list[Row] = []
    failed: dict[str, str] = {}
    for name in contests:
        tell(f"{name}:")
        try:
            rows += CONTESTS[name](machine)
        except CannotRun as error:
            failed[name] = str(error)
        except (OSError, subprocess.SubprocessError) as error:
            failed[name] = f"{type(error).__name__}: {error}"
        if name in failed:
            tell(f"  could not run: {failed[name]}")
    return rows, failed


def description(machine: Machine) -> dict[str, object]:
    """What the figures are of."""
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)),
        "has_sha_extensions": has_sha_extensions(),
        "rounds": machine.rounds,
        "outputs_in_memory": machine.scratch.is_relative_to(MEMORY),
        "peers": {name: version(command) for name, command in PEERS.items() if shutil.which(command[0])},
    }


PEERS = {
    "createrepo_c": ["createrepo_c", "--version"],
    "apt-ftparchive": ["apt-ftparchive", "--version"],
    "nginx": ["nginx", "-v"],
    "wrk": ["wrk", "-v"],
    "php": ["php", "--version"],
    "valgrind": ["valgrind", "--version"],
    "find": ["find", "--version"],
}


def has_sha_extensions() -> bool | None:
    """Nothing where the system does not tell."""
    try:
        words = pathlib.Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return None
    return "sha_ni" in words or "sha2" in words


def version(command: list[str]) -> str:
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (said.stdout or said.stderr).strip().splitlines()
    return lines[0].strip() if lines else ""


if __name__ == "__main__":
    sys.exit(main())
