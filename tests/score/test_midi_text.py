"""Words of MIDI files are read as they were meant, in whatever encoding of the time."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score import midi
from menura.score.midi_text import decoder

_NAMES = {
    "utf-8": ["Flöte", "ピアノ", "钢琴", "Скрипка", "Violão", "🎹"],
    "cp932": [
        "ピアノ",
        "バイオリン",
        "メロディ",
        "主旋律",
        "弦楽器",
        "ギター1",
        "尺八",
        "エレキギターR",
        "第1楽章",
        "琴",
    ],
    "gbk": ["钢琴", "小提琴", "主旋律", "吉他", "鼓", "二胡", "古筝", "大提琴", "笛子", "贝斯", "左手", "竹笛 独奏"],
    "big5": ["鋼琴", "小提琴", "主旋律", "吉他", "二胡", "古箏", "大提琴", "左手"],
    "cp949": ["피아노", "바이올린", "드럼", "기타", "멜로디", "베이스", "첼로", "가야금"],
    "cp1251": [
        "Гитара",
        "Скрипка",
        "Бас",
        "Барабаны",
        "РОЯЛЬ",
        "соло",
        "Фортепиано (левая рука)",
        "скрипка II",
        "Альт",
    ],
    "koi8-r": ["Гитара", "Скрипка", "Барабаны", "Фортепиано", "Виолончель"],
    "cp1253": ["Κιθάρα", "Βιολί", "Πιάνο", "Τύμπανα"],
    "cp1252": [
        "Flöte",
        "Größe",
        "Violão",
        "Été",
        "Guitare à cordes",
        "Pauken & Becken – groß",
        "Coração",
        "für Elise",
        "1ª voz",
    ],
    "cp1250": ["Skrzypce główne", "Wiolonczela żałobna", "Příčná flétna", "Housle první"],
}


@pytest.mark.parametrize(
    ("encoding", "name"), [(encoding, name) for encoding, names in _NAMES.items() for name in names]
)
def test_a_name_alone_is_read_in_its_encoding(encoding: str, name: str) -> None:
    encoded = name.encode(encoding)
    assert decoder([encoded])(encoded) == name


@pytest.mark.parametrize("encoding", _NAMES)
def test_all_words_of_a_file_are_judged_together_with_plain_ones(encoding: str) -> None:
    tracks = b""
    for channel, name in enumerate(_NAMES[encoding][:9]):
        encoded = name.encode(encoding)
        content = b"\x00\xff\x03" + bytes((len(encoded),)) + encoded + b"\x00\xff\x01\x05hello"
        content += bytes((0, 0x90 | channel, 60, 64, 96, 0x80 | channel, 60, 0)) + b"\x00\xff\x2f\x00"
        tracks += struct.pack(">4sI", b"MTrk", len(content)) + content
    score = midi.read(struct.pack(">4sIHHH", b"MThd", 6, 1, len(_NAMES[encoding][:9]), 480) + tracks)
    assert [track.name for track in score.tracks] == _NAMES[encoding][:9]
    again = midi.read(midi.to_bytes(score))
    assert [track.name for track in again.tracks] == _NAMES[encoding][:9]


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_any_bytes_become_one_line_of_printable_text(words: list[bytes]) -> None:
    decode = decoder(words)
    for each in words:
        text = decode(each)
        assert text.isprintable()
        assert len(text) <= 200
        assert text == text.strip()


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=50))
def test_utf_8_is_taken_as_it_is(text: str) -> None:
    assert decoder([text.encode()])(text.encode()) == text.lstrip("\ufeff")
