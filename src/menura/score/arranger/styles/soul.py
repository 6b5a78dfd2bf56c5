"""Funk, soul and disco, and the islands' off-beats."""

from menura.score.arranger.style import Style

FUNK = Style(
    name="funk",
    bpm=(92, 118),
    programs={"drums": 0, "bass": 36, "comp": 28, "comp2": 7, "pad": 61},
    human="funk",
    colour=1,
    drums=(
        """kick  x.........x.....
           snare ....x..g.g..x...
           hat   x.x.x.x.x.x.x.x.""",
        """kick  X.x.......x..x.. / X..x..x...x.....
           snare ....X..g.g..X..g
           hat   xoxoxoxoxoxoxoxo / X.x.X.x.X.x.X.x.""",
        """kick  X.x...x...x..x.. / X.xx......xx..x.
           snare .g..X..g.g.gX..g
           hat   XoxoXoxoXoxoXo.o
           open  ..............x.""",
    ),
    bass=(
        "1-..........71-. / 1--.....1.7.1...",
        "1-.1..8.x.7.5.7. / 1..x.18...7.8.x.",
        "1.x1.87.x.1.75a. / 11.x8.x7.8.x5.7a",
    ),
    comp=("....d.......d...", "..m.d.mum.m.d.mu / mmdm.mumdmmum.du", "dmmudm.umudmdmmu / Xm.um.dmXm.umudm"),
    comp2=("..t...t...t...t.", "1.3t..1.3..t.3.. / ..X....x..X....."),
    fills="funk",
)

SOUL = Style(
    name="soul",
    bpm=(84, 124),
    programs={"drums": 0, "bass": 33, "comp": 27, "comp2": 16, "pad": 61},
    human="soul",
    colour=1,
    drums=(
        """kick  x.......x.x.....
           rim   ....x.......x...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  x..x....x.x..... / x.....x.x.x.....
           snare ....X.......X..g
           hat   x.x.x.x.x.x.x.x.""",
        """kick  X..x..x.x.x..... / X.x...x.x..x....
           snare X...X...X...X... / ....X..g.g..X..g
           hat   X.x.X.x.X.x.X.x.
           tamb  ....x.......x...""",
    ),
    bass=("1---....1--.5-..", "1--.1-3-5--.6-5- / 1--15-..1--15-a-", "1-.13-5-6-.65-3- / 1-1.8-5.1-1.7-a-"),
    comp=("....t.......t...", "....X.......X... / ..t.X..t..t.X...", "..t.X.t...t.X.tt / ....X-......X-.x"),
    comp2=("x---------------", "x---..x-x---...."),
)

DISCO = Style(
    name="disco",
    bpm=(112, 128),
    programs={"drums": 0, "bass": 33, "comp": 28, "comp2": 4, "pad": 48},
    human="dance",
    colour=1,
    drums=(
        """kick  x...x...x...x...
           hat   x.x.x.x.x.x.x.x.""",
        """kick  X...X...X...X...
           snare ....x.......x...
           hat   x...x...x...x...
           open  ..x...x...x...x.""",
        """kick  X...X...X...X...
           snare ....X.......X...
           clap  ....x.......x...
           hat   xo.oxo.oxo.oxo.o
           open  ..x...x...x...x.""",
    ),
    bass=("1---1---1---1---", "1-8-1-8-1-8-1-8- / 1-8-1-8-5-8-1-8-", "1-81-8.81-81-8a- / 1.8.1.8.1.8175a."),
    comp=("..t...t...t...t.", "m.dm.udmm.dm.udm", "mmdmmmdumudmmmdu"),
    comp2=("x-------x-------", "x--x--x---x--x-- / ..x...x...x...x."),
    fills="rock",
)

REGGAE = Style(
    name="reggae",
    bpm=(66, 84),
    programs={"drums": 0, "bass": 33, "comp": 27, "comp2": 16},
    human="reggae",
    swing=1.25,
    swing_unit=16,
    drums=(
        """kick  ........x.......
           rim   ........x.......
           hat   o.o.x.o.o.o.x.o.""",
        """kick  ........X.......
           rim   ........X......g
           hat   x.o.X.o.x.o.X.oo / xoo.X.o.xoo.X.o.""",
        """kick  x...x...x...x... / X...x...X...x...
           snare ........X.......
           rim   ......x..x......
           hat   x.ooX.oox.ooX.oo""",
    ),
    bass=(
        "1-----..5---....",
        "1---..1-3-..5-.. / ..1-3-5-..5-3-1- / 1-..1-.15-..3-..",
        "1-.11-5-8-.85-3- / 1-1-..3-5-5-..3-",
    ),
    comp=("....X.......X...", "....X.......X...", "....X.x.....X.x."),
    comp2=("..t...t...t...t.", "..t.t.t...t.t.t. / ..tt..tt..tt..tt"),
    fills="reggae",
    crash="crash",
    bright=True,
    comp2_from=0.3,
)

SKA = Style(
    name="ska",
    bpm=(120, 168),
    programs={"drums": 0, "bass": 33, "comp": 27, "comp2": 61, "pad": 16},
    human="reggae",
    drums=(
        """kick  x.......x.......
           rim   ....x.......x...
           hat   ..x...x...x...x.""",
        """kick  X.......x.......
           snare ....X.......X...
           hat   o.x.o.x.o.x.o.x.""",
        """kick  X...x...X...x...
           snare ....X.......X...
           hat   x.X.x.X.x.X.x.X.""",
    ),
    bass=("1---3---5---3---", "w---w---w---w--- / 1---3---5---6---", "w---w---w---w---"),
    comp=("..x...x...x...x.", "..X...X...X...X.", "..X...X...X...X."),
    comp2=("X-......x.......", "X.......X..X.... / ..........X.x..."),
    bright=True,
    fills="rock",
)

AFROBEAT = Style(
    name="afrobeat",
    bpm=(96, 124),
    programs={"drums": 0, "bass": 33, "comp": 28, "comp2": 61, "pad": 16},
    human="afrobeat",
    drums=(
        """kick  x.....x...x.....
           rim   ....x..x....x...
           hat   x.x.x.x.x.x.x.x.
           shaker o.o.o.o.o.o.o.o.""",
        """kick  x..x..x...x..... / x.....x.x.x.....
           snare ....x..g.g..x..g
           hat   x.xox.xox.xox.xo""",
        """kick  X..x..x.x.x..x.. / X.x...x.x..x....
           snare ..g.x..x.g..x..x
           hat   xoxxxoxxxoxxxoxx
           agogo1 x...x...x.......
           agogo2 ..x...x...x.xx..""",
    ),
    bass=("1-..1-..5-..1-..", "1-.1-.5-..7-8-.. / ..1-1-..5-.7-.1-", "1-.15-.7..8-7-5- / 1-1-..5-7-.8..5-"),
    comp=("..t...t...t...t.", "1.3.2.31.3.2.3.1 / 1.21.21.31.21.2.", "1.3123.31.3123.3"),
    comp2=("X-.....x........", "X..X..X...X.X..."),
    fills="funk",
)

ALL = (FUNK, SOUL, DISCO, REGGAE, SKA, AFROBEAT)
