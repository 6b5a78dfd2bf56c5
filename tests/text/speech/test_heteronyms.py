"""Words that are written alike are told apart by the words around them."""

from __future__ import annotations

from pathlib import Path

from menura.text.speech import heteronyms
from menura.text.speech.normalise import normalise


def test_heteronyms_are_said_as_their_sentence_means_them():
    """`n`: the noun's or adjective's sound, `v`: the verb's; otherwise IPA."""
    lines = Path(__file__).with_name("heteronyms.tsv").read_text(encoding="utf-8").splitlines()
    wrong = []
    for line in lines:
        text, word, wanted = line.split("\t")
        if wanted in ("n", "v"):
            wanted = heteronyms._PAIRS[word][wanted == "v"]
        words = [token.text.lower() for token in normalise(text) if token.kind != "punctuation"]
        said = heteronyms.said(words, words.index(word), "en-us")
        if said != heteronyms._sounds(wanted, "en-us"):
            wrong.append(f"{text} {word}: {''.join(said or ())}, not {wanted}")
    assert len(wrong) <= 0.03 * len(lines), "\n".join(wrong)


def test_british_ones_have_british_sounds():
    assert "".join(heteronyms.said(["the", "object"], 1, "en-gb") or ()) == "ˈɒbdʒɛkt"
    assert "".join(heteronyms.said(["the", "tear"], 1, "en-gb") or ()) == "tˈɪə"
    assert heteronyms.said(["the", "cat"], 1, "en-gb") is None
