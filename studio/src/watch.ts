// Keeps the page in step with the server: history, the jobs that run, and whether the server is there at all.

import { api, isOpen, onTrouble, Refusal, type Job } from "./api";
import { get, set, useStore } from "./state";
import { useEffect } from "preact/hooks";

const AGAIN_MS = 1000;
const ALIVE_MS = 5000;
let waiting = false;

export function start(): void {
  onTrouble({ lost: awaitServer, locked: () => set({ locked: true }) });
  void refresh();
  setInterval(() => void lookAround(), 2000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void refreshHistory();
  });
}

/** Everything anew: at the start, and when the server is back. */
export async function refresh(): Promise<void> {
  await quietly(async () => {
    const tasks = (await api.tasks()).data;
    const known = tasks.some((task) => task.name === get().task);
    set({ tasks, locked: false, ...(known || !tasks[0] ? {} : { task: tasks[0].name }) });
    await refreshHistory();
    const { chosen } = get();
    if (chosen) await show(chosen);
  });
}

/** The search that the history shown is of. */
let listed = "";

export async function refreshHistory(): Promise<void> {
  const { search } = get();
  await quietly(async () => {
    const page = await api.jobs(search);
    if (search !== get().search) return;
    // Pages that were loaded already stay, below the new first one.
    const last = page.data.at(-1);
    const older =
      search === listed && last && page.has_more ? (get().jobs ?? []).filter((job) => job.created < last.created) : [];
    set({ jobs: [...page.data, ...older], hasMore: older.length ? get().hasMore : (page.has_more ?? false) });
    listed = search;
  });
}

export async function loadMore(): Promise<void> {
  const { search, jobs } = get();
  const last = jobs?.at(-1);
  if (!jobs || !last) return;
  await quietly(async () => {
    const page = await api.jobs(search, last.id);
    set({ jobs: [...jobs, ...page.data], hasMore: page.has_more ?? false });
  });
}

/** Choose a job and show it. */
export async function show(id: string): Promise<void> {
  const known = get().jobs?.find((job) => job.id === id);
  set({ chosen: id, ...(known ? { job: known } : {}) });
  await update(id);
}

export function keep(job: Job): void {
  const { jobs, chosen, search } = get();
  const listed = jobs?.some((other) => other.id === job.id);
  set({
    ...(chosen === job.id ? { job } : {}),
    ...(listed ? { jobs: jobs!.map((other) => (other.id === job.id ? job : other)) } : {}),
    ...(!listed && !search ? { jobs: [job, ...(jobs ?? [])] } : {}),
  });
}

export async function remove(id: string): Promise<void> {
  await quietly(async () => {
    await api.remove(id);
    forget(id);
  });
}

function forget(id: string): void {
  const { jobs, chosen, marks } = get();
  set({
    jobs: jobs?.filter((job) => job.id !== id) ?? null,
    ...(chosen === id ? { chosen: null, job: null } : {}),
    marks: { a: marks.a?.job === id ? null : marks.a, b: marks.b?.job === id ? null : marks.b },
  });
}

async function update(id: string): Promise<void> {
  try {
    const job = await api.job(id);
    const { jobs, chosen } = get();
    if (jobs?.some((other) => other.id === id)) keep(job);
    else if (chosen === id) set({ job });
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) forget(id);
  }
}

/** Follow the chosen job by events. Only that one: a browser opens few connections to one server. */
export function useFollowed(): void {
  const id = useStore((state) => (state.job && isOpen(state.job) ? state.job.id : null));
  useEffect(() => (id ? follow(id) : undefined), [id]);
}

function follow(id: string): () => void {
  let source: EventSource | undefined;
  let timer = 0;
  let over = false;
  const listen = () => {
    source = new EventSource(`/v1/jobs/${id}/events`);
    source.addEventListener("job", (event) => keep(JSON.parse((event as MessageEvent<string>).data) as Job));
    source.onerror = () => {
      source?.close();
      timer = window.setTimeout(poll, AGAIN_MS);
    };
  };
  const poll = async () => {
    await update(id);
    const { job } = get();
    if (over || job?.id !== id || !isOpen(job)) return;
    if (get().connected) listen();
    else timer = window.setTimeout(poll, AGAIN_MS);
  };
  listen();
  return () => {
    over = true;
    source?.close();
    clearTimeout(timer);
  };
}

let lookedAt = 0;

/** Jobs that run beside the chosen one, and, now and then, whether the server lives. */
async function lookAround(): Promise<void> {
  const { jobs, chosen, connected, locked } = get();
  if (document.hidden || !connected || locked) return;
  const others = jobs?.filter((job) => isOpen(job) && job.id !== chosen) ?? [];
  await Promise.all(others.map((job) => update(job.id)));
  if (others.length || Date.now() - lookedAt < ALIVE_MS) return;
  lookedAt = Date.now();
  if (!(await api.alive())) awaitServer();
}

function awaitServer(): void {
  if (waiting) return;
  waiting = true;
  set({ connected: false });
  const knock = async () => {
    if (!(await api.alive())) return void setTimeout(knock, AGAIN_MS);
    waiting = false;
    set({ connected: true });
    void refresh();
  };
  setTimeout(knock, AGAIN_MS);
}

/** Do it; a refusal becomes a line on the page, unless the banner or the field for the token says it already. */
export async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status !== 0 && error.status !== 401) set({ notice: error.message });
  }
}
