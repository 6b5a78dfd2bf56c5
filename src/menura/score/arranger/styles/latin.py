"""Dances of Cuba, Brazil, Argentina and Spain, and the pop that lives on them."""

from menura.score.arranger.style import Style

BOSSA = Style(
    name="bossa nova",
    bpm=(112, 148),
    programs={"drums": 32, "bass": 32, "comp": 24, "comp2": 0, "pad": 48},
    human="latin",
    colour=1,
    drums=(
        """rim   x.....x.....x...|....x.....x.....
           hat   o.o.o.o.o.o.o.o.""",
        """kick  x.....x.x.....x.
           rim   x.....x.....x...|....x.....x.....
           hat   xoxoxoxoxoxoxoxo / x.o.x.o.x.o.x.o.""",
        """kick  x.....x.x.....x.
           rim   X.....X.....X...|....X.....X.....
           hat   xoxoxoxoxoxoxoxo
           shaker xoxoxoxoxoxoxoxo""",
    ),
    bass=("1-----..5-----..", "1-----5-5-----1- / 1-----1-5-----5-", "1-----5-5-----a- / 1---..5-f---..1-"),
    comp=(
        "x-----x---..x---",
        "x-..x-..x.x-..x-|..x-..x-x-..x-.. / x-..x---..x-..x-",
        "x-.xx-.xx-.x-.x-|..x-.xx-x..xx-x. / x-..x.x-..x-x.x-",
    ),
    comp2=("x---------------", "......x-....x-.. / ..t.....t...t..."),
    fills="light",
    ending="ring",
    crash=None,
)

SAMBA = Style(
    name="samba",
    bpm=(92, 124),
    programs={"drums": 0, "bass": 33, "comp": 24, "comp2": 28},
    metres=((2, 4), (4, 4)),
    human="latin",
    drums=(
        """tom3  ....x...
           shaker xooxxoox
           tamb  ..x...x.""",
        """kick  x..xx..x
           tom3  ....X...
           rim   x.xx.x.x|.x.xx.x. / x.x..x.x|.xx.x.x.
           shaker XooxXoox""",
        """kick  X..xX..x
           tom3  ....X..x
           snare xggXgXgx|gXgxXgXg
           agogo1 x.x.....|.x.x..x.
           agogo2 ....x.xx|....x...
           shaker XooxXoox""",
    ),
    bass=("1---5---", "1--15--5 / 1--1f--f", "1--15-35 / 1-.15-.a"),
    comp=("x-.x-.x-", "x.xx.x.x|.x.xx.x. / x.x..x.x|.xx.x.x.", "xuxx.xux|.xuxx.xu / X.xX.X.x|.XxXX.x."),
    comp2=("..t...t.", "t..t..t.|..t..tt."),
    fills="latin",
)

SALSA = Style(
    name="salsa",
    bpm=(160, 220),
    programs={"drums": 0, "bass": 32, "comp": 0, "comp2": 61, "pad": 48},
    human="afrocuban",
    drums=(
        """claves x.....x.....x...|....x...x.......
           conga_mute o.o.x.o.o.o.....
           conga ............x.x.""",
        """claves x.....x.....x...|....x...x.......
           conga_mute o.o.X.o.o.o.....
           conga ............x.x.
           shaker x.o.x.o.x.o.x.o.
           timbale1 x...x.x...x.x.x.|x.x...x.x...x.x. / ................""",
        """claves x.....x.....x...|....x...x.......
           conga_mute o.o.X.o.o.o.....
           conga ............X.X.
           cowbell X...x.x.X...x.x.
           bongo1 x.x.x.x.x.x.x.x. / ................
           kick  ......x.....x...""",
    ),
    bass=("1-----5-----n---", "1-----5-----n--- / ------5-----n---", "------5-----n--- / ------3-5---n---"),
    comp=(
        "x-..x-..x-..x-..",
        "4-1.4.3-.14-.3-.|.24-.14-.3.4-.2. / 1.3-.4.1-.3.4-..|..4.3.1.4-.3.1..",
        "4-1.4.3-.14-.3-.|.24-.14-.3.4-.2. / t-1.t.1-.t1.t.1-|.1t-.1t-.1.t.1t.",
    ),
    comp2=("x-......x-......|................", "X..X..X.........|..........X.X.X."),
    fills="timbales",
    bright=True,
    ending="button",
    comp2_from=0.5,
)

CHA_CHA = Style(
    name="cha-cha",
    bpm=(108, 128),
    programs={"drums": 0, "bass": 32, "comp": 0, "comp2": 48},
    human="afrocuban",
    drums=(
        """guiro2 x.......x.......
           guiro ....x.x.....x.x.
           conga ............o.o.""",
        """cowbell x...x...x...x...
           guiro ....x.x.....x.x.
           conga_mute ....x...........
           conga ............x.x.
           kick  ......o.........""",
        """cowbell X.x.X.x.X.x.X.x.
           guiro X...x.x.X...x.x.
           conga_mute ....X.......o...
           conga ............X.X.
           timbale1 ............x.x.
           kick  x.....x.........""",
    ),
    bass=("1-----5-1-......", "1-----5-8-..5-.. / 1-....5-1-..a-..", "1-..1-5-8-..5-a-"),
    comp=("..x...x...x...x.", "..X.x.X...X.x.X.", "4.1.3.1.4.1.3.1. / ..Xtx.X...Xtx.X."),
    comp2=("x---------------", "1-3-2-3-1-3-2-3-"),
    fills="timbales",
    ending="button",
)

LATIN_POP = Style(
    name="latin pop",
    bpm=(88, 108),
    programs={"drums": 24, "bass": 38, "comp": 24, "comp2": 0, "pad": 50},
    human=None,
    drums=(
        """kick  x...x...x...x...
           rim   ...x..x....x..x.""",
        """kick  X...X...X...X...
           snare ...x..x....x..x.
           hat   o.o.o.o.o.o.o.o.""",
        """kick  X...X...X...X...
           snare ...X..X....X..X.
           hat   x.x.x.x.x.x.x.x.
           shaker oooooooooooooooo
           timbale1 ................ / ..............xx""",
    ),
    bass=("1-----..1-----..", "1--1--1-1--1--1- / 1--.1-..1--.5-..", "1--1--8-1--1--5- / 1-.11-8.1-.11-a."),
    comp=("1-2-3-4-3-2-3-2-", "d..d..u.d..d..u. / b-.x-.x-b-.x-.x-", "d.ud.udud.ud.udu / X-.X-.X-X-.X-.X-"),
    comp2=("x-------x-------", "x--x--x-x--x--x-"),
    fills="latin",
)

TANGO = Style(
    name="tango",
    bpm=(110, 132),
    programs={"bass": 43, "comp": 23, "comp2": 0, "pad": 48},
    human=None,
    drums=(
        "rim   x.......o.......",
        "rim   x...x...x...x.o.",
        """rim   X...x...X...x.xx
           kick  x.......x.......""",
    ),
    bass=("1---....5---....", "1---5---1---5--- / 1-..1-..1-..5-a-", "1-..8-..f-..5-a- / 1-----1-..1-a-a-"),
    comp=("x...x...x...x...", "X-..x-..X-..x-.. / X-----x-x-..x-..", "X..XX...X..XX.xx / X-....X...X-X..."),
    comp2=("1-3-2-3-4-3-2-3-", "b..xx...f..xx.xx / b..x..x.f...x..."),
    fills="none",
    ending="button",
    crash=None,
)

FLAMENCO = Style(
    name="rumba flamenca",
    bpm=(96, 124),
    programs={"bass": 32, "comp": 24, "comp2": 24, "drums": 0},
    human=None,
    drums=(
        "clap  ..x...x...x...x.",
        """clap  ..x..xx...x..xx.
           conga x..x..x.x..x..x.""",
        """clap  X.xX.xX.X.xX.xX.
           conga X..x..x.X..x..x.
           conga_mute .x..x..o.x..x..o
           kick  x.......x.......""",
    ),
    bass=("1-----..1-----..", "1--1--5-1--1--5-", "1--1--8-1--5-35-"),
    comp=("d--d--u-d--d--u-", "dmud.udmdmud.udm / d.mdu.udd.mdu.ud", "dudmdudududmdudu / ddudmdudddudmdud"),
    comp2=("1-2-3-4-3-2-3-2-", "1234323412343234"),
    fills="latin",
    ending="hit",
    comp2_from=0.5,
)

ALL = (BOSSA, SAMBA, SALSA, CHA_CHA, LATIN_POP, TANGO, FLAMENCO)
