# Onboards the results of any algorithm, from nothing: makes its track, then writes what it found in
# each title as one operation, so that a search sees all of the old or all of the new. Here faces
# come from a file of lines such as
#
#     {"title": "pilot", "in": "12.5s", "out": "14s", "name": "Ada", "score": 0.93,
#      "box": "0.41,0.10,0.20,0.35"}
#
#     python onboard.py faces.ndjson              server at 127.0.0.1:6773
#     python onboard.py faces.ndjson /run/mspd.sock

import collections
import json
import socket
import sys


class Server:
    """A connection: a request in, its reply out."""

    def __init__(self, address):
        if "/" in address:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(address)
        else:
            host, port = address.rsplit(":", 1)
            self.socket = socket.create_connection((host, int(port)))
        self.file = self.socket.makefile("rwb")
        self.file.readline()

    def ask(self, line, body=None, allowed=()):
        literal = b"" if body is None else b" {%d}\n" % len(body) + body
        self.file.write(line.encode() + literal + b"\n")
        self.file.flush()
        rows = []
        for reply in self.file:
            fields = reply.decode().rstrip("\n").split("\t")
            if fields[0].startswith("="):
                rows.append(fields[1:])
            elif not fields[0].startswith("-") or fields[0].split()[1] in allowed:
                return rows, dict(field.split("=", 1) for field in fields[1:] if "=" in field)
            else:
                raise SystemExit("mspd: " + " ".join(fields))


def main(path, address="127.0.0.1:6773"):
    found = collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            row["text"] = row["name"]
            found[row["title"]].append(row)
    server = Server(address)
    server.ask("TRACK CREATE faces text=auto name:keyword score:number box:box",
               allowed=["EXISTS.track"])
    for title, rows in found.items():
        server.ask(f"TITLE SET {title}")
        operation = server.ask(f"BEGIN faces {title}")[1]["op"]
        body = "".join(json.dumps(row) + "\n" for row in rows).encode()
        bad, counts = server.ask(f"LOAD faces format=ndjson op={operation}", body)
        if bad:
            server.ask(f"ABORT {operation}")
            raise SystemExit(f"{title}: {bad}")
        server.ask(f"COMMIT {operation}")
        print(f"{title}: {counts['rows']} faces")


main(*sys.argv[1:])
