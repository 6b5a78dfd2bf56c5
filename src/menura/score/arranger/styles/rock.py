"""Rock and what grew beside it: songs for guitars, keys and a kit."""

from menura.score.arranger.style import Style

ROCK = Style(
    name="rock",
    bpm=(100, 148),
    programs={"drums": 0, "bass": 33, "comp": 29, "comp2": 27, "pad": 18},
    human="rock",
    drums=(
        """kick  x.......x....... / x.......x.x.....
           rim   ....x.......x...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  x.......x.x..... / x.....x.x....... / x.x.....x.x.....
           snare ....X.......X...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X...x...x.x...x. / X.x...x.x.x..... / X.....xxx.....x.
           snare ....X..g....X...
           open  x.o.x.o.x.o.x.o. / ................
           hat   ................ / X.x.X.x.X.x.X.x.""",
    ),
    bass=(
        "1---....1---....",
        "1-1-1-1-1-1-1-1- / 1---1-1---1-1-5- / 1-----1-1---1-1-",
        "1-1-1-1-1-1-1-5- / 1-1-1-8-1-1-7-5- / 1-1-1-1-5-5-a-a-",
    ),
    comp=(
        "x-------x------- / x---------------",
        "p-----p-p---p--- / p-p.p-p.p-p.p-p.",
        "p-p-p-p-p-p-p-p- / X--p-.X-p-.Xp-p-",
    ),
    comp2=("1-2-3-4-3-2-3-2-", "d...d.u.d.u.d.u. / x-----x---------"),
)

HARD_ROCK = Style(
    name="hard rock",
    bpm=(120, 168),
    programs={"drums": 16, "bass": 34, "comp": 30, "comp2": 29, "pad": 18},
    human="rock",
    drums=(
        """kick  x.......x.x.....
           snare ....X.......X...
           hat   x.x.x.x.x.x.x.x.""",
        """kick  X..x..x.x..x..x. / X.xx....x.xx....
           snare ....X.......X...
           open  x...x...x...x...""",
        """kick  x.x.xxx.x.x.xxx. / xxxxxxxxxxxxxxxx
           snare ....X.......X...
           ride  X...X...X...X... / X.x.X.x.X.x.X.x.""",
    ),
    bass=("1-1-1-1-1-1-1-1-", "1-111-111-111-5- / 1-1-1111-1-1-111", "1-111-111-111-11 / 1111111111111111"),
    comp=("p-------p-------", "p-pppppppp--p--- / p-ppp-ppp-ppp-pp", "p-ppp-ppp-ppp-pp / pppppppppppppppp"),
    comp2=("x-------........", "p---p---p---p---"),
    fills="metal",
)

METAL = Style(
    name="metal",
    bpm=(130, 200),
    programs={"drums": 16, "bass": 34, "comp": 30, "comp2": 30, "pad": 48},
    human="rock",
    drums=(
        """kick  X.......x.......
           snare ........X.......
           china x...x...x...x...""",
        """kick  xxx.xxx.xxx.xxx. / x.xxx.xxx.xxx.xx
           snare ....X.......X...
           ride  X...X...X...X...""",
        """kick  xxxxxxxxxxxxxxxx
           snare ....X.......X... / ..x...x...x...x.
           ride  X.x.X.x.X.x.X.x. / X...X...X...X...""",
    ),
    bass=("1-------1-------", "111-111-111-111- / 1-111-111-111-11", "1111111111111111"),
    comp=("p-------p-------", "ppp-ppp-ppp-ppp- / p-ppp-ppp-ppp-pp", "pppppppppppppppp / ppppppppppppp-p-"),
    comp2=("1---------------", "p---------------"),
    fills="metal",
)

PUNK = Style(
    name="punk",
    bpm=(150, 200),
    programs={"drums": 16, "bass": 34, "comp": 30, "comp2": 29},
    human="punk",
    drums=(
        """kick  x.......x.......
           snare ....X.......X...
           hat   x.x.x.x.x.x.x.x.""",
        """kick  X...x.x.x...x... / X.....x.x.x.....
           snare ....X.......X...
           hat   X.x.X.x.X.x.X.x.""",
        """kick  X.....x.x.x..... / X.x...x.x.x...x.
           snare ....X.......X...
           open  X.x.X.x.X.x.X.x. / X...X...X...X...""",
    ),
    bass=("1-1-1-1-1-1-1-1-", "1-1-1-1-1-1-1-1- / 1-1-1-1-1-1-5-5-", "1-1-1-1-1-1-1-1- / 1-1-1-1-8-8-7-5-"),
    comp=("p-p-p-p-p-p-p-p-", "p-p-p-p-p-p-p-p- / X--p-p-pX--p-p-p", "p-p-p-p-p-p-p-p- / pppp-ppppppp-ppp"),
    comp2=("p---------------", "8-7-8-.-8-7-8-.- / p-------p-------"),
    fills="metal",
)

POP = Style(
    name="pop",
    bpm=(96, 126),
    programs={"drums": 0, "bass": 33, "comp": 0, "comp2": 25, "pad": 89},
    human="pop",
    drums=(
        """kick  x.......x....... / x.........x.....
           rim   ....x.......x...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  x.......x.x..... / x..x......x..... / x.....x...x.....
           snare ....X.......X...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X...x...x...x... / X..x..x.x..x..x.
           snare ....X.......X...
           clap  ....x.......x...
           hat   xoxoxoxoxoxoxoxo / X.x.X.x.X.x.X.x.
           tamb  ................ / ..o...o...o...o.""",
    ),
    bass=(
        "1-------1------- / 1---------------",
        "1-----1-1-----5- / 1--1--1-1--1--5-",
        "1-1-1-1-1-1-1-5- / 1--1--8-1--1--a-",
    ),
    comp=(
        "x-------x------- / 1-2-3-4-3-2-3-2-",
        "x---x---x---x--- / x--x--x-x--x--x-",
        "X--x--x-X--x--x- / X---x-x-X---x-x-",
    ),
    comp2=("d...d.u...u.d.u.", "d.dud.du.udud.du"),
)

BALLAD = Style(
    name="ballad",
    bpm=(60, 84),
    programs={"drums": 8, "bass": 33, "comp": 0, "comp2": 25, "pad": 48},
    human="pop",
    drums=(
        """rim   ........x.......
           hat   o...o...o...o...""",
        """kick  x.......x.x.....
           rim   ....x.......x...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X.....x.x.x..... / X..x....x.x.....
           snare ....X.......X...
           ride  x.o.x.o.x.o.x.o. / ................
           hat   ................ / xoxoxoxoxoxoxoxo""",
    ),
    bass=("1---------------", "1-----1-5------- / 1-------1-----5-", "1-----1-8-----5- / 1-----5-1-----a-"),
    comp=(
        "1-2-3-4-3-4-3-2- / x-------x-------",
        "123-4-3-234-3-2- / b-1-2-3-4-3-2-1-",
        "X---x---x---x--- / b-x-x-x-b-x-x-x-",
    ),
    comp2=("1---2---3---2---", "d.....u.d.u.d.u."),
    ending="ring",
    fills="rock",
)

COUNTRY = Style(
    name="country",
    bpm=(96, 200),
    programs={"drums": 0, "bass": 32, "comp": 25, "comp2": 105, "pad": 110},
    human="country",
    drums=(
        """kick  x.......x.......
           rim   ....x.......x...
           hat   o...o...o...o...""",
        """kick  x.......x.......
           snare ....x.......x...
           hat   x.o.x.o.x.o.x.o.""",
        """kick  X.......X.......
           snare g.ggX.ggg.ggX.gg / ..x.X.x...x.X.x.
           hat   o...X...o...X...""",
    ),
    bass=("1---....5---....", "1---....f---.... / 1---....5---....", "1---1---5---a--- / 1---5---1---a---"),
    comp=("b-..d-..f-..d-..", "b-..d-u.f-..d-u.", "b-d-d-udf-d-d-ud"),
    comp2=("1-3-2-3-1-3-2-3-", "1324132413241324 / 1.2341.21.2341.2"),
    ending="button",
    fills="snare",
    crash=None,
    comp2_from=0.5,
)

BLUES_SHUFFLE = Style(
    name="blues shuffle",
    bpm=(80, 132),
    programs={"drums": 0, "bass": 33, "comp": 27, "comp2": 16},
    human="blues",
    colour=0,
    drums=(
        """kick  x.....x.....
           rim   ...x.....x..
           ride  x.ox.ox.ox.o""",
        """kick  x.....x..... / x.....x.x...
           snare ...X.....X..
           hat   x.ox.ox.ox.o""",
        """kick  X..x..X..x.. / X....xX..x..
           snare ..gX.g..gX.g
           ride  X.xX.xX.xX.x""",
    ),
    bass=("1--...1--...", "1--3--5--6-- / 1-13-35-56-6", "1-13-35-56-6 / 1-13-36-75-a"),
    comp=("x-.x-.x-.x-.", "p-pq-qp-pq-q / ...X.....X.x", "p-pq-qr-rq-q / p-pq-qp-pq-q"),
    comp2=("...x.....x..", "x-----..x---"),
    fills="triplet",
    ending="ring",
)

GOSPEL = Style(
    name="gospel",
    bpm=(64, 108),
    programs={"drums": 0, "bass": 33, "comp": 0, "comp2": 16, "pad": 52},
    metres=((12, 8), (6, 8), (4, 4)),
    human="gospel",
    colour=1,
    drums=(
        """kick  x.....x.....
           rim   ...x.....x..
           hat   x.ox.ox.ox.o""",
        """kick  x....xx..... / x.....x.x...
           snare ...X.....X..
           hat   xooxooxooxoo""",
        """kick  X.x..xX.x...
           snare ...X..g..X.g
           ride  xxxxxxxxxxxx
           tamb  ...x.....x..""",
    ),
    bass=("1-----1-----", "1--5--8--5-- / 1----51--3-a", "1-35-68--5-a / 1--3--5-a-a-"),
    comp=("x--x--x--x--", "b-xx-xf-xx-x", "b-xXxxf-xXxx / bxxXxxfxxXxx"),
    comp2=("x-----------", "x--..xx--..x"),
    fills="triplet",
    ending="ring",
)

ALL = (ROCK, HARD_ROCK, METAL, PUNK, POP, BALLAD, COUNTRY, BLUES_SHUFFLE, GOSPEL)
