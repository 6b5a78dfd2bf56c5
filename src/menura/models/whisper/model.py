"""Whisper, one network for recognition, translation, language identification and voice activity (Radford et al. 2022,
"Robust speech recognition via large-scale weak supervision").

    30 s of sound at 16 kHz -> log-mel [M, 3000] -> two convolutions, the second of stride 2 -> + sinusoids
        -> transformer blocks -> audio features [1500, D]
    <|startoftranscript|> <|en|> <|transcribe|> <|0.00|> And so … -> + learned positions
        -> blocks with causal and cross-attention -> logits of the next token, by the embedding's own table

Names of modules and sizes are those of openai/whisper, so that its weights are read as they are.

Shapes: B window, M mel, T audio place, N token, D channel, H head, C channel of a head, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from scipy.fft import rfft
from torch import Tensor, nn

from menura.audio.mel import mel_triangles
from menura.models.whisper.decoding import DecodingOptions, DecodingResult, Steps, decode, log_softmax
from menura.models.whisper.kernels import CompiledDecoder, CompiledSteps, heard
from menura.models.whisper.timing import WordTiming, word_timings
from menura.models.whisper.tokenizer import Tokenizer, tokens_of
from menura.nn.linear import QUICK_IN_BFLOAT16, Linear
from menura.nn.objective import Loss
from menura.progress import check

SAMPLE_RATE_HZ = 16_000
CHUNK_S = 30
FFT_SAMPLES, HOP_SAMPLES = 400, 160
FRAMES_PER_S = SAMPLE_RATE_HZ // HOP_SAMPLES
FRAMES = CHUNK_S * FRAMES_PER_S
_LEAST_POWER = 1e-10
NOT_LEARNT = -100


@dataclass(frozen=True)
class WhisperConfig:
    """Sizes, as openai/whisper's ``ModelDimensions`` names them.

    Attributes:
        n_mels, n_audio_ctx, n_audio_state, n_audio_head, n_audio_layer: of the encoder.
        n_vocab, n_text_ctx, n_text_state, n_text_head, n_text_layer: of the decoder.
        num_languages: tokens of languages in the vocabulary.
        is_multilingual: whether it was trained in more than English.
        vocabulary_bytes: of the text's tokens, kept with the weights; 0 where a byte is a token.
        alignment_heads: layer and head of cross-attention by which words are timed; none for all heads of the upper
            half of the layers.
    """

    n_mels: int = 80
    n_audio_ctx: int = FRAMES // 2
    n_audio_state: int = 384
    n_audio_head: int = 6
    n_audio_layer: int = 4
    n_vocab: int = 51864
    n_text_ctx: int = 448
    n_text_state: int = 384
    n_text_head: int = 6
    n_text_layer: int = 4
    num_languages: int = 99
    is_multilingual: bool = False
    vocabulary_bytes: int = 0
    alignment_heads: tuple[tuple[int, int], ...] = ()


def tiny() -> WhisperConfig:
    """For tests: bytes are its words."""
    plain = Tokenizer(tokens_of(b""))
    return WhisperConfig(
        n_audio_state=32, n_audio_head=2, n_audio_layer=1, n_text_state=32, n_text_head=2, n_text_layer=2,
        n_vocab=plain.n_vocab,
    )  # fmt: skip


def log_mel_spectrogram(samples: Float[np.ndarray, " sample"], n_mels: int) -> Float[np.ndarray, "mel 3000"]:
    """Logarithms of mel energies as Whisper is told them, of 30 s or less of sound, padded with silence.

    Frames are 400 samples under Hann's window, 160 apart; what is 80 dB under the loudest is raised to there.

    Raises:
        ValueError: the sound is longer, is not mono, or has samples that are no numbers.
    """
    if samples.ndim != 1 or len(samples) > CHUNK_S * SAMPLE_RATE_HZ:
        raise ValueError(f"a window is mono sound of at most {CHUNK_S} s at 16 kHz, not of shape {samples.shape}")
    if not np.isfinite(samples).all():
        raise ValueError("the sound has samples that are no numbers")
    padding = CHUNK_S * SAMPLE_RATE_HZ - len(samples)
    sound = np.pad(np.pad(samples.astype(np.float32), (0, padding)), FFT_SAMPLES // 2, mode="reflect")
    heard = FRAMES if padding < FFT_SAMPLES else min(len(samples) // HOP_SAMPLES + 2, FRAMES)  # beyond is silence
    frames = np.lib.stride_tricks.sliding_window_view(sound, FFT_SAMPLES)[::HOP_SAMPLES][:heard]
    window = np.hanning(FFT_SAMPLES + 1)[:-1].astype(np.float32)
    spectra = np.asarray(rfft(frames * window, axis=1)).view(np.float32)
    power = np.square(spectra).reshape(heard, -1, 2).sum(-1)
    energies = mel_triangles(SAMPLE_RATE_HZ, FFT_SAMPLES, n_mels, 0.0, SAMPLE_RATE_HZ / 2) @ power.T
    logs = np.full((n_mels, FRAMES), np.log10(_LEAST_POWER), np.float32)
    logs[:, :heard] = np.log10(np.maximum(energies, _LEAST_POWER))
    return (np.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0


def sinusoids(length: int, channels: int) -> Float[Tensor, "length channel"]:
    """Positions as sines and cosines of wavelengths from 2 pi to 20 000 pi."""
    rates = torch.exp(-np.log(10_000.0) / (channels // 2 - 1) * torch.arange(channels // 2))
    angles = torch.outer(torch.arange(length), rates)
    return torch.cat((angles.sin(), angles.cos()), -1)


class KeysValues(NamedTuple):
    """What a layer attends to: both ``[batch, head, place, channel]``."""

    keys: Tensor
    values: Tensor


class MultiHeadAttention(nn.Module):
    """Attention of several heads, queries and keys scaled alike; keys have no bias."""

    def __init__(self, n_state: int, n_head: int) -> None:
        super().__init__()
        self.n_head = n_head
        self.query = Linear(n_state, n_state)
        self.key = Linear(n_state, n_state, bias=False)
        self.value = Linear(n_state, n_state)
        self.out = Linear(n_state, n_state)

    def forward(
        self, x: Float[Tensor, "batch place state"], seen: KeysValues, mask: Tensor | None = None
    ) -> Float[Tensor, "batch place state"]:
        mixed = F.scaled_dot_product_attention(self._heads(self.query(x)), *seen, attn_mask=mask)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def seen(self, x: Float[Tensor, "batch place state"]) -> KeysValues:
        """Keys and values of what is attended to."""
        return KeysValues(self._heads(self.key(x)), self._heads(self.value(x)))

    def scores(self, x: Float[Tensor, "batch place state"], keys: Tensor) -> Float[Tensor, "batch head place seen"]:
        """What `forward` takes the softmax of."""
        query = self._heads(self.query(x))
        return query @ keys.transpose(-1, -2) * query.shape[-1] ** -0.5

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.n_head, -1)).transpose(1, 2)


class ResidualAttentionBlock(nn.Module):
    """Self-attention, cross-attention in the decoder, a feed-forward layer: each on a normalised residual stream."""

    def __init__(self, n_state: int, n_head: int, cross_attention: bool = False) -> None:
        super().__init__()
        self.attn = MultiHeadAttention(n_state, n_head)
        self.attn_ln = nn.LayerNorm(n_state)
        if cross_attention:
            self.cross_attn = MultiHeadAttention(n_state, n_head)
            self.cross_attn_ln = nn.LayerNorm(n_state)
        self.mlp = nn.Sequential(Linear(n_state, 4 * n_state), nn.GELU(), Linear(4 * n_state, n_state))
        self.mlp_ln = nn.LayerNorm(n_state)

    def forward(
        self, x: Float[Tensor, "batch place state"], dtype: torch.dtype | None = None
    ) -> Float[Tensor, "batch place state"]:
        """In the encoder: every place sees all. What is added to the stream is of `dtype`, by default its own."""
        normed = self.attn_ln(x).to(dtype)
        return self._feed(x + self.attn(normed, self.attn.seen(normed)), dtype)

    def step(
        self, x: Float[Tensor, "row token state"], memory: Memory, layer: int, audio: KeysValues, mask: Tensor | None
    ) -> tuple[Float[Tensor, "row token state"], Float[Tensor, "row token state"]]:
        """In the decoder: tokens that follow those in `memory`; also what the cross-attention is told.

        Rows of a window stand side by side, and attend to its sound as if they were more tokens of one row.
        """
        normed = self.attn_ln(x)
        x = x + self.attn(normed, memory.add(layer, self.attn.seen(normed)), mask)
        told = self.cross_attn_ln(x)
        x = x + self.cross_attn(told.reshape(len(audio.keys), -1, x.shape[-1]), audio).reshape(x.shape)
        return self._feed(x), told

    def _feed(self, x: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        up, _, down = self.mlp
        return x + down(up(self.mlp_ln(x).to(dtype), gelu=True))


class AudioEncoder(nn.Module):
    """Log-mels to audio features, a vector every 20 ms."""

    positional_embedding: Tensor

    def __init__(self, config: WhisperConfig) -> None:
        super().__init__()
        width = config.n_audio_state
        self.conv1 = nn.Conv1d(config.n_mels, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.register_buffer("positional_embedding", sinusoids(config.n_audio_ctx, width))
        self.blocks = nn.ModuleList(
            ResidualAttentionBlock(width, config.n_audio_head) for _ in range(config.n_audio_layer)
        )
        self.ln_post = nn.LayerNorm(width)

    def forward(
        self, mel: Float[Tensor, "batch mel frame"], dtype: torch.dtype | None = None
    ) -> Float[Tensor, "batch place state"]:
        """Features of windows; what blocks add is computed in `dtype`, by default that of the weights."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2) + self.positional_embedding
        for block in self.blocks:
            check()
            x = block(x, dtype)
        return self.ln_post(x)


class Memory:
    """Keys and values of the tokens so far, a layer each, of every row.

    Args:
        layers: how many.
        room: tokens that they hold.
    """

    def __init__(self, layers: int, room: int) -> None:
        self.room, self.length = room, 0
        self.buffers: list[KeysValues | None] = [None] * layers

    def add(self, layer: int, fresh: KeysValues) -> KeysValues:
        """Keep what is new of a layer; returns all that it has."""
        stop = self.length + fresh.keys.shape[2]
        if (buffer := self.buffers[layer]) is None:
            shape = (*fresh.keys.shape[:2], self.room, fresh.keys.shape[3])
            buffer = self.buffers[layer] = KeysValues(fresh.keys.new_empty(shape), fresh.keys.new_empty(shape))
        for kept, part in zip(buffer, fresh, strict=True):
            kept[:, :, self.length : stop] = part
        return KeysValues(*(kept[:, :, :stop] for kept in buffer))

    def select(self, sources: Int[Tensor, " row"]) -> None:
        self.buffers = [buffer and KeysValues(*(kept[sources] for kept in buffer)) for buffer in self.buffers]


class TextDecoder(nn.Module):
    """Tokens and audio features to logits of what follows."""

    def __init__(self, config: WhisperConfig) -> None:
        super().__init__()
        width = config.n_text_state
        self.token_embedding = nn.Embedding(config.n_vocab, width)
        self.positional_embedding = nn.Parameter(torch.empty(config.n_text_ctx, width))
        nn.init.normal_(self.positional_embedding, std=0.02)
        nn.init.normal_(self.token_embedding.weight, std=0.02)
        self.blocks = nn.ModuleList(
            ResidualAttentionBlock(width, config.n_text_head, cross_attention=True) for _ in range(config.n_text_layer)
        )
        self.ln = nn.LayerNorm(width)

    def forward(
        self, tokens: Int[Tensor, "row token"], audio: Sequence[KeysValues], memory: Memory | None = None
    ) -> tuple[Float[Tensor, "row token state"], list[Float[Tensor, "row token state"]]]:
        """The last states of tokens that follow those in `memory`, and what each layer's cross-attention was told."""
        memory = memory or Memory(len(self.blocks), tokens.shape[1])
        start, count = memory.length, tokens.shape[1]
        x = self.token_embedding(tokens) + self.positional_embedding[start : start + count]
        mask = torch.ones(count, start + count, dtype=torch.bool, device=x.device).tril(start) if count > 1 else None
        told = []
        for layer, block in enumerate(self.blocks):
            x, queried = cast(ResidualAttentionBlock, block).step(x, memory, layer, audio[layer], mask)
            told.append(queried)
        memory.length += count
        return self.ln(x), told

    def logits(self, x: Float[Tensor, "*any state"]) -> Float[Tensor, "*any vocab"]:
        return F.linear(x, self.token_embedding.weight)


@dataclass
class AudioFeatures:
    """What the encoder says of windows; ``features[1:3]`` are those of some of them.

    Attributes:
        states: its last states.
        seen: keys and values of them, of each layer of the decoder.
    """

    states: Float[Tensor, "window place state"]
    seen: list[KeysValues]

    def __len__(self) -> int:
        return len(self.states)

    def __getitem__(self, which: slice | Sequence[int]) -> AudioFeatures:
        picked = which if isinstance(which, slice) else list(which)
        return AudioFeatures(self.states[picked], [KeysValues(*(part[picked] for part in one)) for one in self.seen])


class Whisper(nn.Module):
    """Hears speech.

    Args:
        config: sizes.

    Raises:
        ValueError: the vocabulary is not that of so many languages, or heads do not divide the width.
    """

    Config = WhisperConfig
    sample_rate_hz = SAMPLE_RATE_HZ
    vocabulary: Tensor

    def __init__(self, config: WhisperConfig) -> None:
        super().__init__()
        self.config = config
        if config.n_audio_state % config.n_audio_head or config.n_text_state % config.n_text_head:
            raise ValueError("heads share a state evenly; n_audio_head or n_text_head does not divide it")
        if config.n_audio_state != config.n_text_state or 2 * config.n_audio_ctx != FRAMES:
            raise ValueError(f"encoder and decoder are equally wide, and n_audio_ctx is {FRAMES // 2}")
        self._compiled: tuple[list[tuple[int, int]], CompiledDecoder] | None = None
        self.register_buffer("vocabulary", torch.zeros(config.vocabulary_bytes, dtype=torch.uint8))
        self.encoder = AudioEncoder(config)
        self.decoder = TextDecoder(config)

    @classmethod
    def of(cls, config: WhisperConfig, tokenizer: Tokenizer) -> Whisper:
        """A model with the words of a tokenizer."""
        kept = tokenizer.to_bytes()
        model = cls(
            replace(
                config, n_vocab=tokenizer.n_vocab, vocabulary_bytes=len(kept),
                num_languages=len(tokenizer.language_codes), is_multilingual=tokenizer.is_multilingual,
            )
        )  # fmt: skip
        model.vocabulary.copy_(torch.from_numpy(np.frombuffer(kept, np.uint8).copy()))
        return model

    @property
    def is_multilingual(self) -> bool:
        return self.config.is_multilingual

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages it knows."""
        return self.tokenizer.language_codes if self.is_multilingual else ("en",)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Its words.

        Raises:
            ValueError: the vocabulary that is kept with the weights is not sound.
        """
        tokens = tokens_of(self.vocabulary.cpu().numpy().tobytes())
        tokenizer = Tokenizer(tokens, self.config.num_languages, self.config.is_multilingual)
        if tokenizer.n_vocab != self.config.n_vocab:
            raise ValueError(f"its words make {tokenizer.n_vocab} tokens, but the model has {self.config.n_vocab}")
        return tokenizer

    @property
    def device(self) -> torch.device:
        return self.decoder.positional_embedding.device

    def log_mel(self, samples: Float[np.ndarray, " sample"]) -> Float[np.ndarray, "mel 3000"]:
        """`log_mel_spectrogram` of as many mels as the model has."""
        return log_mel_spectrogram(samples, self.config.n_mels)

    @torch.inference_mode()
    def encode(self, mel: Float[np.ndarray, "window mel 3000"]) -> AudioFeatures:
        """Audio features of windows, for `decode` and the like."""
        mels = torch.as_tensor(np.asarray(mel, np.float32), device=self.device)
        at_once = 1 if self.device.type == "cpu" else len(mels)  # there one by one is as quick, and can be stopped
        is_quick = QUICK_IN_BFLOAT16 and self.device.type == "cpu"
        dtype = torch.bfloat16 if is_quick else self.encoder.conv1.weight.dtype
        states = torch.cat([self.encoder(part, dtype) for part in mels.split(at_once)])
        return AudioFeatures(states, self._seen(states))

    @torch.inference_mode()
    def detect_language(self, features: AudioFeatures) -> list[dict[str, float]]:
        """Of each window, how likely each language is, the likeliest first."""
        if not self.is_multilingual:
            return [{"en": 1.0} for _ in range(len(features))]
        first, stop = self.tokenizer.language_tokens[0], self.tokenizer.language_tokens[-1] + 1
        logits = self._steps(features).step(np.full((len(features), 1), self.tokenizer.sot), (0,))[:, 0]
        found = np.exp(log_softmax(logits[:, first:stop]))
        order = (-found).argsort(-1)
        return [{self.languages[k]: float(row[k]) for k in places} for row, places in zip(found, order, strict=True)]

    @torch.inference_mode()
    def decode(self, features: AudioFeatures, options: DecodingOptions | None = None) -> list[DecodingResult]:
        """What is said in each window, at one temperature.

        Raises:
            ValueError: the language is not one it knows, or an English model is to translate.
        """
        options = options or DecodingOptions()
        if options.task == "translate" and not self.is_multilingual:
            raise ValueError("this model knows English alone, and translates nothing")
        if options.language:
            if options.language not in self.languages:
                raise ValueError(f"language: {options.language[:40]!r} is not one of {', '.join(self.languages)}")
            languages = [options.language] * len(features)
        else:
            languages = [next(iter(found)) for found in self.detect_language(features)]
        return decode(self._steps(features), self.tokenizer, languages, options, self.config.n_text_ctx)

    @torch.inference_mode()
    def find_alignment(
        self, features: AudioFeatures, tokens: Sequence[int], num_frames: int, language: str | None = None
    ) -> list[WordTiming]:
        """When each word of a text is said in a window.

        Args:
            features: of one window.
            tokens: of the text; times among them are left out.
            num_frames: of the window that are sound, 100 a second; the rest is padding.
            language: of the text.
        """
        words = self.tokenizer
        start = [*words.sot_sequence(language), words.no_timestamps]
        text = [token for token in tokens if token < words.eot][: self.config.n_text_ctx - len(start) - 1]
        states, told = self.decoder(torch.tensor([[*start, *text, words.eot]], device=self.device), features.seen)
        chances = self.decoder.logits(states[0, len(start) - 1 : -2])[:, : words.eot].float().softmax(-1)
        scores = []
        for layer, head in self._timers:
            block, keys = cast(ResidualAttentionBlock, self.decoder.blocks[layer]), features.seen[layer].keys
            scores.append(block.cross_attn.scores(told[layer], keys)[0, head])
        weights = torch.stack(scores)[..., : max(num_frames // 2, 1)].float().softmax(-1)
        likely = chances[range(len(text)), text].cpu().numpy()
        return word_timings(words, text, likely, weights.cpu().numpy(), language)

    def _steps(self, features: AudioFeatures) -> Steps:
        """The decoder a step at a time: compiled on a CPU."""
        if self.device.type != "cpu":
            return Inference(self, features)
        state = [(weight.data_ptr(), weight._version) for weight in self.decoder.parameters()]
        if self._compiled is None or self._compiled[0] != state:
            self._compiled = state, CompiledDecoder(self.decoder, self.config.n_text_head)
        return CompiledSteps(self._compiled[1], [heard(*one) for one in features.seen])

    @property
    def _timers(self) -> Sequence[tuple[int, int]]:
        """Layers and heads that words are timed by."""
        layers, heads = self.config.n_text_layer, self.config.n_text_head
        every = [(layer, head) for layer in range(layers // 2, layers) for head in range(heads)]
        return self.config.alignment_heads or every

    def _seen(self, states: Float[Tensor, "window place state"]) -> list[KeysValues]:
        return [cast(ResidualAttentionBlock, block).cross_attn.seen(states) for block in self.decoder.blocks]

    def forward(
        self, mel: Float[Tensor, "window mel frame"], tokens: Int[Tensor, "window token"]
    ) -> Float[Tensor, "window token vocab"]:
        """Logits of what follows each token."""
        states, _ = self.decoder(tokens, self._seen(self.encoder(mel)))
        return self.decoder.logits(states)

    def probe_inputs(self) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(0)
        mel = torch.randn(1, self.config.n_mels, FRAMES, generator=generator).mul(0.5)
        return {"mel": mel, "tokens": torch.arange(8)[None] * (self.config.n_vocab // 8)}

    def probe(self, mel: Tensor, tokens: Tensor) -> dict[str, Tensor]:
        return {"logits": self(mel, tokens)}

    def probe_compiled(self, mel: Tensor, tokens: Tensor) -> dict[str, Tensor]:
        steps = self._steps(self.encode(mel.cpu().numpy()))
        return {"logits": torch.from_numpy(steps.step(tokens.cpu().numpy(), range(tokens.shape[1])))}


class Inference:
    """`menura.models.whisper.decoding.Steps` of the network as it is."""

    def __init__(self, model: Whisper, features: AudioFeatures) -> None:
        self.model, self.seen = model, features.seen
        self.memory = Memory(model.config.n_text_layer, model.config.n_text_ctx)

    def step(self, tokens: Int[np.ndarray, "row token"], at: Sequence[int]) -> Float[np.ndarray, "row place vocab"]:
        row = torch.as_tensor(tokens, device=self.model.device)
        states, _ = self.model.decoder(row, self.seen, self.memory)
        return self.model.decoder.logits(states[:, list(at)]).float().cpu().numpy()

    def select(self, sources: Int[np.ndarray, " row"]) -> None:
        self.memory.select(torch.as_tensor(sources, device=self.model.device))


class Batch(NamedTuple):
    """What to learn from.

    Attributes:
        mels: of windows.
        tokens: what the decoder is told.
        targets: what follows each; -100 where nothing is to be learnt.
    """

    mels: Float[Tensor, "window mel frame"]
    tokens: Int[Tensor, "window token"]
    targets: Int[Tensor, "window token"]


class WhisperObjective(nn.Module):
    """Nats a token."""

    def __init__(self, model: Whisper) -> None:
        super().__init__()
        self.model = model

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"model": self.model}

    def losses(self, batch: Batch, _fraction_done: float) -> Iterator[Loss]:
        nats = self._nats(batch)
        yield Loss("model", nats, {"nats_per_token": float(nats.detach())})

    @torch.inference_mode()
    def report(self, batch: Batch) -> dict[str, float]:
        return {"nats_per_token": float(self._nats(batch))}

    def _nats(self, batch: Batch) -> Tensor:
        logits = self.model(batch.mels, batch.tokens)
        return F.cross_entropy(logits.flatten(0, 1).float(), batch.targets.flatten(), ignore_index=NOT_LEARNT)
