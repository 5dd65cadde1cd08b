"""Servers on loopback, each on one core, the client that asks them on another, and what the system tells of a server."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence

from bench import CannotRun, Machine

PATIENCE_SECONDS = 120
"""Also for a server under Valgrind, on a machine that has other things to do."""
HOST = "127.0.0.1"


def cores() -> tuple[int, int]:
    """One for servers and one for clients.

    Raises CannotRun where there is one only: then each would take the other's time."""
    found = sorted(os.sched_getaffinity(0))
    if len(found) < 2:
        raise CannotRun("found one core, expected two: one for the server and one for the client")
    return found[0], found[1]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


@dataclasses.dataclass(frozen=True)
class Server:
    """One that runs. `processes` are all that do its work."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    helpers: tuple[subprocess.Popen[bytes], ...] = ()

    @property
    def pids(self) -> list[int]:
        """Those that were started and their children."""
        own = [self.process.pid, *(helper.pid for helper in self.helpers)]
        return own + [child for pid in own for child in children(pid)]

    def cpu_seconds(self) -> float:
        """What all of it has taken so far, in and out of the kernel."""
        ticks = 0
        for pid in self.pids:
            # Behind the name, which may hold anything, utime and stime are the 12th and 13th field (proc(5)).
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """What of it is in memory (`VmRSS`)."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        if not found:
            raise CannotRun(f"{self.name} has ended")
        return int(found.group(1)) * 1024


def children(pid: int) -> list[int]:
    found = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


@contextlib.contextmanager
def running(
    name: str,
    command: Sequence[str],
    port: int,
    log: pathlib.Path,
    core: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """A server, from when it takes connections. Whatever happens, it ends; its own words go to `log`."""
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    with log.open("wb") as words:
        process = subprocess.Popen(
            [*pinned, *command],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            env={**os.environ, **(environment or {})},
        )
        try:
            wait_for(name, port, process, log)
            yield Server(name, port, process)
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(name: str, port: int, process: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            said = " ".join(log.read_text(errors="replace").split())[-300:]
            raise CannotRun(f"{name} ended with {process.returncode}: {said}")
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        time.sleep(0.02)
    raise CannotRun(f"{name} did not listen within {PATIENCE_SECONDS} seconds")


NGINX = """daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 16384; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000000;
    access_log {access_log};
    sendfile on;
    tcp_nopush on;
    {upstream}
    server {{
        listen {host}:{port};
        {server}
    }}
}}
"""


@contextlib.contextmanager
def nginx(
    machine: Machine, server: str, core: int, is_logging: bool = False, upstream: str = ""
) -> Iterator[Server]:
    """nginx as one process, with what stands in its `server` block. Its log is gathered for as long as ours is."""
    port = free_port()
    folder = machine.scratch / f"nginx-{port}"
    folder.mkdir()
    access_log = f"{folder}/access.log combined buffer=64k flush=10ms" if is_logging else "off"
    configuration = folder / "nginx.conf"
    text = NGINX.format(
        folder=folder, host=HOST, port=port, access_log=access_log, server=server, upstream=upstream
    )
    configuration.write_text(text)
    command = ["nginx", "-p", str(folder), "-c", str(configuration)]
    try:
        with running("nginx", command, port, folder / "words", core) as server_:
            yield server_
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclasses.dataclass(frozen=True)
class Load:
    """What came of asking for a while."""

    requests: int
    seconds: float
    bytes: int
    p99_ms: float
    cpu_seconds: float
    """Of the server."""

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_us(self) -> float:
        """The server's time for each request."""
        return self.cpu_seconds / self.requests * 1e6

    @property
    def megabytes_a_second(self) -> float:
        return self.bytes / self.seconds / 2**20

    @property
    def busy(self) -> float:
        """How much of its core the server had."""
        return self.cpu_seconds / self.seconds


DONE = """
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format('\\nRESULT {"requests":%d,"us":%d,"bytes":%d,"p99_us":%d,"errors":%d,"statuses":%d}\\n',
        summary.requests, summary.duration, summary.bytes, latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
"""


def ask(machine: Machine, server: Server, script: str, seconds: float, connections: int = 16) -> Load:
    """Has wrk ask a server from the other core. Any answer of 400 and above, and any broken connection, is an error."""
    path = machine.scratch / "requests.lua"
    path.write_text(script + DONE)
    before = server.cpu_seconds()
    command = ["taskset", "-c", str(cores()[1]), "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    command += ["--timeout", "30s", "--latency", "-s", str(path), f"http://{HOST}:{server.port}/"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    cpu_seconds = server.cpu_seconds() - before
    found = re.search(r"^RESULT (\{.*\})$", ended.stdout, re.MULTILINE)
    if ended.returncode != 0 or not found:
        raise CannotRun(f"wrk failed with {ended.returncode}: {' '.join((ended.stderr or ended.stdout).split())[-300:]}")
    result = json.loads(found.group(1))
    if not result["requests"] or result["errors"] or result["statuses"]:
        raise CannotRun(
            f"{server.name}: {result['requests']} answers, {result['statuses']} of them refusals or errors, and "
            f"{result['errors']} broken connections; expected good answers only"
        )
    return Load(result["requests"], result["us"] / 1e6, result["bytes"], result["p99_us"] / 1e3, cpu_seconds)
