// What the server speaks: docs/http.md.

export interface Property {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  maxLength?: number;
  format?: string;
  items?: Property;
  additionalProperties?: Property | boolean;
  "x-options"?: string[];
  "x-accept"?: string[];
}

export interface Task {
  name: string;
  category: string;
  summary: string;
  about: string;
  positional: string[];
  groups: Record<string, string[]>;
  streams: boolean;
  schema: { properties: Record<string, Property>; required?: string[] };
}

export type FileKind = "audio" | "notes" | "picture" | "sidecar" | "bundle" | "codes" | "other";

export interface ResultFile {
  name: string;
  kind: FileKind;
  type: string;
  bytes: number;
  url: string;
  /** Where large sound is heard from over a slow line, once the server has that ready. */
  preview: string | null;
}

export interface Result {
  name: string;
  summary: Record<string, unknown>;
  files: ResultFile[];
}

export type Status = "queued" | "running" | "done" | "failed" | "cancelled";

export interface Job {
  id: string;
  task: string;
  /** Given by its owner; empty where it is called as it was asked for. */
  name: string;
  starred: boolean;
  status: Status;
  progress: number | null;
  doing: string | null;
  /** The last of what has come so far, as words that were heard. */
  note: string | null;
  eta_s: number | null;
  place: number | null;
  created: number;
  started: number | null;
  finished: number | null;
  parameters: Record<string, unknown>;
  inputs: Record<string, string>;
  told: string[];
  error: { message: string } | null;
  results: Result[];
}

export interface Upload {
  id: string;
  filename: string;
  bytes: number;
  created_at: number;
}

export interface Uploads {
  data: Upload[];
  used_bytes: number;
  quota_bytes: number;
  has_more?: boolean;
}

export interface Notes {
  seconds: number;
  beats: number[];
  bars: number[];
  bar_ticks: number[];
  ticks_per_quarter: number;
  markers: { start: number; text: string }[];
  tracks: {
    name: string;
    program: number;
    is_drum: boolean;
    /** Start and duration in seconds, pitch, velocity. */
    notes: [number, number, number, number][];
    /** Onset and duration of the same notes. */
    ticks: [number, number][];
  }[];
}

export interface TrackChange {
  track: number;
  removed: number[];
  /** Onset and duration in ticks, pitch, velocity. */
  added: [number, number, number, number][];
}

/** A word that is said, and when. */
export interface Word {
  text: string;
  start_s: number;
  end_s: number;
}

/** A segment of a transcription, as Whisper has it. */
export interface Said {
  start: number;
  end: number;
  text: string;
  speaker?: string;
  words?: { word: string; start: number; end: number }[];
}

/** What can be set of a layer of sound: a number in a range, or one of a few words. */
export interface Knob {
  name: string;
  about: string;
  unit: string;
  value: number | string;
  low: number | null;
  high: number | null;
  values: string[];
}

export interface Layer {
  words: string;
  sound: string;
  about: string;
  knobs: Knob[];
}

export interface Voice {
  id: string;
  language: string;
}

/** The loudest sample, from 0 to 127, of each of equally long parts. */
export interface Peaks {
  seconds: number;
  peaks: number[];
}

/** The server's own words about what went wrong. `status` is 0 where it did not answer. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly param: string | null = null,
    readonly code: string | null = null,
  ) {
    super(message);
  }
}

let locked = (): void => undefined;

/** Who is to know when the server asks for a token. */
export function onLocked(told: () => void): void {
  locked = told;
}

async function request<T>(path: string, init?: RequestInit): Promise<T> {
  const silent = () => {
    throw new Refusal("The server does not answer.", 0);
  };
  const answer = await fetch(path, init).catch(silent);
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json().catch(silent)) as T;
  if (answer.status === 401) locked();
  const said = await answer.json().then(
    (body) => body.error,
    () => null,
  );
  throw new Refusal(said?.message ?? `The server answered ${answer.status}.`, answer.status, said?.param, said?.code);
}

function sent(method: string, body: unknown): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function post<T>(path: string, body: unknown = {}): Promise<T> {
  return request(path, sent("POST", body));
}

/** It outlives the page that asks: what was deleted just before a tab is closed is deleted. */
const gone: RequestInit = { method: "DELETE", keepalive: true };

interface Page<T> {
  data: T[];
  has_more?: boolean;
}

export const api = {
  tasks: () => request<Page<Task>>("/v1/tasks"),
  make: (task: string, parameters: object) => post<Job>(`/v1/tasks/${task}`, parameters),
  job: (id: string) => request<Job>(`/v1/jobs/${id}`),
  cancel: (id: string) => post<Job>(`/v1/jobs/${id}/cancel`),
  remove: (id: string) => request<void>(`/v1/jobs/${id}`, gone),
  notes: (file: ResultFile) => request<Notes>(withFormat(file, "notes")),
  words: async (file: ResultFile) => (await request<{ words: Word[] }>(file.url)).words,
  transcript: async (file: ResultFile) => (await request<{ segments: Said[] }>(file.url)).segments,
  /** A transcription with other texts for its segments, as the file of a format. */
  reworded: async (file: string, texts: string[], format: string) =>
    (await post<{ content: string }>("/v1/transcripts", { file, texts, format })).content,
  voices: async () => (await request<Page<Voice>>("/v1/audio/voices")).data,
  layers: async (prompt: string, set: string) =>
    (await request<Page<Layer>>(`/v1/audio/layers?${new URLSearchParams({ prompt, set })}`)).data,
  peaks: (file: ResultFile) => request<Peaks>(withFormat(file, "peaks")),
  session: (token: string) => post<unknown>("/v1/session", { token }),
  change: (id: string, change: Partial<Pick<Job, "name" | "starred">>) =>
    request<Job>(`/v1/jobs/${id}`, sent("PATCH", change)),
  /** A copy of a MIDI file with other notes. */
  changeNotes: (file: string, tracks: TrackChange[]) => post<Upload>("/v1/notes", { file, tracks }),
  uploads: (after?: string) => request<Uploads>(`/v1/files?limit=100${after ? `&after=${after}` : ""}`),
  removeUpload: (id: string) => request<void>(`/v1/files/${id}`, gone),
  jobs(search: string, starred: boolean, before?: string, limit = 40) {
    const query = new URLSearchParams({ limit: String(limit) });
    if (search) query.set("search", search);
    if (starred) query.set("starred", "true");
    if (before) query.set("before", before);
    return request<Page<Job>>(`/v1/jobs?${query}`);
  },
  upload(file: File) {
    const body = new FormData();
    body.append("file", file, file.name);
    return request<Upload>("/v1/files", { method: "POST", body });
  },
};

export function withFormat(file: ResultFile, format: string): string {
  return `${file.url}?format=${format}`;
}

export function isOpen(job: Job): boolean {
  return job.status === "queued" || job.status === "running";
}
