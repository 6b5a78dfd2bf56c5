"""Sound as the bytes of a file while it is made: for whoever listens before it has ended."""

from __future__ import annotations

import io
import struct
from typing import Any, cast

import numpy as np
import soundfile

from menura.audio.formats import FORMATS
from menura.extras import require

STREAMED = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
"""Format -> its media type. `pcm` is 16-bit samples alone, little-endian; `aac` (ADTS) needs the media extra."""
_UNKNOWN = 0xFFFFFFFF
_FULL_SCALE = 32768


class StreamEncoder:
    """Sound in, bytes out; joined, these are a file, whose header does not say how long it is.

    Args:
        format: one of `STREAMED`.
        sample_rate_hz: of the sound, one that the format knows.
        num_channels: of the sound.

    Raises:
        ValueError: the format or the rate is not possible, or what it needs is not installed.
    """

    def __init__(self, format: str, sample_rate_hz: int, num_channels: int = 1) -> None:
        if format not in STREAMED:
            raise ValueError(f"there is no streamed format {format[:20]!r}; there are {', '.join(STREAMED)}")
        self._file = _Forward()
        self._writer: _Plain | _SoundFile | _Aac
        if format in ("wav", "pcm"):
            self._writer = _Plain(self._file, format, sample_rate_hz, num_channels)
        elif format == "aac":
            self._writer = _Aac(self._file, sample_rate_hz, num_channels)
        else:
            self._writer = _SoundFile(self._file, format, sample_rate_hz, num_channels)

    def encode(self, samples: np.ndarray) -> bytes:
        """What a part ``[channel, sample]`` adds; encoders wait for whole blocks, so that may be nothing."""
        self._writer.write(np.clip(samples, -1, 1).astype(np.float32))
        return self._file.taken()

    def end(self) -> bytes:
        """What is left."""
        self._writer.close()
        return self._file.taken()


class _Forward(io.RawIOBase):
    """A file of which only what is appended is kept: what was sent cannot be changed."""

    def __init__(self) -> None:
        super().__init__()
        self._place = self._end = 0
        self._waiting = bytearray()

    def taken(self) -> bytes:
        waiting = bytes(self._waiting)
        self._waiting.clear()
        return waiting

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._end}[whence]
        return self._place

    def readinto(self, _buffer: Any) -> int:
        return 0

    def write(self, content: Any) -> int:
        content = bytes(content)
        fresh = content[max(self._end - self._place, 0) :]
        self._place += len(content)
        self._waiting += fresh
        self._end += len(fresh)
        return len(content)


class _Plain:
    """16-bit samples, with a header if wanted."""

    def __init__(self, file: _Forward, format: str, sample_rate_hz: int, num_channels: int) -> None:
        self._file = file
        if format == "wav":
            frame = 2 * num_channels
            about = struct.pack("<HHIIHH", 1, num_channels, sample_rate_hz, sample_rate_hz * frame, frame, 16)
            chunks = b"WAVEfmt " + struct.pack("<I", 16) + about + b"data" + struct.pack("<I", _UNKNOWN - 36)
            file.write(b"RIFF" + struct.pack("<I", _UNKNOWN) + chunks)

    def write(self, samples: np.ndarray) -> None:
        steps = np.clip(np.rint(samples.T * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
        self._file.write(steps.astype("<i2").tobytes())

    def close(self) -> None: ...


class _SoundFile:
    """A format of libsndfile."""

    def __init__(self, file: _Forward, format: str, sample_rate_hz: int, num_channels: int) -> None:
        about = FORMATS[format]
        if about.rates_hz and sample_rate_hz not in about.rates_hz:
            raise ValueError(f"{format} has no {sample_rate_hz} Hz; it has {', '.join(map(str, about.rates_hz))}")
        subtype = about.subtypes[0 if about.is_lossy else 16]
        self._sound = soundfile.SoundFile(
            cast(Any, file),
            "w",
            samplerate=sample_rate_hz,
            channels=num_channels,
            format=about.container,
            subtype=subtype,
        )

    def write(self, samples: np.ndarray) -> None:
        self._sound.write(np.ascontiguousarray(samples.T))

    def close(self) -> None:
        self._sound.close()


class _Aac:
    """AAC in ADTS frames, by FFmpeg."""

    def __init__(self, file: _Forward, sample_rate_hz: int, num_channels: int) -> None:
        require("aac", "av")
        import av

        self._av, self._rate_hz, self._layout = av, sample_rate_hz, {1: "mono", 2: "stereo"}[num_channels]
        self._container = av.open(file, "w", format="adts")
        self._stream = self._container.add_stream("aac", rate=sample_rate_hz, layout=self._layout)

    def write(self, samples: np.ndarray) -> None:
        frame = self._av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=self._layout)
        frame.sample_rate = self._rate_hz
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()
