# Onboards the results of any algorithm, from nothing: makes its track, then writes what it found in
# each title as one operation, so that a search sees all of the old or all of the new. Here faces,
# a JSON object on each line:
#
#     {"title": "pilot", "in": "12.5s", "out": "14s", "name": "Ada", "confidence": 0.93,
#      "box": "0.41,0.10,0.20,0.35"}
#
#     python onboard.py faces.ndjson mspd.sock         or HOST:PORT; 127.0.0.1:6773 unless told
import json
import socket
import sys


class Server:
    def __init__(self, address):
        try:
            if "/" in address or ":" not in address:
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(address)
            else:
                connection = socket.create_connection(address.rsplit(":", 1))
        except OSError as error:
            raise SystemExit(f"mspd: no server can be reached at {address}: {error}")
        self.file = connection.makefile("rwb")
        self.file.readline()

    def ask(self, line, allowed=(), body=None):
        """Sends a request, with a literal at its end perhaps; the fields of the reply."""
        literal = b"" if body is None else b" {%d}\n" % len(body) + body
        self.file.write(line.encode() + literal + b"\n")
        self.file.flush()
        problems = []
        for reply in self.file:
            fields = reply.decode().rstrip("\n").split("\t")
            refused = fields[0].startswith("-") and fields[0].split()[1] not in allowed
            if refused or any(field.startswith("error=") for field in fields):
                problems.append("mspd: " + " ".join(fields))
            if fields[0] != "=":
                if problems:
                    raise SystemExit(problems[0])
                return dict(field.split("=", 1) for field in fields if "=" in field)


def main(path, address="127.0.0.1:6773"):
    found = {}
    with open(path, encoding="utf-8") as file:
        for row in map(json.loads, file):
            title = "-".join(row["title"].split())  # Names have no spaces.
            found.setdefault(title, []).append({**row, "title": title, "text": row["name"]})
    server = Server(address)
    server.ask("TRACK CREATE faces text=auto name:keyword confidence:number box:box",
               ["EXISTS.track"])
    for title, rows in found.items():
        server.ask(f"TITLE SET {title}")
        operation = server.ask(f"BEGIN faces {title}")["op"]
        body = "".join(json.dumps(row) + "\n" for row in rows).encode()
        try:
            server.ask(f"LOAD faces format=ndjson op={operation}", body=body)
        except SystemExit:
            server.ask(f"ABORT {operation}")
            raise
        print(title, server.ask(f"COMMIT {operation}")["rows"], "faces")


main(*sys.argv[1:])
