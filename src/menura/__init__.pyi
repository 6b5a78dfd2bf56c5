"""Written by ``python -m menura.app.stubs`` from the declarations of the tasks; not to be edited."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal, overload

from menura.app.watching import Watching
from menura.tasks.inputs import (
    CodesLike,
    DocumentLike,
    FileLike,
    LexiconLike,
    NotesLike,
    SidecarLike,
    SoundLike,
    TableLike,
    VoiceLike,
)
from menura.app.function import load as load
from menura.audio.samples import Audio as Audio
from menura.checkpoint import save as save
from menura.progress import Cancelled as Cancelled
from menura.progress import Progress as Progress
from menura.progress import cancel_after as cancel_after
from menura.score.notes import Score as Score
from menura.tasks.align import Aligned as Aligned
from menura.tasks.check import Checked as Checked
from menura.tasks.clone import Cloned as Cloned
from menura.tasks.describe import Described as Described
from menura.tasks.design import Designed as Designed
from menura.tasks.doctor import Diagnosis as Diagnosis
from menura.tasks.edit_speech import EditedSpeech as EditedSpeech
from menura.tasks.encode import Encoded as Encoded
from menura.tasks.evaluate import Evaluated as Evaluated
from menura.tasks.fetch import Fetched as Fetched
from menura.tasks.info import Info as Info
from menura.tasks.listing import Listing as Listing
from menura.tasks.models import Models as Models
from menura.tasks.piece import Piece as Piece
from menura.tasks.prepare import Shards as Shards
from menura.tasks.scene import Sounded as Sounded
from menura.tasks.similar import Similar as Similar
from menura.tasks.song import SongResult as SongResult
from menura.tasks.sound import SoundResult as SoundResult
from menura.tasks.task import Refused as Refused
from menura.tasks.task import Result as Result
from menura.tasks.train import Trained as Trained
from menura.tasks.transcribing import Transcribed as Transcribed
from menura.tasks.voiced import Speech as Speech

__all__ = ['Audio', 'Cancelled', 'Models', 'Progress', 'Refused', 'Score', '__version__', 'align', 'cancel_after', 'caption', 'check', 'clone', 'compose', 'convert', 'decode', 'describe', 'design', 'doctor', 'edit_speech', 'encode', 'evaluate', 'fetch', 'info', 'instruments', 'load', 'prepare', 'render', 'replay', 'sample', 'save', 'similar', 'sing', 'song', 'sound', 'sounds', 'speak', 'styles', 'train', 'transcribe', 'vocode', 'voices']
__version__: str

@overload
def compose(
    prompt: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    rate: int = 44100,
    loudness: float = -16.0,
    soundfont: FileLike | None = None,
    stems: bool = False,
    bundle: bool = False,
    key: str | None = None,
    bpm: float | None = None,
    metre: str | None = None,
    bars: int | None = None,
    duration: float | None = None,
    instruments: str | Sequence[str] = (),
    style: Mapping[str, float] | str | None = None,
    mood: str | Sequence[str] = (),
    density: float | None = None,
    form: Literal['AABA', 'ABA', 'AB', 'ABAC', 'rondo', 'strophic', 'through'] | None = None,
    chords: str | None = None,
    groove: str | None = None,
    band: Literal['auto', 'arranger', 'model'] = 'auto',
    theme: str | None = None,
    theme_file: NotesLike | None = None,
    syllables: str | Sequence[int] = (),
    loop: bool = False,
    n: None = None,
    keep: None = None,
    seed: int | None = None,
    temperature: float = 1.0,
    top_p: float = 0.97,
    guidance: float | None = None,
    continue_: NotesLike | None = None,
    infill: str | None = None,
    straight: bool = False,
    model: str | PathLike[str] = 'score_lm',
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Piece:
    """Compose a piece of music from a sentence, as notes and as sound.

    The sentence is understood openly: keys, tempi, metres, dances, instruments, styles, moods, length and form. Options
    win over it. Of several candidates a critic keeps what is most like music that people wrote. Two runs with one seed
    give the same samples.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        bits: of a sample; 32 is floating point.
        format: of the sound file; or name the output so, as x.flac.
        rate: samples a second (8000–192000).
        loudness: integrated loudness, LUFS (-40–-6).
        soundfont: the .sf2 or .sf3 file that plays; default: as found.
        stems: also write each instrument alone.
        bundle: also write a zip for a DAW: MIDI, stems, mix, picture.
        prompt: what to compose, in words.
        key: tonic and mode, as 'D minor'.
        bpm: quarter notes a minute (20–300).
        metre: as 3/4 or 6/8.
        bars: length in bars (1–512).
        duration: exact length of the sound, seconds (1–1200).
        instruments: who plays, as 'flute, 2 violins, piano'.
        style: a mixture, as schubert=0.7,game=0.3.
        mood: any of happy, sad, calm, dreamy, dark, tense, epic, playful, mysterious, heroic, gentle, angry, melancholic, solemn, festive, nostalgic, energetic, spooky, passionate, elegant, lonely, hopeful, bright, loud, quiet, chromatic, diatonic.
        density: from few notes to many (0–1).
        form: which sections return.
        chords: a bar after the other, over and over, as 'Dm | G7 | C | %'.
        groove: what a band plays under the melody, as reggae.
        band: who writes grooves and textures: rules, the model, or rules where a style asks for them.
        theme: a melody to quote and work with, as 'C4 E4 G4:2 | F4 E4 D4:2', or ABC.
        theme_file: a MIDI file whose melody is the theme.
        syllables: notes of the melody in each line of words, as 8,6,8,6.
        loop: let the end run into the beginning, to the sample.
        n: candidates, of which the critic keeps the best; default: up to 4, chosen every 4 bars (1–64).
        keep: how many of the best candidates to keep (1–64).
        seed: the same seed gives the same piece (at least 0 and below 2147483648).
        temperature: higher is wilder (0.2–2).
        top_p: keep the likeliest choices that make up this share (above 0 and at most 1).
        guidance: how strictly to follow what was asked; default: 1.25, or 3 for a mixture (0–5).
        continue_: a MIDI file to go on from, or to infill.
        infill: bars of that file to compose anew, as 9-16.
        straight: leave notes as written: at one tempo, on the grid, without pedal or phrasing.
        model: name or folder of a score_lm model.
        output: stem of the files to write.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Piece: A piece of music. A list of them where `keep` or `n` asks for several.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

@overload
def compose(
    prompt: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    rate: int = 44100,
    loudness: float = -16.0,
    soundfont: FileLike | None = None,
    stems: bool = False,
    bundle: bool = False,
    key: str | None = None,
    bpm: float | None = None,
    metre: str | None = None,
    bars: int | None = None,
    duration: float | None = None,
    instruments: str | Sequence[str] = (),
    style: Mapping[str, float] | str | None = None,
    mood: str | Sequence[str] = (),
    density: float | None = None,
    form: Literal['AABA', 'ABA', 'AB', 'ABAC', 'rondo', 'strophic', 'through'] | None = None,
    chords: str | None = None,
    groove: str | None = None,
    band: Literal['auto', 'arranger', 'model'] = 'auto',
    theme: str | None = None,
    theme_file: NotesLike | None = None,
    syllables: str | Sequence[int] = (),
    loop: bool = False,
    n: int | None = None,
    keep: Literal[1],
    seed: int | None = None,
    temperature: float = 1.0,
    top_p: float = 0.97,
    guidance: float | None = None,
    continue_: NotesLike | None = None,
    infill: str | None = None,
    straight: bool = False,
    model: str | PathLike[str] = 'score_lm',
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Piece:
    ...

@overload
def compose(
    prompt: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    rate: int = 44100,
    loudness: float = -16.0,
    soundfont: FileLike | None = None,
    stems: bool = False,
    bundle: bool = False,
    key: str | None = None,
    bpm: float | None = None,
    metre: str | None = None,
    bars: int | None = None,
    duration: float | None = None,
    instruments: str | Sequence[str] = (),
    style: Mapping[str, float] | str | None = None,
    mood: str | Sequence[str] = (),
    density: float | None = None,
    form: Literal['AABA', 'ABA', 'AB', 'ABAC', 'rondo', 'strophic', 'through'] | None = None,
    chords: str | None = None,
    groove: str | None = None,
    band: Literal['auto', 'arranger', 'model'] = 'auto',
    theme: str | None = None,
    theme_file: NotesLike | None = None,
    syllables: str | Sequence[int] = (),
    loop: bool = False,
    n: int | None = None,
    keep: Literal[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64],
    seed: int | None = None,
    temperature: float = 1.0,
    top_p: float = 0.97,
    guidance: float | None = None,
    continue_: NotesLike | None = None,
    infill: str | None = None,
    straight: bool = False,
    model: str | PathLike[str] = 'score_lm',
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> list[Piece]:
    ...

@overload
def compose(
    prompt: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    rate: int = 44100,
    loudness: float = -16.0,
    soundfont: FileLike | None = None,
    stems: bool = False,
    bundle: bool = False,
    key: str | None = None,
    bpm: float | None = None,
    metre: str | None = None,
    bars: int | None = None,
    duration: float | None = None,
    instruments: str | Sequence[str] = (),
    style: Mapping[str, float] | str | None = None,
    mood: str | Sequence[str] = (),
    density: float | None = None,
    form: Literal['AABA', 'ABA', 'AB', 'ABAC', 'rondo', 'strophic', 'through'] | None = None,
    chords: str | None = None,
    groove: str | None = None,
    band: Literal['auto', 'arranger', 'model'] = 'auto',
    theme: str | None = None,
    theme_file: NotesLike | None = None,
    syllables: str | Sequence[int] = (),
    loop: bool = False,
    n: Literal[1],
    keep: None = None,
    seed: int | None = None,
    temperature: float = 1.0,
    top_p: float = 0.97,
    guidance: float | None = None,
    continue_: NotesLike | None = None,
    infill: str | None = None,
    straight: bool = False,
    model: str | PathLike[str] = 'score_lm',
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Piece:
    ...

@overload
def compose(
    prompt: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    rate: int = 44100,
    loudness: float = -16.0,
    soundfont: FileLike | None = None,
    stems: bool = False,
    bundle: bool = False,
    key: str | None = None,
    bpm: float | None = None,
    metre: str | None = None,
    bars: int | None = None,
    duration: float | None = None,
    instruments: str | Sequence[str] = (),
    style: Mapping[str, float] | str | None = None,
    mood: str | Sequence[str] = (),
    density: float | None = None,
    form: Literal['AABA', 'ABA', 'AB', 'ABAC', 'rondo', 'strophic', 'through'] | None = None,
    chords: str | None = None,
    groove: str | None = None,
    band: Literal['auto', 'arranger', 'model'] = 'auto',
    theme: str | None = None,
    theme_file: NotesLike | None = None,
    syllables: str | Sequence[int] = (),
    loop: bool = False,
    n: Literal[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64],
    keep: None = None,
    seed: int | None = None,
    temperature: float = 1.0,
    top_p: float = 0.97,
    guidance: float | None = None,
    continue_: NotesLike | None = None,
    infill: str | None = None,
    straight: bool = False,
    model: str | PathLike[str] = 'score_lm',
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> list[Piece]:
    ...

@overload
def compose(
    prompt: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    rate: int = 44100,
    loudness: float = -16.0,
    soundfont: FileLike | None = None,
    stems: bool = False,
    bundle: bool = False,
    key: str | None = None,
    bpm: float | None = None,
    metre: str | None = None,
    bars: int | None = None,
    duration: float | None = None,
    instruments: str | Sequence[str] = (),
    style: Mapping[str, float] | str | None = None,
    mood: str | Sequence[str] = (),
    density: float | None = None,
    form: Literal['AABA', 'ABA', 'AB', 'ABAC', 'rondo', 'strophic', 'through'] | None = None,
    chords: str | None = None,
    groove: str | None = None,
    band: Literal['auto', 'arranger', 'model'] = 'auto',
    theme: str | None = None,
    theme_file: NotesLike | None = None,
    syllables: str | Sequence[int] = (),
    loop: bool = False,
    n: int | None = None,
    keep: int | None = None,
    seed: int | None = None,
    temperature: float = 1.0,
    top_p: float = 0.97,
    guidance: float | None = None,
    continue_: NotesLike | None = None,
    infill: str | None = None,
    straight: bool = False,
    model: str | PathLike[str] = 'score_lm',
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Piece | list[Piece]:
    ...

def speak(
    text: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff', 'm4b'] = 'wav',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    voice: str | None = None,
    voice_file: VoiceLike | None = None,
    seed: int | None = None,
    model: str | PathLike[str] = 'synthesizer',
    vocoder: str | PathLike[str] = 'vocoder',
    language: Literal['en-us', 'en-gb', 'de', 'nl'] | None = None,
    lexicon: LexiconLike | None = None,
    captions: Literal['srt', 'vtt', 'json'] | None = None,
    file: DocumentLike | None = None,
    speed: float = 1.0,
    pitch: float = 0.0,
    volume: float = 0.0,
    dialogue: bool = False,
    voices: Mapping[str, str] | str | None = None,
    guard: bool = False,
    table: TableLike | None = None,
    template: str | None = None,
    chapters: Literal['marks', 'files'] = 'marks',
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Speech | list[Speech]:
    """Speak a text: as sound, with the times of its words.

    The text may have pronunciations as [Menura](/mɛˈnʊɹə/) and pauses as [pause:0.5s], or be SSML. A voice is a name, a
    mixture as heart:0.6,fenrir:0.4, or random:7, one that nobody has. A script has a voice for every name before a
    colon; a table makes a file of each of its rows. A book is written as it is made, with its chapters, and goes on
    where a run of the same words was cut off. Two runs with one seed give the same samples.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        bits: of a sample; 32 is floating point.
        format: of the sound file, m4b for a book; or name the output so, as x.flac.
        picture: also draw the sound: its waveform above its spectrogram.
        output: the sound file to write.
        voice: whose voice, as heart, heart:0.6,fenrir:0.4, random:7 or anna.voice.
        voice_file: a voice that clone or design made, to be named in voice by its name.
        seed: the same seed gives the same sound (at least 0 and below 2147483648).
        model: name or folder of a synthesizer.
        vocoder: name or folder of a vocoder.
        language: of what is not marked as another one (default: the voice's).
        lexicon: a file of words with their pronunciations in IPA.
        captions: also write the words with their times.
        text: what to say.
        file: a .txt, .md, .html, .epub or .pdf file to say instead, a book perhaps.
        speed: times as fast (0.25–4).
        pitch: semitones higher (-12–12).
        volume: decibels louder than -19 LUFS (-40–12).
        dialogue: read lines of NAME: text, each name in a voice of its own.
        voices: who has which voice in a dialogue, as ANNA=heart,BEN=fenrir.
        guard: listen to what is said, and say again, slower, what is not heard as it is written.
        table: a .csv file with a row for every sound.
        template: what to say for each row, as 'Welcome, {name}!'.
        chapters: a book's chapters: as marks in an m4b or mp3 file, or a file each.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Speech: Speech. A list of them where the request asks for several.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def song(
    prompt: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    picture: bool = True,
    output: str | PathLike[str] | None = None,
    voice: str | None = None,
    voice_file: VoiceLike | None = None,
    seed: int | None = None,
    model: str | PathLike[str] = 'synthesizer',
    vocoder: str | PathLike[str] = 'vocoder',
    lyrics: str = '',
    file: FileLike | None = None,
    write: bool = False,
    language: Literal['en-us', 'en-gb', 'de', 'nl'] | None = None,
    lexicon: LexiconLike | None = None,
    key: str | None = None,
    bpm: float | None = None,
    metre: str | None = None,
    chords: str | None = None,
    melody: NotesLike | None = None,
    groove: str | None = None,
    instruments: str | Sequence[str] = (),
    jingle: float | None = None,
    instrumental: bool = False,
    a_cappella: bool = False,
    duet: bool = False,
    vibrato: float = 0.7,
    stems: bool = True,
    rate: int = 44100,
    loudness: float = -14.0,
    soundfont: FileLike | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> SongResult:
    """Make a song of words: melody, voice and band.

    Words stand under [verse], [chorus], [bridge], [intro] and [instrumental], or in stanzas; hyphens cut a word, an
    underscore holds a syllable for a note more. The sentence says style, key, tempo, instruments, and a male or female
    voice; options win over it. Two runs with one seed give the same samples.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        bits: of a sample; 32 is floating point.
        format: of the sound file; or name the output so, as x.flac.
        picture: also draw the notes, and the lead sheet.
        output: stem of the files to write.
        voice: whose voice, as heart, heart:0.6,fenrir:0.4, random:7 or anna.voice.
        voice_file: a voice that clone or design made, to be named in voice by its name.
        seed: the same seed gives the same sound (at least 0 and below 2147483648).
        model: name or folder of a synthesizer.
        vocoder: name or folder of a vocoder.
        prompt: what song, in words.
        lyrics: the words, or a .txt file of them.
        file: a .txt file of the words.
        write: have simple English verse written about what the sentence says, in place of lyrics.
        language: of the words (default: the voice's).
        lexicon: a file of words with their pronunciations in IPA.
        key: tonic and mode, as 'D minor'; default: one that suits the voice.
        bpm: quarter notes a minute (40–200).
        metre: as 3/4 or 6/8.
        chords: a bar after the other, over and over, as 'Dm | G7 | C | %'.
        melody: a MIDI file whose melody is sung, once a verse.
        groove: what the band plays, as reggae.
        instruments: who plays, as 'guitar, strings'.
        jingle: about so many seconds, all in all (4–60).
        instrumental: an instrument plays what would be sung.
        a_cappella: voices alone.
        duet: a second voice sings every other section.
        vibrato: times the usual depth of a third of a semitone (0–4).
        stems: also write each voice and instrument alone.
        rate: samples a second (24000–96000).
        loudness: integrated loudness, LUFS (-40–-6).
        soundfont: the .sf2 or .sf3 file that plays; default: as found.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        SongResult: A song.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def sing(
    lyrics: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    voice: str | None = None,
    voice_file: VoiceLike | None = None,
    seed: int | None = None,
    model: str | PathLike[str] = 'synthesizer',
    vocoder: str | PathLike[str] = 'vocoder',
    language: Literal['en-us', 'en-gb', 'de', 'nl'] | None = None,
    lexicon: LexiconLike | None = None,
    captions: Literal['srt', 'vtt', 'json'] | None = None,
    tune: str | None = None,
    file: NotesLike | None = None,
    bpm: float | None = None,
    transpose: int = 0,
    choir: int = 1,
    vibrato: float = 1.0,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Speech:
    """Sing lyrics to a tune, with the times of the words.

    A syllable is sung on a note; hyphens cut a word (A-ma-zing grace), an underscore holds a syllable for a note more
    (grace _ _). The tune is written as for a theme, C4 D4 E4:2 | r G4, or is the melody of a MIDI file, whose own
    lyrics are sung where none are given. Several verses repeat it. Two runs with one seed give the same samples.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        bits: of a sample; 32 is floating point.
        format: of the sound file; or name the output so, as x.flac.
        picture: also draw the sound: its waveform above its spectrogram.
        output: the sound file to write.
        voice: whose voice, as heart, heart:0.6,fenrir:0.4, random:7 or anna.voice.
        voice_file: a voice that clone or design made, to be named in voice by its name.
        seed: the same seed gives the same sound (at least 0 and below 2147483648).
        model: name or folder of a synthesizer.
        vocoder: name or folder of a vocoder.
        language: of what is not marked as another one (default: the voice's).
        lexicon: a file of words with their pronunciations in IPA.
        captions: also write the words with their times.
        lyrics: the words.
        tune: the notes, as C4 D4 E4:2 | r G4, or in ABC.
        file: a MIDI file with the tune.
        bpm: quarters a minute of a written tune (20–300).
        transpose: semitones by which the tune is moved (-36–36).
        choir: how many sing it together, each a little otherwise (1–12).
        vibrato: times the usual depth of a third of a semitone (0–4).
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Speech: Speech.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def voices(
    *,
    language: Literal['en-us', 'en-gb', 'de', 'nl'] | None = None,
    model: str | PathLike[str] = 'synthesizer',
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Listing:
    """List the voices that speak knows.

    Args:
        language: only those that speak it.
        model: name or folder of a synthesizer.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Listing: Rows with the same columns.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def design(
    words: str,
    *,
    device: str = 'auto',
    language: Literal['en-us', 'en-gb', 'de', 'nl'] | None = None,
    seed: int | None = None,
    model: str | PathLike[str] = 'synthesizer',
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Designed:
    """Design a voice in words: a mixture of the voices that there are, in a body of another size.

    Words are deep, high, big, small, bright, dark, calm, lively, fast, slow, breathy, firm, man, woman, young, old and
    others like them, with very, rather, slightly or not before them. The mixture whose pitch, liveliness, brightness,
    pace, breath and size come nearest is found among thousands.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        words: as "a deep, calm, older man".
        language: that it speaks (default: the model's first).
        seed: the same seed gives the same voice (at least 0 and below 2147483648).
        model: name or folder of a synthesizer.
        output: the voice's file to write, as old.voice.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Designed: A voice that was designed.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def convert(
    file: SoundLike,
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    voice: str | None = None,
    voice_file: VoiceLike | None = None,
    seed: int | None = None,
    model: str | PathLike[str] = 'synthesizer',
    vocoder: str | PathLike[str] = 'vocoder',
    text: str = '',
    transcript: FileLike | None = None,
    language: Literal['en-us', 'en-gb', 'de', 'nl'] | None = None,
    lexicon: LexiconLike | None = None,
    pitch: float = 0.0,
    formant: float = 1.0,
    aligner: str | PathLike[str] = 'aligner',
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> SoundResult:
    """Say a recording again in another voice: the same words, timing and intonation.

    The pitch is moved to where the voice speaks as a rule, and its course is kept. With what is said, as text, its
    sounds are those of the text; without it those that a network hears, which it mishears now and then.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        bits: of a sample; 32 is floating point.
        format: of the sound file; or name the output so, as x.flac.
        picture: also draw the sound: its waveform above its spectrogram.
        output: the sound file to write.
        voice: whose voice, as heart, heart:0.6,fenrir:0.4, random:7 or anna.voice.
        voice_file: a voice that clone or design made, to be named in voice by its name.
        seed: the same seed gives the same sound (at least 0 and below 2147483648).
        model: name or folder of a synthesizer.
        vocoder: name or folder of a vocoder.
        file: the recording.
        text: what is said in it, word for word.
        transcript: a .txt file with what is said, instead.
        language: of what is said (default: the voice's).
        lexicon: a file of words with their pronunciations in IPA.
        pitch: semitones higher than the voice's own (-24–24).
        formant: times as high as the voice's resonances: under 1 of a larger body (0.7–1.4).
        aligner: name or folder of an aligner.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        SoundResult: Sound.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def clone(
    file: SoundLike,
    *,
    device: str = 'auto',
    consent: str = '',
    text: str = '',
    transcript: FileLike | None = None,
    called: str | None = None,
    language: Literal['en-us', 'en-gb', 'de', 'nl'] = 'en-us',
    lexicon: LexiconLike | None = None,
    steps: int = 300,
    seed: int | None = None,
    model: str | PathLike[str] = 'synthesizer',
    aligner: str | PathLike[str] = 'aligner',
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Cloned:
    """Learn a voice from recordings of somebody who agreed, as a file for speak and sing.

    A minute of clear speech is good; what is said must be known, word for word. The statement of who speaks is kept in
    the file. The voice fits the synthesizer that it was learnt for, and no other.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        file: the recording, or a folder of them.
        consent: who speaks and that they agree: "I am Anna Weber and I agree that my voice is cloned".
        text: what is said in the recording.
        transcript: a .txt file with what is said, instead.
        called: name of the voice (default: the output's, or the speaker's).
        language: of what is said.
        lexicon: a file of words with their pronunciations in IPA.
        steps: of learning (1–5000).
        seed: the same seed gives the same voice (at least 0 and below 2147483648).
        model: name or folder of a synthesizer.
        aligner: name or folder of an aligner.
        output: the voice's file to write, as anna.voice.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Cloned: A voice that was learnt.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

@overload
def sound(
    prompt: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    seconds: float | None = None,
    loop: bool = False,
    variations: Literal[1] = 1,
    preset: str | Sequence[str] | None = None,
    set_: Mapping[str, str] | str | None = None,
    like: SoundLike | None = None,
    trials: int = 100,
    table: TableLike | None = None,
    engine: Literal['synth', 'diffusion', 'auto'] = 'synth',
    init: SoundLike | None = None,
    strength: float = 0.6,
    inpaint: str | None = None,
    extend: float | None = None,
    negative: str | None = None,
    guidance: float = 4.0,
    steps: int = 20,
    model: str | PathLike[str] = 'latent_diffusion',
    autoencoder: str | PathLike[str] = 'autoencoder',
    embedder: str | PathLike[str] = 'embedder',
    mono: bool = False,
    rate: int = 48000,
    loudness: float = -20.0,
    stems: bool = False,
    bundle: bool = False,
    seed: int | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Sounded:
    """Make the sounds that words name, by rules: no model is needed.

    Each part of the words becomes a layer: "heavy rain on a tin roof, distant thunder" is two. `menura sounds` lists
    what there is, and what of it can be set. The sound is as long as asked to the sample; as a loop its end leads into
    its beginning. A table makes one of each of its rows, which may set every option by a column of its name; as a
    bundle all of them are one zip, with a manifest for game engines.

    The engine diffusion draws each layer from noise, also of words that no rule knows; auto takes, layer by layer,
    what is nearer to the words. A recording can be changed so (init), filled in or gone on with.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        bits: of a sample; 32 is floating point.
        format: of the sound file; or name the output so, as x.flac.
        picture: also draw the sound: its waveform above its spectrogram.
        output: the sound file to write.
        prompt: the sounds, as words, with commas between.
        seconds: how long, to the sample (default: 10, or as long as an event lasts) (0.05–3600).
        loop: let the end lead into the beginning.
        variations: how many takes, numbered, each a little other (1–64).
        preset: parameters by the name of a preset, with words or without.
        set_: parameters by name, as drop_rate=80,surface=tin; of one layer as rain.gain_db=-6.
        like: a recording: find parameters with which the sound comes near to it.
        trials: how many sounds are tried for that (10–1000).
        table: a .csv file with a row for every sound: prompt, name, seconds, loop, variations, ….
        engine: rules, a model that draws, or of both what is nearer to the words.
        init: a recording to change, fill in or go on with.
        strength: how far init is given up for the words (above 0 and at most 1).
        inpaint: what of init is drawn anew, in seconds, as 2.0-3.5.
        extend: seconds to go on after init (above 0 and at most 8).
        negative: what the drawn sound shall not be like.
        guidance: how far words are followed in drawing (1–15).
        steps: from noise to sound (1–200).
        model: that draws.
        autoencoder: that the model draws latents of.
        embedder: that tells the model what words mean.
        mono: one channel, not two.
        rate: samples a second (8000–192000).
        loudness: in LUFS (-60–-5).
        stems: also write each layer alone.
        bundle: write one zip of all sounds, with a manifest for game engines.
        seed: the same seed gives the same samples (at least 0 and below 2147483648).
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Sounded: Sound from words; it is made anew whenever it is asked for, so that an hour need not be held. A list of them where `variations` asks for several.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

@overload
def sound(
    prompt: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    seconds: float | None = None,
    loop: bool = False,
    variations: Literal[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64],
    preset: str | Sequence[str] | None = None,
    set_: Mapping[str, str] | str | None = None,
    like: SoundLike | None = None,
    trials: int = 100,
    table: TableLike | None = None,
    engine: Literal['synth', 'diffusion', 'auto'] = 'synth',
    init: SoundLike | None = None,
    strength: float = 0.6,
    inpaint: str | None = None,
    extend: float | None = None,
    negative: str | None = None,
    guidance: float = 4.0,
    steps: int = 20,
    model: str | PathLike[str] = 'latent_diffusion',
    autoencoder: str | PathLike[str] = 'autoencoder',
    embedder: str | PathLike[str] = 'embedder',
    mono: bool = False,
    rate: int = 48000,
    loudness: float = -20.0,
    stems: bool = False,
    bundle: bool = False,
    seed: int | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> list[Sounded]:
    ...

@overload
def sound(
    prompt: str = '',
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    seconds: float | None = None,
    loop: bool = False,
    variations: int = 1,
    preset: str | Sequence[str] | None = None,
    set_: Mapping[str, str] | str | None = None,
    like: SoundLike | None = None,
    trials: int = 100,
    table: TableLike | None = None,
    engine: Literal['synth', 'diffusion', 'auto'] = 'synth',
    init: SoundLike | None = None,
    strength: float = 0.6,
    inpaint: str | None = None,
    extend: float | None = None,
    negative: str | None = None,
    guidance: float = 4.0,
    steps: int = 20,
    model: str | PathLike[str] = 'latent_diffusion',
    autoencoder: str | PathLike[str] = 'autoencoder',
    embedder: str | PathLike[str] = 'embedder',
    mono: bool = False,
    rate: int = 48000,
    loudness: float = -20.0,
    stems: bool = False,
    bundle: bool = False,
    seed: int | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Sounded | list[Sounded]:
    ...

def sounds(
    of: str | None = None,
    *,
    presets: bool = False,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Listing:
    """List the sounds that sound knows, what of each can be set, and the presets that there are.

    Args:
        of: one sound, for its parameters.
        presets: list presets, of that sound or of all.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Listing: Rows with the same columns.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def render(
    file: NotesLike,
    *,
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    rate: int = 44100,
    loudness: float = -16.0,
    soundfont: FileLike | None = None,
    stems: bool = False,
    bundle: bool = False,
    seed: int = 0,
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Piece:
    """Play a MIDI file, as sound and as a piano roll.

    Args:
        bits: of a sample; 32 is floating point.
        format: of the sound file; or name the output so, as x.flac.
        rate: samples a second (8000–192000).
        loudness: integrated loudness, LUFS (-40–-6).
        soundfont: the .sf2 or .sf3 file that plays; default: as found.
        stems: also write each instrument alone.
        bundle: also write a zip for a DAW: MIDI, stems, mix, picture.
        file: the MIDI file (.mid) to play.
        seed: of the hall (at least 0 and below 2147483648).
        output: stem of the files to write.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Piece: A piece of music.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def doctor(
    data: str | PathLike[str],
    *,
    estimate: bool = True,
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Diagnosis:
    """Look over a folder of sound or MIDI files before training on it: what is there, and what to mend first.

    Args:
        data: the folder; manifests, tables, texts and shards in it are read too.
        estimate: also time a few training steps, for an estimate.
        output: stem of the picture to write.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Diagnosis: What is to be said of a folder.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def prepare(
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    rate: int | None = None,
    mono: bool = False,
    shard_mb: float = 64.0,
    encode: str | None = None,
    kbps: float = 3.0,
    workers: int | None = None,
    ray: str | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Shards:
    """Put a folder of sound into shards to train on: audited, resampled, and encoded if wanted.

    The same command goes on with a run that was stopped or killed. Files that cannot be read are named and left out.
    The bytes are the same whatever the number of workers or machines.

    Args:
        data: a folder of sound; manifests, tables, texts and shards in it are read too.
        out: folder of the shards, a new one or that of a run to go on with.
        rate: sample rate in Hz of all sounds; default: as they are (8000–192000).
        mono: average the channels.
        shard_mb: megabytes of files, as they are now, that fill a shard (0.1–10000).
        encode: also keep the codes of a codec, by its name or folder, as x.mnr beside x.flac.
        kbps: kilobits a second of codes of a channel, at most (above 0 and at most 1000).
        workers: shards at once; default: 1, of a cluster all its cores (1–100000).
        ray: address of a Ray cluster that sees both folders: auto, HOST:PORT, or local for this machine.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Shards: A folder of shards.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

@overload
def train(
    family: Literal['aligner'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['autoencoder'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    scores: int | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['codec'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    scores: int | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['embedder'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    teacher: str | PathLike[str] | None = None,
    lines: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['latent_diffusion'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    autoencoder: str | PathLike[str] | None = None,
    embedder: str | PathLike[str] | None = None,
    path: Literal['flow', 'v'] = 'flow',
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['score_lm'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['soundstream'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    scores: int | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['speaker'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['synthesizer'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['vocoder'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    synthesizer: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['voice_activity'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['voicebox'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['wavenet'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    global_: str | None = None,
    local: Literal['mel'] | None = None,
    gc_channels: int | None = None,
    sample_size: int | None = None,
    silence_threshold: float = 0.02,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: Literal['whisper'],
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    ...

@overload
def train(
    family: str,
    data: str | PathLike[str],
    *,
    out: str | PathLike[str],
    preset: str | None = None,
    init: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    cache: str | PathLike[str] | None = None,
    device: Literal['cpu', 'cuda', 'mps'] | None = None,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    l2: float | None = None,
    momentum: float | None = None,
    compile: bool = False,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Trained:
    """Train a model on your own files.

    The run is as long as the minutes or the steps say, the shorter of the two, and can be stopped with Ctrl-C and gone
    on with. What is drawn depends on the seed and the step alone.

    Args:
        family: what to train: aligner, autoencoder, codec, embedder, latent_diffusion, score_lm, soundstream, speaker, synthesizer, vocoder, voice_activity, voicebox, wavenet, whisper.
        data: a folder: of MIDI files for score_lm, of sound for codecs.
        out: folder of the run; the model goes to its folder model.
        preset: size of the model, as nano or tiny; default: the shipped one.
        init: start from the weights of a model of this family and size: its name or folder.
        minutes: to train; default: as shipped (above 0 and at most 100000).
        steps: to train, whatever time they take (1–1000000000).
        resume: go on with the run in the folder, if there is one.
        seed: the same seed sees the same batches (at least 0 and below 2147483648).
        cache: folder for the prepared data; default: that of the run.
        device: where to compute; default: the quickest there is.
        learning_rate: at its peak; default: as shipped (above 0 and at most 1).
        batch_size: items a step; default: as shipped (1–65536).
        l2: decay of weights; default: as shipped (0–10).
        momentum: of AdamW, its first beta (at least 0 and below 1).
        compile: compile the model first: a minute, then faster (needs a compiler).
        scores: autoencoder, codec, soundstream alone: MIDI files in the folder to play and learn from, at most (0–1000000).
        teacher: embedder alone: folder of a sentence model (MiniLM): learn from it what words mean.
        lines: embedder alone: text file: lines whose meaning the teacher tells, besides the captions.
        autoencoder: latent_diffusion alone: folder of the autoencoder whose latents are learnt.
        embedder: latent_diffusion alone: folder of the embedder that knows what the words mean.
        path: latent_diffusion alone: rectified flow, or v-prediction.
        synthesizer: vocoder alone: folder of a synthesizer: learn from the frames that it predicts, too.
        global_: wavenet alone: what a stream is told, as speaker,text.
        local: wavenet alone: what each frame is told.
        gc_channels: wavenet alone: channels of what is global (1–4096).
        sample_size: wavenet alone: samples of a crop (64–10000000).
        silence_threshold: wavenet alone: level under which ends of files are cut off (at least 0 and below 1).
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Trained: A trained model in its folder.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def encode(
    file: SoundLike,
    *,
    device: str = 'auto',
    kbps: float = 3.0,
    effort: int = 0,
    model: str | PathLike[str] = 'codec',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Encoded:
    """Turn sound into a few codes with a neural codec.

    Stereo is coded as its middle and its side, each at the rate asked for. Sound of another rate is resampled.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        file: the sound to encode.
        kbps: kilobits a second of each channel, at most (above 0 and at most 1000).
        effort: rounds of searching for codes that sound nearer: 40 take about as long as the sound lasts (0–200).
        model: name or folder of a codec.
        picture: also draw the codes, as x.mnr.png.
        output: the .mnr file to write.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Encoded: Sound as codes.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def decode(
    file: CodesLike,
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    model: str | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> SoundResult:
    """Turn a neural codec's codes back into sound.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        bits: of a sample; 32 is floating point.
        format: of the sound file; or name the output so, as x.flac.
        picture: also draw the sound: its waveform above its spectrogram.
        output: the sound file to write.
        file: the .mnr file to decode.
        model: name or folder of the codec; default: as the file says.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        SoundResult: Sound.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def sample(
    model: str | PathLike[str] = 'wavenet-digits',
    other: SoundLike | None = None,
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    interpolate: SoundLike | None = None,
    share: float = 0.5,
    seconds: float = 2.0,
    samples: int | None = None,
    speaker: str | None = None,
    given: Mapping[str, str] | str | None = None,
    prime: SoundLike | None = None,
    temperature: float = 1.0,
    seed: int | None = None,
    save_every: int | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> SoundResult:
    """Draw sound from a WaveNet, sample by sample; or, from an autoencoder, what lies between two sounds.

    With `save_every` the file OUTPUT.part.wav holds what there is, and stays if the work is stopped.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        bits: of a sample; 32 is floating point.
        format: of the sound file; or name the output so, as x.flac.
        picture: also draw the sound: its waveform above its spectrogram.
        output: the sound file to write.
        model: name or folder of a WaveNet, or of an autoencoder.
        other: the second sound, where one is interpolated.
        interpolate: the sound from which an autoencoder goes to the other.
        share: of the other sound (0–1).
        seconds: to draw (above 0 and at most 600).
        samples: to draw, instead of seconds (1–28800000).
        speaker: whose voice, where the model knows several.
        given: what else the model is told, as text=seven.
        prime: sound to go on from.
        temperature: lower is tamer; 0 takes the likeliest (0–3).
        seed: the same seed gives the same sound (at least 0 and below 2147483648).
        save_every: samples after which a file on disk grows (1–28800000).
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        SoundResult: Sound.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def vocode(
    file: SoundLike,
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | Literal[16, 24, 32] = '16',
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    model: str | PathLike[str] = 'wavenet-voice',
    temperature: float | None = None,
    rounds: int | None = None,
    seed: int | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> SoundResult:
    """Make speech again from its mel spectrum, with a WaveNet trained for that or a vocoder told F0 as well.

    The sound is resampled to the model's rate, and its channels are averaged.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        bits: of a sample; 32 is floating point.
        format: of the sound file; or name the output so, as x.flac.
        picture: also draw the sound: its waveform above its spectrogram.
        output: the sound file to write.
        file: the sound whose mel spectrum is taken.
        model: name or folder of a vocoder.
        temperature: of what a WaveNet draws, 0.8, or of the noise of another, 1 (0–3).
        rounds: of moving what is made towards the spectrum; 0 leaves it as it is; a WaveNet has 40 (0–200).
        seed: the same seed gives the same sound (at least 0 and below 2147483648).
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        SoundResult: Sound.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def transcribe(
    file: SoundLike,
    *,
    device: str = 'auto',
    language: str | None = None,
    prompt: str = '',
    hotwords: str = '',
    temperature: float = 0.0,
    beam_size: int = 5,
    best_of: int = 5,
    condition_on_previous_text: bool = True,
    vad_filter: bool = True,
    batch_size: int = 1,
    speakers: bool = False,
    num_speakers: int | None = None,
    max_line_width: int = 42,
    max_line_count: int | None = None,
    max_words_per_line: int | None = None,
    highlight_words: bool = False,
    seed: int | None = None,
    model: str | PathLike[str] = 'whisper-tiny.en',
    task: Literal['transcribe', 'translate'] = 'transcribe',
    word_timestamps: bool = True,
    output_format: Literal['txt', 'vtt', 'srt', 'tsv', 'json', 'ass', 'chapters', 'all'] = 'all',
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Transcribed:
    """Write down what is said in a recording, with the times of its words.

    Files are named and shaped as those of openai/whisper: interview.txt, .vtt, .srt, .tsv and .json. Several recordings
    are done one after another. What nobody says is not written: silences are left out, and what repeats itself. On
    the command line, `--live` writes what comes through a pipe as it is said.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        file: the recording, or a video with sound.
        language: what is spoken, as en or English (default: as it is heard).
        prompt: what was said before, or names and a style to keep to.
        hotwords: words that are likely to be said.
        temperature: of the first try; 0 takes the likeliest words; tries that fail go higher (0–1).
        beam_size: sequences followed at temperature 0 (1–20).
        best_of: sequences drawn at temperatures over 0 (1–20).
        condition_on_previous_text: tell each half minute what was said in those before it.
        vad_filter: leave out first what is not speech, such as music; without, silence alone is left out.
        batch_size: half minutes recognised at once: quicker, and each by itself (1–64).
        speakers: tell who speaks: Speaker 1, Speaker 2, ….
        num_speakers: who speak, with speakers (default: as are heard) (1–20).
        max_line_width: characters in a line of captions (1–1000).
        max_line_count: lines shown at once (default: 2; 1 with max-words-per-line) (1–100).
        max_words_per_line: words in a line of captions (1–1000).
        highlight_words: underline each word of srt and vtt as it is said.
        seed: the same seed gives the same words (at least 0 and below 2147483648).
        model: name or folder of a recognizer of speech.
        task: as it is said, or in English (by models of many languages).
        word_timestamps: find when each word is said.
        output_format: ass is karaoke, chapters those of a podcast; all is the first five.
        output: the file to write, as x.srt, or a folder for the files.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Transcribed: What was said.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def caption(
    file: SoundLike,
    *,
    device: str = 'auto',
    language: str | None = None,
    prompt: str = '',
    hotwords: str = '',
    temperature: float = 0.0,
    beam_size: int = 5,
    best_of: int = 5,
    condition_on_previous_text: bool = True,
    vad_filter: bool = True,
    batch_size: int = 1,
    speakers: bool = False,
    num_speakers: int | None = None,
    max_line_width: int = 42,
    max_line_count: int | None = None,
    max_words_per_line: int | None = None,
    highlight_words: bool = False,
    seed: int | None = None,
    model: str | PathLike[str] = 'whisper-tiny.en',
    format: Literal['srt', 'vtt', 'ass'] = 'srt',
    sounds: bool = False,
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Transcribed:
    """Write captions of a video or a recording beside it, where players look for them.

    The video stays as it is: nothing is burned into its pictures. With sounds, what is heard while nobody speaks is
    told in brackets: [rain].

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        file: the recording, or a video with sound.
        language: what is spoken, as en or English (default: as it is heard).
        prompt: what was said before, or names and a style to keep to.
        hotwords: words that are likely to be said.
        temperature: of the first try; 0 takes the likeliest words; tries that fail go higher (0–1).
        beam_size: sequences followed at temperature 0 (1–20).
        best_of: sequences drawn at temperatures over 0 (1–20).
        condition_on_previous_text: tell each half minute what was said in those before it.
        vad_filter: leave out first what is not speech, such as music; without, silence alone is left out.
        batch_size: half minutes recognised at once: quicker, and each by itself (1–64).
        speakers: tell who speaks: Speaker 1, Speaker 2, ….
        num_speakers: who speak, with speakers (default: as are heard) (1–20).
        max_line_width: characters in a line of captions (1–1000).
        max_line_count: lines shown at once (default: 2; 1 with max-words-per-line) (1–100).
        max_words_per_line: words in a line of captions (1–1000).
        highlight_words: underline each word of srt and vtt as it is said.
        seed: the same seed gives the same words (at least 0 and below 2147483648).
        model: name or folder of a recognizer of speech.
        format: of the captions; ass is karaoke.
        sounds: tell in brackets what is heard while nobody speaks.
        output: the file to write (default: called as the video).
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Transcribed: What was said.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def describe(
    file: SoundLike,
    *,
    device: str = 'auto',
    top: int = 5,
    among: str | Sequence[str] = (),
    model: str | PathLike[str] = 'embedder',
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Described:
    """Say what a sound is most like: tags with scores, and one line.

    Tags are the names of sounds that Menura knows, or those that you give; the nearest come first. A score is a cosine:
    1 at most, around 0 for what has nothing to do with the sound.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        file: the sound.
        top: tags to give (1–100).
        among: tags to choose among (default: the sounds that Menura knows).
        model: name or folder of an embedder.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Described: What a sound is most like.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def similar(
    folder: str | PathLike[str],
    like: str | PathLike[str] | None = None,
    *,
    device: str = 'auto',
    without: str | None = None,
    duplicates: bool = False,
    top: int = 10,
    index: str | PathLike[str] | None = None,
    model: str | PathLike[str] = 'embedder',
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Similar:
    """Find sounds of a folder by another sound, by words, or those that are nearly the same.

    What is heard is kept in an index in the folder, so that only new and changed files are heard again. `--without`
    names what must not be heard; `--duplicates` lists pairs that are nearly the same.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        folder: to look through.
        like: a sound file, or words.
        without: words for what must not be heard.
        duplicates: list near-duplicates instead.
        top: sounds to give (1–10000).
        index: the index (default: .menura.sqlite in the folder).
        model: name or folder of an embedder.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Similar: Sounds, the nearest first.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def align(
    file: SoundLike,
    text: str = '',
    *,
    device: str = 'auto',
    transcript: FileLike | None = None,
    language: Literal['en-us', 'en-gb', 'de', 'nl'] = 'en-us',
    lexicon: LexiconLike | None = None,
    format: Literal['textgrid', 'srt', 'vtt', 'json'] = 'textgrid',
    model: str | PathLike[str] = 'aligner',
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Aligned:
    """Find when each word and phoneme of a text is said in a recording.

    The text is what is said, word for word; the times are those of a network and the best path through the text.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        file: the recording.
        text: what is said in it.
        transcript: a .txt file with what is said, instead.
        language: of the text.
        lexicon: a file of words with their pronunciations in IPA.
        format: words and phonemes for Praat, captions, or words as JSON.
        model: name or folder of an aligner.
        output: the file to write; one called x.srt is captions.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Aligned: A text with its times in a recording.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def edit_speech(
    file: SoundLike,
    text: str,
    *,
    device: str = 'auto',
    bits: Literal['16', '24', '32'] | str | None = None,
    format: Literal['wav', 'flac', 'ogg', 'opus', 'mp3', 'aiff'] = 'wav',
    picture: bool = False,
    output: str | PathLike[str] | None = None,
    said: str = '',
    transcript: FileLike | None = None,
    language: Literal['en-us', 'en-gb', 'de', 'nl'] = 'en-us',
    lexicon: LexiconLike | None = None,
    seed: int | None = None,
    model: str | None = None,
    synthesizer: str | PathLike[str] = 'synthesizer',
    vocoder: str | PathLike[str] = 'vocoder',
    aligner: str | PathLike[str] = 'aligner',
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> EditedSpeech:
    """Say other words in a recording, in its voice, and leave the rest as it is.

    Words that differ between what is said and what is to be said are cut out, and others are put in their place, with
    short cross-fades; outside of these every sample stays as it was. What follows the last word continues in the voice.
    Use it on your own voice, or with the speaker's leave.

    Args:
        device: where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU.
        bits: of a sample; 32 is floating point (default: as the recording).
        format: of the sound file; or name the output so, as x.flac.
        picture: also draw the sound: its waveform above its spectrogram.
        output: the sound file to write.
        file: the recording.
        text: what it is to say.
        said: what is said in it, word for word.
        transcript: a .txt file with what is said, instead.
        language: of both texts.
        lexicon: a file of words with their pronunciations in IPA.
        seed: the same seed gives the same sound (at least 0 and below 2147483648).
        model: name or folder of a voicebox (default: the synthesizer's nearest voice says it).
        synthesizer: name or folder of a synthesizer.
        vocoder: name or folder of a vocoder.
        aligner: name or folder of an aligner.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        EditedSpeech: A recording in which other words are said.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def info(
    file: CodesLike,
    *,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Info:
    """Say what a .mnr file holds, and whether it is whole.

    Args:
        file: the .mnr file.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Info: What a file of codes says of itself.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def evaluate(
    reference: SoundLike,
    estimate: SoundLike,
    *,
    metrics: str | Sequence[str] = (),
    rate: int | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Evaluated:
    """Measure how near sound, or a text, comes to a reference: one file to another, or folders of them.

    Files in folders are matched by their names without suffixes. Channels are averaged; an estimate of another rate is
    resampled to the reference's; of two lengths the longer is cut at its end. Only nsim and pesq allow for a delay.
    Texts (.txt) are measured by wer and cer, errors a word and a character, once both are spelled alike as Whisper's
    authors do it.

    Args:
        reference: the sound or text as it should be: a file, or a folder of files.
        estimate: the sound or text to measure: a file, or a folder of files.
        metrics: which of mel, stft, lsd, snr, si_sdr, nsim, pesq, stoi, wer, cer (default: all that are installed).
        rate: samples a second to compare at (default: the reference's) (8000–192000).
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Evaluated: Readings of all pairs.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def replay(
    file: SidecarLike,
    *,
    given: Mapping[str, Any] | str | None = None,
    output: str | PathLike[str] | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Result | list[Result]:
    """Make a result again from its sidecar, the same to the last sample.

    Args:
        file: the sidecar (.json) of the result.
        given: files in place of those it was made from, as continue=in.mid.
        output: stem of the files to write.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Result: What a task yields. A list of them where the request asks for several.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def styles(
    *,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Listing:
    """List the styles that compose knows.

    Args:
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Listing: Rows with the same columns.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def instruments(
    *,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Listing:
    """List the instruments that compose knows.

    Args:
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Listing: Rows with the same columns.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def fetch(
    model: str | None = None,
    *,
    from_: str | PathLike[str] | None = None,
    sha256: str | None = None,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Fetched:
    """Bring a public model here, such as Whisper's, or list those that there are.

    It is downloaded (and goes on where an earlier try broke off), compared with its known hash, and converted once.
    Where there is no network, `--from` takes what was copied from elsewhere.

    Args:
        model: which; the list of all where none is named.
        from_: a file or folder of its weights that is here already.
        sha256: hash of the file, for one whose hash Menura does not know.
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Fetched: A public model that is here now.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """

def check(
    model: str | PathLike[str],
    *,
    tolerance: float = 0.001,
    models: Models | None = None,
    progress: Watching = None,
    overwrite: bool = False,
) -> Checked:
    """Check that a model is whole and answers as it did when it was saved.

    Args:
        model: a model folder, or the name of a model that comes with Menura.
        tolerance: largest difference of the probe, of its peak (0–1).
        models: loaded models to use; default: those that earlier calls have loaded.
        progress: a function of steps done, of all and a name; a menura.Progress; True for a bar.
        overwrite: whether files of the output may be replaced.

    Returns:
        Checked: A model folder that is sound, with the numbers that show it.

    Raises:
        menura.Refused: it cannot be done as asked; a ValueError whose one line says what would be right.
        menura.Cancelled: it was stopped, by `progress` or `menura.cancel_after`.
        FileExistsError: a file of the output exists, and `overwrite` is false.
        OSError: a file cannot be read or written.
    """
