// Which of a result's files is what.

import type { Job, Result, ResultFile } from "./api";
import type { Mark } from "./state";
import { title } from "./words";

/** The format that previews come in; older browsers of one maker cannot play it, and have the file itself. */
const PLAYS_PREVIEWS = Boolean(new Audio().canPlayType('audio/ogg; codecs="opus"'));

export interface Sounds {
  main: ResultFile | undefined;
  /** Each instrument alone. */
  stems: ResultFile[];
}

export function soundsOf(result: Result): Sounds {
  const sounds = result.files.filter((file) => file.kind === "audio");
  const main = sounds.find((file) => !isStem(file));
  return { main, stems: sounds.filter((file) => file !== main) };
}

/** Stems lie in a folder beside the mix. */
export function isStem(file: ResultFile): boolean {
  return file.name.includes("/");
}

/** Where a sound is heard from. */
export function heardFrom(file: ResultFile): string {
  return (PLAYS_PREVIEWS && file.preview) || file.url;
}

/** A sound of a job, for lists and comparisons. */
export function markOf(job: Job, file: ResultFile, take: number): Mark {
  const label = job.results.length > 1 ? `${title(job)}, take ${take}` : title(job);
  return { job: job.id, file: file.name, url: heardFrom(file), label };
}

/** What a list plays of a job. */
export function firstMark(job: Job): Mark | null {
  for (const [index, result] of job.results.entries()) {
    const { main } = soundsOf(result);
    if (main) return markOf(job, main, index + 1);
  }
  return null;
}

export function isSame(one: Mark | null, other: Mark | null): boolean {
  return one !== null && other !== null && one.job === other.job && one.file === other.file;
}

/** The last part of a path. */
export function base(name: string): string {
  return name.split("/").at(-1)!;
}

export function suffix(name: string): string {
  return base(name).split(".").at(-1)!;
}
