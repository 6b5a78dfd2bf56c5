"""How Whisper's words are chosen: greedily, drawn at a temperature, or by beam search; what may not be said where.

As in Radford et al. 2022 and openai/whisper, with faster-whisper's hotwords. Needs no torch: a model is seen through
`Steps`.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from jaxtyping import Float, Int

from menura.models.whisper.tokenizer import TIME_PRECISION_S, Tokenizer

Task = Literal["transcribe", "translate"]


@dataclass(frozen=True, kw_only=True)
class DecodingOptions:
    """How a window is decoded; names and meanings are openai/whisper's.

    Attributes:
        task: words as they are said, or in English.
        language: code of what is spoken; None to have it detected.
        temperature: 0 takes the likeliest token; above it, tokens are drawn.
        beam_size: sequences followed at temperature 0; None for one.
        best_of: sequences drawn at temperatures over 0, of which the likeliest is taken.
        patience: a beam search ends at ``beam_size * patience`` finished sequences.
        length_penalty: exponent of Google NMT's norm (0 to 1); None divides by the length.
        prompt: text or ids said before; words in it are likelier, and its style is kept.
        prefix: text or ids that the transcript begins with.
        hotwords: words that are likely to be said.
        suppress_blank: no space or end at the beginning.
        suppress_tokens: ids, by commas, that are never taken; -1 for those of signs that nobody says; "" for none.
        without_timestamps: text alone.
        max_initial_timestamp: the latest first time, seconds.
        sample_len: most tokens; None for half of the model's context.
        seed: of what is drawn.
    """

    task: Task = "transcribe"
    language: str | None = None
    temperature: float = 0.0
    beam_size: int | None = None
    best_of: int | None = None
    patience: float | None = None
    length_penalty: float | None = None
    prompt: str | Sequence[int] | None = None
    prefix: str | Sequence[int] | None = None
    hotwords: str | None = None
    suppress_blank: bool = True
    suppress_tokens: str = "-1"
    without_timestamps: bool = False
    max_initial_timestamp: float | None = 1.0
    sample_len: int | None = None
    seed: int = 0

    @property
    def group(self) -> int:
        """Sequences followed for each window."""
        return (self.best_of if self.temperature > 0 else self.beam_size) or 1


@dataclass(frozen=True, kw_only=True)
class DecodingResult:
    """What was said in a window.

    Attributes:
        tokens: ids, times among them.
        text: without times.
        language: code.
        avg_logprob: mean log probability of a token, the end included.
        no_speech_prob: how likely it is that nobody speaks.
        temperature: it was decoded at.
        compression_ratio: of the text by zlib; over 2.4 it is likely to repeat itself.
    """

    tokens: tuple[int, ...]
    text: str
    language: str
    avg_logprob: float
    no_speech_prob: float
    temperature: float
    compression_ratio: float


class Steps(Protocol):
    """A model's decoder under way over the windows of a batch; rows are sequences."""

    def step(self, tokens: Int[np.ndarray, "row token"], at: Sequence[int]) -> Float[np.ndarray, "row place vocab"]:
        """Logits at some places of tokens that follow those of earlier calls."""
        ...

    def select(self, sources: Int[np.ndarray, " row"]) -> None:
        """Go on with copies of these rows; each stays with its window."""
        ...


def compression_ratio(text: str) -> float:
    """How many times shorter zlib makes a text."""
    encoded = text.encode()
    return len(encoded) / len(zlib.compress(encoded))


def initial_tokens(tokenizer: Tokenizer, options: DecodingOptions, language: str, n_text_ctx: int) -> list[int]:
    """What the decoder is told before it speaks: hotwords and prompt, language and task, prefix."""

    def ids(given: str | Sequence[int] | None) -> list[int]:
        if isinstance(given, str):
            return tokenizer.encode(" " + given.strip()) if given.strip() else []
        return list(given or ())

    room = n_text_ctx // 2 - 1
    hotwords = ids(options.hotwords)[: room // 2] if not options.prefix else []
    prompt = ids(options.prompt)
    earlier = [*hotwords, *prompt[max(len(prompt) - room + len(hotwords), 0) :]]
    start = tokenizer.sot_sequence(language, options.task)
    if options.without_timestamps:
        start.append(tokenizer.no_timestamps)
    prefix = ids(options.prefix)[-(n_text_ctx // 2 - len(start)) :]
    return [*([tokenizer.sot_prev, *earlier] if earlier else []), *start, *prefix]


def decode(
    steps: Steps, tokenizer: Tokenizer, languages: Sequence[str], options: DecodingOptions, n_text_ctx: int
) -> list[DecodingResult]:
    """Decode the windows of a batch, each as if alone.

    Args:
        steps: the decoder, at its start, a row for each window.
        languages: of each window.
        n_text_ctx: most tokens that it can be told and say.
    """
    told = np.array([initial_tokens(tokenizer, options, language, n_text_ctx) for language in languages])
    begin = told.shape[1]
    sot = begin - 1 - told[0, ::-1].tolist().index(tokenizer.sot)
    logits = steps.step(told, (sot, begin - 1))
    no_speech = np.exp(log_softmax(logits[:, 0]))[:, tokenizer.no_speech]
    rules = Rules(tokenizer, options)
    search = _search(options, tokenizer.eot, len(languages))
    logits = logits[:, 1].repeat(search.group, 0)
    steps.select(np.arange(len(languages)).repeat(search.group))
    for _ in range(min(options.sample_len or n_text_ctx // 2, n_text_ctx - begin)):
        rules.apply(logits, search.rows)
        sources, tokens = search.advance(logits)
        if search.is_done:
            break
        if (sources != np.arange(len(sources))).any():
            steps.select(sources)
        logits = steps.step(tokens[:, None], (0,))[:, 0]
    results = []
    for window, (tokens, logprob) in enumerate(search.best(options.length_penalty)):
        text = tokenizer.decode(tokens).strip()
        results.append(
            DecodingResult(
                tokens=tuple(tokens), text=text, language=languages[window],
                avg_logprob=logprob / (len(tokens) + 1), no_speech_prob=float(no_speech[window]),
                temperature=options.temperature, compression_ratio=compression_ratio(text),
            )
        )  # fmt: skip
    return results


class Rules:
    """What may not be said: suppressed tokens, a blank beginning, and times that are not in order."""

    def __init__(self, tokenizer: Tokenizer, options: DecodingOptions) -> None:
        self.tokenizer, self.options = tokenizer, options
        self.blank = [*tokenizer.encode(" "), tokenizer.eot] if options.suppress_blank else []
        self.suppressed = np.array(_suppressed(tokenizer, options.suppress_tokens), np.int64)
        limit = options.max_initial_timestamp
        self.first_time = tokenizer.n_vocab if limit is None else round(limit / TIME_PRECISION_S)

    def apply(self, logits: Float[np.ndarray, "row vocab"], rows: Sequence[Sequence[int]]) -> None:
        """Set what may not follow each row of tokens to minus infinity, in place."""
        logits[:, self.suppressed] = -np.inf
        for row, said in zip(logits, rows, strict=True):
            if not said:
                row[self.blank] = -np.inf
            if not self.options.without_timestamps:
                self._time(row, said)

    def _time(self, row: Float[np.ndarray, " vocab"], said: Sequence[int]) -> None:
        """Times come in pairs, but for the last before the end, and never run back."""
        begin, eot = self.tokenizer.timestamp_begin, self.tokenizer.eot
        row[self.tokenizer.no_timestamps] = -np.inf
        last = bool(said) and said[-1] >= begin
        before = len(said) < 2 or said[-2] >= begin
        if last and before:
            row[begin:] = -np.inf
        elif last:
            row[:eot] = -np.inf
        if times := [token for token in said if token >= begin]:
            row[begin : times[-1] + (0 if last and not before else 1)] = -np.inf
        if not said:
            row[:begin] = -np.inf
            row[begin + self.first_time + 1 :] = -np.inf
        highest = row[begin:].max()
        if highest > -np.inf and highest + np.log(np.exp(row[begin:] - highest).sum()) > row[:begin].max():
            row[:begin] = -np.inf


def _suppressed(tokenizer: Tokenizer, given: str) -> list[int]:
    try:
        asked = {int(one) for one in given.split(",") if one.strip()}
    except ValueError:
        raise ValueError(f"suppress_tokens: {given[:40]!r} is not ids separated by commas") from None
    if outside := [one for one in asked if not -1 <= one < tokenizer.n_vocab]:
        raise ValueError(f"suppress_tokens: {outside[0]} is no token; they are 0 to {tokenizer.n_vocab - 1}")
    if -1 in asked:
        asked |= set(tokenizer.non_speech_tokens)
    special = ("sot", "translate", "transcribe", "sot_lm", "sot_prev", "no_speech")
    return sorted((asked - {-1}) | {getattr(tokenizer, name) for name in special})


class _Search(ABC):
    """Sequences under way.

    Attributes:
        group: rows of each window.
        rows: what each has said so far.
        is_done: whether none goes on.
    """

    def __init__(self, windows: int, group: int, eot: int) -> None:
        self.group, self.eot, self.is_done = group, eot, False
        self.rows: list[list[int]] = [[] for _ in range(windows * group)]
        self.sums = np.zeros(windows * group)

    @abstractmethod
    def advance(self, logits: Float[np.ndarray, "row vocab"]) -> tuple[np.ndarray, np.ndarray]:
        """Take a token for each row; returns which earlier row each continues, and the tokens."""

    @abstractmethod
    def finished(self) -> list[list[tuple[list[int], float]]]:
        """Of each window, sequences without their end, and the sums of their log probabilities."""

    def best(self, length_penalty: float | None) -> list[tuple[list[int], float]]:
        """Of each window, the likeliest sequence for its length."""

        def score(one: tuple[list[int], float]) -> float:
            length = max(len(one[0]), 1)
            return one[1] / (length if length_penalty is None else ((5 + length) / 6) ** length_penalty)

        return [max(group, key=score) for group in self.finished()]


class _Draws(_Search):
    """The likeliest token, or one drawn at a temperature; each row for itself."""

    def __init__(self, windows: int, group: int, eot: int, temperature: float, seed: int) -> None:
        super().__init__(windows, group, eot)
        self.temperature = temperature
        self.rngs = [np.random.default_rng((seed, row % group)) for row in range(windows * group)]
        self.ended = np.zeros(windows * group, bool)

    def advance(self, logits: Float[np.ndarray, "row vocab"]) -> tuple[np.ndarray, np.ndarray]:
        logprobs = log_softmax(logits)
        if self.temperature > 0:  # Gumbel's trick
            noise = np.stack([rng.gumbel(size=logits.shape[1]) for rng in self.rngs])
            tokens = (logits / self.temperature + noise).argmax(-1)
        else:
            tokens = logits.argmax(-1)
        tokens[self.ended] = self.eot
        for row, token in enumerate(tokens.tolist()):
            if not self.ended[row]:
                self.sums[row] += logprobs[row, token]
                if token != self.eot:
                    self.rows[row].append(token)
        self.ended |= tokens == self.eot
        self.is_done = bool(self.ended.all())
        return np.arange(len(tokens)), tokens

    def finished(self) -> list[list[tuple[list[int], float]]]:
        pairs = list(zip(self.rows, self.sums.tolist(), strict=True))
        return [pairs[start : start + self.group] for start in range(0, len(pairs), self.group)]


class _Beams(_Search):
    """The likeliest sequences of each window, whichever they come from."""

    def __init__(self, windows: int, group: int, eot: int, patience: float) -> None:
        super().__init__(windows, group, eot)
        self.wanted = max(round(group * patience), 1)
        self.ends: list[list[tuple[list[int], float]]] = [[] for _ in range(windows)]
        self.is_first = True

    def advance(self, logits: Float[np.ndarray, "row vocab"]) -> tuple[np.ndarray, np.ndarray]:
        logprobs = log_softmax(logits) + self.sums[:, None]
        count = min(self.group + 1, logits.shape[1])
        sources, tokens = np.arange(len(self.rows)), np.full(len(self.rows), self.eot)
        rows, sums = list(self.rows), np.full(len(self.rows), -np.inf)
        for window, ends in enumerate(self.ends):
            start = window * self.group
            own = range(start, start + (1 if self.is_first else self.group))
            places = [(row, int(token)) for row in own for token in logprobs[row].argpartition(-count)[-count:]]
            places.sort(key=lambda place: -logprobs[place])
            free, fresh = start, []
            for row, token in places:
                if token == self.eot:
                    fresh.append((self.rows[row], float(logprobs[row, token])))
                    continue
                sources[free], tokens[free], sums[free] = row, token, logprobs[row, token]
                rows[free] = [*self.rows[row], token]
                free += 1
                if free == start + self.group:
                    break
            ends += fresh[: max(self.wanted - len(ends), 0)]
        self.rows, self.sums, self.is_first = rows, sums, False
        self.is_done = all(len(ends) >= self.wanted for ends in self.ends)
        return sources, tokens

    def finished(self) -> list[list[tuple[list[int], float]]]:
        """Where too few have ended, those under way count too."""
        found = []
        for window, ends in enumerate(self.ends):
            own = slice(window * self.group, (window + 1) * self.group)
            waiting = sorted(zip(self.rows[own], self.sums[own].tolist(), strict=True), key=lambda pair: -pair[1])
            found.append([*ends, *waiting[: max(self.group - len(ends), 0)]])
        return found


def _search(options: DecodingOptions, eot: int, windows: int) -> _Search:
    if options.temperature == 0 and options.beam_size and options.beam_size > 1:
        return _Beams(windows, options.beam_size, eot, 1.0 if options.patience is None else options.patience)
    return _Draws(windows, options.group, eot, options.temperature, options.seed)


def log_softmax(logits: Float[np.ndarray, "*row vocab"]) -> Float[np.ndarray, "*row vocab"]:
    """Log probabilities."""
    highest = logits.max(-1, keepdims=True)
    return logits - highest - np.log(np.exp(logits - highest).sum(-1, keepdims=True))
