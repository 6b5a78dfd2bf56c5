"""Drums by name, and fills: what a drummer plays into a new section. One cell a beat.

A shorter fill is the end of a longer one.
"""

from __future__ import annotations

PIECES: dict[str, int] = {
    **{"kick": 36, "snare": 38, "rim": 37, "clap": 39, "hat": 42, "pedal": 44, "open": 46, "crash": 49, "ride": 51},
    **{"bell": 53, "china": 52, "tamb": 54, "cowbell": 56, "tom1": 48, "tom2": 45, "tom3": 43, "shaker": 70},
    **{"conga_mute": 62, "conga": 63, "tumba": 64, "bongo1": 60, "bongo2": 61, "timbale1": 65, "timbale2": 66},
    **{"agogo1": 67, "agogo2": 68, "guiro": 73, "guiro2": 74, "claves": 75, "block1": 76, "triangle": 81},
}
"""Names in tables -> General MIDI's drums."""

LETTERS: dict[str, tuple[str, str]] = {
    **{"s": ("snare", "x"), "S": ("snare", "X"), "g": ("snare", "g"), "o": ("snare", "o"), "k": ("kick", "x")},
    **{"h": ("tom1", "x"), "m": ("tom2", "x"), "l": ("tom3", "x"), "L": ("tom3", "X"), "r": ("rim", "x")},
    **{"H": ("hat", "x"), "i": ("hat", "o"), "O": ("open", "x"), "C": ("clap", "x"), "T": ("timbale1", "x")},
    **{"t": ("timbale2", "x"), "c": ("crash", "o")},
}
"""Letters of `FILLS` -> piece and strength."""

FILLS: dict[str, tuple[str, ...]] = {
    "rock": ("ssss hhhh mmmm llll", "s.ss s.ss hhmm llll", "S.gs Shhh mm.m l.ll", "k.ss k.ss hhmm l.l."),
    "metal": ("ssss ssss hhmm llll", "Skks Skks hhkk mmll", "ssss hhhh mmmm LLLL"),
    "light": ("i... i... i..o s.g.", "i... i... i..r r.o.", "i.i. i.i. g.g. s.go"),
    "snare": ("s.gs s.gs sgsg ssss", "gsgg sggs gsgs S.s.", "s.ss s.ss ssss S..."),
    "funk": ("s.gs g.sg hgmg lgsg", "S.gg sg.s gsgh mgl.", "k.s. .ks. hkmk s.ss"),
    "reggae": ("r..r r... TTtT t..s", "s..s r... ssTT s.s.", "r... r..T TtTT s..."),
    "triplet": ("sss hhh mmm lll", "s.s s.s shm lll", "s.g s.s ssh mll"),
    "tripletsnare": ("sgg sgg ssg sss", "s.g sgg s.s sss", "sgs gsg sss S.s"),
    "jazz": ("s.g .gs hgm lgs", "s.s hgh m.m s.g", "..s g.s .gs m.l", "sgg hgg mgg lgk"),
    "latin": ("s..s .s.s TTtT tttt", "T.TT .TtT T.tt T.s.", "s.ss .s.s hhmm ll.l"),
    "timbales": ("T..T .T.T TTTT t.T.", "..T. TtT. TTtt T...", "T.TT T.tt TTTT TTTT"),
    "march": ("s.gg s.gg ssss ssss", "SgsS gsSg ssss S.s.", "s.ss s.ss sgsg ssss"),
    "hats": ("H.H. HHHH HHH HHHHHHHH", "H.H. H.HH HHHHHH HHHH", "H.H. HHH HHHH HHHHHH"),
    "break": ("kgsg gskg sgks sgss", "k.sk .sk. skss ssss", "s.gs k.gs .gsg shml"),
    "toms": ("h.h. m.m. hhmm llll", "hhhh mmmm ll.l l.ll", "s.s. s.hh hhmm mmll"),
    "orchestral": ("l..l l..l llll LLLL", "h.m. l.l. hmll LLLL", "l.l. lll llll LLLLLL"),
    "roll": ("C... C... C.C. CCCC", "s... s.s. s.s. ssss", "C..C ..C. .C.. C.CC"),
    "none": (),
}
