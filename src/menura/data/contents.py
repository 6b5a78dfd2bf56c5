"""What a folder holds to learn from, and the refusal of a folder that holds something else."""

from __future__ import annotations

from pathlib import Path

from menura.data.folders import Say, files_under
from menura.data.midi_folder import ScoreFile, find_scores
from menura.data.sound_folder import Sound, find_sounds

_PACKED = (".zip", ".tar.gz", ".tgz", ".7z", ".rar", ".parquet")


def contents(folder: Path, say: Say) -> tuple[list[Sound], list[ScoreFile]]:
    """The sounds and the MIDI files of a folder.

    Args:
        folder: to look through.
        say: is told what is passed over, and what lies outside.

    Raises:
        ValueError: there is neither, or a manifest, table, shard or zip in it is not sound.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder; give one that holds sound or MIDI files")
    sounds = find_sounds(folder, say)
    scores = find_scores(folder, lambda _: None)  # the same links, said already
    if not sounds and not scores:
        packed = files_under(folder, lambda name: name.lower().endswith(_PACKED), lambda _: None)
        hint = f"; {packed[0].name} is not looked into, unpack it first" if packed else ""
        raise ValueError(f"{folder} holds neither sound nor MIDI files{hint}")
    return sounds, scores


def sounds_in(folder: Path, say: Say) -> list[Sound]:
    """The sounds of a folder; MIDI files are left aside, which is said.

    Raises:
        ValueError: as `contents`, or there are MIDI files alone.
    """
    sounds, scores = contents(folder, say)
    if not sounds:
        raise ValueError(f"{folder} holds {len(scores)} MIDI files and no sound; did you mean score_lm?")
    if scores:
        say(f"{len(scores)} MIDI files are left aside")
    return sounds


def scores_in(folder: Path, say: Say) -> list[ScoreFile]:
    """The MIDI files of a folder; sounds are left aside, which is said.

    Raises:
        ValueError: as `contents`, or there are sounds alone.
    """
    sounds, scores = contents(folder, say)
    if not scores:
        raise ValueError(f"{folder} holds {len(sounds)} sounds and no MIDI files; did you mean codec or wavenet?")
    if sounds:
        say(f"{len(sounds)} sounds are left aside")
    return scores
