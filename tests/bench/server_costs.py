"""What a running `bandari-validator` takes besides time: memory, and instructions."""

import contextlib
import http.client
import pathlib
import resource
import socket
import time
from collections.abc import Iterator, Sequence

import shops
from bench import CannotRun, Machine, Row, collected, tell
from inputs import KB, MB
from redirects import LICENSES, seconds_of
from servers import HOST, Server, ask, cores, running
from shops import Shop

IDLE_CONNECTIONS = 2_000

SETTLING_SECONDS = 1.0
"""After what was asked, until everything is done that is done in the background."""


def server_memory(machine: Machine) -> list[Row]:
    shop = shops.opened(machine)
    licenses = machine.fewer(LICENSES)
    shop.stock(licenses)
    keys = shop.keys(licenses)
    idle, connections, growth = [], [], []
    for _ in range(machine.rounds):
        with shop.validator(licenses, cores()[0]) as server:
            time.sleep(SETTLING_SECONDS)
            idle.append(server.resident_bytes() / MB)
            tell(f"    idle: {idle[-1]:.1f} MB")
            connections.append(connection_bytes(machine, server, f"{shop.downloads[0]}?dlid={keys[0]}") / KB)
            tell(f"    a connection: {connections[-1]:.1f} KB")
    with shop.validator(licenses, cores()[0]) as server:
        script = shop.requests(keys)
        first, last = machine.fewer(100_000), machine.fewer(1_000_000)
        before, after = (resident_after(machine, server, script, count) for count in (first, last))
        growth = [after / MB], [before / MB]
    return [
        Row("server-memory", "idle", "MB", "in memory", idle, "limit", [10.0], 1.0),
        Row("server-memory", "each idle connection", "KB", f"of {IDLE_CONNECTIONS:,}", connections, "limit", [13.0], 1.0),
        Row(
            "server-memory", f"after {last:,} requests", "MB", "in memory", growth[0], f"after {first:,}", growth[1], 1.05
        ),
    ]


def connection_bytes(machine: Machine, server: Server, target: str) -> float:
    """What a connection takes that was used once and waits. The first hundred only fill what is there for all of them."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < IDLE_CONNECTIONS + 100:
        raise CannotRun(f"found a limit of {most} open files, expected {IDLE_CONNECTIONS + 100}")
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(used_connection(server, target))
        time.sleep(SETTLING_SECONDS)
        before = server.resident_bytes()
        for _ in range(IDLE_CONNECTIONS):
            stack.enter_context(used_connection(server, target))
        time.sleep(SETTLING_SECONDS)
        return (server.resident_bytes() - before) / IDLE_CONNECTIONS


@contextlib.contextmanager
def used_connection(server: Server, target: str) -> Iterator[socket.socket]:
    with socket.create_connection((HOST, server.port), 10) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        answer = connection.recv(4096)
        if not answer.startswith(b"HTTP/1.1 302"):
            raise CannotRun(f"found the answer {answer[:12]!r}, expected a redirect")
        yield connection


def resident_after(machine: Machine, server: Server, script: str, count: int) -> float:
    """What is in memory when at least so many requests were answered."""
    answered = 0
    while answered < count:
        answered += ask(machine, server, script, seconds_of(machine) if count > 100_000 else 1).requests
    time.sleep(SETTLING_SECONDS)
    resident = server.resident_bytes()
    tell(f"    after {answered:,} requests: {resident / MB:.1f} MB")
    return resident


def redirect_instructions(machine: Machine) -> list[Row]:
    """Differences of whole runs: what a start takes, and what the first of many takes, is in both."""
    shop = shops.opened(machine)
    licenses = machine.fewer(LICENSES)
    shop.stock(licenses)
    (key,) = shop.keys(licenses, 1)
    targets = [f"{path}?dlid={key}" for path in shop.downloads]
    rows = []
    note = "instructions that callgrind counts, all of the server's work in user space; Valgrind knows no SHA extensions"
    for is_logging in (False, True):
        few, many = machine.fewer(2_000), 2 * machine.fewer(2_000)

        def counted(asked: Sequence[str], logs: bool = is_logging) -> float:
            return instructions_of(machine, shop, licenses, asked, logs)

        one_file = [counted(targets[:1] * count) for count in (few, many)]
        remembered = (one_file[1] - one_file[0]) / (many - few)
        # Each of the files once, against as many requests for one of them.
        signed = counted(targets) - counted(targets[:1] * len(targets))
        fresh = remembered + signed / (len(targets) - 1)
        log = "with its log" if is_logging else "without a log"
        for case, value, limit in (("the minute's URL", remembered, 25_000), ("freshly signed", fresh, 260_000)):
            case = f"{case}, {log}"
            rows.append(
                Row("redirect-instructions", case, "instructions", "licensed redirect", [value], "limit", [limit], 1.0, note=note)
            )
    return rows


def instructions_of(machine: Machine, shop: Shop, licenses: int, targets: Sequence[str], is_logging: bool) -> float:
    """How many a whole run takes: start, these requests by one connection, and the end."""
    configuration, port = shop.configuration(licenses, cache_seconds=3600)
    log = machine.scratch / "callgrind.log"
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={machine.scratch}/callgrind.out", f"--log-file={log}"]
    command = [*tool, machine.program("bandari-validator"), "serve", "--config", str(configuration)]
    level = {"BANDARI_LOG": "info" if is_logging else "warn"}
    try:
        with running("bandari-validator", command, port, machine.scratch / "words", cores()[0], level) as server:
            ask_each(server, targets)
        counted = collected(log)
    finally:
        configuration.unlink()
        pathlib.Path(log).unlink(missing_ok=True)
    tell(f"    {len(targets):,} requests: {counted:,.0f} instructions")
    return counted


def ask_each(server: Server, targets: Sequence[str]) -> None:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
    try:
        for target in targets:
            connection.request("GET", target)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 302:
                raise CannotRun(f"a good key was answered {answer.status}, expected 302")
    finally:
        connection.close()
