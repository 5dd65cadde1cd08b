"""A static host with TLS for tests: entity tags, conditional requests, gzip, and redirects good and bad.

Each answer is a line in --notes: path, status and, where it was so, `gzip`. It prints its port when it listens.

  /moved/…       is sent on to the same path without `/moved`
  /elsewhere/…   is sent on to an address without TLS
  /packed/…      is the file packed by gzip, whether or not that was asked for
  /bomb          is gzip of far more than it seems to be
"""

import argparse
import gzip
import hashlib
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--folder", type=Path, required=True)
parser.add_argument("--certificate", required=True)
parser.add_argument("--notes", type=Path, required=True)
parser.add_argument("--port", type=int, default=0)
arguments = parser.parse_args()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("/moved/"):
            return self.answer(302, {"Location": self.path.removeprefix("/moved")})
        if self.path.startswith("/elsewhere/"):
            return self.answer(302, {"Location": "http://localhost:1" + self.path.removeprefix("/elsewhere")})
        if self.path == "/bomb":
            return self.answer(200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * (65 << 20), 1))
        path = self.path.removeprefix("/packed")
        try:
            content = (arguments.folder / path.lstrip("/")).read_bytes()
        except OSError:
            return self.answer(404, {})
        headers = {"ETag": '"' + hashlib.sha256(content).hexdigest() + '"'}
        if self.headers["If-None-Match"] == headers["ETag"]:
            return self.answer(304, headers)
        if path != self.path or "gzip" in self.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            content = gzip.compress(content)
        return self.answer(200, headers, content)

    def answer(self, status, headers, content=b""):
        with arguments.notes.open("a") as notes:
            notes.write(" ".join([self.path, str(status), headers.get("Content-Encoding", "")]).rstrip() + "\n")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


ThreadingHTTPServer.allow_reuse_address = True
server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(arguments.certificate)
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
# Whoever started it holds the other end of standard input: its end is ours.
sys.stdin.read()
