"""Jazz, its older cousins of New Orleans, and rags."""

from menura.score.arranger.style import Style

SWING = Style(
    name="swing",
    bpm=(110, 220),
    programs={"drums": 32, "bass": 32, "comp": 0, "comp2": 26},
    human="jazz",
    swing=1.8,
    colour=1,
    drums=(
        """pedal ....x.......x...
           ride  x...x...x...x... / x...x.o.x...x.o.
           kick  o...............""",
        """pedal ....x.......x...
           ride  x...x.o.x...x.o.
           kick  o...o...o...o...
           snare ................ / ......g......... / ..............g.""",
        """pedal ....x.......x...
           ride  X...X.x.X...X.x.
           kick  o...o...o.x.o...
           snare ......x.......g. / ..g...x...g.....""",
    ),
    bass=("1-------5-------", "w---w---w---w---", "w---w---w---w-w- / w---w---w-w-w---"),
    comp=(
        "x-------........ / ......x---------",
        "x-....x-........ / ......x-....x-.. / ..x-........x-..",
        "..X.......X-..X. / x-....X...x-..X. / X..x..x....X....",
    ),
    comp2=("x...x...x...x...", "x-..X-..x-..X-.."),
    fills="jazz",
    ending="button",
    crash=None,
)

BIG_BAND = Style(
    name="big band",
    bpm=(120, 200),
    programs={"drums": 32, "bass": 32, "comp": 61, "comp2": 26, "pad": 0},
    human="jazz",
    swing=1.8,
    colour=1,
    drums=(
        """pedal ....x.......x...
           hat   x...x.o.x...x.o.""",
        """pedal ....x.......x...
           ride  x...x.o.x...x.o.
           kick  o...o...o...o...
           rim   ............x...""",
        """pedal ....x.......x...
           ride  X...X.x.X...X.x.
           kick  x...o...x..xo...
           snare ....x.......X.x.""",
    ),
    bass=("1-------5-------", "w---w---w---w---", "w---w---w---w-w-"),
    comp=(
        "........x-------",
        "......X.....X-..|................ / X-....X.........|................",
        "X...X.X.....X.X. / ..X...X-....X...",
    ),
    comp2=("x...x...x...x...", "x...X...x...X..."),
    fills="jazz",
    ending="button",
)

JAZZ_WALTZ = Style(
    name="jazz waltz",
    bpm=(110, 180),
    programs={"drums": 40, "bass": 32, "comp": 0, "comp2": 26},
    metres=((3, 4),),
    human="jazz",
    swing=1.7,
    colour=2,
    drums=(
        """ride  x...x...x...
           pedal ....x.......""",
        """ride  x...x.o.x.o.
           pedal ....x...x...
           kick  o...........""",
        """ride  X...X.x.X.x.
           pedal ....x...x...
           kick  x.........x.
           snare ......x..... / ..g.......x.""",
    ),
    bass=("1-----------", "1-------5--- / w---w---w---", "w---w---w---"),
    comp=("x-----------", "x-....x----- / ......x-..x-", "..X...X...x- / X-....X...X."),
    comp2=("1-2-3-4-3-2-", "1-3-2-4-3-2-"),
    fills="jazz",
    ending="ring",
    crash=None,
)

NEW_ORLEANS = Style(
    name="new orleans",
    bpm=(84, 120),
    programs={"drums": 0, "bass": 58, "comp": 0, "comp2": 61, "pad": 16},
    human="neworleans",
    swing=1.3,
    swing_unit=16,
    drums=(
        """kick  x..x..x.........
           rim   ............x...
           hat   x.x.x.x.x.x.x.x.""",
        """kick  X..x..x.........|X..x..x.....x...
           snare x.gxg.x.g.gxX.gg / g.gxg.xgg.xgx.g.
           hat   x.......x.......""",
        """kick  X..x..x...x.x...|X..x..x.....x..x
           snare XggXggXgggXgXggg
           cowbell x.x.x.x.x.x.x.x.""",
    ),
    bass=("1---....5---....", "1--1--5-1---5-a- / 1-..3-5-..5-6-8-", "1--3--5-..5-6-8- / 1-.15-.81-6-5-a-"),
    comp=("x..x..x.........", "b.x.b.x.f.x.f.xx / b-.xb.x-f.x.f.x.", "b.xxb.x.f.xxf.xx / b1.3f1.3b1.3f132"),
    comp2=("........X-......", "X..X..X......... / ..X..X..X.X.X..."),
    fills="funk",
    ending="button",
)

RAGTIME = Style(
    name="ragtime",
    bpm=(84, 112),
    programs={"bass": 58, "comp": 3, "comp2": 105, "drums": 0},
    human=None,
    drums=(
        """kick  x.......x.......
           rim   ....o.......o...""",
        """kick  x.......x.......
           snare ....x.......x...
           block1 ..o...o...o...o.""",
        """kick  X.......X.......
           snare ..g.X.g...g.X.gg
           block1 x..x..x.x..x..x.""",
    ),
    bass=("1-......f-......", "1-..1-..f-..f-..", "1---5---f---5-a-"),
    comp=("b-..x-..f-..x-..", "b-..x...f-..x...\n..1.42.1.42.3.4.", "b-..X...f-..X...\n4.42.43.4.42.43."),
    comp2=("..t...t...t...t.", "1323132313231323"),
    fills="snare",
    ending="button",
    crash=None,
    comp2_from=0.7,
)

ALL = (SWING, BIG_BAND, JAZZ_WALTZ, NEW_ORLEANS, RAGTIME)
