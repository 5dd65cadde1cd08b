#!/usr/bin/python3
"""Asks the validator whether a request is for a signed link that is good. A `RewriteMap` of type `prg:` (apache.conf).

Apache starts it once. It writes the first line of a request to our standard input, such as `GET /protected/… HTTP/1.1`, and
waits for one line on our standard output:

    verified <target>  serve this path, if it is that of the request: Apache may have been killed while it waited for an answer,
                       and then it reads that one now
    refused <reason>   answer 403 with this sentence
    away               answer 503: the validator said nothing

It never ends by itself, since Apache would not start it again.
"""

import http.client
import re
import sys

# `listen` of the validator. Adapt it.
VALIDATOR = ("127.0.0.1", 8480)
# The one header that the validator reads: `header` of its `[edge_verify]`.
HEADER = "X-Original-URI"
# Seconds that the validator may take. Other requests wait meanwhile, since Apache asks one question at a time.
PATIENCE = 2

# Method and target as they came over the wire. Apache has refused control characters already.
REQUEST = re.compile(rb"([^ ]+) ([^ ?]+)(\?[^ ]*)? HTTP/1\.[01]")


def verdict(line):
    request = REQUEST.fullmatch(line)
    if request is None or request[1] not in (b"GET", b"HEAD"):
        return b"refused Refused (method): the request method is neither `GET` nor `HEAD`."
    target = request[2] + (request[3] or b"")
    connection = http.client.HTTPConnection(*VALIDATOR, timeout=PATIENCE)
    try:
        # A request of our own: nothing that the client sent is in it but the target.
        connection.request("GET", "/edge/verify", headers={HEADER: target})
        answer = connection.getresponse()
        if answer.status == 200:
            return b"verified " + target
        if 400 <= answer.status < 500:
            return b"refused " + (answer.read(1000).split(b"\n")[0] or b"Refused.")
        return b"away"
    finally:
        connection.close()


for line in sys.stdin.buffer:
    try:
        answer = verdict(line.rstrip(b"\n"))
    except Exception:  # whatever it was, nothing is served
        answer = b"away"
    sys.stdout.buffer.write(answer + b"\n")
    sys.stdout.buffer.flush()
