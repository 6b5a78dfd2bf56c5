"""English words that are written alike and said differently: which is meant, by the words around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from menura.text.speech.dictionary import Sounds
from menura.text.speech.phonemes import parse_ipa
from menura.text.words import word_set

_STRESS_MOVES = (
    "record ɹˈɛkəɹd ɹəkˈɔɹd, present pɹˈɛzᵊnt pɹəzˈɛnt, object ˈɒbdʒɛkt əbdʒˈɛkt, subject sˈʌbdʒɛkt səbdʒˈɛkt, "
    "project pɹˈɒdʒɛkt pɹədʒˈɛkt, permit pˈɜɹmɪt pəɹmˈɪt, import ˈɪmpɔɹt ɪmpˈɔɹt, export ˈɛkspɔɹt ɛkspˈɔɹt, "
    "increase ˈɪnkɹis ɪnkɹˈis, decrease dˈikɹis dəkɹˈis, conduct kˈɒndˌʌkt kəndˈʌkt, conflict kˈɒnflɪkt kənflˈɪkt, "
    "contest kˈɒntɛst kəntˈɛst, contract kˈɒntɹækt kəntɹˈækt, contrast kˈɒntɹæst kəntɹˈæst, "
    "convert kˈɒnvɜɹt kənvˈɜɹt, convict kˈɒnvɪkt kənvˈɪkt, desert dˈɛzəɹt dəzˈɜɹt, digest dˈaɪdʒɛst daɪdʒˈɛst, "
    "discount dˈɪskaʊnt dɪskˈaʊnt, escort ˈɛskɔɹt ɛskˈɔɹt, exploit ˈɛksplɔɪt ɛksplˈɔɪt, extract ˈɛkstɹækt ɪkstɹˈækt, "
    "impact ˈɪmpækt ɪmpˈækt, insult ˈɪnsʌlt ɪnsˈʌlt, produce pɹˈoʊdus pɹədˈus, progress pɹˈɒɡɹɛs pɹəɡɹˈɛs, "
    "protest pɹˈoʊtɛst pɹətˈɛst, rebel ɹˈɛbəl ɹəbˈɛl, refund ɹˈifʌnd ɹəfˈʌnd, refuse ɹˈɛfjus ɹəfjˈuz, "
    "reject ɹˈidʒɛkt ɹədʒˈɛkt, survey sˈɜɹveɪ səɹvˈeɪ, suspect sˈʌspɛkt səspˈɛkt, torment tˈɔɹmɛnt tɔɹmˈɛnt, "
    "transfer tɹˈænsfɜɹ tɹænsfˈɜɹ, transport tɹˈænspɔɹt tɹænspˈɔɹt, upset ˈʌpsˌɛt ʌpsˈɛt, ally ˈælaɪ əlˈaɪ, "
    "combat kˈɒmbæt kəmbˈæt, compound kˈɒmpaʊnd kəmpˈaʊnd, compress kˈɒmpɹɛs kəmpɹˈɛs, console kˈɒnsoʊl kənsˈoʊl, "
    "entrance ˈɛntɹəns ɛntɹˈæns, incense ˈɪnsɛns ɪnsˈɛns, abstract ˈæbstɹækt əbstɹˈækt, "
    "attribute ˈætɹɪbjut ətɹˈɪbjut, invite ˈɪnvaɪt ɪnvˈaɪt, recall ɹˈikɔl ɹəkˈɔl, refill ɹˈifɪl ɹifˈɪl, "
    "reprint ɹˈipɹɪnt ɹipɹˈɪnt, rewrite ɹˈiɹaɪt ɹiɹˈaɪt, segment sˈɛɡmənt sɛɡmˈɛnt, commune kˈɒmjun kəmjˈun, "
    "defect dˈifɛkt dəfˈɛkt, envelope ˈɛnvəloʊp ɪnvˈɛləp, perfume pˈɜɹfjum pəɹfjˈum, proceeds pɹˈoʊsidz pɹəsˈidz, "
    "accent ˈæksɛnt æksˈɛnt, address ˈædɹɛs ədɹˈɛs"
)
_VOICED = (
    "use jˈus jˈuz, house hˈaʊs hˈaʊz, excuse ɪkskjˈus ɪkskjˈuz, abuse əbjˈus əbjˈuz, uses jˈusɪz jˈuzɪz, "
    "houses hˈaʊzɪz hˈaʊzɪz, excuses ɪkskjˈusɪz ɪkskjˈuzɪz, mouth mˈaʊθ mˈaʊð, advocate ˈædvəkət ˈædvəkˌeɪt, "
    "associate əsˈoʊʃiət əsˈoʊʃiˌeɪt, estimate ˈɛstəmət ˈɛstəmˌeɪt, graduate ɡɹˈædʒuət ɡɹˈædʒuˌeɪt, "
    "delegate dˈɛləɡət dˈɛləɡˌeɪt, duplicate dˈupləkət dˈupləkˌeɪt, lives lˈaɪvz lˈɪvz, wind wˈɪnd wˈaɪnd, "
    "tear tˈɪɹ tˈɛɹ, tears tˈɪɹz tˈɛɹz, row ɹˈoʊ ɹˈoʊ, wound wˈund wˈaʊnd, dove dˈʌv dˈoʊv, sow sˈaʊ sˈoʊ, "
    "does dˈʌz dˈʌz, resume ɹˈɛzəmˌeɪ ɹəzˈum, winds wˈɪndz wˈaɪndz, polish pˈɒlɪʃ pˈɒlɪʃ"
)
_ADJECTIVES = (
    "close klˈoʊs klˈoʊz, live lˈaɪv lˈɪv, perfect pˈɜɹfɪkt pəɹfˈɛkt, frequent fɹˈikwənt fɹikwˈɛnt, "
    "absent ˈæbsənt æbsˈɛnt, separate sˈɛpɹət sˈɛpəɹˌeɪt, deliberate dəlˈɪbəɹət dəlˈɪbəɹˌeɪt, "
    "moderate mˈɒdəɹət mˈɒdəɹˌeɪt, appropriate əpɹˈoʊpɹiət əpɹˈoʊpɹiˌeɪt, elaborate ɪlˈæbɹət ɪlˈæbəɹˌeɪt, "
    "intimate ˈɪntəmət ˈɪntəmˌeɪt, articulate ɑɹtˈɪkjələt ɑɹtˈɪkjəlˌeɪt, alternate ˈɔltəɹnət ˈɔltəɹnˌeɪt, "
    "animate ˈænəmət ˈænəmˌeɪt, approximate əpɹˈɒksəmət əpɹˈɒksəmˌeɪt, subordinate səbˈɔɹdᵊnət səbˈɔɹdᵊnˌeɪt, "
    "coordinate koʊˈɔɹdᵊnət koʊˈɔɹdᵊnˌeɪt, aggregate ˈæɡɹəɡət ˈæɡɹəɡˌeɪt, diffuse dɪfjˈus dɪfjˈuz, "
    "desolate dˈɛsələt dˈɛsəlˌeɪt, corporate kˈɔɹpɹət kˈɔɹpɹət"
)
_PAIRS: dict[str, tuple[str, str]] = {
    word: (noun, verb)
    for table in (_STRESS_MOVES, _VOICED, _ADJECTIVES)
    for word, noun, verb in (entry.split(" ") for entry in table.split(", "))
}
_ADJECTIVE_WORDS = frozenset(entry.split(" ")[0] for entry in _ADJECTIVES.split(", "))

_TO_VERB = word_set(
    "to will would can could should shall may might must do does did don't doesn't didn't can't won't wouldn't "
    "couldn't shouldn't cannot let's please i you we they who not never always often i'll you'll we'll they'll "
    "he'll she'll it'll i'd you'd we'd they'd he'd she'd help let and us them usually also just gotta wanna people"
)
_NOUN_AFTER_TO = word_set("close due thanks according next used object access")
_AND_OTHERS = word_set("and people us them")
_ADVERBS = word_set("not never always often also usually just")
_BEFORE_NOUN = word_set(
    "a an the this these those my your his her its our their no some any each every another of in on at for with by "
    "from into about without under over new old good bad great little big small first second last next other such "
    "what which whose own same free high low long short world public private police trade daily broken clear strong "
    "one two three four five six ten hundred many several few more most much today's was is are were be been"
)
_NOUN_ENDING = re.compile(r".*(?:al|ous|ive|ic|ful|less|able|est|ish|ary|ing|ed|'s|s')")
_AFTER_VERB = word_set(
    "the a an this that these those my your his her its our their him them me us it you up down out off to himself "
    "herself themselves itself how what whether all everything everyone something someone some any more"
)
_AFTER_NOUN = word_set("of is was are were has had will would and or in on for at from by with that which who as than")
_SUBJECTS = word_set("i you we they who that")
_BEFORE_CLOSES = word_set("to please will would can could must should don't they we i didn't did")
_IS_NO_PLURAL = word_set("is was this his as looks seems comes gets lives")
_BEFORE_LIVES = word_set("save saved lost lose changed human nine claimed")
_BEFORE_LIVE_SHOW = word_set("a the is was this are went go goes going broadcast perform sing our")
_LIVE_THINGS = word_set("music show concert broadcast stream audience television wire")
_BEFORE_WOUND = word_set("was is were clock he she they i road path river and")
_AFTER_WOUND = word_set("up around its through the down round tight tightly his her")
_BEFORE_DOVE = word_set("he she i they we who and")
_AFTER_DOVE = word_set("into in down off under for from")


def said(words: Sequence[str], place: int, language: str) -> Sounds | None:
    """The sounds of `words[place]` where it is a heteronym; None for other words.

    Args:
        words: of a sentence, in small letters.
        place: of the word in question.
        language: "en-us" or "en-gb".
    """
    word = words[place]
    if word in _PAIRS:
        noun, verb = _PAIRS[word]
        return _sounds(verb if _is_verb(words, place) else noun, language)
    if word == "read":
        return _sounds("ɹˈɛd" if _is_past(words, place) else "ɹˈid", language)
    if word in _SENSES:
        first, second, is_first = _SENSES[word]
        before, after = _at(words, place - 1), _at(words, place + 1)
        return _sounds(first if is_first(before, after, frozenset(words)) else second, language)
    return None


def _at(words: Sequence[str], place: int) -> str:
    return words[place] if 0 <= place < len(words) else ""


def _is_verb(words: Sequence[str], place: int) -> bool:
    """By the words before and after; some words have rules of their own."""
    word, before, after = words[place], _at(words, place - 1), _at(words, place + 1)
    own = _VERBS.get(word)
    if own:
        return own(before, after)
    is_adjective = word in _ADJECTIVE_WORDS
    is_late = before == "to" and _at(words, place - 2) in _NOUN_AFTER_TO
    if is_late or (is_adjective and before in _ADVERBS) or (before.endswith("ly") and not is_adjective):
        return after in _AFTER_VERB
    if before in _TO_VERB:
        return before not in _AND_OTHERS or after in _AFTER_VERB
    if before in _BEFORE_NOUN or _NOUN_ENDING.fullmatch(before):
        return False
    if not before:
        return after in _AFTER_VERB
    if _is_plural(before) and after not in ("is", "was", "of"):
        return True
    if after in _AFTER_NOUN and not is_adjective:
        return before in _SUBJECTS
    return after in _AFTER_VERB


def _is_plural(word: str) -> bool:
    return len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) and word not in _IS_NO_PLURAL


def _closes(before: str, after: str) -> bool:
    if before in _BEFORE_CLOSES:
        return after not in ("to", "by", "friends", "friend")
    return _is_plural(before) or (before in ("", "and") and after in _AFTER_VERB - {"to"})


def _lives_on(before: str, after: str) -> bool:
    return before not in _BEFORE_LIVE_SHOW and after not in _LIVE_THINGS


_VERBS: dict[str, Callable[[str, str], bool]] = {
    "close": _closes,
    "live": _lives_on,
    "lives": lambda before, _: before not in _BEFORE_NOUN | _BEFORE_LIVES,
    "wound": lambda before, after: before in _BEFORE_WOUND and after in _AFTER_WOUND,
    "dove": lambda before, after: before in _BEFORE_DOVE and after in _AFTER_DOVE,
}

_METAL = word_set("pipe pipes paint poisoning bullet bullets weight heavy metal roof solder zinc tin copper")
_PENCILS = word_set("pencil pencils metal zinc tin")
_MADE_OF = word_set("of in with from")
_FISH = word_set("fish sea caught fishing river lake largemouth striped grilled fillet boat pond")
_WEAPONS = word_set("arrow arrows violin violinist tie ribbon cello hair shot knot string strings cross archer quiver")
_BOWING = word_set("to they i we you must low not and deep ship's polite")
_SHIPS = word_set("of before down to and")
_SMALL = word_set("very too most so such these more")
_SMALL_THINGS = word_set(
    "detail details particles amounts amount quantities quantity traces differences creatures inspection specks"
)
_BEING = word_set("is was are were be am i'm quite very perfectly seemed not felt looked")
_AFTER_PERSON = frozenset(("", "was", "is", "who", "and", "in"))
_PASSIVE = word_set("was is are were be being commonly")
_SENSES: dict[str, tuple[str, str, Callable[[str, str, frozenset[str]], bool]]] = {
    "lead": (
        "lˈɛd",
        "lˈid",
        lambda before, after, others: bool(
            after in _METAL or _PENCILS & others or (before in _MADE_OF and after not in ("the", "a", "role"))
        ),
    ),
    "minute": (
        "maɪnjˈut",
        "mˈɪnət",
        lambda before, after, _: before in _SMALL or after in _SMALL_THINGS,
    ),
    "bow": (
        "bˈaʊ",
        "bˈoʊ",
        lambda before, after, others: not _WEAPONS & others and (before in _BOWING or after in _SHIPS),
    ),
    "bass": ("bˈæs", "bˈeɪs", lambda _, __, others: bool(_FISH & others)),
    "content": ("kəntˈɛnt", "kˈɒntɛnt", lambda before, after, _: before in _BEING or after in ("with", "to")),
    "used": ("jˈust", "jˈuzd", lambda before, after, _: after == "to" and before not in _PASSIVE),
    "invalid": (
        "ˈɪnvəlɪd",
        "ɪnvˈælɪd",
        lambda before, after, _: before in ("an", "the", "poor", "old") and after in _AFTER_PERSON,
    ),
    "learned": (
        "lˈɜɹnɪd",
        "lˈɜɹnd",
        lambda before, after, _: before in ("a", "the", "very", "most", "my") and after not in ("", "to", "that"),
    ),
    "aged": ("ˈeɪdʒɪd", "ˈeɪdʒd", lambda before, _, __: before in ("the", "his", "her", "my", "an")),
    "blessed": ("blˈɛsɪd", "blˈɛst", lambda before, _, __: before in ("the", "a", "every", "this", "whole")),
}
"""Word -> the rarer sound, the other one, and whether it is the rarer: by the words before, after and around."""

_TO_READ = word_set("to will can could would should must may might don't didn't did do please i'll")
_HAVE = word_set(
    "have has had having was were been be is are being i've you've we've they've he's she's it's never get got well "
    "widely"
)
_HAVING = word_set("have has had been being having i've")
_PAST_SIGNS = word_set(
    "yesterday ago last had was were did said once wrote told went came saw took then before already"
)
_READINGS = word_set("the a it his her aloud")


def _is_past(words: Sequence[str], place: int) -> bool:
    """Whether `read` is what somebody did, or what was done."""
    before, after, others = _at(words, place - 1), _at(words, place + 1), set(words)
    if before in _TO_READ:
        return False
    if before in _HAVE or before in ("he", "she", "it") or _HAVING & set(words[max(0, place - 3) : place]):
        return True
    if _PAST_SIGNS & others and before not in ("", "you", "they're"):
        return True
    if before in ("i", "we", "they", "and", "who") and any(len(one) > 4 and one.endswith("ed") for one in words):
        return True
    return bool(before) and before not in _TO_VERB and not before.endswith("s") and after in _READINGS


def _sounds(ipa: str, language: str) -> Sounds:
    """The tables are American, with the round vowel of British hot."""
    sounds = parse_ipa(ipa)
    if language == "en-us":
        return _american(sounds)
    return _british(sounds)


def _american(sounds: Sounds) -> Sounds:
    return tuple({"ɒ": "ɑ"}.get(sound, sound) for sound in sounds)


def _british(sounds: Sounds) -> Sounds:
    moved = [{"oʊ": "əʊ", "æ": "a", "u": "uː", "ɑ": "ɑː", "ɔ": "ɔː", "ɜ": "ɜː"}.get(sound, sound) for sound in sounds]
    for place, sound in enumerate(moved):
        if sound == "i" and place and moved[place - 1] == "ˈ":
            moved[place] = "iː"
        if sound == "ɛ" and moved[place + 1 : place + 3] == ["ɹ"]:
            moved[place] = "ɛː"
        if sound == "ɪ" and moved[place + 1 : place + 2] == ["ɹ"]:
            moved[place + 1] = "ə"
        if sound == "ə" and place == 1 and moved[0] in ("ɹ", "d"):
            moved[place] = "ɪ"
    vowels_follow = [*moved[1:], ""]
    return tuple(
        one for one, following in zip(moved, vowels_follow, strict=True) if one != "ɹ" or following in _SOUNDED
    )


_SOUNDED = word_set("ˈ ˌ ə ɪ i ɛ a aɪ eɪ əʊ ʌ ɒ iː ɑː ɔː ɜː uː ʊ")
