"""British English words as Americans spell them: stems with the endings that differ, and words by themselves."""

from __future__ import annotations

import re

_OUR = (
    "arbor armor behavior candor clamor color demeanor endeavor favor fervor flavor glamor harbor honor humor labor "
    "neighbor odor parlor rancor rigor rumor savior savor splendor succor tumor valor vapor vigor"
)
_RE = (
    "caliber center fiber goiter liter luster maneuver meager meter miter niter ocher saber scepter somber "
    "specter theater"
)
_ISE = (
    "agon antagon apolog author brutal capital character civil colon critic crystall custom dramat econom emphas "
    "energ equal fertil final formal general global harmon hospital hypnot ideal immun industrial itemi jeopard legal "
    "local magnet marginal material maxim mechan memor minim mobil modern monopol national natural neutral normal "
    "optim organ patron penal person personal polar popular priorit public random rational real recogn revolution "
    "scrutin special stabil standard steril subsid symbol sympath synchron terror utter urban util vandal victim visual"
)
_LL = (
    "cancel channel counsel cruel dial duel equal fuel funnel grovel jewel kennel label level libel marshal marvel "
    "model panel pedal pencil quarrel refuel revel rival shovel signal snivel spiral swivel total towel travel trowel "
    "tunnel unravel"
)
_OGUE = "analog catalog dialog monolog prolog"
_WORDS = {
    **{"aeroplane": "airplane", "aluminium": "aluminum", "anaemia": "anemia", "anaesthetic": "anesthetic"},
    **{"appal": "appall", "artefact": "artifact", "axe": "ax", "catalyse": "catalyze", "analyse": "analyze"},
    **{"analysed": "analyzed", "analysing": "analyzing", "paralyse": "paralyze", "paralysed": "paralyzed"},
    **{"cheque": "check", "cheques": "checks", "chequered": "checkered", "cosy": "cozy", "defence": "defense"},
    **{"diarrhoea": "diarrhea", "draught": "draft", "draughts": "drafts", "encyclopaedia": "encyclopedia"},
    **{"enrol": "enroll", "enrolment": "enrollment", "foetus": "fetus", "fulfil": "fulfill", "gaol": "jail"},
    **{"fulfilment": "fulfillment", "grey": "gray", "greyer": "grayer", "greys": "grays", "instal": "install"},
    **{"instalment": "installment", "jewellery": "jewelry", "judgement": "judgment", "kerb": "curb"},
    **{"learnt": "learned", "leukaemia": "leukemia", "licence": "license", "licences": "licenses"},
    **{"manoeuvre": "maneuver", "manoeuvres": "maneuvers", "mould": "mold", "moulds": "molds", "moult": "molt"},
    **{"moustache": "mustache", "mum": "mom", "mums": "moms", "offence": "offense", "offences": "offenses"},
    **{"orthopaedic": "orthopedic", "paediatric": "pediatric", "plough": "plow", "ploughed": "plowed"},
    **{"ploughs": "plows", "practise": "practice", "practised": "practiced", "practising": "practicing"},
    **{"pretence": "pretense", "programme": "program", "programmes": "programs", "pyjamas": "pajamas"},
    **{"sceptic": "skeptic", "sceptical": "skeptical", "skilful": "skillful", "smoulder": "smolder"},
    **{"storey": "story", "storeys": "stories", "sulphur": "sulfur", "towards": "toward", "tyre": "tire"},
    **{"tyres": "tires", "vice": "vise", "whisky": "whiskey", "wilful": "willful", "woollen": "woolen"},
}
_FAMILIES = (
    (_OUR, r"(?P<stem>{})our(?P<end>\w*)", "or", lambda word: word.removesuffix("or")),
    (_RE, r"(?P<stem>{})re(?P<end>d|s)?", "er", lambda word: word.removesuffix("er")),
    (_ISE, r"(?P<stem>{})is(?P<end>e|ed|es|er|ers|ing|ation|ations)", "iz", str),
    (_LL, r"(?P<stem>{})l(?P<end>ed|er|ers|ing|ings|ous|ously)", "", str),
    (_OGUE, r"(?P<stem>{})ue(?P<end>s)?", "", str),
)
_RULES = [
    (re.compile(pattern.format("|".join(map(stem, words.split())))), middle)
    for words, pattern, middle, stem in _FAMILIES
]


def american(word: str) -> str:
    """A word in small letters as Americans spell it."""
    if word in _WORDS:
        return _WORDS[word]
    for rule, middle in _RULES:
        if found := rule.fullmatch(word):
            return f"{found['stem']}{middle}{found['end'] or ''}"
    return word
