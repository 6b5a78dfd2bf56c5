// Notes under the pointer and the keys: chosen, moved, lengthened, deleted, added.

import { useRef, useState } from "preact/hooks";
import type { Notes } from "../api";
import { pitchName } from "../words";
import { blip } from "./blip";
import { extent, pitchAt, type Rows } from "./draw";
import type { Scale } from "./scale";
import {
  barsWithin,
  lengthen,
  neighbour,
  NONE,
  shift,
  withNote,
  without,
  type Clock,
  type Note,
  type Selection,
  type Tracks,
} from "./score";
import { useUndoing, type Undoing } from "./undoing";

/** Grids, as parts of a quarter note. */
export const GRIDS: [label: string, parts: number][] = [
  ["1/4", 1],
  ["1/8", 2],
  ["1/8 triplet", 3],
  ["1/16", 4],
  ["1/32", 8],
];
/** How near its end a note is pulled longer, and how far the pointer must go to pull at all; in pixels. */
const EDGE = 7;
const LEAST_DRAG = 4;
const VELOCITY = 80;

export interface Band {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Editing extends Undoing {
  active: number;
  /** In ticks. */
  grid: number;
  adding: boolean;
  /** What is chosen, in words. */
  said: string;
  /** The frame that is being drawn around notes, its left counted from the beginning. */
  band: Band | null;
  activate: (track: number) => void;
  setGrid: (ticks: number) => void;
  setAdding: (on: boolean) => void;
  remove: () => void;
  /** Whether the key meant something; `at` is the tick that is heard. */
  key: (event: KeyboardEvent, at: number) => boolean;
  down: (event: PointerEvent) => void;
  move: (event: PointerEvent) => void;
  up: () => void;
  /** Pressed twice. */
  twice: (event: MouseEvent) => void;
  /** Touched: a finger scrolls, unless there is something to hold. */
  touch: (event: TouchEvent) => void;
}

interface Drag {
  kind: "move" | "end" | "band";
  tick: number;
  pitch: number;
  x: number;
  y: number;
  base: Selection;
  went: boolean;
}

interface Roll {
  /** Of the file, by which changes are kept. */
  address: string;
  notes: Notes;
  begin: Tracks;
  clock: Clock;
  rows: Rows;
  scale: Scale;
}

export function useEditing(roll: Roll): Editing {
  const { notes } = roll;
  const undoing = useUndoing(roll.address, roll.begin);
  const { now, choose, commit } = undoing;
  const [active, setActive] = useState(0);
  const [grid, setGrid] = useState(notes.ticks_per_quarter / 4);
  const [adding, setAdding] = useState(false);
  const isDrum = notes.tracks[active]?.is_drum ?? false;
  const hear = (note: Note | undefined) => note && !isDrum && blip(note.pitch);
  const add = (tick: number, pitch: number) => {
    const onset = Math.floor(tick / grid) * grid;
    const added = withNote(now, active, { onset, duration: grid, pitch, velocity: VELOCITY });
    hear([...added.chosen][0]);
    commit(added);
    return added;
  };
  const remove = () => now.chosen.size && commit(without(now));

  const key = (event: KeyboardEvent, at: number): boolean => {
    const pressed = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (pressed === "z" && !event.shiftKey) undoing.undo();
      else if (pressed === "z" || pressed === "y") undoing.redo();
      else if (pressed === "a") choose(new Set(now.tracks[active]));
      else return false;
      return true;
    }
    if (pressed === "enter") {
      add(at, [...now.chosen][0]?.pitch ?? 60);
      return true;
    }
    if (pressed === "," || pressed === ".") {
      const next = neighbour(now, active, pressed === "," ? -1 : 1);
      hear(next);
      if (next) choose(new Set([next]));
      return true;
    }
    if (!now.chosen.size) return false;
    const way = pressed === "arrowleft" || pressed === "arrowdown" ? -1 : 1;
    if (pressed === "delete" || pressed === "backspace") remove();
    else if (pressed === "escape") choose(NONE);
    else if (pressed === "arrowup" || pressed === "arrowdown") {
      const fresh = shift(now, 0, way * (event.shiftKey ? 12 : 1));
      hear([...fresh.chosen][0]);
      commit(fresh);
    } else if (pressed === "arrowleft" || pressed === "arrowright") {
      commit(event.shiftKey ? lengthen(now, way * grid, grid / 4) : shift(now, way * grid, 0));
    } else return false;
    return true;
  };

  return {
    ...undoing,
    ...{ active, grid, adding, setGrid, setAdding, key },
    ...usePointer(roll, undoing, { active, setActive, grid, adding, add, hear }),
    said: inWords(now, notes, roll.clock, isDrum),
    remove: () => void remove(),
    activate(track) {
      setActive(track);
      choose(NONE);
    },
  };
}

interface Hand {
  active: number;
  setActive: (track: number) => void;
  grid: number;
  adding: boolean;
  add: (tick: number, pitch: number) => Selection;
  hear: (note: Note | undefined) => void;
}

function usePointer(roll: Roll, { now, choose, commit, amend }: Undoing, hand: Hand) {
  const { notes, clock, rows, scale } = roll;
  const { active, grid } = hand;
  const [band, setBand] = useState<Band | null>(null);
  const drag = useRef<Drag | null>(null);
  const placeOf = ({ offsetX: x, offsetY: y }: MouseEvent) => ({
    x,
    y,
    tick: clock.ticks((x + scale.left) / scale.pace),
    pitch: pitchAt(y, rows),
  });

  const down = (event: PointerEvent) => {
    const place = placeOf(event);
    const found = noteAt(roll, now.tracks, active, place.x, place.pitch);
    const start = (kind: Drag["kind"], base: Selection, went = false) =>
      void (drag.current = { kind, ...place, base, went });
    if (found) {
      const chosen = new Set(event.shiftKey || now.chosen.has(found.note) ? now.chosen : NONE);
      if (event.shiftKey && chosen.has(found.note)) chosen.delete(found.note);
      else chosen.add(found.note);
      hand.setActive(found.track);
      choose(chosen);
      if (!notes.tracks[found.track]!.is_drum) blip(found.note.pitch);
      start(found.atEnd ? "end" : "move", { tracks: now.tracks, chosen });
    } else if (hand.adding) {
      start("end", hand.add(place.tick, place.pitch), true);
    } else {
      const chosen = event.shiftKey ? now.chosen : NONE;
      choose(chosen);
      start("band", { tracks: now.tracks, chosen });
    }
  };

  const move = (event: PointerEvent) => {
    const { current } = drag;
    if (!current) return;
    const place = placeOf(event);
    if (!current.went && Math.hypot(place.x - current.x, place.y - current.y) < LEAST_DRAG) return;
    if (current.kind === "band") {
      const frame = {
        left: Math.min(place.x, current.x),
        top: Math.min(place.y, current.y),
        width: Math.abs(place.x - current.x),
        height: Math.abs(place.y - current.y),
      };
      choose(new Set([...current.base.chosen, ...within(roll, now.tracks, active, frame)]));
      setBand({ ...frame, left: frame.left + scale.left });
    } else if (current.base.chosen.size) {
      const by = place.tick - current.tick;
      const ticks = event.altKey ? by : Math.round(by / grid) * grid;
      const fresh =
        current.kind === "move"
          ? shift(current.base, ticks, place.pitch - current.pitch)
          : lengthen(current.base, ticks, grid / 4);
      const [before] = now.chosen;
      const [after] = fresh.chosen;
      if (before?.pitch !== after?.pitch) hand.hear(after);
      if (current.went) amend(fresh);
      else commit(fresh, current.base.tracks);
    }
    current.went = true;
  };

  const up = () => {
    drag.current = null;
    setBand(null);
  };
  const twice = (event: MouseEvent) => {
    const place = placeOf(event);
    if (!noteAt(roll, now.tracks, active, place.x, place.pitch)) hand.add(place.tick, place.pitch);
  };
  const touch = (event: TouchEvent) => {
    const [finger] = event.touches;
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    if (!finger || event.touches.length > 1) return;
    const pitch = pitchAt(finger.clientY - box.top, rows);
    if (hand.adding || noteAt(roll, now.tracks, active, finger.clientX - box.left, pitch)) event.preventDefault();
  };
  return { band, down, move, up, twice, touch };
}

/** The note at a place; those of the active track lie above the others. */
function noteAt({ notes, clock, scale }: Roll, tracks: Tracks, active: number, x: number, pitch: number) {
  const order = [active, ...tracks.map((_, index) => index).filter((index) => index !== active)];
  for (const track of order) {
    const isDrum = notes.tracks[track]!.is_drum;
    for (const note of tracks[track]!) {
      if (note.pitch !== pitch) continue;
      const [left, right] = extent(note, isDrum, clock, scale);
      const edge = isDrum ? 0 : Math.min(EDGE, (right - left) / 3);
      if (x >= left - 1 && x <= right + 2) return { track, note, atEnd: edge > 0 && x > right - edge };
    }
  }
  return null;
}

function within({ notes, clock, rows, scale }: Roll, tracks: Tracks, active: number, frame: Band): Note[] {
  const isDrum = notes.tracks[active]!.is_drum;
  const [high, low] = [pitchAt(frame.top, rows), pitchAt(frame.top + frame.height, rows)];
  return tracks[active]!.filter((note) => {
    const [left, right] = extent(note, isDrum, clock, scale);
    return right > frame.left && left < frame.left + frame.width && note.pitch <= high && note.pitch >= low;
  });
}

function inWords({ chosen }: Selection, notes: Notes, clock: Clock, isDrum: boolean): string {
  const [one] = chosen;
  if (!one) return "";
  if (chosen.size > 1) return `${chosen.size} notes`;
  const start = clock.seconds(one.onset);
  const [bar] = barsWithin(notes, start, start);
  const quarters = Math.round((100 * one.duration) / notes.ticks_per_quarter) / 100;
  return `${isDrum ? `drum ${one.pitch}` : pitchName(one.pitch)}, bar ${bar}, ${quarters} quarters long`;
}
