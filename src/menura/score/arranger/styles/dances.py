"""Dances and walks of Europe, and metres that limp."""

from menura.score.arranger.style import Style

WALTZ = Style(
    name="waltz",
    bpm=(84, 180),
    programs={"bass": 43, "comp": 0, "comp2": 48},
    metres=((3, 4),),
    human=None,
    drums=(
        "kick  o...........",
        """kick  x...........
           snare ....o...o...""",
        """kick  X...........
           snare ....x...x... / ....x...x.gg
           triangle ....o...o...""",
    ),
    bass=("1-----------", "1---........|5---........ / 1---........|f---........", "1---....5---|f---....a---"),
    comp=("b---x---x---", "b-..x-..x-..|f-..x-..x-..", "b-..X-..x-..|f-..X-..x-.. / b-x-x-x-x-x-|f-x-x-x-x-x-"),
    comp2=("x-----------", "1-2-3-4-3-2- / ....x-..x-.."),
    fills="snare",
    ending="button",
    crash=None,
)

MARCH = Style(
    name="march",
    bpm=(100, 126),
    programs={"drums": 0, "bass": 58, "comp": 61, "comp2": 60, "pad": 60},
    metres=((2, 4), (4, 4), (6, 8)),
    human=None,
    drums=(
        """kick  x.......
           snare ..o.o.oo""",
        """kick  x...x...
           snare x.ggx.x. / x.xxx.x.|x.xxxxx. / ..x.x.xx""",
        """kick  X...X...
           snare XgxxX.xx|XgxxXxxx
           crash x.......|........""",
    ),
    bass=("1-..f-..", "1-..f-.. / 1-..5-..", "1-..f-..|1-..5-a-"),
    comp=("..x...x.", "..x...x.", "..X...X. / ..X..xX."),
    comp2=("x-------", "x---x---"),
    fills="march",
    ending="button",
    bright=True,
)

POLKA = Style(
    name="polka",
    bpm=(108, 132),
    programs={"drums": 0, "bass": 58, "comp": 21, "comp2": 61},
    metres=((2, 4), (4, 4)),
    human=None,
    drums=(
        """kick  x...x...
           hat   ..x...x.""",
        """kick  X...X...
           snare ..x...x.
           hat   x.x.x.x.""",
        """kick  X...X...
           snare ..X...X. / ..X...Xx
           hat   xoxoxoxo""",
    ),
    bass=("1-..5-..", "1-..f-.. / 1-..5-..", "1-..f-..|1-..5-a-"),
    comp=("..x...x.", "..X...X.", "..XX..XX / ..X...XX"),
    comp2=("..t...t.", "..x...x."),
    fills="snare",
    ending="button",
    bright=True,
)

JIG = Style(
    name="jig",
    bpm=(156, 195),
    programs={"bass": 32, "comp": 25, "comp2": 21, "drums": 0, "pad": 20},
    metres=((6, 8), (12, 8), (9, 8)),
    human=None,
    drums=(
        "tom3  x..o..",
        "tom3  X.oxoo / X.ox.o",
        """tom3  XoxXox
           tamb  x.xx.x
           kick  x..x..""",
    ),
    bass=("1-----", "1--5-- / 1--1-5", "1-58-5 / 1-15-a"),
    comp=("d--d--", "d-ud-u / b-db-d", "dmudmu / d-udud"),
    comp2=("x-----", "1-23-2 / x-xx-x"),
    fills="tripletsnare",
    ending="hit",
    crash=None,
)

REEL = Style(
    name="reel",
    bpm=(96, 120),
    programs={"bass": 32, "comp": 25, "comp2": 21, "drums": 0, "pad": 20},
    human=None,
    drums=(
        "tom3  x...o...x...o...",
        "tom3  X.oox.ooX.oox.oo",
        """tom3  XooxXooxXooxXoox
           kick  x.......x.......
           tamb  ....x.......x...""",
    ),
    bass=("1-------5-------", "1---5---1---5---", "1-.15-.51-.15-a-"),
    comp=("b-..d-..f-..d-..", "b-d-dud-b-d-dudu", "dmududmududmudud"),
    comp2=("x-------x-------", "..x...x...x...x."),
    fills="snare",
    ending="hit",
    crash=None,
)

BALKAN = Style(
    name="balkan 7/8",
    bpm=(100, 150),
    programs={"drums": 0, "bass": 58, "comp": 21, "comp2": 61},
    metres=((7, 8),),
    human="middleeastern",
    drums=(
        """kick  x.......x.....
           rim   ....x.....x...
           tamb  o...o...o.o.o.""",
        """kick  X.......X.....
           snare ....x.....x.x.
           hat   x.o.x.o.x.o.o.""",
        """kick  X..xX...X..x..
           snare ..g.X.g...X.Xg
           hat   xoxoxoxoxoxoxo
           tamb  x...x...x.....""",
    ),
    bass=("1---5---1-----", "1-..5-..1-..5- / 1-..f-..1-5-..", "1-155-511-..5a / 1-.15-.51-3-5-"),
    comp=("..x...x...x.x.", "..X...X...X.X.", "..Xx..Xx..XxX. / X.XxX.XxX.XxXx"),
    comp2=("t---t---t-----", "X...X...X.X..."),
    fills="snare",
    bright=True,
)

FIVE_FOUR = Style(
    name="five four",
    bpm=(120, 184),
    programs={"drums": 32, "bass": 32, "comp": 0, "comp2": 26, "pad": 48},
    metres=((5, 4),),
    human="jazz",
    swing=1.6,
    colour=1,
    drums=(
        """ride  x...x.o.x...x...x...
           pedal ....x...........x...""",
        """ride  x...x.o.x.o.x...x...
           pedal ....x.......x.......
           kick  x.....x.....x.......
           rim   ................x...""",
        """ride  X...X.x.X.x.X...X.x.
           pedal ....x.......x...x...
           kick  X.....x.....X...x...
           snare ....g.....g.....X.g.""",
    ),
    bass=("1-----------5-------", "1-....5-1---5---5--- / 1-----5-----8---5---", "1-..5-8-1---5---a---"),
    comp=(
        "x-----x-----x-------",
        "x-....x-....x-..x-.. / b-....x-x-..b-..x-..",
        "X-....X-..x-X-..X-x- / b-x-..X-..X-b-..X-..",
    ),
    comp2=("1-2-3-4-3-2-1---2---", "x...x...x...x...x..."),
    fills="jazz",
    ending="hit",
)

CLASSICAL = Style(
    name="classical",
    bpm=(76, 144),
    programs={"bass": 42, "comp": 0, "comp2": 48, "pad": 48},
    human=None,
    drums=(),
    bass=("1---------------", "1-------1------- / 1---....5---....", "1-1-1-1-1-1-1-1- / 1---3---5---a---"),
    comp=("1-3-2-3-1-3-2-3-", "1323132313231323 / 1-3-2-3-1-3-2-3-", "1323132313231323 / b-x-x-x-b-x-x-x-"),
    comp2=("x---------------", "..x...x...x...x. / x-----------x---"),
    ending="button",
    crash=None,
)

BAROQUE = Style(
    name="baroque",
    bpm=(66, 120),
    programs={"bass": 42, "comp": 6, "comp2": 48, "pad": 19},
    human=None,
    drums=(),
    bass=("1---1---5---1---", "w---w---w---w---", "w-w-w-w-w-w-w-w-"),
    comp=("x-------x-------", "x---x---x---x---", "x-3-x-3-x-3-x-3- / 1234123412341234"),
    comp2=("x---------------", "x-------x-------"),
    ending="ring",
    crash=None,
)

ALL = (WALTZ, MARCH, POLKA, JIG, REEL, BALKAN, FIVE_FOUR, CLASSICAL, BAROQUE)
