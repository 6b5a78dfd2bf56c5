// What is drawn of sound and notes: only the part that is seen.

import type { Notes, Peaks } from "../api";
import { colour, trackColour } from "../colours";
import { clock } from "../words";
import type { Scale } from "./scale";
import type { Clock, Note, Tracks } from "./score";

export const RULER_HEIGHT = 22;
export const WAVE_HEIGHT = 88;
const BAR = 2;
const BAR_STEP = 3;
const LEAST_LABEL_STEP = 56;
const FONT = "11px system-ui, sans-serif";

/** A pen for a canvas of so many pixels, wiped. */
export function penOf(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = Math.min(devicePixelRatio, 3);
  canvas.width = Math.max(1, width * ratio);
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d")!;
  pen.scale(ratio, ratio);
  pen.font = FONT;
  return pen;
}

/** The loudness of a sound over time. */
export function drawWave(canvas: HTMLCanvasElement, { peaks, seconds }: Peaks, scale: Scale, variable: string): void {
  const pen = penOf(canvas, scale.room, WAVE_HEIGHT);
  const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 1);
  const perPixel = peaks.length / seconds / scale.pace;
  pen.fillStyle = colour(variable);
  const first = Math.floor(scale.left / BAR_STEP);
  for (let bar = first; (bar - first) * BAR_STEP < scale.room + BAR_STEP; bar++) {
    const from = Math.floor(bar * BAR_STEP * perPixel);
    const to = Math.max(from + 1, Math.floor((bar + 1) * BAR_STEP * perPixel));
    if (from >= peaks.length) break;
    let peak = 0;
    for (let index = from; index < Math.min(to, peaks.length); index++) peak = Math.max(peak, peaks[index]!);
    const height = Math.max(1.5, (peak / loudest) * (WAVE_HEIGHT - 4));
    pen.beginPath();
    pen.roundRect(bar * BAR_STEP - scale.left, (WAVE_HEIGHT - height) / 2, BAR, height, 1);
    pen.fill();
  }
}

/** Times, or, where there are notes, bars. */
export function drawRuler(canvas: HTMLCanvasElement, notes: Notes | null, seconds: number, scale: Scale): void {
  const pen = penOf(canvas, scale.room, RULER_HEIGHT);
  const marks = notes
    ? spaced(notes.bars, scale.pace, LEAST_LABEL_STEP / 2).map(([at, bar]) => [at, String(bar + 1)] as const)
    : times(seconds, scale.pace);
  const line = colour("--edge");
  const ink = colour("--quiet");
  for (const [at, label] of marks) {
    const x = at * scale.pace - scale.left;
    if (x < -60 || x > scale.room) continue;
    pen.fillStyle = line;
    pen.fillRect(Math.round(x), RULER_HEIGHT - 7, 1, 7);
    pen.fillStyle = ink;
    pen.fillText(label, x + 4, RULER_HEIGHT - 7);
  }
}

function times(seconds: number, pace: number): (readonly [number, string])[] {
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
  const step = steps.find((one) => one * pace >= LEAST_LABEL_STEP) ?? 1200;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => {
    const at = index * step;
    return [at, step < 1 ? `${at.toFixed(1)} s` : clock(at)] as const;
  });
}

/** So many of the times that they do not run together, each with its place among all. */
function spaced(all: number[], pace: number, least: number): [time: number, index: number][] {
  const gap = ((all.at(-1) ?? 0) / Math.max(all.length - 1, 1)) * pace;
  const every = gap > 0 ? 2 ** Math.max(0, Math.ceil(Math.log2(least / gap))) : 1;
  return all.map((time, index): [number, number] => [time, index]).filter(([, index]) => index % every === 0);
}

/** Which pitches are drawn, from the top down, and how high a semitone is. */
export interface Rows {
  low: number;
  high: number;
  step: number;
}

const ROLL_HEIGHT = 220;
const MARGIN = 16;
const EDIT_STEP = 11;
const EDIT_SPARE = 4;

export function rowsOf(tracks: Tracks, editing: boolean): Rows {
  let [low, high] = [60, 72];
  for (const track of tracks) {
    for (const { pitch } of track) {
      low = Math.min(low, pitch);
      high = Math.max(high, pitch);
    }
  }
  const spare = editing ? EDIT_SPARE : 1;
  low = Math.max(0, low - spare);
  high = Math.min(127, high + spare);
  const step = editing ? EDIT_STEP : Math.min(11, Math.max(4.5, (ROLL_HEIGHT - MARGIN) / (high - low + 1)));
  return { low, high, step };
}

export function heightOf({ low, high, step }: Rows): number {
  return MARGIN + (high - low + 1) * step;
}

export function pitchAt(y: number, { high, step }: Rows): number {
  return high - Math.floor((y - MARGIN) / step);
}

/** Pixels from the middle of some notes down to the end of the picture. */
export function belowMiddle(notes: readonly Note[] | undefined, rows: Rows): number {
  if (!notes?.length) return heightOf(rows) / 2;
  const mean = notes.reduce((total, note) => total + note.pitch, 0) / notes.length;
  return (mean - rows.low + 0.5) * rows.step;
}

export interface Picture {
  notes: Notes;
  tracks: Tracks;
  clock: Clock;
  rows: Rows;
  /** The track that is drawn last and not faded; all alike where null. */
  active: number | null;
  chosen: ReadonlySet<Note>;
  /** A line for each of so many ticks; none where null. */
  grid: number | null;
  dark: boolean;
}

export function drawRoll(canvas: HTMLCanvasElement, picture: Picture, scale: Scale): void {
  const { rows } = picture;
  const height = heightOf(rows);
  const pen = penOf(canvas, scale.room, height);
  drawPaper(pen, picture, scale, height);
  const order = picture.tracks.map((_, index) => index).filter((index) => index !== picture.active);
  if (picture.active !== null) order.push(picture.active);
  for (const index of order) drawTrack(pen, picture, scale, index);
  pen.globalAlpha = 1;
}

function drawPaper(pen: CanvasRenderingContext2D, picture: Picture, scale: Scale, height: number): void {
  const { notes, rows, clock, grid } = picture;
  const top = (pitch: number) => MARGIN + (rows.high - pitch) * rows.step;
  const x = (seconds: number) => Math.round(seconds * scale.pace - scale.left);
  pen.fillStyle = colour("--roll-black");
  for (let pitch = rows.low; pitch <= rows.high; pitch++) {
    if ([1, 3, 6, 8, 10].includes(pitch % 12)) pen.fillRect(0, top(pitch), scale.room, rows.step);
  }
  pen.fillStyle = colour("--line");
  if (grid) {
    pen.globalAlpha = 0.6;
    const first = Math.max(0, Math.ceil(clock.ticks(scale.left / scale.pace) / grid));
    for (let line = first; line * grid < clock.ticks((scale.left + scale.room) / scale.pace); line++) {
      pen.fillRect(x(clock.seconds(line * grid)), MARGIN, 1, height);
    }
    pen.globalAlpha = 1;
    pen.fillStyle = colour("--edge");
  }
  for (const [bar] of spaced(notes.bars, scale.pace, 14)) pen.fillRect(x(bar), MARGIN, 1, height);
  pen.fillStyle = colour("--quiet");
  for (const { start, text } of notes.markers) pen.fillText(text, x(start) + 3, 11);
  for (let pitch = Math.ceil(rows.low / 12) * 12; pitch <= rows.high; pitch += 12) {
    if (pitch < rows.high) pen.fillText(`C${pitch / 12 - 1}`, 3, top(pitch) + rows.step);
  }
}

function drawTrack(pen: CanvasRenderingContext2D, picture: Picture, scale: Scale, index: number): void {
  const { rows, clock, chosen, active } = picture;
  const isDrum = picture.notes.tracks[index]!.is_drum;
  const hue = trackColour(index, picture.dark);
  const ink = colour("--ink");
  for (const note of picture.tracks[index]!) {
    const [left, right] = extent(note, isDrum, clock, scale);
    if (right < 0 || left > scale.room) continue;
    const isChosen = chosen.has(note);
    pen.globalAlpha = (active === null || active === index ? 1 : 0.3) * (0.45 + (0.55 * note.velocity) / 127);
    pen.fillStyle = hue;
    pen.beginPath();
    pen.roundRect(left, MARGIN + (rows.high - note.pitch) * rows.step + 0.5, right - left, rows.step - 1, 1.5);
    pen.fill();
    if (!isChosen) continue;
    pen.globalAlpha = 1;
    pen.strokeStyle = ink;
    pen.lineWidth = 1.5;
    pen.stroke();
  }
}

const DRUM_WIDTH = 4;

/** Left and right edge of a note, in pixels of what is seen; a stroke on a drum has no length. */
export function extent(note: Note, isDrum: boolean, clock: Clock, scale: Scale): [number, number] {
  const left = clock.seconds(note.onset) * scale.pace - scale.left;
  if (isDrum) return [left, left + DRUM_WIDTH];
  const right = clock.seconds(note.onset + note.duration) * scale.pace - scale.left;
  return [left, Math.max(left + 1.5, right - 0.75)];
}
