"""An SMTP server for tests, by aiosmtpd: STARTTLS or TLS from the start, login, and refusals as told.

Everything goes to files in --folder: each mail that was accepted as 1.eml, 2.eml, … with its envelope in 1.json, 2.json, …,
and `commands`, one line for each command of interest. It prints its port when it listens.
"""

import argparse
import asyncio
import json
import os
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", choices=["starttls", "tls", "none"], default="starttls")
    parser.add_argument("--certificate", help="chain and private key in one PEM file")
    parser.add_argument("--user", help="asks for a login; the password is in SMTP_PASSWORD")
    parser.add_argument("--mechanism", choices=["PLAIN", "LOGIN"], help="the only one that is offered")
    parser.add_argument("--refuse-recipients", type=int, help="answers every RCPT with this code …")
    parser.add_argument("--times", type=int, help="… but this often only")
    return parser.parse_args()


class Server(SMTP):
    """Writes down which commands came."""

    commands: Path

    def note(self, command):
        with self.commands.open("a") as file:
            file.write(command + "\n")

    async def smtp_STARTTLS(self, arg):
        self.note("STARTTLS")
        return await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg):
        self.note("AUTH " + (arg or "").split(" ")[0])
        return await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg):
        self.note("MAIL")
        return await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):
        self.note("RCPT")
        return await super().smtp_RCPT(arg)


class Handler:
    def __init__(self, arguments):
        self.folder = arguments.folder
        self.refuse = arguments.refuse_recipients
        self.times = arguments.times
        self.accepted = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuse and (self.times is None or self.times > 0):
            if self.times is not None:
                self.times -= 1
            # Servers quote addresses, and what they say must not get into a log.
            return f"{self.refuse} 4.7.1 <{address}>: no mail for {address} just now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.accepted += 1
        described = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "login": (session.auth_data.login.decode() if session.authenticated else None),
        }
        (self.folder / f"{self.accepted}.json").write_text(json.dumps(described))
        # Last and by rename, since a test waits for it.
        aside = self.folder / "aside"
        aside.write_bytes(envelope.original_content)
        aside.rename(self.folder / f"{self.accepted}.eml")
        return "250 accepted"


def authenticator(user):
    password = os.environ.get("SMTP_PASSWORD", "")

    def authenticate(server, session, envelope, mechanism, data):
        good = data.login.decode() == user and data.password.decode() == password
        return AuthResult(success=good, handled=False, auth_data=data)

    return authenticate


async def serve(arguments):
    context = None
    if arguments.tls != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(arguments.certificate)
    handler = Handler(arguments)
    Server.commands = arguments.folder / "commands"
    excluded = [name for name in ["PLAIN", "LOGIN"] if arguments.mechanism not in (None, name)]

    def connection():
        return Server(
            handler,
            hostname="mail.test",
            tls_context=context if arguments.tls == "starttls" else None,
            require_starttls=arguments.tls == "starttls",
            authenticator=authenticator(arguments.user),
            auth_required=arguments.user is not None,
            # Without TLS it would not even offer a login, and could not tell who would have sent a password.
            auth_require_tls=arguments.tls == "starttls",
            auth_exclude_mechanism=excluded,
        )

    implicit = context if arguments.tls == "tls" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "127.0.0.1", arguments.port, ssl=implicit)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Whoever started it holds the other end of standard input: its end is ours.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve(parse_arguments()))
