// How things are said on the page.

import type { Job } from "./api";
import { get, type FileValue } from "./state";

/** `top_p` as “Top p”. */
export function spoken(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** How long something still takes, roughly. */
export function roughly(seconds: number): string {
  if (seconds < 1.5) return "a moment";
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.round(seconds / 3600)} hours`;
}

export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

const PITCHES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/** Middle C, MIDI's 60, as “C4”. */
export function pitchName(pitch: number): string {
  return `${PITCHES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}

export function when(timestamp: number): string {
  const date = new Date(timestamp * 1000);
  const today = date.toDateString() === new Date().toDateString();
  return today
    ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString([], { day: "numeric", month: "short" });
}

/** A value for a person to read. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return String(Math.round(value * 1e4) / 1e4);
  if (Array.isArray(value)) return value.map(shown).join(", ") || "–";
  if (isFile(value)) return value.name;
  if (typeof value === "string") return fileName(value) ?? value;
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([name, part]) => `${name} ${shown(part)}`)
      .join(", ");
  }
  return String(value);
}

/** What a job is called: by its owner, or for what was asked, in the first words that say it. */
export function title(job: Job): string {
  return job.name || asked(job);
}

/** Parameters that say how, not what. */
const HOW = ["model", "format", "bits"];

export function asked(job: Job): string {
  const texts = Object.entries(job.parameters).filter(
    ([, value]) => value && ["string", "object"].includes(typeof value),
  );
  const [, said] = texts.find(([name]) => name === "prompt" || name === "text") ?? [];
  const [file] = Object.values(job.inputs);
  const others = texts.filter(([name]) => !HOW.includes(name)).map(([, value]) => shown(value));
  if (said) return shown(said);
  return file ?? (others.join(", ") || shown(job.parameters.model ?? spoken(job.task)));
}

/** What the user calls the file of an id (`file-…`, `job-…/waltz.mid`); null for other text. */
export function fileName(id: string): string | null {
  const [, job] = /^job-[0-9a-f]{20}\/(?:.*\/)?(.+)$/.exec(id) ?? [];
  if (job) return job;
  return /^file-[0-9a-f]{20}$/.test(id) ? (get().uploads[id] ?? "a file") : null;
}

export function isFile(value: unknown): value is FileValue {
  return typeof value === "object" && value !== null && "id" in value && "name" in value;
}
