// A piece made over: its notes changed, some bars composed anew, or gone on from.

import { api, Refusal, type Job, type Notes, type ResultFile } from "./api";
import { go } from "./place";
import { get, set, type Values } from "./state";
import { barStart, changesOf, until, type Tracks } from "./timeline/score";
import type { Part } from "./timeline/timeline";
import { forgetChanges } from "./timeline/undoing";
import { keep } from "./watch";
import { title } from "./words";

export interface Piece {
  job: Job;
  file: ResultFile;
  notes: Notes;
  /** As they are now. */
  tracks: Tracks;
}

/** How one looked at a piece, for the one made of it to be looked at likewise. */
export interface Look {
  zoom: number;
  left: number;
  time: number;
  playing?: boolean;
  editing?: boolean;
  part?: Part | null;
}

const BARS_TO_ADD = 8;
const looks = new Map<string, Look>();

/** How a piece is first looked at; asked for once. */
export function lookAt(job: string): Look | undefined {
  const look = looks.get(job);
  looks.delete(job);
  return look;
}

/** Have the changed notes played; the id of the job that does. */
export async function playChanges(piece: Piece): Promise<string> {
  const { job } = piece;
  const file = await reference(piece, piece.tracks);
  const played = await make("render", { ...inCommon(job, "render"), file }, `${plainTitle(job)}, edited`);
  set({ awaited: played });
  return played.id;
}

/** What was played takes the place of what it was made from. */
export function playedIn(job: Job, look: Look): void {
  if (job.status !== "done") return set({ notice: job.error?.message ?? "The changed notes were not played." });
  looks.set(job.id, look);
  go({ page: "piece", id: job.id });
}

export async function composeAnew(piece: Piece, first: number, last: number, look: Look): Promise<void> {
  const infill = first === last ? String(first) : `${first}-${last}`;
  const name = `${plainTitle(piece.job)}, ${first === last ? "bar" : "bars"} ${infill.replace("-", "–")} anew`;
  await compose(piece, { continue: await reference(piece, piece.tracks), infill }, name, look);
  forgetChanges(piece.file.url); // they are in the new piece
}

/** Compose on after a bar; what came after it goes. */
export async function goOn(piece: Piece, last: number, look: Look): Promise<void> {
  const { notes } = piece;
  const tick = notes.bar_ticks[last];
  const tracks = tick === undefined ? piece.tracks : until(piece.tracks, tick);
  if (!tracks.some((track) => track.length)) throw new Refusal("There are no notes before that bar.", 400);
  const file = await reference(piece, tracks);
  const start = barStart(notes, last + 1);
  const bar = start - barStart(notes, last);
  const shown = { ...look, time: start - bar, part: { start, end: start + BARS_TO_ADD * bar } };
  await compose(piece, { continue: file, bars: BARS_TO_ADD }, `${plainTitle(piece.job)}, continued`, shown);
}

async function compose(piece: Piece, parameters: Values, name: string, look: Look): Promise<void> {
  const job = await make("compose", { ...inCommon(piece.job, "compose"), ...parameters }, name);
  looks.set(job.id, look);
  set({ job });
  go({ page: "piece", id: job.id });
}

async function make(task: string, parameters: Values, name: string): Promise<Job> {
  const job = await api.make(task, parameters);
  keep(job);
  const named = await api.change(job.id, { name });
  keep(named);
  return named;
}

/** The id of a file that holds the notes: that of the piece, or a changed copy. */
async function reference({ job, file, notes }: Piece, tracks: Tracks): Promise<string> {
  const own = `${job.id}/${file.name}`;
  const changes = changesOf(tracks, notes);
  if (!changes.length) return own;
  const copy = await api.changeNotes(own, changes);
  set({ uploads: { ...get().uploads, [copy.id]: copy.filename } });
  return copy.id;
}

const SOUND = ["rate", "bits", "format", "loudness", "stems", "bundle"];
const SAMPLING = ["style", "mood", "density", "temperature", "top_p", "guidance", "model"];

/** What was asked of a job that a further task can be asked too. */
function inCommon(job: Job, task: string): Values {
  const names = task === "compose" && job.task === "compose" ? [...SOUND, ...SAMPLING] : SOUND;
  const known = get().tasks.find((one) => one.name === task)?.schema.properties ?? {};
  return Object.fromEntries(
    Object.entries(job.parameters).filter(([name, value]) => names.includes(name) && name in known && value !== null),
  );
}

/** A title without what was added to it when it was made over before. */
function plainTitle(job: Job): string {
  return title(job).replace(/(, (edited|continued|bars? [\d–]+ anew))+$/, "");
}
