"""From a text, or SSML, to sentences of words with their phonemes: what a synthesizer is given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from menura.text.speech import function_words, heteronyms
from menura.text.speech.dictionary import Sounds
from menura.text.speech.letters import LETTERS
from menura.text.speech.lexicon import Lexicon
from menura.text.speech.markup import Fixed, Marked, Pause, Style, read_inline
from menura.text.speech.normalise import LANGUAGES, Language, normalise
from menura.text.speech.phonemes import VOWELS, parse_ipa
from menura.text.speech.say_as import say_as
from menura.text.speech.sentences import Sentence, split
from menura.text.speech.ssml import is_ssml, read_ssml
from menura.text.speech.tokens import Kind, Token
from menura.text.speech.words import plural, sounds_of

_BY_NAME: dict[str, Language] = {name: name for name in LANGUAGES}
_SMALL_WORDS = {"de": function_words.GERMAN, "nl": function_words.DUTCH}


@dataclass(frozen=True)
class SpokenToken:
    """A word, a sign or a pause of a sentence.

    Attributes:
        text: the spoken word, or the sign; of a mark of SSML its name.
        start, end: what it was written as, in the source.
        kind: "word", "letter", "punctuation" or "pause".
        phonemes: symbols of `phonemes.SYMBOLS`; none for pauses, and for words whose script cannot be read.
        pause_s: seconds of silence that were asked for.
        style: how it is to be said.
    """

    text: str
    start: int
    end: int
    kind: Kind
    phonemes: Sounds
    pause_s: float = 0.0
    style: Style = field(default_factory=Style)


def phonemize(text: str, language: Language = "en-us", lexicon: Lexicon | None = None) -> list[list[SpokenToken]]:
    """The sentences of a text, plain, with `[word](/ipa/)` and `[pause:0.5s]`, or SSML.

    Args:
        text: what is to be spoken.
        language: of what is not marked as another one.
        lexicon: pronunciations that go before all others; words in small letters stand for all spellings.

    Raises:
        ValueError: for an unknown language, and for marks that cannot be read, with their place.
    """
    if language not in LANGUAGES:
        raise ValueError(f'language: "{language}" cannot be read; known are {", ".join(LANGUAGES)}')
    marked = read_ssml(text) if is_ssml(text) else read_inline(text)
    sentences = split(marked.plain)
    said = [_sentence(marked, sentence, language, lexicon or {}) for sentence in sentences]
    return _with_late_pauses(said, sentences, marked)


def symbols(sentence: Iterable[SpokenToken]) -> Sounds:
    """A sentence as one row of symbols: spaces between words, signs as they stand."""
    return row(sentence)[0]


def row(sentence: Iterable[SpokenToken]) -> tuple[Sounds, list[tuple[int, int]]]:
    """The symbols of a sentence, and for each of its tokens from which to which of them are its own."""
    found: list[str] = []
    spans: list[tuple[int, int]] = []
    for token in sentence:
        opens = found and found[-1] in "“("
        apart = token.kind != "punctuation" or token.text in "“(—"
        if found and token.phonemes and apart and not opens:
            found.append(" ")
        spans.append((len(found), len(found) + len(token.phonemes)))
        found.extend(token.phonemes)
    return tuple(found), spans


def _sentence(marked: Marked, sentence: Sentence, language: Language, lexicon: Lexicon) -> list[SpokenToken]:
    tokens = list(_tokens(marked, sentence, language))
    fixed = {(one.start, one.end): parse_ipa(one.value) for one in marked.fixed if one.kind == "ipa"}
    phonemes = _phonemes(tokens, [_language(marked, token, language) for token in tokens], lexicon, fixed)
    pauses = [pause for pause in marked.pauses if sentence.start <= pause.place < sentence.end]
    spoken: list[SpokenToken] = []
    for token, sounds in zip(tokens, phonemes, strict=True):
        while pauses and pauses[0].place <= token.start:
            spoken.append(_pause(marked, pauses.pop(0)))
        start, end = marked.places[token.start], marked.places[token.end - 1] + 1
        spoken.append(SpokenToken(token.text, start, end, token.kind, sounds, style=marked.style_at(token.start)))
    return spoken + [_pause(marked, pause) for pause in pauses]


def _pause(marked: Marked, pause: Pause) -> SpokenToken:
    place = marked.places[pause.place] if pause.place < len(marked.places) else (marked.places or [-1])[-1] + 1
    style = marked.style_at(pause.place)
    return SpokenToken(pause.mark, place, place, "pause", (), pause.seconds, style)


def _with_late_pauses(
    said: list[list[SpokenToken]], sentences: Sequence[Sentence], marked: Marked
) -> list[list[SpokenToken]]:
    """Pauses between sentences, and after the last, go to the sentence before them; a text of pauses is a sentence."""
    late = [one for one in marked.pauses if not any(own.start <= one.place < own.end for own in sentences)]
    if late and not said:
        return [[_pause(marked, pause) for pause in late]]
    first: list[SpokenToken] = []
    for pause in late:
        earlier = sum(own.end <= pause.place for own in sentences)
        (said[earlier - 1] if earlier else first).append(_pause(marked, pause))
    if first:
        said[0][:0] = first
    return said


def _tokens(marked: Marked, sentence: Sentence, language: Language) -> Iterator[Token]:
    """The tokens of a sentence, with places in the plain text."""
    place = sentence.start
    for fixed in [one for one in marked.fixed if sentence.start <= one.start < sentence.end]:
        yield from _read(marked, place, fixed.start, language)
        yield from _fixed_tokens(marked, fixed, _language_at(marked, fixed.start, language))
        place = max(place, min(fixed.end, sentence.end))
    yield from _read(marked, place, sentence.end, language)


def _read(marked: Marked, start: int, end: int, language: Language) -> Iterator[Token]:
    """Stretches of one language, each read by its reader."""
    borders = sorted({start, end, *(place for style in marked.styles for place in style[:2] if start < place < end)})
    stretches: list[tuple[int, int, Language]] = []
    for first, last in pairwise(borders):
        own = _language_at(marked, first, language)
        if stretches and stretches[-1][2] == own:
            stretches[-1] = (stretches[-1][0], last, own)
        else:
            stretches.append((first, last, own))
    for first, last, own in stretches:
        yield from (_moved(token, first) for token in normalise(marked.plain[first:last], own))


def _fixed_tokens(marked: Marked, fixed: Fixed, language: Language) -> Iterator[Token]:
    written = marked.plain[fixed.start : fixed.end]
    if fixed.kind == "ipa":
        yield Token(written, fixed.start, fixed.end, "word")
    elif fixed.kind == "words":
        for token in normalise(fixed.value, language):
            yield Token(token.text, fixed.start, fixed.end, token.kind)
    else:
        yield from (_moved(token, fixed.start) for token in say_as(fixed.value, written, language))


def _moved(token: Token, offset: int) -> Token:
    return Token(token.text, token.start + offset, token.end + offset, token.kind)


def language_of(wanted: str, otherwise: Language) -> Language:
    """The language that a mark of SSML names, as `en-AU` or `de-CH`; `otherwise` where it names none.

    Raises:
        ValueError: it cannot be read.
    """
    if not wanted:
        return otherwise
    short = "en-us" if wanted.startswith("en") else wanted.partition("-")[0]
    own = _BY_NAME.get(wanted) or _BY_NAME.get(short)
    if own is None:
        raise ValueError(f'language: "{wanted}" cannot be read; known are {", ".join(LANGUAGES)}')
    return own


def _language_at(marked: Marked, place: int, language: Language) -> Language:
    return language_of(marked.style_at(place).language, language)


def _language(marked: Marked, token: Token, language: Language) -> Language:
    return _language_at(marked, token.start, language)


def _phonemes(
    tokens: Sequence[Token],
    languages: Sequence[Language],
    lexicon: Lexicon,
    fixed: Mapping[tuple[int, int], Sounds],
) -> list[Sounds]:
    """Of each token; from the last to the first, since the and to ask what follows."""
    lowered = [token.text.lower() for token in tokens if token.kind != "punctuation"]
    result: list[Sounds] = []
    index, following = len(lowered), ()
    for place in range(len(tokens) - 1, -1, -1):
        token, language = tokens[place], languages[place]
        if token.kind == "punctuation":
            result.append((token.text,))
            following = ()
            continue
        index -= 1
        sounds = fixed.get((token.start, token.end)) or _lexicon(lexicon, token.text)
        if not sounds:
            sounds = _word(token, lowered, index, language, following)
        following = sounds
        result.append(sounds)
    return result[::-1]


def _lexicon(lexicon: Lexicon, word: str) -> Sounds:
    return lexicon.get(word) or lexicon.get(word.lower()) or ()


def _word(token: Token, words: Sequence[str], index: int, language: Language, following: Sounds) -> Sounds:
    word = words[index]
    if token.kind == "letter" or (token.text == "A" and index):
        return _letters(token.text, language)
    if language in _SMALL_WORDS:
        return _SMALL_WORDS[language].get(word) or sounds_of(word, language)
    before_vowel = next((sound in VOWELS for sound in following if sound not in "ˈˌ"), False)
    if word == "the" and before_vowel:
        return ("ð", "i")
    if word == "to" and before_vowel:
        return ("t", "ʊ")
    said = heteronyms.said(words, index, language)
    if said:
        return said
    table = function_words.BRITISH if language == "en-gb" else function_words.AMERICAN
    sounds = table.get(word)
    if sounds is None:
        return sounds_of(word, language)
    return _marked(sounds, _stress(word, words, index, following))


def _stress(word: str, words: Sequence[str], index: int, following: Sounds) -> str:
    """The mark that a small word has at its place of the sentence, or none."""
    if word == "that" and (
        not index or (words[index + 1 : index + 2] and words[index + 1] in function_words.THAT_POINTS_BEFORE)
    ):
        return "ˈ"
    if not following:
        return "ˈ" if word in function_words.FULL_WHEN_LAST else ""
    return "ˌ" if not index and word in function_words.LIGHT_WHEN_FIRST else ""


def _marked(sounds: Sounds, mark: str) -> Sounds:
    """With a stress mark on the first vowel, where there is none yet."""
    if not mark or "ˌ" in sounds or "ˈ" in sounds:
        return sounds
    first = next(place for place, sound in enumerate(sounds) if sound in VOWELS)
    return (*sounds[:first], mark, *sounds[first:])


def _letters(text: str, language: Language) -> Sounds:
    """A letter by its name, with the s of a plural."""
    name, _, ending = text.partition("'")
    match = re.fullmatch(r"([^\W\d_])(s?)", name)
    known = LETTERS[language].get(name[:1].upper()) if match else None
    sounds = known or sounds_of(name.lower(), language)
    return plural(sounds, language) if ending == "s" or (match and match[2]) else sounds
