"""Whisper's tokens: GPT-2's byte-level BPE (Radford et al. 2019; Sennrich et al. 2016), languages, tasks, times.

A token of text is a row of bytes, and its rank is its number: of two neighbours, those are merged first whose bytes
together have the lowest rank. Behind the text's tokens stand, as in OpenAI's models, the end of text, the start of a
transcript, the languages, the tasks, and a time every 20 ms. Needs no torch.

One form is kept, `Tokenizer.to_bytes`; it is read from Hugging Face's ``tokenizer.json``, from GPT-2's ``vocab.json``
with ``merges.txt``, and from OpenAI's ``.tiktoken`` files.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from menura.files import read_bytes, read_json
from menura.models.whisper.languages import LANGUAGES, WITHOUT_SPACES

TIME_PRECISION_S = 0.02
NUM_TIMES = 1501
"""Tokens of times, 0 to 30 s, the last of the vocabulary."""
_VOCABULARIES = Path(__file__).parent / "vocabularies"
_MAX_TOKENS = 1 << 20
_MAX_FILE_BYTES = 32 << 20
_LONGEST_TOKEN = 255
"""Bytes."""

_PIECES = re.compile(r"'(?:[stmd]|re|ve|ll)| ?[Lstmdrevl]+| ?N+| ?[.']+|[ W]+(?![^ W])|[ W]+")
"""GPT-2's pieces, in a text whose signs are replaced by their kinds: see `_kind`."""
_SIGNS = '"#()*+/:;<=>@[\\]^_`{|}~「」『』'
_ROWS_OF_SIGNS = "<< >> <<< >>> -- --- -( -[ (' (\" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪"
_IN_CONTRACTIONS = frozenset(" 'stmdrevl")
_NO_WHITE_SPACE = frozenset("\x1c\x1d\x1e\x1f")
"""Python takes these for white space; Unicode does not."""


class Tokenizer:
    """Text as token ids and back.

    Args:
        tokens: bytes of each token of text, in the order of their ranks; the 256 single bytes are among them.
        num_languages: how many of `LANGUAGES` have a token.
        is_multilingual: whether the model was trained in more languages than English.

    Raises:
        ValueError: a byte has no token, or a token is too long.
    """

    def __init__(self, tokens: Sequence[bytes], num_languages: int = 99, is_multilingual: bool = False) -> None:
        if len(tokens) > _MAX_TOKENS or max(map(len, tokens), default=0) > _LONGEST_TOKEN:
            raise ValueError(f"a vocabulary has at most {_MAX_TOKENS} tokens of at most {_LONGEST_TOKEN} bytes")
        self.tokens = tuple(tokens)
        self.ranks = {token: rank for rank, token in enumerate(tokens) if token}
        if missing := [value for value in range(256) if bytes([value]) not in self.ranks]:
            raise ValueError(f"the vocabulary has no token for the byte {missing[0]}")
        if not 1 <= num_languages <= len(LANGUAGES):
            raise ValueError(f"a tokenizer knows 1 to {len(LANGUAGES)} languages, not {num_languages}")
        self.is_multilingual = is_multilingual
        self.language_codes = tuple(LANGUAGES)[:num_languages]
        self.eot = len(tokens)
        self.sot = self.eot + 1
        self.translate = self.sot + 1 + num_languages
        self.transcribe = self.translate + 1
        self.sot_lm = self.translate + 2
        self.sot_prev = self.translate + 3
        self.no_speech = self.translate + 4
        self.no_timestamps = self.translate + 5
        self.timestamp_begin = self.translate + 6
        self.n_vocab = self.timestamp_begin + NUM_TIMES
        self._merged = lru_cache(maxsize=1 << 14)(self._merge)

    def language_token(self, language: str) -> int:
        """The id of a language's token.

        Raises:
            ValueError: this tokenizer has none for it.
        """
        if language not in self.language_codes:
            known = ", ".join(self.language_codes)
            raise ValueError(f"language: {language[:40]!r} is not one this model knows: {known}")
        return self.sot + 1 + self.language_codes.index(language)

    @property
    def language_tokens(self) -> range:
        return range(self.sot + 1, self.translate)

    def sot_sequence(self, language: str | None = None, task: str = "transcribe") -> list[int]:
        """What a transcript starts with: of a multilingual model, its language and task too."""
        if not self.is_multilingual:
            return [self.sot]
        return [self.sot, self.language_token(language or "en"), getattr(self, task)]

    def encode(self, text: str) -> list[int]:
        """The ids of a text; what looks like a special token is text too."""
        return [token for piece in pieces(text) for token in self._merged(piece.encode("utf-8", "replace"))]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids, without times and other special tokens; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(self.tokens[one] for one in ids if one < self.eot).decode("utf-8", "replace")

    def decode_with_timestamps(self, ids: Iterable[int]) -> str:
        """As `decode`, with times as ``<|1.08|>``."""
        parts: list[str] = []
        waiting: list[int] = []
        for one in ids:
            if one < self.timestamp_begin:
                waiting.append(one)
            else:
                parts += [self.decode(waiting), f"<|{(one - self.timestamp_begin) * TIME_PRECISION_S:.2f}|>"]
                waiting = []
        return "".join([*parts, self.decode(waiting)])

    @cached_property
    def non_speech_tokens(self) -> tuple[int, ...]:
        """Tokens of signs that nobody says, for sounds or speakers: suppressed unless asked for otherwise."""
        signs, music = [*_SIGNS, *_ROWS_OF_SIGNS.split()], [*"♩♪♫♬♭♮♯"]
        found = {self.encode(" -")[0], self.encode(" '")[0]}
        for sign in (*signs, *music):
            for ids in (self.encode(sign), self.encode(" " + sign)):
                if len(ids) == 1 or sign in music:
                    found.add(ids[0])
        return tuple(sorted(found))

    def split_to_word_tokens(
        self, ids: Sequence[int], language: str | None = None
    ) -> tuple[list[str], list[list[int]]]:
        """Words as they are written, with the space before them, and their ids; an end of text is a word of its own.

        Languages without spaces are cut where a row of bytes is a whole sign.
        """
        words, groups = self._split_on_unicode(ids)
        return (words, groups) if language in WITHOUT_SPACES else _joined(words, groups, self.eot)

    def _split_on_unicode(self, ids: Sequence[int]) -> tuple[list[str], list[list[int]]]:
        """Groups of tokens that are whole signs; U+FFFD that stands in the text itself is one."""
        whole, words, groups, offset = self._shown(ids), [], [], 0
        waiting: list[int] = []
        for one in ids:
            waiting.append(one)
            word = self._shown(waiting)
            place = word.find("\ufffd")
            if place < 0 or whole[offset + place : offset + place + 1] == "\ufffd":
                words.append(word)
                groups.append(waiting)
                offset += len(word)
                waiting = []
        return words, groups

    def _shown(self, ids: Sequence[int]) -> str:
        """The text of ids, an end of text included."""
        return self.decode(ids) + "<|endoftext|>" * sum(one >= self.eot for one in ids)

    def _merge(self, piece: bytes) -> tuple[int, ...]:
        if piece in self.ranks:
            return (self.ranks[piece],)
        parts = [piece[place : place + 1] for place in range(len(piece))]
        while len(parts) > 1:
            ranks = [self.ranks.get(a + b, _MAX_TOKENS) for a, b in pairwise(parts)]
            lowest = min(ranks)
            if lowest == _MAX_TOKENS:
                break
            place = ranks.index(lowest)
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        return tuple(self.ranks[part] for part in parts)

    def to_bytes(self) -> bytes:
        """The tokens of text as they are kept with a model: of each, its length in a byte, and its bytes."""
        return b"".join(bytes([len(token)]) + token for token in self.tokens)


def plain_bytes() -> tuple[bytes, ...]:
    """The smallest vocabulary: a token for each byte."""
    return tuple(bytes([value]) for value in range(256))


def tokens_of(content: bytes) -> tuple[bytes, ...]:
    """The tokens in what `Tokenizer.to_bytes` gave; of nothing, `plain_bytes`.

    Raises:
        ValueError: it ends within a token.
    """
    tokens, place = [], 0
    while place < len(content):
        end = place + 1 + content[place]
        if end > len(content):
            raise ValueError("the vocabulary ends within a token")
        tokens.append(content[place + 1 : end])
        place = end
    return tuple(tokens) or plain_bytes()


def usual_tokens(is_multilingual: bool) -> tuple[bytes, ...]:
    """The tokens of text of OpenAI's models: GPT-2's for English, others for all languages (both MIT)."""
    name = "multilingual" if is_multilingual else "english"
    return tokens_of(bz2.decompress((_VOCABULARIES / f"{name}.bz2").read_bytes()))


def pieces(text: str) -> list[str]:
    """A text cut as GPT-2 cuts it before merging: words with the space before them, numbers, signs, white space."""
    kinds = "".join(map(_kind, text))
    return [text[found.start() : found.end()] for found in _PIECES.finditer(kinds)]


@lru_cache(maxsize=1 << 14)
def _kind(sign: str) -> str:
    """L letter, N number, W white space, `.` anything else; those that the pattern names stand for themselves."""
    if sign in _IN_CONTRACTIONS:
        return sign
    if sign.isspace() and sign not in _NO_WHITE_SPACE:
        return "W"
    category = unicodedata.category(sign)[0]
    return category if category in "LN" else "."


def _joined(words: Sequence[str], groups: Sequence[list[int]], eot: int) -> tuple[list[str], list[list[int]]]:
    """Whole signs as words: a new one begins with a space, with punctuation, and at an end of text."""
    whole: list[str] = []
    owned: list[list[int]] = []
    for word, ids in zip(words, groups, strict=True):
        is_sign = len(word.strip()) == 1 and unicodedata.category(word.strip())[0] in "PS" and word.strip().isascii()
        if not whole or ids[0] >= eot or word.startswith(" ") or is_sign:
            whole.append(word)
            owned.append(list(ids))
        else:
            whole[-1] += word
            owned[-1] += ids
    return whole, owned


def byte_signs() -> dict[str, int]:
    """The sign that GPT-2's files write for each byte: itself where it can be seen, else one from U+0100 on."""
    seen = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [value for value in range(256) if value not in seen]
    return {**{chr(value): value for value in seen}, **{chr(256 + place): value for place, value in enumerate(others)}}


def read_tokens(folder: Path) -> tuple[bytes, ...] | None:
    """The tokens of text beside public weights: ``tokenizer.json``, ``vocab.json``, or one ``.tiktoken``.

    Returns:
        None where there are none.

    Raises:
        ValueError: what there is is no byte-level BPE.
    """
    for name in ("tokenizer.json", "vocab.json"):
        if (folder / name).exists():
            return _tokens_of_json(folder / name)
    ranked = sorted(folder.glob("*.tiktoken"))
    return _tokens_of_tiktoken(ranked[0]) if len(ranked) == 1 else None


def _tokens_of_tiktoken(path: Path) -> tuple[bytes, ...]:
    """A line each, base64 and rank."""
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(read_bytes(path, _MAX_FILE_BYTES).splitlines(), start=1):
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token, validate=True)] = int(rank)
        except (ValueError, binascii.Error):
            raise ValueError(f"{path}: line {number} is not a token in base64 and its rank") from None
    return _in_order(ranks, path)


def _tokens_of_json(path: Path) -> tuple[bytes, ...]:
    content: Mapping[str, Any] = read_json(path, _MAX_FILE_BYTES)
    special = set()
    if isinstance(model := content.get("model"), dict):
        added = content.get("added_tokens")
        special = {one.get("content") for one in added if isinstance(one, dict)} if isinstance(added, list) else set()
        content = model.get("vocab", {})
    signs, ranks = byte_signs(), {}
    if not isinstance(content, dict):
        raise ValueError(f"{path}: its vocabulary is no object in braces")
    for text, rank in content.items():
        if text in special or (text.startswith("<|") and text.endswith("|>")):
            continue
        if not isinstance(rank, int) or any(sign not in signs for sign in text):
            raise ValueError(f"{path}: {text[:20]!r} is no token of byte-level BPE")
        ranks[bytes(signs[sign] for sign in text)] = rank
    return _in_order(ranks, path)


def _in_order(ranks: Mapping[bytes, int], path: Path) -> tuple[bytes, ...]:
    tokens = sorted(ranks, key=ranks.__getitem__)
    if sorted(ranks.values()) != list(range(len(tokens))):
        raise ValueError(f"{path}: the ranks of its tokens are not 0 to {len(tokens) - 1}")
    return tuple(tokens)
