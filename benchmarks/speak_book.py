"""A book of so many words as an m4b: how fast, in how much memory, with which chapters; and cut off half-way.

    python benchmarks/speak_book.py text-sentences-en --words 100000

The book is an EPUB of the sentences of a folder of texts (sentences.jsonl, rows of "text"), in paragraphs of five and
chapters of some 3 500 words. `menura speak` runs as a process of its own; with ``--cut`` another one is killed twice on
its way and then left to end, and what it wrote is compared, byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

import av

_WORDS_A_CHAPTER = 3500
_SENTENCES_A_PARAGRAPH = 5


def sentences(folder: Path) -> Iterator[str]:
    """The texts of a folder, again from the first after the last."""
    with (folder / "sentences.jsonl").open(encoding="utf-8") as rows:
        texts = [json.loads(row)["text"] for row in rows]
    yield from itertools.cycle(texts)


def chapters(folder: Path, words: int) -> list[list[str]]:
    """Sentences of chapters that have so many words together."""
    found: list[list[str]] = []
    count = left = 0
    for sentence in sentences(folder):
        if count >= words:
            return found
        if left <= 0:
            found.append([])
            left = _WORDS_A_CHAPTER
        found[-1].append(sentence)
        count += len(sentence.split())
        left -= len(sentence.split())
    raise ValueError(f"{folder} has no sentences")


def write_epub(path: Path, book: list[list[str]]) -> None:
    """Chapters as a book with its contents."""
    pages = {f"c{number}.xhtml": _page(number, said) for number, said in enumerate(book, start=1)}
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in pages)
    items += '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    refs = "".join(f'<itemref idref="{name}"/>' for name in pages)
    links = "".join(f'<li><a href="{name}">Chapter {number}</a></li>' for number, name in enumerate(pages, start=1))
    about = "<dc:title>A book of sentences</dc:title><dc:language>en-US</dc:language>"
    files = {
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>',
        "book.opf": f"<package><metadata>{about}</metadata><manifest>{items}</manifest><spine>{refs}</spine></package>",
        "nav.xhtml": f'<html><body><nav epub:type="toc"><ol>{links}</ol></nav></body></html>',
        **pages,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def _page(number: int, said: list[str]) -> str:
    cut = [
        " ".join(said[start : start + _SENTENCES_A_PARAGRAPH]) for start in range(0, len(said), _SENTENCES_A_PARAGRAPH)
    ]
    return f"<html><body><h1>Chapter {number}</h1>{''.join(f'<p>{escape(one)}</p>' for one in cut)}</body></html>"


def spoken(book: Path, output: Path, threads: int, killed_after_s: float | None = None) -> dict[str, float]:
    """Run `menura speak`: seconds on the clock and of the processor, and the most memory it held, MB."""
    command = [sys.executable, "-m", "menura", "speak", "--file", str(book), "-o", str(output), "--captions", "json"]
    started = time.monotonic()
    process = subprocess.Popen([*command, "--threads", str(threads), "--quiet"])
    if killed_after_s is not None:
        time.sleep(killed_after_s)
        process.send_signal(signal.SIGKILL)
    _, status, used = os.wait4(process.pid, 0)
    if status and killed_after_s is None:
        raise RuntimeError(f"menura speak ended with {status}")
    wall_s = time.monotonic() - started
    return {"wall_s": wall_s, "cpu_s": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}


def begins(output: Path) -> tuple[float, list[float]]:
    """Seconds of the sound, and how long after the mark of each chapter the words that begin it are said."""
    with av.open(str(output)) as file:
        marks = [float(one["start"] * one["time_base"]) for one in file.chapters()]
        seconds = (file.duration or 0) / av.time_base
    words = json.loads(output.with_suffix(".words.json").read_text(encoding="utf-8"))["words"]
    first = [next(word for word in words if word["start_s"] >= mark) for mark in marks]
    if any(word["text"] != "Chapter" for word in first):
        raise RuntimeError("a chapter does not begin with its title")
    return seconds, [word["start_s"] - mark for word, mark in zip(first, marks, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds sentences.jsonl")
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cut", action="store_true", help="also kill a run twice, and compare what it wrote at last")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="menura-book-") as folder:
        epub, output = Path(folder) / "book.epub", Path(folder) / "whole.m4b"
        book = chapters(args.folder, args.words)
        write_epub(epub, book)
        used = spoken(epub, output, args.threads)
        seconds, late_s = begins(output)
        found: dict[str, object] = {
            "words": sum(len(one.split()) for said in book for one in said),
            "hours": round(seconds / 3600, 3),
            "times_real_time": round(seconds / used["wall_s"], 1),
            "times_real_time_of_cpu": round(seconds / used["cpu_s"], 1),
            "peak_mb": round(used["peak_mb"]),
            "mb_of_file": round(output.stat().st_size / 1e6, 1),
            "chapters": f"{len(late_s)} of {len(book)}",
            "title_said_after_mark_s": [round(min(late_s), 3), round(max(late_s), 3)],
        }
        if args.cut:
            again = Path(folder) / "cut.m4b"
            for share in (0.4, 0.4):
                spoken(epub, again, args.threads, share * used["wall_s"])
            assert not again.exists()
            spoken(epub, again, args.threads)
            hashes = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (output, again)}
            found["cut_off_is_the_same"] = len(hashes) == 1
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
