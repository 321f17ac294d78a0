#!/usr/bin/env python3
"""mspd beside other engines: times its queries, then prints the medians and 99th percentiles of all
and the ratio of mspd to the fastest of the others (below 1: mspd is faster).

Usage: bench_peers.py MSPD CORPUS.tsv QUERIES.json OUT.json [PEER.json...] [--ids IDS.json] [--rounds N]

Each PEER.json has times in microseconds by class, as `mspd bench text` writes them: under "lat_us",
or nothing but them. An engine measured several times may be given several times: files with one
"peer" are taken together, the best of each figure. OUT.json is written anew, N times (2); the index
beside it is kept. Ends with 1 when what mspd found is not the best of all that matches, or differs
from IDS.json, an earlier OUT.json.
"""

import argparse
import json
import os
import subprocess
import sys


def figures(path):
    """The name, the times by class and the rest of one file."""
    with open(path, encoding="utf-8") as file:
        read = json.load(file)
    times = read.get("lat_us", read)
    times = {name: each for name, each in times.items() if isinstance(each, dict) and "p50" in each}
    name = str(read.get("peer", os.path.basename(path).split(".")[0]))
    return name.split()[0], times, read


def better(one, other):
    """The best figures of two measurements."""
    merged = dict(one)
    for name, times in other.items():
        known = merged.get(name, times)
        merged[name] = {key: min(known[key], times[key]) for key in ("p50", "p99")}
    return merged


def measure(options):
    """mspd's best figures of some rounds, and what it found."""
    times = {}
    for _ in range(options.rounds):
        done = subprocess.run(
            [options.mspd, "bench", "text", options.corpus, options.queries, options.out],
            stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr.strip() or f"{options.mspd} ended with {done.returncode}")
        _, measured, found = figures(options.out)
        times = better(times, measured)
    return times, found


def table(mspd, peers):
    """The rows of the table, as Markdown."""
    names = sorted(peers)
    yield "| class | mspd p50 | p99 | " + "".join(f"{name} p50 | p99 | " for name in names) + (
        "ratio p50 | ratio p99 |")
    yield "|---" * (5 + 2 * len(names)) + "|"
    for kind, own in mspd.items():
        cells = [kind, f"{own['p50']:,.0f}", f"{own['p99']:,.0f}"]
        for name in names:
            times = peers[name].get(kind)
            cells += [f"{times['p50']:,.0f}", f"{times['p99']:,.0f}"] if times else ["", ""]
        for key in ("p50", "p99"):
            best = [peers[name][kind][key] for name in names if kind in peers[name]]
            cells.append(f"{own[key] / min(best):.2f}" if best else "")
        yield "| " + " | ".join(cells) + " |"


def unlike(found, path):
    """Queries for which an earlier file has other ids, by class."""
    with open(path, encoding="utf-8") as file:
        earlier = json.load(file)["top"]
    for kind, answers in found["top"].items():
        others = sum(a != b for a, b in zip(answers, earlier.get(kind, answers)))
        if others:
            yield f"{kind} {others}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    for name in ("mspd", "corpus", "queries", "out"):
        parser.add_argument(name)
    parser.add_argument("peers", nargs="*")
    parser.add_argument("--ids")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    peers, sizes = {}, []
    for path in options.peers:
        name, times, read = figures(path)
        peers[name] = better(peers.get(name, {}), times)
        if "bytes" in read:
            sizes.append(f"{name} {read['bytes'] / 1e6:,.1f} MB")
    mspd, found = measure(options)
    print(*table(mspd, peers), sep="\n")
    sizes.insert(0, f"mspd {found['bytes'] / 1e6:,.1f} MB")
    print("\nindex:", ", ".join(dict.fromkeys(sizes)))
    print(f"{found['differing']} queries whose best 10 are not those of all that match")
    others = list(unlike(found, options.ids)) if options.ids else []
    if options.ids:
        print("other ids than before:", ", ".join(others) or "none")
    return 1 if others or found["differing"] else 0


if __name__ == "__main__":
    sys.exit(main())
