"""Words are those of the tokenizers library, from every form of file; what is decoded is what was encoded."""

from __future__ import annotations

import base64
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.models.whisper.tokenizer import (
    Tokenizer,
    byte_signs,
    pieces,
    plain_bytes,
    read_tokens,
    tokens_of,
    usual_tokens,
)

tokenizers = pytest.importorskip("tokenizers")
regex = pytest.importorskip("regex")
sizes = pytest.importorskip("transformers.models.whisper.configuration_whisper")

HARD = (
    "Hello world's don't I'll've  you",
    "  many   spaces \n\n x\t\ty \r\n",
    "你好,世界 场立场 日本語のテキスト",
    "emoji 😀👩‍👩‍👧 🇩🇪 é́",
    "def f(x):\n    return x**2  # ½ ² Ⅷ 一二",
    "naïve café\u00a0x\u2003y\u200b \u0085 \x1c\x1d z",
    "المرحلة ภาษาไทย हिन्दी",
    "'S 'RE 're's 123abc 4.5e-6",
    "a" * 300 + "!?" * 50,
    "<|endoftext|><|0.00|>",
)


@pytest.fixture(scope="module", params=[False, True], ids=["english", "multilingual"])
def tokenizer(request) -> Tokenizer:
    return Tokenizer(usual_tokens(request.param), 99, request.param)


@pytest.fixture(scope="module")
def reference(tokenizer):
    """The library's, with merges that are told by the ranks."""
    signs = {value: sign for sign, value in byte_signs().items()}
    shown = ["".join(signs[one] for one in token) for token in tokenizer.tokens]
    merges = []
    for rank, token in enumerate(tokenizer.tokens):
        if len(token) > 1:
            parts = _parts_under(tokenizer, token, rank)
            merges.append(tuple("".join(signs[one] for one in part) for part in parts))
    model = tokenizers.models.BPE({one: rank for rank, one in enumerate(shown)}, merges)
    library = tokenizers.Tokenizer(model)
    library.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    return library


def _parts_under(tokenizer: Tokenizer, token: bytes, rank: int) -> list[bytes]:
    """The two parts that a token is merged from: what its bytes come to by the merges before it."""
    parts = [token[place : place + 1] for place in range(len(token))]
    while len(parts) > 2:
        ranks = [tokenizer.ranks.get(a + b, rank) for a, b in pairwise(parts)]
        place = ranks.index(min(ranks))
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return parts


@pytest.mark.parametrize("text", HARD, ids=range(len(HARD)))
def test_ids_are_those_of_the_tokenizers_library(tokenizer, reference, text):
    ids = tokenizer.encode(text)
    assert ids == reference.encode(text, add_special_tokens=False).ids
    assert tokenizer.decode(ids) == text


GPT2 = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")


@given(st.text(st.sampled_from(" \n\t'stremvldSTRE1½.!?-éß中あ😀\u00a0\u2003\x1c\u0301_")))
def test_pieces_are_those_of_gpt2_s_expression(text):
    assert pieces(text) == GPT2.findall(text)


BYTEWISE = Tokenizer(plain_bytes())


@given(st.text())
def test_any_text_comes_back(text):
    assert BYTEWISE.decode(BYTEWISE.encode(text)) == text.encode("utf-8", "replace").decode()
    assert "".join(pieces(text)) == text


def test_special_tokens_are_where_openai_has_them(tokenizer):
    first = 50257 if tokenizer.is_multilingual else 50256
    assert (tokenizer.eot, tokenizer.sot, tokenizer.language_token("en")) == (first, first + 1, first + 2)
    assert tokenizer.transcribe == first + 102
    assert tokenizer.no_timestamps == first + 106
    assert tokenizer.n_vocab == (51865 if tokenizer.is_multilingual else 51864)
    assert tokenizer.decode_with_timestamps([tokenizer.timestamp_begin + 54, tokenizer.eot]) == "<|1.08|>"
    with pytest.raises(ValueError, match="xx"):
        tokenizer.language_token("xx")


def test_signs_that_nobody_says_are_those_of_openai(tokenizer):
    listed = sizes.NON_SPEECH_TOKENS_MULTI if tokenizer.is_multilingual else sizes.NON_SPEECH_TOKENS
    assert list(tokenizer.non_speech_tokens) == [one for one in listed if one < tokenizer.eot]


def test_words_are_split_as_they_are_written(tokenizer):
    ids = [*tokenizer.encode(" Hello, world! don't"), tokenizer.eot]
    words, groups = tokenizer.split_to_word_tokens(ids)
    assert words == [" Hello", ",", " world", "!", " don't", "<|endoftext|>"]
    assert [one for group in groups for one in group] == ids
    words, _ = tokenizer.split_to_word_tokens(tokenizer.encode("日本語😀"), "ja")
    assert "".join(words) == "日本語😀"
    assert len(words) > 1
    assert "\ufffd" not in "".join(words)


def test_words_are_read_from_every_form(tmp_path):
    tokens = (*plain_bytes(), b" a", b"\xc3\xa9", b"ab")
    signs = {value: sign for sign, value in byte_signs().items()}
    vocabulary = {"".join(signs[one] for one in token): rank for rank, token in enumerate(tokens)}
    written = {
        "tokenizer.json": json.dumps(
            {
                "model": {"vocab": {**vocabulary, "<|endoftext|>": 259}, "merges": []},
                "added_tokens": [{"id": 259, "content": "<|endoftext|>"}],
            }
        ),
        "vocab.json": json.dumps(vocabulary),
        "gpt2.tiktoken": "".join(f"{base64.b64encode(token).decode()} {rank}\n" for rank, token in enumerate(tokens)),
    }
    assert read_tokens(tmp_path) is None
    for name, content in written.items():
        (tmp_path / name).write_text(content)
        assert read_tokens(tmp_path) == tokens
        (tmp_path / name).unlink()
    assert tokens_of(Tokenizer(tokens).to_bytes()) == tokens


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("vocab.json", '{"a": 0, "b": 2}', "not 0 to 1"),
        ("vocab.json", '{"a b": 0}', "no token"),
        ("vocab.json", '{"a": "x"}', "no token"),
        ("tokenizer.json", '{"model": {"vocab": [1]}}', "no object"),
        ("x.tiktoken", "IQ==", "line 1"),
    ],
)
def test_files_that_are_no_vocabulary_are_refused(tmp_path, name, content, complaint):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=complaint):
        read_tokens(tmp_path)
    with pytest.raises(ValueError, match="within a token"):
        tokens_of(b"\x05ab")
    with pytest.raises(ValueError, match="byte 0"):
        Tokenizer([b"a"])
