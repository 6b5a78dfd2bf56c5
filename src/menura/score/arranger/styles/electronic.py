"""Machines: beats for clubs, bedrooms, films and games. Nobody's hands are in them, but where somebody's were."""

from menura.score.arranger.style import Style

LO_FI = Style(
    name="lo-fi",
    bpm=(68, 88),
    programs={"drums": 0, "bass": 33, "comp": 4, "comp2": 26, "pad": 89},
    human="hiphop",
    swing=1.4,
    swing_unit=16,
    colour=2,
    drums=(
        """kick  x.........x.....
           rim   ....x.......x...
           hat   o...o...o...o...""",
        """kick  x......x..x..... / x.....x...x..... / x..x......x.....
           snare ....x.......x... / ....x.......x..g
           hat   x.o.x.o.x.o.x.o.""",
        """kick  x..x...x..x..... / x.x....x..x..x..
           snare ....x..g....x..g / ....x....g..x...
           hat   x.o.xoo.x.o.x.oo
           open  ................ / ..............o.""",
    ),
    bass=("1-------........", "1------.1-..5-.. / 1-----..5---1-..", "1--.8-.15-..7-a- / 1-.15-..1-.8..a-"),
    comp=("x---------------", "x------.x------- / x--.x-----.x----", "x--.x--x-..x--.x / x-.x--.xx-.x--x-"),
    comp2=("........4-3-2-1-", "1-2-3-.-4-3-..2- / ..3-4-..3-2-...."),
    ending="ring",
    fills="light",
    crash=None,
)

HIP_HOP = Style(
    name="hip hop",
    bpm=(84, 98),
    programs={"drums": 0, "bass": 39, "comp": 4, "comp2": 45, "pad": 48},
    human="hiphop",
    swing=1.25,
    swing_unit=16,
    drums=(
        """kick  x.........x.....
           snare ....x.......x...
           hat   x...x...x...x...""",
        """kick  X..x......x..x.. / X.x....x..x..... / X......x.xx.....
           snare ....X.......X...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X..x...x.xx..x.. / X.x..x.x..xx....
           snare ....X..g....X..g
           clap  ....x.......x...
           hat   xoxoxoxoxoxoxoxo / x.x.x.x.x.x.x.x.
           open  ..............x.""",
    ),
    bass=("1-----....1-....", "1--1......1--1.. / 1-.1...1..5-....", "1--1...1.11--8.. / 1-1....1..5-8-a-"),
    comp=("x-------........", "x--.....x--..... / x..x..x.........", "x..x..x.x..x..x. / X-.x..X-..x.X..."),
    comp2=("1...3...2...3...", "1.31.3..1.31.2.. / ..4...3...4.3.2."),
    fills="light",
    crash=None,
)

TRAP = Style(
    name="trap",
    bpm=(130, 152),
    programs={"drums": 25, "bass": 39, "comp": 10, "comp2": 0, "pad": 90},
    human=None,
    drums=(
        """kick  x...............
           clap  ........x.......
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X.....x....x.... / X..x......x..... / X.......  ..x..x..
           clap  ........X.......
           hat   x.o.x.o.x.o.x.o. / xoxoxoxoxoxoxoxo""",
        """kick  X..x..x....x..x. / X.....xx..x..x..
           clap  ........X.......
           snare ........x......g
           hat   xoxoxoxoxoxoxoxo
           open  ......x......... / ..............x.""",
    ),
    bass=("1---------------", "1-----1----1---- / 1--1------8-----", "1--1--1----8--1- / 1-----11--5--8--"),
    comp=("1---2---3---2---", "1-2-3-2-4-2-3-2- / 3.1.2.1.3.1.4.2.", "1.3.2.4.3.2.1.3. / 4.3.1.3.4.3.2.3."),
    comp2=("x---------------", "x-------x-------"),
    fills="hats",
    bright=True,
    comp2_from=0.5,
)

HOUSE = Style(
    name="house",
    bpm=(118, 128),
    programs={"drums": 24, "bass": 38, "comp": 0, "comp2": 16, "pad": 50},
    human=None,
    colour=1,
    drums=(
        """kick  x...x...x...x...
           hat   ..o...o...o...o.""",
        """kick  X...X...X...X...
           clap  ....x.......x...
           open  ..x...x...x...x.
           shaker oooooooooooooooo / ................""",
        """kick  X...X...X...X...
           clap  ....X.......X...
           hat   xo.oxo.oxo.oxo.o
           open  ..X...X...X...X.
           conga ................ / ...x..x....x..x.""",
    ),
    bass=("..1-..1-..1-..1-", "..1-..1-..1-..8- / ..1..1..1..1..5.", "..11..1..1.1.81. / ..1.81..1.1.81.5"),
    comp=("x-------........", "x..x..x...x..x.. / x--x--x--.x--x-.", "X..X..X..X..X.X. / X.xX..X.X..X..X."),
    comp2=("..x...x...x...x.", "..x..x..x.x..x.x"),
    fills="roll",
)

TECHNO = Style(
    name="techno",
    bpm=(126, 140),
    programs={"drums": 24, "bass": 38, "comp": 81, "comp2": 80, "pad": 95},
    human=None,
    drums=(
        """kick  x...x...x...x...
           hat   ..o...o...o...o.""",
        """kick  X...X...X...X...
           open  ..x...x...x...x.
           hat   o.o.o.o.o.o.o.o. / oo.ooo.ooo.ooo.o
           clap  ................ / ....x.......x...""",
        """kick  X...X...X...X...
           open  ..X...X...X...X.
           hat   oooooooooooooooo
           clap  ....x.......x...
           rim   ...x..x..x....x. / ..x..x....x..x..""",
    ),
    bass=("..1...1...1...1.", ".111.111.111.111 / ..1.1.1...1.1.1.", ".111.111.118.118 / .1.11.18.1.11.81"),
    comp=("x..x..x.........", "x..x..x...x..... / t..t..t.t..t..t.", "x..x..x.x..x..x. / x.xx.x..x.xx.x.."),
    comp2=("1213121312131213", "1213124312131254 / 1.12.31.1.12.34."),
    fills="roll",
)

TRANCE = Style(
    name="trance",
    bpm=(130, 142),
    programs={"drums": 24, "bass": 38, "comp": 81, "comp2": 90, "pad": 50},
    human=None,
    drums=(
        "kick  x...x...x...x...",
        """kick  X...X...X...X...
           open  ..x...x...x...x.
           clap  ....x.......x...""",
        """kick  X...X...X...X...
           open  ..X...X...X...X.
           clap  ....X.......X...
           hat   oooooooooooooooo
           tamb  ................ / ..o...o...o...o.""",
    ),
    bass=("..1...1...1...1.", "..11..11..11..11 / .111.111.111.111", ".111.111.111.111 / .118.118.118.118"),
    comp=("1-2-3-4-3-2-3-4-", "1234321234323432 / 1324132413241324", "1435243514352435 / 1234543212345432"),
    comp2=("x-----x-----x---", "x..x..x.x..x..x."),
    fills="roll",
    bright=True,
)

DRUM_AND_BASS = Style(
    name="drum and bass",
    bpm=(168, 178),
    programs={"drums": 24, "bass": 39, "comp": 4, "comp2": 81, "pad": 89},
    human=None,
    colour=1,
    drums=(
        """kick  x.........x.....
           rim   ....x.......x...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X.........X..... / X.........X....x
           snare ....X.......X... / ....X..g.g..X...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X.x.......X..... / X.x.......X.x...
           snare ....X..g.g..X..g
           ride  ................ / x...x...x...x...
           hat   xoxoxoxoxoxoxoxo""",
    ),
    bass=("1---------------", "1-----....1--... / 1-------..1-5---", "1--.1-..1-1-..8- / 1-..1-.8..1-5-a-"),
    comp=("x---------------", "x------.x------- / x-----x-----x---", "x-.x..x...x..x.. / x--x--x---x--x--"),
    comp2=("1---3---2---3---", "x..x..x.........|................"),
    fills="break",
)

DUBSTEP = Style(
    name="dubstep",
    bpm=(138, 142),
    programs={"drums": 24, "bass": 39, "comp": 81, "comp2": 90, "pad": 95},
    human=None,
    drums=(
        """kick  x...............
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X.....x......... / X..........x....
           snare ........X.......
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X.....x...x..... / X..x..x.......x.
           snare ........X.......
           clap  ........x.......
           hat   x.oxx.oxx.oxx.ox / x.x.x.x.x.x.x.x.""",
    ),
    bass=("1---------------", "1-1-..1-1---8--- / 1--1--1-5-------", "1.1.1-..1-111-8- / 1--1--1-111.8---"),
    comp=("x---------------", "x---------------", "X..X..X.X-------"),
    comp2=("1...3...2...3...", "1.3.2.3.1.3.4.3."),
    fills="roll",
)

SYNTHWAVE = Style(
    name="synthwave",
    bpm=(84, 118),
    programs={"drums": 24, "bass": 38, "comp": 81, "comp2": 62, "pad": 50},
    human=None,
    drums=(
        """kick  x.......x.......
           hat   x...x...x...x...""",
        """kick  X.......X....... / X.......X.x.....
           snare ....X.......X...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X...X...X...X... / X.....x.X.x.....
           snare ....X.......X...
           hat   xoxoxoxoxoxoxoxo
           tom3  ..............x. / ................""",
    ),
    bass=("1-1-1-1-1-1-1-1-", "1111111111111111 / 1.11111.1.111118", "1181118111811181 / 1811181118111811"),
    comp=("1-2-3-2-1-2-3-2-", "1232123212321234 / 1.2.3.4.3.2.3.2.", "1243214312432143 / 1234321212343212"),
    comp2=("x---------------", "X-----x---x-----"),
    fills="toms",
)

CHIPTUNE = Style(
    name="chiptune",
    bpm=(120, 168),
    programs={"drums": 24, "bass": 80, "comp": 80, "comp2": 81},
    human=None,
    drums=(
        """kick  x.......x.......
           hat   ....o.......o...""",
        """kick  X.......X....... / X.....x.X.......
           snare ....X.......X...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X.....x.X.x..... / X..x..x.X..x..x.
           snare ....X.......X..x
           hat   xoxoxoxoxoxoxoxo""",
    ),
    bass=("1---1---5---5---", "1-8-1-8-1-8-1-8- / 1.1.8.1.1.1.8.5.", "1181118151811181 / 1-181-18f-5f1-18"),
    comp=("1-2-3-2-1-2-3-2-", "1231231231231231 / 1232123212321232", "1234123412341234 / 1343234313432343"),
    comp2=("t---....t---....", "t..t..t.t..t..t."),
    fills="snare",
    crash="crash",
    bright=True,
    comp2_from=0.6,
)

AMBIENT = Style(
    name="ambient",
    bpm=(56, 92),
    programs={"bass": 89, "comp": 88, "comp2": 10, "pad": 95},
    human=None,
    colour=2,
    drums=(),
    bass=("1---------------", "1---------------", "1-------5-------"),
    comp=(
        "1---2---3---4---|5---4---3---2--- / 1-----2-----3---|--4-----3-----2-",
        "1---3---2---4--- / 1-3-2-4-3-2-4-3-",
        "1-2-3-4-5-4-3-2-",
    ),
    comp2=("....4.......5...|......6.....4...", "4...6...5.......|..7...6...4....."),
    ending="ring",
    crash=None,
    comp2_from=0.3,
)

CINEMATIC = Style(
    name="cinematic",
    bpm=(70, 140),
    programs={"drums": 48, "bass": 43, "comp": 48, "comp2": 60, "pad": 52},
    human=None,
    drums=(
        "tom3  x.......o.......",
        """tom3  X.....x.x.......|X.....x.x..x....
           tom2  ............x...""",
        """kick  X...............
           tom3  X..x..x.X..x..x.|X..x..x.X.x.x.x.
           tom2  ..x..x..o...o.oo
           snare ........X.......""",
    ),
    bass=("1---------------", "1-1-1-1-1-1-1-1- / 1-------1-------", "1-111-111-111-11 / 11.11.1.11.11.1."),
    comp=("x---------------", "1-1-2-1-3-1-2-1- / 1.31.31.1.31.32.", "1131213114312131 / 1131131311311313"),
    comp2=("x---------------", "x-----------x--- / X-----x-X-------"),
    fills="orchestral",
    ending="hit",
)

ALL = (*(LO_FI, HIP_HOP, TRAP, HOUSE, TECHNO, TRANCE, DRUM_AND_BASS, DUBSTEP, SYNTHWAVE, CHIPTUNE, AMBIENT, CINEMATIC),)
