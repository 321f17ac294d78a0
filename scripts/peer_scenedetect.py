#!/usr/bin/env python3
"""PySceneDetect's detectors, as they come, on the films whose cuts were counted by eye.

Usage: peer_scenedetect.py [FOLDER]

FOLDER holds the films (../shared/data/demo unless given); where their shots change is read from
Tests/MediaTests/CountedCuts.swift. Needs `pip install scenedetect opencv-python-headless`. A change
is found when it is at the frame, give or take two, or within the dissolve.
"""

import os
import re
import sys

from scenedetect import AdaptiveDetector, ContentDetector, detect

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
AWAY = 2


def counted():
    """Of each film its path, rate, the ranges in which its shots change, and doubtful frames."""
    with open(os.path.join(ROOT, "Tests/MediaTests/CountedCuts.swift"), encoding="utf-8") as file:
        source = file.read().split("static let all")[1]
    names = re.findall(r'"(\w+)"', re.search(r"\+ \[(.*?)\]", source, re.S)[1])
    for film in source.split("CountedCuts(")[1:]:
        path = re.search(r'path: "(.*?)"', film)[1]
        rate = [int(part.replace("_", "")) for part in
                re.search(r"rate: \(([\d_]+), ([\d_]+)\)", film).groups()]
        cuts = re.search(r"cuts: \[(.*?)\]", film, re.S)[1]
        ranges = [(int(cut), int(cut)) for cut in re.findall(r"\d+", cuts)]
        ranges += [(int(a), int(b)) for a, b in re.findall(r"(\d+)\.\.\.(\d+)", film)]
        doubtful = re.search(r"doubtful: \[(.*?)\]", film)
        doubtful = [int(frame) for frame in re.findall(r"\d+", doubtful[1])] if doubtful else []
        for name in names if "\\($0)" in path else [""]:
            yield path.replace("\\($0)", name), rate[0] / rate[1], ranges, doubtful


def count(frames, ranges, doubtful):
    """How many changes are found, how many frames are none, and how many were not found."""
    right = 0
    for first, last in ranges:
        found = [frame for frame in frames if first - AWAY <= frame <= last + AWAY]
        if found:
            frames.remove(found[0])
            right += 1
    wrong = [frame for frame in frames if all(abs(frame - other) > AWAY for other in doubtful)]
    return right, len(wrong), len(ranges) - right


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "../shared/data/demo")
    for detector in ContentDetector, AdaptiveDetector:
        right = wrong = missed = 0
        for path, rate, ranges, doubtful in counted():
            scenes = detect(os.path.join(folder, path), detector())
            frames = [round(start.seconds * rate) for start, _ in scenes[1:]]
            one = count(frames, ranges, doubtful)
            right, wrong, missed = right + one[0], wrong + one[1], missed + one[2]
        precision, recall = right / (right + wrong), right / (right + missed)
        f1 = 2 * precision * recall / (precision + recall)
        print(f"{detector.__name__:16}  {right} right, {wrong} wrong, {missed} missed; "
              f"precision {precision:.2f}, recall {recall:.2f}, F1 {f1:.2f}")


if __name__ == "__main__":
    main()
