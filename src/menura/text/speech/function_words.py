"""Small words as they are said in a sentence, mostly without stress; after Kokoro's front end, as its data shows."""

from __future__ import annotations

from menura.text.speech.phonemes import from_teacher, parse_ipa
from menura.text.words import word_set

_AMERICAN = (
    "the ðə, i ˌI, a ɐ, an ɐn, and ænd, to tə, of ʌv, it ɪt, in ɪn, you ju, that ðæt, was wʌz, he hi, is ɪz, my mI, "
    "have hæv, his hɪz, with wɪð, had hæd, for fɔɹ, as æz, me mˌi, but bˌʌt, at æt, not nˌɑt, be bi, which wˌɪʧ, "
    "we wi, on ˌɔn, from fɹʌm, there ðɛɹ, what wˌʌt, she ʃi, are ɑɹ, this ðɪs, him hˌɪm, by bI, would wʊd, were wɜɹ, "
    "been bɪn, her hɜɹ, they ðA, then ðˈɛn, so sˌO, your jʊɹ, up ˌʌp, when wˌɛn, if ɪf, them ðˌɛm, could kʊd, "
    "who hˌu, down dˌWn, has hæz, or ɔɹ, will wɪl, can kæn, some sˌʌm, our ˌWəɹ, should ʃˌʊd, into ˈɪntu, am ɐm, "
    "how hˌW, shall ʃˌæl, their ðɛɹ, us ˌʌs, than ðən, through θɹu, might mˌIt, these ðiz, those ðOz, where wˌɛɹ, "
    "got ɡɑt, sir sˌɜɹ, though ðˌO, whom hˈum, whose hˌuz, while wˌIl, until ˌʌntˈɪl, i'm ˌIm, i'll ˌIl, i've ˌIv, "
    "i'd ˌId, it's ɪts, that's ðˈæts, you're jʊɹ, you've juv, you'll jul, you'd jud, he's hiz, she's ʃiz, we're wɪɹ, "
    "we've wiv, we'll wil, they're ðɛɹ, they've ðAv, they'll ðAl, he'd hid, she'd ʃid, he'll hil, she'll ʃil, "
    "there's ðɛɹz, what's wˌʌts, who's hˌuz, o'clock əklˈɑk, mister mˈɪstəɹ, missus mˈɪsɪz, miz mˈɪz, st sˈAnt, "
    "whoever hˌuˈɛvəɹ, itself ɪtsˈɛlf, myself mIsˈɛlf, onto ˈɑntˌu, upon əpˈɑn, without wɪðˈWt, within wɪðˈɪn, "
    "'n' ᵊn, yes jˈɛs, go ɡˌO, put pˌʊt, why wˌI, made mˌAd, make mˌAk, get ɡɛt, its ɪts, gone ɡɔn, "
    "something sˈʌmθˌɪŋ, anything ˈɛniθˌɪŋ, everything ˈɛvəɹiθˌɪŋ, cannot kənˈɑt, hundred hˈʌndɹəd, "
    "themselves ðəmsˈɛlvz, 'em əm, really ɹˈiᵊli, sometimes sˈʌmtˌImz, let's lˈɛts, because bəkˈʌz, before bəfˈɔɹ, "
    "were wɜɹ"
)
_BRITISH = (
    "and and, of ɒv, you juː, that ðat, was wɒz, he hiː, have hav, had had, for fɔː, as az, me mˌiː, at at, "
    "not nˌɒt, be biː, we wiː, on ˌɒn, from fɹɒm, there ðɛː, what wˌɒt, she ʃiː, are ɑː, were wɜː, been biːn, "
    "her hɜː, so sˌQ, your jɔː, who hˌuː, has haz, or ɔː, can kan, our ˌWə, into ˈɪntuː, shall ʃˌal, their ðɛː, "
    "through θɹuː, these ðiːz, those ðQz, where wˌɛː, got ɡɒt, sir sˌɜː, though ðˌQ, whom hˈuːm, whose hˌuːz, "
    "because bɪkˈɒz, you're jɔː, you've juːv, you'll juːl, you'd juːd, he's hiːz, she's ʃiːz, we're wɪə, we've wiːv, "
    "we'll wiːl, they're ðɛː, he'd hiːd, she'd ʃiːd, he'll hiːl, she'll ʃiːl, there's ðɛːz, what's wˌɒts, "
    "who's hˌuːz, that's ðˈats, o'clock əklˈɒk, mister mˈɪstə, whoever hˌuːˈɛvə, onto ˈɒntuː, upon əpˈɒn, "
    "before bɪfˈɔː, only ˈQnli, missus mˈɪsɪz, go ɡˌQ, gone ɡɒn, anything ˈɛnɪθɪŋ, everything ˈɛvɹɪθɪŋ, "
    "something sˈʌmθɪŋ, cannot kˈanɒt, really ɹˈɪəli, until əntˈɪl, new njˈuː, knew njˈuː, either ˈIðə, neither nˈIðə"
)


def _table(written: str) -> dict[str, tuple[str, ...]]:
    pairs = (pair.split(" ") for pair in written.split(", "))
    return {word: from_teacher(sounds) for word, sounds in pairs}


AMERICAN = _table(_AMERICAN)
BRITISH = AMERICAN | _table(_BRITISH)
_GERMAN = (
    "der deːɐ, die diː, das das, den deːn, dem deːm, des dɛs, ein aɪn, eine aɪnə, einen aɪnən, einem aɪnəm, "
    "einer aɪnɐ, eines aɪnəs, und ʊnt, oder oːdɐ, in ɪn, im ɪm, zu t͡suː, zum t͡sʊm, zur t͡suːɐ, von fɔn, vom fɔm, "
    "mit mɪt, es ɛs, ist ɪst, er eːɐ, sie ziː, am am, an an, auf aʊf, für fyːɐ, bei baɪ, als als, wie viː, dass das, "
    "so zoː, ich ɪç, du duː, wir viːɐ, ihr iːɐ, mich mɪç, dich dɪç, sich zɪç, mir miːɐ, dir diːɐ, ihm iːm, ihn iːn, "
    "ihnen iːnən, uns ʊns, war vaːɐ, sind zɪnt, hat hat, wird vɪʁt, wenn vɛn, um ʊm, aus aʊs, nach naːx, mein maɪn, "
    "meine maɪnə, meinem maɪnəm, meinen maɪnən, sein zaɪn, seine zaɪnə, seinem zaɪnəm, seinen zaɪnən, ihre iːʁə, "
    "ihren iːʁən, ihrem iːʁəm, durch dʊʁç"
)
_DUTCH = (
    "de də, het ɦət, een ən, en ɛn, of ɔf, in ɪn, van vɑn, te tə, op ɔp, met mɛt, dat dɑt, die di, is ɪs, ik ɪk, "
    "je jə, u y, hij ɦɛi, ze zə, zij zɛi, we ʋə, wij ʋɛi, mij mɛi, me mə, aan aːn, bij bɛi, om ɔm, als ɑls, "
    "voor voːr, door doːr, uit œyt, naar naːr, er ər, zijn zɛin, mijn mɛin, haar ɦaːr, hem ɦɛm, was ʋɑs, "
    "heeft ɦeːft, had ɦɑt, dan dɑn, tot tɔt, over oːvər, 't ət, 'n ən, 's s"
)


def _ipa_table(written: str) -> dict[str, tuple[str, ...]]:
    pairs = (pair.split(" ") for pair in written.split(", "))
    return {word: parse_ipa(sounds) for word, sounds in pairs}


GERMAN, DUTCH = _ipa_table(_GERMAN), _ipa_table(_DUTCH)

LIGHT_WHEN_FIRST = word_set("it he she we they you and as for if with there this her his at from by our their your my")
"""These have a light stress where a sentence begins with them."""
FULL_WHEN_LAST = word_set("in this that there be by have can")
"""These have the main stress before a sign, and at the end."""
THAT_POINTS_BEFORE = word_set("of is was and isn't wasn't would")
"""`that` is not a conjunction before these."""
