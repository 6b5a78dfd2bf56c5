"""A user's pronunciations are read from two kinds of files; what is wrong is named with its line."""

from __future__ import annotations

import json

import pytest

from menura.text.speech.lexicon import read_lexicon


def test_tsv_and_json_say_the_same(tmp_path):
    words = {"Menura": "mɛˈnʊɹə", "data": "ˈdɑːtə"}
    (tmp_path / "own.json").write_text(json.dumps(words), encoding="utf-8")
    lines = "# mine\n\n" + "".join(f"{word}\t/{said}/\n" for word, said in words.items())
    (tmp_path / "own.tsv").write_text(lines, encoding="utf-8")
    assert read_lexicon(tmp_path / "own.tsv") == read_lexicon(tmp_path / "own.json")
    assert "".join(read_lexicon(tmp_path / "own.tsv")["Menura"]) == "mɛnˈʊɹə"


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.tsv", "cat kæt\n", r"a.tsv, line 1: must be a word, a tab"),
        ("a.tsv", "a\ta\ncat\tk%t\n", r'a.tsv, line 2: "k%t", character 2'),
        ("a.json", '{"cat": 3}', r'a.json, "cat": the pronunciation must be IPA'),
        ("a.tsv", "\xff".encode("latin-1"), "not UTF-8: byte 0"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=complaint):
        read_lexicon(path)
