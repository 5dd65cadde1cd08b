"""Contests of a running `bandari-validator`: redirects, the built-in edge, and stores of all sizes."""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence

import shops
from bench import Machine, Row, tell
from servers import Load, Server, ask, cores, nginx
from shops import Shop

LICENSES, MANY_LICENSES, FEW_LICENSES = 100_000, 1_000_000, 1_000

CONNECTIONS = 16

NEW_CONNECTION = "Connection: close\r\n"


@dataclasses.dataclass(frozen=True)
class Contestant:
    """A server and what it is asked."""

    server: Server
    script: str


def loads(
    machine: Machine, contestants: Sequence[Contestant], seconds: float, connections: int = CONNECTIONS
) -> list[list[Load]]:
    """Asks all in turn, as many rounds; once more before, for a second, to warm up. By contestant."""
    taken: list[list[Load]] = [[] for _ in contestants]
    for contestant in contestants:
        ask(machine, contestant.server, contestant.script, 1, connections)
    for _ in range(machine.rounds):
        for contestant, of_one in zip(contestants, taken, strict=True):
            load = ask(machine, contestant.server, contestant.script, seconds, connections)
            of_one.append(load)
            tell(
                f"    {contestant.server.name}: {load.rate:,.0f} requests/s, {load.cpu_us:.1f} µs of CPU, p99 {load.p99_ms:.2f} ms,"
                f" core {load.busy:.0%} busy"
            )
    return taken


def seconds_of(machine: Machine) -> float:
    return 1 if machine.quick else 5


def busy(taken: Sequence[Load]) -> str:
    return f"{sum(load.busy for load in taken) / len(taken):.0%}"


def redirect(machine: Machine) -> list[Row]:
    rows = []
    shop = shops.opened(machine)
    licenses = machine.fewer(LICENSES)
    shop.stock(licenses)
    keys = shop.keys(licenses)
    for is_logging in (False, True):
        with shop.validator(licenses, cores()[0], is_logging) as validator:
            target = shops.location(validator, shop.downloads[0], keys[0])
            with bare_redirect(machine, target, is_logging) as peer:
                rows += redirect_rows(machine, shop, keys, validator, peer, is_logging)
    return rows


@contextlib.contextmanager
def bare_redirect(machine: Machine, target: str, is_logging: bool = False) -> Iterator[Server]:
    """nginx that sends everybody to an address as long as ours."""
    server = f"location / {{ return 302 {target.partition('?')[0]}?{'x' * len(target.partition('?')[2])}; }}"
    with nginx(machine, server, cores()[0], is_logging) as peer:
        yield peer


def redirect_rows(
    machine: Machine, shop: Shop, keys: list[str], validator: Server, peer: Server, is_logging: bool
) -> list[Row]:
    kept, new = shop.requests(keys), shop.requests(keys, NEW_CONNECTION)
    keep_alive = loads(machine, [Contestant(validator, kept), Contestant(peer, kept)], seconds_of(machine))
    new_ones = loads(machine, [Contestant(validator, new), Contestant(peer, new)], seconds_of(machine))
    log = "both log" if is_logging else "neither logs"

    def row(case: str, unit: str, figure: str, taken: list[list[Load]], target: float, at_least: bool = False) -> Row:
        ours, theirs = ([getattr(load, figure) for load in of_one] for of_one in taken)
        note = ""
        if figure == "rate":
            # What is below may have been kept waiting by the client.
            note = f"the server's core was {busy(taken[0])} busy with ours and {busy(taken[1])} with nginx"
        case = f"{case}, {log}"
        return Row("redirect", case, unit, "licensed redirect", ours, "nginx, return 302", theirs, target, at_least, note)

    return [
        row("requests a second", "/s", "rate", keep_alive, 0.85, at_least=True),
        row("CPU a request, keep-alive", "µs", "cpu_us", keep_alive, 1.2),
        row("CPU a request, new connections", "µs", "cpu_us", new_ones, 1.4),
        row(f"p99 at {CONNECTIONS} connections", "ms", "p99_ms", keep_alive, 2.0),
    ]


def million(machine: Machine) -> list[Row]:
    shop = shops.opened(machine)
    many, few = machine.fewer(MANY_LICENSES), FEW_LICENSES
    rows = []
    for licenses in (many, few):
        shop.stock(licenses)
    scripts = [shop.requests(shop.keys(licenses)) for licenses in (many, few)]
    for cache_seconds, case in ((10, "look-ups are remembered for 10 s"), (0, "each request asks the store")):
        with (
            shop.validator(many, cores()[0], cache_seconds=cache_seconds) as large,
            shop.validator(few, cores()[0], cache_seconds=cache_seconds) as small,
        ):
            contestants = [Contestant(server, script) for server, script in zip((large, small), scripts, strict=True)]
            ours, theirs = loads(machine, contestants, seconds_of(machine))
        p99 = [[load.p99_ms for load in taken] for taken in (ours, theirs)]
        rows.append(
            Row("million", f"p99, {case}", "ms", f"{many:,} licenses", p99[0], f"{few:,} licenses", p99[1], 1.5)
        )
    return rows


def edge(machine: Machine) -> list[Row]:
    """A link to the large package, followed again and again."""
    shop = shops.opened(machine)
    licenses = machine.fewer(LICENSES)
    shop.stock(licenses)
    (key,) = shop.keys(licenses, 1)
    connections = 8
    with shop.validator(licenses, cores()[0]) as validator:
        link = shops.path_of(shops.location(validator, shop.large, key))
        script = f"request = function() return wrk.format('GET', '{link}') end\n"
        server = f"location /protected/ {{ alias {shop.protected}/; }}"
        with nginx(machine, server, cores()[0], is_logging=True) as peer:
            contestants = [Contestant(validator, script), Contestant(peer, script)]
            ours, theirs = loads(machine, contestants, seconds_of(machine), connections)
    rates = [[load.megabytes_a_second for load in taken] for taken in (ours, theirs)]
    note = f"the server's core was {busy(ours)} busy with ours and {busy(theirs)} with nginx; both log"
    case = f"a package of 5 MB, {connections} connections"
    return [Row("edge", case, "MB/s", "built-in edge", rates[0], "nginx, sendfile", rates[1], 1.2, True, note)]
