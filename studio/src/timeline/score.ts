// Notes as they are changed on the page.

import type { Notes, TrackChange } from "../api";

export interface Note {
  /** In ticks. */
  onset: number;
  duration: number;
  pitch: number;
  velocity: number;
  /** Its place in the file; -1 once it is not as it stands there. */
  origin: number;
}

export type Tracks = readonly (readonly Note[])[];

export function tracksOf(notes: Notes): Tracks {
  return notes.tracks.map((track) =>
    track.ticks.map(([onset, duration], origin) => {
      const [, , pitch, velocity] = track.notes[origin]!;
      return { onset, duration, pitch, velocity, origin };
    }),
  );
}

/** What the server must change in the file to have these notes. */
export function changesOf(tracks: Tracks, notes: Notes): TrackChange[] {
  return tracks.flatMap((track, index) => {
    const kept = new Set(track.map((note) => note.origin));
    const removed = notes.tracks[index]!.ticks.map((_, origin) => origin).filter((origin) => !kept.has(origin));
    const added = track
      .filter((note) => note.origin < 0)
      .map(({ onset, duration, pitch, velocity }): [number, number, number, number] => [
        onset,
        duration,
        pitch,
        velocity,
      ]);
    return removed.length || added.length ? [{ track: index, removed, added }] : [];
  });
}

/** The notes before a tick; what rings on ends there. */
export function until(tracks: Tracks, tick: number): Tracks {
  return tracks.map((track) =>
    track
      .filter((note) => note.onset < tick)
      .map((note) => (note.onset + note.duration > tick ? moved(note, { duration: tick - note.onset }) : note)),
  );
}

/** A note with something about it changed, within what MIDI can hold. */
export function moved(note: Note, change: Partial<Omit<Note, "origin">>): Note {
  const fresh = { ...note, ...change, origin: -1 };
  fresh.onset = Math.max(0, Math.round(fresh.onset));
  fresh.duration = Math.max(1, Math.round(fresh.duration));
  fresh.pitch = Math.min(127, Math.max(0, fresh.pitch));
  return fresh;
}

/** Between ticks and seconds, by the beats; after the last one time goes on at its pace. */
export class Clock {
  private readonly beats: number[];
  private readonly quarter: number;

  constructor(notes: Notes) {
    this.quarter = notes.ticks_per_quarter;
    const beats = notes.beats.length > 1 ? notes.beats : [0, 0.5];
    const pace = beats.at(-1)! - beats.at(-2)!;
    this.beats = [...beats, beats.at(-1)! + pace];
  }

  seconds(tick: number): number {
    const beat = Math.min(Math.max(0, Math.floor(tick / this.quarter)), this.beats.length - 2);
    const start = this.beats[beat]!;
    return start + (tick / this.quarter - beat) * (this.beats[beat + 1]! - start);
  }

  ticks(seconds: number): number {
    let [low, high] = [0, this.beats.length - 2];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.beats[middle]! <= seconds) low = middle;
      else high = middle - 1;
    }
    const start = this.beats[low]!;
    return (low + (seconds - start) / (this.beats[low + 1]! - start)) * this.quarter;
  }
}

/** First and last bar, counted from 1, that a stretch of time touches. */
export function barsWithin(notes: Notes, start: number, end: number): [first: number, last: number] {
  const slack = 0.02;
  const first = notes.bars.filter((bar) => bar <= start + slack).length;
  const last = notes.bars.filter((bar) => bar < end - slack).length;
  return [Math.max(1, first), Math.max(1, first, last)];
}

/** Where a bar, counted from 1, begins; the one after the last where that has lasted as long as the one before it. */
export function barStart({ bars, seconds }: Notes, bar: number): number {
  const start = bars[bar - 1];
  if (start !== undefined) return start;
  return bars.length > 1 ? 2 * bars.at(-1)! - bars.at(-2)! : seconds;
}

/** Notes, and which of them are chosen. */
export interface Selection {
  tracks: Tracks;
  chosen: ReadonlySet<Note>;
}

export const NONE: ReadonlySet<Note> = new Set();

/** The chosen notes changed; they stay chosen. */
function changed({ tracks, chosen }: Selection, change: (note: Note) => Note): Selection {
  const fresh = new Set<Note>();
  const replace = (note: Note) => {
    if (!chosen.has(note)) return note;
    const other = change(note);
    fresh.add(other);
    return other;
  };
  return { tracks: tracks.map((track) => track.map(replace)), chosen: fresh };
}

/** Moved together, and none of them before the beginning. */
export function shift(selection: Selection, ticks: number, pitches: number): Selection {
  const first = Math.min(...[...selection.chosen].map((note) => note.onset));
  const by = Math.max(ticks, -first);
  return changed(selection, (note) => moved(note, { onset: note.onset + by, pitch: note.pitch + pitches }));
}

export function lengthen(selection: Selection, ticks: number, least: number): Selection {
  return changed(selection, (note) => moved(note, { duration: Math.max(least, note.duration + ticks) }));
}

export function without({ tracks, chosen }: Selection): Selection {
  return { tracks: tracks.map((track) => track.filter((note) => !chosen.has(note))), chosen: NONE };
}

export function withNote({ tracks }: Selection, track: number, note: Omit<Note, "origin">): Selection {
  const fresh = moved({ ...note, origin: -1 }, {});
  return {
    tracks: tracks.map((other, index) => (index === track ? [...other, fresh] : other)),
    chosen: new Set([fresh]),
  };
}

/** The note of a track before or after those chosen, in the order they are heard. */
export function neighbour({ tracks, chosen }: Selection, track: number, by: 1 | -1): Note | undefined {
  const notes = [...(tracks[track] ?? [])].sort((a, b) => a.onset - b.onset || a.pitch - b.pitch);
  const places = notes.flatMap((note, index) => (chosen.has(note) ? [index] : []));
  if (!places.length) return by > 0 ? notes[0] : notes.at(-1);
  return notes[(by > 0 ? places.at(-1)! : places[0]!) + by];
}
