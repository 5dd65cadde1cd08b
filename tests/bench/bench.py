"""How a contest is run: sides in turn, A B A B, and what comes of it as rows of a table."""

import dataclasses
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence


class CannotRun(Exception):
    """Why a contest cannot run, as one sentence."""


@dataclasses.dataclass(frozen=True)
class Side:
    """One of those that are compared."""

    name: str
    measure: Callable[[], float]
    """One round, in the row's unit."""
    prepare: Callable[[], None] = lambda: None
    """What has to be so before a round and does not count."""


@dataclasses.dataclass(frozen=True)
class Row:
    """What one comparison came to. Ratios are `ours` over `theirs`."""

    contest: str
    case: str
    unit: str
    our_name: str
    ours: list[float]
    their_name: str
    theirs: list[float]
    """As many values as `ours`, taken in turn with them; or one, a limit that stands for itself."""
    target: float | None
    """Nothing for rows that are there for orientation."""
    at_least: bool = False
    """Whether the target is the least that the ratio should be; else it is the most."""
    note: str = ""

    @property
    def ratios(self) -> list[float]:
        """One for each round: what else the machine does changes slowly and meets both sides of a round alike."""
        theirs = self.theirs * len(self.ours) if len(self.theirs) == 1 else self.theirs
        # Where the limit is zero of something, any more is far above it.
        return [our / their if their else math.inf for our, their in zip(self.ours, theirs, strict=True)]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def use(self) -> float | None:
        """How much of what the target allows is used: 1 is just met, less is better."""
        if self.target is None:
            return None
        if self.at_least:
            return self.target / self.ratio if self.ratio else math.inf
        return self.ratio / self.target

    @property
    def met(self) -> bool | None:
        return None if self.use is None else self.use <= 1


@dataclasses.dataclass
class Machine:
    """Where things are and how much is asked for. All that contests share."""

    programs: pathlib.Path
    """Folder of `bandari`, `bandari-validator` and `bench-floor`."""
    inputs: pathlib.Path
    """What is made once and kept."""
    scratch: pathlib.Path
    """A folder for outputs, in memory where that is possible. It is ours alone and goes in the end."""
    quick: bool
    rounds: int

    def program(self, name: str) -> str:
        path = self.programs / name
        if not path.exists():
            raise CannotRun(f"found no program `{path}`: `sh tests/bench/run.sh` builds it")
        return str(path)

    def fewer(self, number: int) -> int:
        """A tenth with `--quick`."""
        return max(1, number // 10) if self.quick else number


def in_turn(sides: Sequence[Side], rounds: int) -> list[list[float]]:
    """Runs all sides once for warming up, and then in turn, as many rounds. Values by side."""
    values: list[list[float]] = [[] for _ in sides]
    for round_number in range(rounds + 1):
        for side, of_side in zip(sides, values, strict=True):
            side.prepare()
            value = side.measure()
            if round_number > 0:
                of_side.append(value)
            tell(f"    {side.name}: {shown(value)}{' (warming up)' if round_number == 0 else ''}")
    return values


def tell(text: str) -> None:
    """How it goes on, for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def shown(value: float) -> str:
    """With three digits that mean something."""
    if math.isinf(value):
        return "∞"
    if value and abs(value) < 0.01:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def run(command: Sequence[str | os.PathLike[str]], **options: object) -> str:
    """Runs a program to its end and gives its standard output.

    Raises CannotRun with what it said when it fails."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore
    except FileNotFoundError as error:
        raise CannotRun(f"`{command[0]}` is not installed") from error
    if ended.returncode != 0:
        said = " ".join((ended.stderr or ended.stdout).split())[-400:]
        raise CannotRun(f"`{pathlib.Path(command[0]).name}` failed with {ended.returncode}: {said}")
    return str(ended.stdout)


def seconds(command: Sequence[str | os.PathLike[str]], **options: object) -> float:
    """How long a program takes from its start to its end. Its output goes nowhere."""
    begin = time.perf_counter()
    try:
        ended = subprocess.run(
            command,
            stdout=options.pop("stdout", subprocess.DEVNULL),  # type: ignore
            stderr=subprocess.PIPE,
            check=False,
            **options,  # type: ignore
        )
    except FileNotFoundError as error:
        raise CannotRun(f"`{command[0]}` is not installed") from error
    taken = time.perf_counter() - begin
    if ended.returncode != 0:
        said = " ".join(ended.stderr.decode(errors="replace").split())[-400:]
        raise CannotRun(f"`{pathlib.Path(command[0]).name}` failed with {ended.returncode}: {said}")
    return taken


def peak_memory(command: Sequence[str | os.PathLike[str]]) -> float:
    """The most memory that a program has at once, in bytes.

    Measured by a small process in between: Linux counts what the process that starts another one has for the other one, too."""
    helper = (
        "import json, os, resource, subprocess, sys\n"
        "code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024\n"
        "print(json.dumps(peak))\n"
        "sys.exit(code)\n"
    )
    return float(json.loads(run([sys.executable, "-I", "-S", "-c", helper, *command])))


def instructions(command: Sequence[str | os.PathLike[str]], scratch: pathlib.Path) -> float:
    """How many instructions a program takes, on one core."""
    log = scratch / "callgrind.log"
    core = str(min(os.sched_getaffinity(0)))
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}/callgrind.out", f"--log-file={log}"]
    run(["taskset", "-c", core, *tool, *command])
    return collected(log)


def collected(log: pathlib.Path) -> float:
    """What callgrind counted."""
    for line in log.read_text().splitlines():
        if "Collected :" in line:
            return float(line.rsplit(":", 1)[1])
    raise CannotRun("callgrind counted nothing: its log has no line `Collected`")
