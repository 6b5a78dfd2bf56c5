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
  status: Status;
  progress: number | null;
  doing: string | null;
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
}

export interface Notes {
  seconds: number;
  tempo: number;
  beats: number[];
  bars: number[];
  markers: { start: number; text: string }[];
  tracks: { name: string; program: number; is_drum: boolean; notes: [number, number, number, number][] }[];
}

/** The server's own words about what went wrong. `status` is 0 where it did not answer. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly param: string | null = null,
  ) {
    super(message);
  }
}

type Hooks = { lost(): void; locked(): void };
let hooks: Hooks = { lost() {}, locked() {} };

/** Who is to know when the server is gone, or asks for a token. */
export function onTrouble(given: Hooks): void {
  hooks = given;
}

async function request<T>(path: string, init?: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch {
    hooks.lost();
    throw new Refusal("The server does not answer.", 0);
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  if (answer.status === 401) hooks.locked();
  const said = await answer.json().then(
    (body) => body.error,
    () => null,
  );
  throw new Refusal(said?.message ?? `The server answered ${answer.status}.`, answer.status, said?.param ?? null);
}

function post<T>(path: string, body: unknown = {}): Promise<T> {
  return request(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

interface Page<T> {
  data: T[];
  has_more?: boolean;
}

export const api = {
  tasks: () => request<Page<Task>>("/v1/tasks"),
  make: (task: string, parameters: object) => post<Job>(`/v1/tasks/${task}`, parameters),
  job: (id: string) => request<Job>(`/v1/jobs/${id}`),
  cancel: (id: string) => post<Job>(`/v1/jobs/${id}/cancel`),
  remove: (id: string) => request<void>(`/v1/jobs/${id}`, { method: "DELETE" }),
  notes: (file: ResultFile) => request<Notes>(withFormat(file, "notes")),
  session: (token: string) => post<unknown>("/v1/session", { token }),
  jobs(search: string, before?: string) {
    const query = new URLSearchParams({ limit: "40" });
    if (search) query.set("search", search);
    if (before) query.set("before", before);
    return request<Page<Job>>(`/v1/jobs?${query}`);
  },
  upload(file: File) {
    const body = new FormData();
    body.append("file", file, file.name);
    return request<Upload>("/v1/files", { method: "POST", body });
  },
  async alive(): Promise<boolean> {
    return fetch("/healthz").then(
      () => true,
      () => false,
    );
  },
};

export function withFormat(file: ResultFile, format: string): string {
  return `${file.url}?format=${format}`;
}

export function isOpen(job: Job): boolean {
  return job.status === "queued" || job.status === "running";
}
