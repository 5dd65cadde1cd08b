"""Reads a mail as mail programs do, and prints as JSON its headers, decoded, and its text."""

import email
import json
import sys
from email import policy
from pathlib import Path

message = email.message_from_bytes(Path(sys.argv[1]).read_bytes(), policy=policy.default)
body = message.get_body(preferencelist=("plain",))
defects = [type(defect).__name__ for part in message.walk() for defect in part.defects]
for header in message.values():
    defects += [type(defect).__name__ for defect in header.defects]
print(
    json.dumps(
        {
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "text": body.get_content().replace("\r\n", "\n"),
            "defects": defects,
        }
    )
)
