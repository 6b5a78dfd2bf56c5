"""A voice as a file: what a synthesizer must know to speak in it, whose it is, and that they agreed.

A ``.voice`` file is in the safetensors format; nothing in it is code. Its metadata hold under ``voice`` a JSON object

    {"format": 3, "name": "anna", "language": "en-us", "gender": "", "about": "…", "synthesizer": "sha256:…",
     "consent": {"speaker": …, "statement": …, "date": …} or null, "provenance": {…}}

and its tensors are ``point``, among the speakers of that synthesizer, and what is added to weights of it, by their
names. A voice that nobody has, designed or mixed, has no consent.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from menura import files
from menura.tasks.consent import Consent
from menura.text.speech.normalise import Language

FORMAT = 3
_MANNER = {1: 4, 2: 2}
"""Format -> the numbers at the end, of how a voice speaks, that it has not; 0 is as it was then."""
MOST_BYTES = 16 << 20
_POINT, _KEY = "point", "voice"
_MOST_SIZE = 4096


@dataclass(frozen=True, kw_only=True, eq=False)
class VoiceFile:
    """A voice.

    Attributes:
        name: that it is asked for by.
        language: that it speaks.
        synthesizer: ``"sha256:…"`` of the weights that it fits.
        point: float32, a speaker as that synthesizer has it.
        changes: what is added to weights, by their names; none for a mixture of its voices.
        consent: of who speaks; None where nobody does.
        gender, about: as far as known, in words.
        provenance: how it was made; plain JSON values.
    """

    name: str
    language: Language
    synthesizer: str
    point: np.ndarray
    changes: Mapping[str, np.ndarray] = field(default_factory=dict)
    consent: Consent | None = None
    gender: str = ""
    about: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def require(self, synthesizer: str, name: str) -> None:
        """Refuse a synthesizer whose weights are not those that it fits.

        Raises:
            ValueError: one line, for the person who asked.
        """
        if self.synthesizer != synthesizer:
            raise ValueError(f"{self.name} was made for other weights than those of {name}; make the voice again")


@dataclass(frozen=True, kw_only=True)
class _Described:
    """What the metadata say."""

    format: int
    name: str
    language: Language
    synthesizer: str
    consent: Consent | None
    gender: str
    about: str
    provenance: dict[str, Any]


def to_bytes(voice: VoiceFile) -> bytes:
    """The content of a voice's file: changes in half precision."""
    described = {key: value for key, value in vars(voice).items() if key not in (_POINT, "changes", "consent")}
    described |= {"format": FORMAT, "consent": voice.consent and asdict(voice.consent)}
    tensors: dict[str, np.ndarray] = {}
    tensors |= {name: np.ascontiguousarray(change, np.float16) for name, change in voice.changes.items()}
    tensors[_POINT] = np.ascontiguousarray(voice.point, np.float32)
    return save(tensors, {_KEY: json.dumps(described, ensure_ascii=False, allow_nan=False)})


def parse(content: bytes, name: str) -> VoiceFile:
    """The voice in untrusted bytes that are called `name` in complaints.

    Raises:
        ValueError: they are no voice; one line.
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"{name} is larger than {MOST_BYTES >> 20} MB, which no voice is")
    try:
        tensors = load(content)
        head = json.loads(content[8 : 8 + struct.unpack_from("<Q", content)[0]])
        written = head["__metadata__"][_KEY]
    except (SafetensorError, KeyError, TypeError, ValueError, struct.error) as error:
        raise ValueError(f"{name} is not a voice's file") from error
    about = files.parse_json(written.encode(), name)
    number = about.get("format")
    if type(number) is not int or not 1 <= number <= FORMAT:
        raise ValueError(f"{name}: format {str(number)[:20]} is not known; this version reads 1 to {FORMAT}")
    try:
        found = TypeAdapter(_Described).validate_python(about)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{name}: {place}: {first['msg']}") from None
    point = tensors.pop(_POINT, np.zeros(0))
    if point.ndim != 1 or not 0 < len(point) <= _MOST_SIZE:
        raise ValueError(f"{name} has no point among speakers")
    if not all(one.dtype.kind == "f" and np.isfinite(one).all() for one in (point, *tensors.values())):
        raise ValueError(f"{name} holds what is not finite")
    point = np.append(point, np.zeros(_MANNER.get(number, 0)))
    said = {key: value for key, value in vars(found).items() if key != "format"}
    return VoiceFile(point=point.astype(np.float32), changes=tensors, **said)
