"""A transcript as files, named and shaped as those of openai/whisper; karaoke and chapters of podcasts beside them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from menura.text.captions import BROADCAST, Caption, Layout, Word, captions, srt, vtt, wrapped
from menura.text.topics import chapters
from menura.text.transcript import Segment, Transcript

_ASS_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: 1280
PlayResY: 720
WrapStyle: 2

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,48,&H0000D7FF,&H00FFFFFF,&H00000000,&H64000000,0,0,0,0,100,100,0,0,1,2,1,2,40,40,40,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_ASS_SIGNS = str.maketrans({"{": "(", "}": ")", "\\": "/", "\n": " "})
"""What would begin a command."""


def shown(transcript: Transcript, layout: Layout = BROADCAST) -> list[Caption]:
    """What was said as captions, of words where their times are known, else one for each segment; and other sounds."""
    if words := transcript.words():
        said = captions(words, layout)
    else:
        segments = (segment for segment in transcript.segments if segment.text.strip())
        said = [wrapped(one.text, one.start_s, one.end_s, one.speaker, layout) for one in segments]
    return sorted((*said, *transcript.sounds), key=lambda one: one.start_s)


def to_txt(transcript: Transcript, _layout: Layout = BROADCAST) -> str:
    """A line for each segment, which begins with its speaker where that is known."""
    return "".join(f"{_named(segment)}\n" for segment in transcript.segments)


def to_srt(transcript: Transcript, layout: Layout = BROADCAST) -> str:
    """Captions as SubRip."""
    return srt(shown(transcript, layout), layout.highlight_words)


def to_vtt(transcript: Transcript, layout: Layout = BROADCAST) -> str:
    """Captions as WebVTT."""
    return vtt(shown(transcript, layout), layout.highlight_words)


def to_tsv(transcript: Transcript, _layout: Layout = BROADCAST) -> str:
    """Start and end of each segment in milliseconds, and its text, with tabs between them."""
    rows = [f"{round(1000 * one.start_s)}\t{round(1000 * one.end_s)}\t{_named(one)}\n" for one in transcript.segments]
    return "".join(("start\tend\ttext\n", *rows))


def to_json(transcript: Transcript, _layout: Layout = BROADCAST) -> str:
    """All that is known, in the fields of whisper's JSON; `seek` counts hundredths of a second."""
    said = {
        "text": transcript.text,
        "segments": [segment_fields(segment) for segment in transcript.segments],
        "language": transcript.language,
    }
    return json.dumps(said, ensure_ascii=False) + "\n"


def from_json(content: str | bytes) -> Transcript:
    """What `to_json` wrote, or openai/whisper.

    Raises:
        ValueError: it is no such file.
    """
    try:
        said = json.loads(content)
        segments = [_segment(number, fields) for number, fields in enumerate(said["segments"])]
        language = str(said.get("language", ""))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValueError("is no transcript as whisper's JSON") from None
    return Transcript.of(segments, language, max((segment.end_s for segment in segments), default=0.0))


def to_ass(transcript: Transcript, layout: Layout = BROADCAST) -> str:
    """Captions as Advanced SubStation Alpha, each word coloured as it sounds (karaoke)."""
    return ass(shown(transcript, layout))


def ass(shown: Sequence[Caption]) -> str:
    """As `to_ass`."""
    lines = []
    for one in shown:
        speaker = one.speaker.translate(_ASS_SIGNS).replace(",", " ")
        text = _karaoke(one) if one.words else r"\N".join(line.translate(_ASS_SIGNS) for line in one.lines)
        lines.append(f"Dialogue: 0,{_ass_time(one.start_s)},{_ass_time(one.end_s)},Default,{speaker},0,0,0,,{text}\n")
    return _ASS_HEAD + "".join(lines)


def to_chapters(transcript: Transcript, _layout: Layout = BROADCAST) -> str:
    """Chapters as a podcast's feed has them: JSON chapters 1.2.0 of the Podcasting 2.0 namespace."""
    rows = [
        {"startTime": round(one.start_s, 3), "endTime": round(one.end_s, 3), "title": one.title}
        for one in chapters(transcript)
    ]
    return json.dumps({"version": "1.2.0", "chapters": rows}, indent=1, ensure_ascii=False) + "\n"


Writer = Callable[[Transcript, Layout], str]

WRITERS: dict[str, Writer] = {"txt": to_txt, "vtt": to_vtt, "srt": to_srt, "tsv": to_tsv, "json": to_json}
"""Format -> what writes it, as whisper has them."""
MORE_WRITERS: dict[str, Writer] = {"ass": to_ass, "chapters": to_chapters}
"""Those that whisper has not."""


def segment_fields(segment: Segment) -> dict[str, object]:
    """A segment in the fields of whisper's JSON, with `words` and `speaker` where they are known."""
    fields: dict[str, object] = {
        "id": segment.id,
        "seek": round(100 * segment.seek_s),
        "start": round(segment.start_s, 3),
        "end": round(segment.end_s, 3),
        "text": segment.text,
        "tokens": list(segment.tokens),
        "temperature": segment.temperature,
        "avg_logprob": segment.avg_logprob,
        "compression_ratio": segment.compression_ratio,
        "no_speech_prob": segment.no_speech_prob,
    }
    if segment.words:
        fields["words"] = _words(segment)
    if segment.speaker:
        fields["speaker"] = segment.speaker
    return fields


def _segment(number: int, fields: Mapping[str, Any]) -> Segment:
    words = [
        Word(str(one["word"]).strip(), *_times(one), probability=float(one.get("probability", 1.0)))
        for one in fields.get("words", ())
    ]
    return Segment(
        number,
        *_times(fields),
        str(fields["text"]),
        tuple(map(int, fields.get("tokens", ()))),
        temperature=float(fields.get("temperature", 0.0)),
        avg_logprob=float(fields.get("avg_logprob", 0.0)),
        compression_ratio=float(fields.get("compression_ratio", 1.0)),
        no_speech_prob=float(fields.get("no_speech_prob", 0.0)),
        words=tuple(word for word in words if word.text),
        speaker=str(fields.get("speaker", "")),
        seek_s=float(fields.get("seek", 0)) / 100,
    )


def _times(fields: Mapping[str, Any]) -> tuple[float, float]:
    start_s, end_s = float(fields["start"]), float(fields["end"])
    if not 0 <= start_s <= end_s < math.inf:
        raise ValueError("times go backwards")
    return start_s, end_s


def _words(segment: Segment) -> list[dict[str, object]]:
    """Words with the white space before them, so that they are the text when they are joined."""
    rows, place = [], 0
    for word in segment.words:
        end = segment.text.find(word.text, place) + len(word.text)
        text, place = (segment.text[place:end], end) if end > place else (f" {word.text}", place)
        times = {"start": round(word.start_s, 3), "end": round(word.end_s, 3)}
        rows.append({"word": text, **times, "probability": round(word.probability, 6)})
    return rows


def _named(segment: Segment) -> str:
    text = " ".join(segment.text.split())
    return f"{segment.speaker}: {text}" if segment.speaker else text


def _karaoke(caption: Caption) -> str:
    r"""Lines in which each word, and each silence, is told how many hundredths of a second it takes (``\k``)."""
    begun, at = set(), 0

    def lasting(until_s: float) -> str:
        nonlocal at
        until = max(round(100 * (until_s - caption.start_s)), at)
        lasts, at = until - at, until
        return f"{{\\k{lasts}}}"

    lines: Sequence[str] = []
    for line in caption.fragments():
        text = ""
        for number, letters in line:
            if number >= 0 and number not in begun:
                begun.add(number)
                word = caption.words[number]
                gap = lasting(word.start_s)
                text += (gap if gap != r"{\k0}" else "") + lasting(word.end_s)
            text += letters.translate(_ASS_SIGNS)
        lines = [*lines, text]
    return r"\N".join(lines)


def _ass_time(seconds: float) -> str:
    hundredths = round(100 * seconds)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 100:02d}.{rest % 100:02d}"
