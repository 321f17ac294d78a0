#!/usr/bin/env python3
"""SQLite's FTS5 on the corpus and queries of `mspd bench text`: the best 10 by bm25, one query at a
time, warm.

Usage: peer_sqlite.py CORPUS.tsv QUERIES.json OUT.json [CLASS...]

Without classes: quote5 alone, since FTS5 scores every match. Of each class the first
PEER_QUERIES (50) are asked. The database is kept beside OUT.json.
"""

import json
import os
import sqlite3
import statistics
import sys
import time


def build(database, corpus):
    """Fills a new database; seconds until it is durable and merged into one."""
    started = time.perf_counter()
    database.execute(
        "CREATE VIRTUAL TABLE lines USING fts5(text, tokenize='unicode61 remove_diacritics 0')")
    with open(corpus, encoding="utf-8") as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        database.executemany(
            "INSERT INTO lines(rowid, text) VALUES (?, ?)", ((int(row[0]), row[5]) for row in rows))
    database.commit()
    seconds = time.perf_counter() - started
    database.execute("INSERT INTO lines(lines) VALUES ('optimize')")
    database.commit()
    return seconds


def typed(kind, query):
    """A query in FTS5's language."""
    words = [f'"{word}"' for word in (query.split() if isinstance(query, str) else query)]
    if kind.startswith("phrase"):
        return " + ".join(words)
    if kind.startswith("prefix"):
        return words[0] + "*"
    return (" AND " if kind.startswith("and") else " OR ").join(words)


def main():
    corpus, queries, out = sys.argv[1:4]
    kinds = sys.argv[4:] or ["quote5"]
    most = int(os.environ.get("PEER_QUERIES", "50"))
    path = out + ".index"
    is_new = not os.path.exists(path)
    database = sqlite3.connect(path)
    result = {"peer": "SQLite " + sqlite3.sqlite_version, "lat_us": {}, "top": {}}
    if is_new:
        result["index_s"] = round(build(database, corpus), 1)
    result["bytes"] = os.path.getsize(path)
    with open(queries, encoding="utf-8") as file:
        classes = json.load(file)
    select = "SELECT rowid FROM lines WHERE lines MATCH ? ORDER BY rank LIMIT 10"
    for kind in kinds:
        texts = [typed(kind, query) for query in classes[kind][:most]]
        for text in texts[:5]:
            database.execute(select, (text,)).fetchall()
        times = []
        result["top"][kind] = []
        for text in texts:
            started = time.perf_counter()
            found = database.execute(select, (text,)).fetchall()
            times.append((time.perf_counter() - started) * 1e6)
            result["top"][kind].append([row[0] for row in found])
        times.sort()
        result["lat_us"][kind] = {
            "p50": round(statistics.median(times)),
            "p99": round(times[min(len(times) - 1, int(len(times) * 0.99))]),
            "mean": round(statistics.mean(times)),
        }
        print(kind, result["lat_us"][kind], file=sys.stderr)
    with open(out, "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
