"""The readers of what comes from strangers, each with small valid files that are made here, to be damaged."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import av
import numpy as np
import torch
from starlette.testclient import TestClient

from measures.damage import damaged, damaged_json, damaged_safetensors, damaged_text, resealed_mnr, resealed_ogg
from menura import audio, checkpoint, files, sidecar
from menura.app.server.api import create_app
from menura.app.server.settings import Settings
from menura.audio import Audio, mnr
from menura.audio.formats import FORMATS
from menura.models.codec import model as codec
from menura.models.score_lm import model as score_lm
from menura.models.soundstream import model as soundstream
from menura.models.wavenet import model as wavenet
from menura.score import midi
from menura.score.notes import PITCH_BEND, Key, KeyMark, Marker, Metre, Score, Tempo, Text, Track
from menura.score.synth.sampler import NoteEvents, Sampler
from menura.score.synth.soundfont import Generator, SoundFont
from menura.score.theme import parse
from menura.score.tune import of_theme
from menura.tasks.arrange import Options, arrange
from menura.tasks.book import passages
from menura.tasks.inputs import DocumentInput, LexiconInput, TableInput
from menura.tasks.sing import Sing
from menura.tasks.singing import fitted
from menura.tasks.speak import Speak
from menura.tasks.utterances import utterances, words
from menura.text.speech.syllables import read_lyrics

_RATE_HZ = 8000
_MOST_SAMPLES = 1 << 22
"""Of sound that is read; a reader need not hold more than was allowed."""


class Refused(ValueError):
    """The server refused a request, in words."""


class Reader(ABC):
    """A reader, and damaged input for it.

    Args:
        folder: an empty one of its own.
    """

    name: ClassVar[str]

    @abstractmethod
    def __init__(self, folder: Path) -> None: ...

    @abstractmethod
    def valid(self) -> list[Any]:
        """Input that is read without complaint."""

    @abstractmethod
    def draw(self, rng: random.Random) -> Any:
        """Damaged input."""

    @abstractmethod
    def read(self, given: Any) -> None:
        """Read it, as a task would.

        Raises:
            ValueError, OSError: what is wrong with it, in one line.
        """


class Files(Reader):
    """A reader of single files."""

    tags: ClassVar[tuple[bytes, ...]]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = self.make()

    @abstractmethod
    def make(self) -> list[bytes]:
        """Valid files."""

    def valid(self) -> list[Any]:
        return self.made

    def draw(self, rng: random.Random) -> Any:
        return damaged(rng.choice(self.made), self.made, self.tags, rng)


class Midi(Files):
    """MIDI files, read and written again."""

    name = "midi"
    tags = (b"MThd", b"MTrk", b"\xff\x51", b"\xff\x58", b"\xff\x03", b"\xf0", b"\x90", b"RIFF", b"data")

    def make(self) -> list[bytes]:
        melody = np.array([[k * 240, 240, 60 + k % 12, 40 + k] for k in range(24)])
        controls = np.array([[0, 7, 90], [240, PITCH_BEND, 2000], [480, 64, 127], [960, 64, 0]])
        tracks = (Track("Flöte", 73, False, melody, controls), Track("drums", 0, True, np.array([[0, 10, 36, 90]])))
        marks = (
            (Tempo(0, 90), Tempo(960, 120)),
            (Metre(0, 3, 4),),
            (KeyMark(0, Key(2, "minor")),),
            (Marker(960, "B"),),
        )
        whole = midi.to_bytes(Score(tracks, *marks, title="Waltz", texts=(Text(0, "lyric", "la"),)))
        running = (
            b"\x00\x90\x3c\x40\x60\x3c\x00\x00\x40\x40\x60\x40\x00\x00\xf0\x05\x7e\x7f\x09\x01\xf7\x00\xff\x2f\x00"
        )
        chunk = struct.pack(">4sI", b"MTrk", len(running)) + running
        heads = [struct.pack(">4sIHHH", b"MThd", 6, kind, 2, division) for kind, division in ((0, 96), (2, 0xE728))]
        wrapped = b"RIFF" + struct.pack("<I", len(whole) + 12) + b"RMIDdata" + struct.pack("<I", len(whole)) + whole
        return [whole, *(head + chunk * 2 for head in heads), wrapped]

    def read(self, given: Any) -> None:
        midi.to_bytes(midi.read(given))


class Sound(Files):
    """Sound files of every format that is written, and m4a and webm."""

    name = "sound"
    tags = tuple(
        b"RIFF|fmt |data|fLaC|OggS|OpusHead|vorbis|FORM|COMM|SSND|ID3|Xing|Info|\xff\xf3".split(b"|")
        + b"ftyp|moov|mdat|stsz|stsc|stco|stts|mdhd|mvhd|esds|\x1a\x45|\x16\x54|\xa3".split(b"|")
    )

    def make(self) -> list[bytes]:
        tone = 0.3 * np.sin(np.arange(1600) * 2 * np.pi * 440 / _RATE_HZ).astype(np.float32)
        made = [audio.encode(Audio(tone[None], _RATE_HZ), name) for name in FORMATS]
        made += [audio.encode(Audio(np.stack((tone, -tone)), _RATE_HZ), name, bits=24) for name in ("wav", "flac")]
        made += [_media(tone, kind, codec) for kind, codec in (("ipod", "aac"), ("webm", "libopus"))]
        return [resealed_ogg(one, serial=1) if one.startswith(b"OggS") else one for one in made]

    def draw(self, rng: random.Random) -> Any:
        content = super().draw(rng)
        return resealed_ogg(content) if content.startswith(b"OggS") and rng.random() < 0.7 else content

    def read(self, given: Any) -> None:
        audio.info(io.BytesIO(given))
        audio.read(io.BytesIO(given), sample_rate_hz=_RATE_HZ, mono=True, max_samples=_MOST_SAMPLES)


def _media(tone: np.ndarray, kind: str, codec: str) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=kind, options={"fflags": "+bitexact"}) as container:
        stream: Any = container.add_stream(codec, rate=48_000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.repeat(tone, 6)[None], "fltp" if codec == "aac" else "flt", "mono")
        frame.sample_rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue()


class Codes(Files):
    """.mnr files; half of the damaged ones have a header whose checksum is right."""

    name = "mnr"
    tags = (b"\x89MNR", b"\0\0")

    def make(self) -> list[bytes]:
        made = []
        for channels, stages, size in ((1, 4, 32), (2, 2, 30), (1, 1, 65_536)):
            codes = np.random.default_rng(0).integers(0, size, (channels, 200, stages))
            kind: dict[str, Any] = {
                "channels": channels,
                "num_codebooks": stages,
                "codebook_size": size,
                "sample_rate_hz": 8000,
                "hop_samples": 128,
            }
            header = mnr.Header(**kind, weights=f"sha256:{'ab' * 32}", model="small")
            made.append(mnr.to_bytes(header, mnr.Codes(codes, 25_000, 8000)))
        self.header_bytes = len(header.to_bytes())
        return [*made, made[0] * 2]

    def draw(self, rng: random.Random) -> Any:
        content = super().draw(rng)
        return resealed_mnr(content, self.header_bytes) if rng.random() < 0.5 else content

    def read(self, given: Any) -> None:
        mnr.read(io.BytesIO(given))
        mnr.measure(io.BytesIO(given), "this file")


class SoundFonts(Files):
    """SoundFonts, plain and compressed, one note played with each."""

    name = "soundfont"
    tags = (b"RIFF", b"LIST", b"smpl", b"phdr", b"pbag", b"pgen", b"pmod", b"inst", b"ibag", b"igen", b"imod", b"shdr")

    def make(self) -> list[bytes]:
        wave = 0.6 * np.sin(np.arange(1000) * 2 * np.pi / 100).astype(np.float32)
        plain = (wave * 32767).astype("<i2").tobytes()
        ogg = resealed_ogg(audio.encode(Audio(wave[None], 44_100), "ogg"), serial=1)
        modulator = struct.pack("<HHhHH", 0x0502, int(Generator.PAN), 500, 0, 0)
        looped = [(int(Generator.SAMPLE_MODES), 1), (int(Generator.KEY_RANGE), 20 | 100 << 8)]
        return [
            _soundfont(plain, looped, b"", 1000, 1),
            _soundfont(plain, [(int(Generator.SAMPLE_MODES), 3), (int(Generator.PAN), -200)], modulator, 1000, 1),
            _soundfont(ogg, looped, b"", len(ogg), 0x11),
        ]

    def read(self, given: Any) -> None:
        path = self.folder / "given.sf2"
        path.write_bytes(given)
        out = np.zeros((2, 4000), dtype=np.float32)
        strikes = NoteEvents(np.zeros(1), np.full(1, 0.2), np.array([60]), np.array([90]))
        Sampler(SoundFont(path), _RATE_HZ).play(0, False, strikes, out, (1.0, 1.0))
        assert np.isfinite(out).all(), "the sound is not finite"


def _soundfont(data: bytes, generators: list[tuple[int, int]], modulators: bytes, end: int, kind: int) -> bytes:
    """One preset, one instrument, one sample."""
    zones = [*generators, (int(Generator.SAMPLE), 0)]
    row = struct.Struct("<20sIIIIIBbHH")
    tables = {
        b"phdr": b"".join(
            struct.pack("<20sHHHIII", name, 0, 0, bag, 0, 0, 0) for name, bag in ((b"one", 0), (b"EOP", 1))
        ),
        b"pbag": struct.pack("<4H", 0, 0, 1, 0),
        b"pmod": bytes(10),
        b"pgen": struct.pack("<HhHh", Generator.INSTRUMENT, 0, 0, 0),
        b"inst": struct.pack("<20sH20sH", b"one", 0, b"EOI", 1),
        b"ibag": struct.pack("<4H", 0, 0, len(zones), len(modulators) // 10),
        b"imod": modulators + bytes(10),
        b"igen": b"".join(struct.pack("<Hh", *zone) for zone in zones) + bytes(4),
        b"shdr": row.pack(b"sine", 0, end, 100, 900, 44_100, 69, 0, 0, kind) + row.pack(b"EOS", *[0] * 9),
    }
    lists = _chunk(b"LIST", b"sdta" + _chunk(b"smpl", data + bytes(len(data) % 2)))
    lists += _chunk(b"LIST", b"pdta" + b"".join(_chunk(name, content) for name, content in tables.items()))
    return _chunk(b"RIFF", b"sfbk" + lists)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


class Prompts(Reader):
    """Sentences, understood and arranged, alone and beside options."""

    name = "prompt"

    def __init__(self, _folder: Path) -> None:
        self.made = [
            "a slow waltz for flute and piano in D minor, 90 bpm, 32 bars",
            "two hundred bars of fast jazz at 300 bpm in 7/8 for saxophone, bass and drums without piano",
            "a calm nocturne like chopin and debussy, 2:30 minutes, no strings, key of F sharp major",
            "un quatuor à cordes en sol mineur, 16 mesures, lent; then presto at 184.5 bpm",
            "60 seconds, 16 bars, 4/4, string quartet and 808 drums, 70% bach 30% joplin, happy but not loud",
        ]

    def valid(self) -> list[Any]:
        return [(prompt, {}) for prompt in self.made]

    def draw(self, rng: random.Random) -> Any:
        prompt = damaged_text(rng.choice(self.made), self.made, rng)
        options: dict[str, Any] = {"key": "D minor", "metre": "3/4", "form": "ABA", "instruments": ("flute", "piano")}
        beside: dict[str, Any] = {
            name: damaged_text(options[name], self.made, rng) for name in ("key", "metre", "form")
        }
        beside["instruments"] = [damaged_text(one, self.made, rng) for one in options["instruments"]]
        return prompt, {name: value for name, value in beside.items() if rng.random() < 0.1}

    def read(self, given: Any) -> None:
        prompt, options = given
        nothing = dict.fromkeys(("key", "bpm", "metre", "bars", "duration_s", "density", "form"))
        plain = {**nothing, "instruments": (), "style": {}, "mood": (), **options}
        arrange(prompt, Options(**plain), np.random.default_rng(0))


class Speech(Reader):
    """Texts to be spoken in every form, tables of them, and pronunciations."""

    name = "speech"

    def __init__(self, _folder: Path) -> None:
        self.made = [
            (
                "plain",
                'He said: "Dr. Smith\'s $5.20" (3 May)... [Menura](/mɛˈnʊɹə/) sings [pause:0.5s] at Blorvik, 7 a.m.!',
            ),
            (
                "plain",
                '<speak>Tom &amp; <voice name="heart">Jerry</voice> <prosody rate="+20%" pitch="-2st" volume="soft">ran'
                '</prosody><break time="300ms"/> to <say-as interpret-as="date">3/4/2024</say-as> '
                '<sub alias="Straße">Str.</sub> <lang xml:lang="de">Tag</lang> <phoneme ph="ˈɑ">a</phoneme></speak>',
            ),
            (
                "markdown",
                "# A *title*\n\n[text](https://a.example) and `code`\n\n```\nx\n```\n- one\n- two\n\n| a | b |\n|---|",
            ),
            ("script", "A room.\n\nANNA: Hello, Ben.\nHow are you?\n\n**Ben Smith:** Fine, at 5:30.\nANNA: Good."),
            ("table", 'name,city\nAnna,"York, UK"\nBen,Rome\n'),
            ("lexicon", "# remarks\nmenura\tmɛˈnʊɹə\nOslo\t/ˈɑzloʊ/\n"),
            ("lexicon", '{"menura": "mɛˈnʊɹə", "Oslo": "ˈɑzloʊ"}'),
        ]

    def valid(self) -> list[Any]:
        return list(self.made)

    def draw(self, rng: random.Random) -> Any:
        kind, text = rng.choice(self.made)
        return kind, damaged_text(text, [other for _, other in self.made], rng)

    def read(self, given: Any) -> None:
        kind, text = given
        if kind in ("table", "lexicon"):
            (TableInput if kind == "table" else LexiconInput).of(text.encode("utf-8", "surrogatepass")).read()
            return
        Speak.build({"text": text})
        voices = {"ANNA": "heart"} if kind == "script" else None
        for one in utterances(text, "en-us", "heart", voices=voices, is_markdown=kind == "markdown"):
            words(one, text, [(0.0, 0.0)] * len(one.tokens))


class Documents(Reader):
    """Pages and books; half of the damaged books are whole archives with a page or a list that is damaged."""

    name = "document"

    def __init__(self, _folder: Path) -> None:
        page = (
            '<html lang="de"><head><title>Ein Tag</title><style>p{}</style></head><body><h1 id="a">I. Früh</h1><p>Es '
            'war hell.<a epub:type="noteref" href="#n">1</a><br/>Tom &amp; Jerry&#8217;s</p><pre> as\n it </pre>'
            "<h2>II</h2><ul><li>one<li>two</ul><script>if (a<b) x()</script></body></html>"
        )
        item = '<item id="{0}" href="{1}" media-type="{2}" properties="{3}"/>'
        items = item.format("p", "a%20b.xhtml", "application/xhtml+xml", "") + item.format(
            "n", "nav.xhtml", "application/xhtml+xml", "nav"
        )
        self.book = {
            "META-INF/container.xml": '<container><rootfile full-path="x/book.opf"/></container>',
            "META-INF/encryption.xml": '<enc:CipherReference URI="x/font.otf"/>',
            "x/book.opf": f"<package><metadata><dc:title>A Day</dc:title><dc:language>de</dc:language></metadata>"
            f'<manifest>{items}</manifest><spine toc="n"><itemref idref="p"/></spine></package>',
            "x/nav.xhtml": '<nav epub:type="toc"><ol><li><a href="a%20b.xhtml#a">One</a></li></ol></nav>'
            '<navMap><navPoint><text>Two</text><content src="a%20b.xhtml"/></navPoint></navMap>',
            "x/a b.xhtml": page,
        }
        self.made = [page.encode(), _zipped(self.book), b"# One\n\ntext\n\n# Two\n\nmore\n\nCHAPTER III\n\nx"]

    def valid(self) -> list[Any]:
        return self.made

    def draw(self, rng: random.Random) -> Any:
        if rng.random() < 0.4:
            name = rng.choice(list(self.book))
            return _zipped({**self.book, name: damaged_text(self.book[name], list(self.book.values()), rng)})
        tags = (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"<", b"<!--", b"href=")
        return damaged(rng.choice(self.made), self.made, tags, rng)

    def read(self, given: Any) -> None:
        document = DocumentInput.of(given).read()
        found = passages(document)
        assert "".join(document.text[one.start : one.end] for one in found) == document.text


def _zipped(texts: Mapping[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text.encode("utf-8", "surrogatepass"))
    return content.getvalue()


class Songs(Reader):
    """Lyrics and the tunes that they are sung to."""

    name = "song"

    def __init__(self, _folder: Path) -> None:
        self.lyrics = ["A-ma-zing grace, how _ sweet the sound", "la la la", "Stil-le Nacht, hei-li-ge _ _ Nacht!"]
        self.tunes = ["C4 | F4:2 A4:1/2 F4:1/2 | A4:2 G4 | F4:2 D4", "K:C M:3/4 CDE|F2z|", "C4 D4 E4"]

    def valid(self) -> list[Any]:
        return [("la la la", "C4 D4 E4")]

    def draw(self, rng: random.Random) -> Any:
        return tuple(damaged_text(rng.choice(kind), kind, rng) for kind in (self.lyrics, self.tunes))

    def read(self, given: Any) -> None:
        lyrics, tune = given
        Sing.build({"lyrics": lyrics, "tune": tune})
        fitted(of_theme(parse(tune), 100.0), read_lyrics(lyrics, "en-us"))


class Json(Reader):
    """Requests to a server's tasks and other addresses that take JSON, and sidecars."""

    name = "json"

    def __init__(self, folder: Path) -> None:
        torch.manual_seed(0)
        checkpoint.save(codec.Codec(codec.tiny()).eval(), folder / "models" / "small", {})
        app = create_app(Settings(state=folder / "state", models=folder / "models"))
        app.state.server.is_ready = True  # no worker is started: what is asked waits, and is cancelled
        self.server, self.client = app.state.server, TestClient(app, base_url="http://localhost")
        (file,) = Midi(folder).make()[:1]
        self.upload = self.client.post("/v1/files", files={"file": ("a.mid", file)}).json()["id"]
        described = {"menura": "1.0", "task": "compose", "seed": 1, "created": "2026-01-01T00:00:00+00:00"}
        hashes = {"models": {"score_lm": "sha256:ab"}, "inputs": {}, "files": {"a.mid": "sha256:cd"}}
        note = {"track": 0, "removed": [1], "added": [[480, 480, 79, 100]]}
        compose = {"prompt": "a waltz, 2 bars", "seed": 3, "bars": 4, "instruments": ["flute", "piano"], "bpm": 90}
        self.made = [
            (
                "/v1/tasks/compose",
                {**compose, "key": "D minor", "metre": "3/4", "style": {"bach": 1.0}, "format": "mp3"},
            ),
            ("/v1/tasks/compose", {"continue": "UPLOAD", "bars": 8, "duration": 12.5, "mood": ["calm"]}),
            ("/v1/tasks/render", {"file": "UPLOAD", "format": "flac"}),
            ("/v1/tasks/sample", {"samples": 800, "model": "wavenet-digits", "temperature": 0.9, "seed": 1}),
            ("/v1/tasks/encode", {"file": "UPLOAD", "kbps": 1.5, "model": "small"}),
            ("/v1/tasks/evaluate", {"estimate": "UPLOAD", "reference": "UPLOAD", "metrics": ["mel"]}),
            ("/v1/notes", {"file": "UPLOAD", "tracks": [note, {**note, "removed": []}]}),
            ("sidecar", {**described, **hashes, "parameters": {"prompt": "a waltz", "bars": 8}}),
        ]

    def valid(self) -> list[Any]:
        return [(place, json.dumps(body).encode()) for place, body in self.made if "evaluate" not in place]

    def draw(self, rng: random.Random) -> Any:
        place, body = rng.choice(self.made)
        return place, damaged_json(body, rng)

    def read(self, given: Any) -> None:
        place, body = given
        if place == "sidecar":
            sidecar.checked(files.parse_json(body, "this file"), "this file")
            return
        content = body.replace(b"UPLOAD", self.upload.encode())
        answer = self.client.post(place, content=content, headers={"content-type": "application/json"})
        assert answer.status_code < 500, f"{answer.status_code} {answer.text[:200]}"
        if answer.status_code == 202:
            self.server.workers.cancel(answer.json()["id"])
        elif answer.status_code >= 400:
            raise Refused(answer.json()["error"]["message"])


class Checkpoints(Reader):
    """Model folders of every family: config.json and model.safetensors."""

    name = "checkpoint"

    def __init__(self, folder: Path) -> None:
        torch.manual_seed(0)
        models = {
            "codec": codec.Codec(codec.tiny()),
            "soundstream": soundstream.SoundStream(soundstream.tiny()),
            "wavenet": wavenet.WaveNet(
                wavenet.tiny(categories={"digit": ("one", "two")}, features=20, hop_samples=100)
            ),
            "score_lm": score_lm.ScoreLM(score_lm.tiny(("bach", "jazz"))),
        }
        self.folder, self.made = folder / "model", []
        for name, model in models.items():
            saved = checkpoint.save(model.eval(), folder / name, {"data": "none"})
            self.made.append(tuple((saved / file).read_bytes() for file in ("config.json", "model.safetensors")))
        self.folder.mkdir()

    def valid(self) -> list[Any]:
        return self.made

    def draw(self, rng: random.Random) -> Any:
        config, weights = rng.choice(self.made)
        match rng.randrange(6):
            case 0 | 1:
                described = json.loads(config)
                sizes = damaged_json(described["config"], rng)
                config = json.dumps({**described, "config": "SIZES"}).encode().replace(b'"SIZES"', sizes)
            case 2:
                config = damaged_json(json.loads(config), rng)
            case 3:
                weights = damaged_safetensors(weights, rng)
            case 4:
                others = [other for _, other in self.made]
                weights = damaged(weights, others, (b'":{"dtype":"', b'shape":[', b"offsets"), rng)
            case 5:
                config, weights = damaged(config, [weights], (b":",), rng), rng.choice(self.made)[1]
        return config, weights

    def read(self, given: Any) -> None:
        for name, content in zip(("config.json", "model.safetensors"), given, strict=True):
            (self.folder / name).write_bytes(content)
        checkpoint.load(self.folder)


READERS: dict[str, type[Reader]] = {
    reader.name: reader
    for reader in (Checkpoints, Json, Midi, Prompts, Speech, Documents, Songs, Codes, SoundFonts, Sound)
}
