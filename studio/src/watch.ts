// Keeps the page in step with the server: history, the job of the address, and whether the server is there at all.

import { api, isOpen, onLocked, Refusal, type Job } from "./api";
import { listen, type Told } from "./events";
import { get, set, useStore } from "./state";
import { forgetTexts } from "./texts";
import { useEffect } from "preact/hooks";

/** A server that is away for less than this is not worth a word. */
const PATIENCE_MS = 1500;
let missing = 0;

export function start(): void {
  onLocked(() => set({ locked: true }));
  void refresh();
  listen(hear);
}

function hear({ kind, data }: Told): void {
  if (kind === "open") {
    clearTimeout(missing);
    missing = 0;
    set({ connected: true });
    void refresh();
  } else if (kind === "lost") {
    missing ||= window.setTimeout(() => set({ connected: false }), PATIENCE_MS);
  } else if (kind === "job") keep(JSON.parse(data!) as Job);
  else forget((JSON.parse(data!) as { id: string }).id);
}

/** Everything anew: at the start, and when the server is back. */
export async function refresh(): Promise<void> {
  await quietly(async () => {
    const tasks = (await api.tasks()).data;
    const known = tasks.some((task) => task.name === get().task);
    set({ tasks, locked: false, ...(known || !tasks[0] ? {} : { task: tasks[0].name }) });
    await refreshHistory();
    const { place } = get();
    if (place.page === "piece") await load(place.id);
  });
}

/** What the history shown is of. */
let listed = "";
/** What was heard of jobs while a list was on its way, which it does not know; null of those that are gone. */
let heard = new Map<string, Job | null>();

export async function refreshHistory(): Promise<void> {
  const { search, starredOnly } = get();
  const asked = `${starredOnly} ${search}`;
  await quietly(async () => {
    heard = new Map();
    const page = await api.jobs(search, starredOnly);
    if (search !== get().search || starredOnly !== get().starredOnly) return;
    // Pages that were loaded already stay, below the new first one.
    const last = page.data.at(-1);
    const older =
      asked === listed && last && page.has_more ? (get().jobs ?? []).filter((job) => job.created < last.created) : [];
    const youngest = search || starredOnly ? [] : [...heard.values()].filter((job) => job && !listedIn(page.data, job));
    const jobs = page.data.map((job) => (heard.has(job.id) ? heard.get(job.id) : job));
    set({
      jobs: [...youngest.reverse(), ...jobs, ...older].filter((job) => job != null),
      hasMore: older.length ? get().hasMore : (page.has_more ?? false),
    });
    listed = asked;
  });
}

function listedIn(jobs: Job[], job: Job): boolean {
  return jobs.some((other) => other.id === job.id) || job.created < (jobs[0]?.created ?? 0);
}

export async function loadMore(): Promise<void> {
  const { search, starredOnly, jobs } = get();
  const last = jobs?.at(-1);
  if (!jobs || !last) return;
  await quietly(async () => {
    const page = await api.jobs(search, starredOnly, last.id);
    set({ jobs: [...jobs, ...page.data], hasMore: page.has_more ?? false });
  });
}

/** The job of the address is the one that is shown. */
export function useChosen(): void {
  const place = useStore((state) => state.place);
  useEffect(() => {
    if (place.page !== "piece") return set({ job: null });
    const known = get().jobs?.find((job) => job.id === place.id) ?? null;
    if (get().job?.id !== place.id) set({ job: known });
    void quietly(() => load(place.id));
  }, [place]);
}

async function load(id: string): Promise<void> {
  try {
    keep(await api.job(id));
  } catch (error) {
    if (!(error instanceof Refusal && error.status === 404)) throw error;
    forget(id);
    throw new Refusal("There is nothing at this address: it has been deleted, or belongs to someone else.", 404);
  }
}

/** A job as it is now. */
export function keep(job: Job): void {
  const { jobs, place, search, starredOnly } = get();
  const known = [get().job, ...(jobs ?? [])].find((other) => other?.id === job.id);
  // An answer may be overtaken by an event: what has ended does not go on.
  if (known && !isOpen(known) && isOpen(job)) return;
  heard.set(job.id, job);
  const listed = jobs?.some((other) => other.id === job.id);
  const youngest = !jobs?.[0] || job.created >= jobs[0].created;
  set({
    ...(place.page === "piece" && place.id === job.id ? { job } : {}),
    ...(get().awaited?.id === job.id ? { awaited: job } : {}),
    ...(listed ? { jobs: jobs!.map((other) => (other.id === job.id ? job : other)) } : {}),
    ...(!listed && youngest && !search && !starredOnly ? { jobs: [job, ...(jobs ?? [])] } : {}),
  });
}

function forget(id: string): void {
  heard.set(id, null);
  forgetTexts(`${id}/`);
  const { jobs, job, marks } = get();
  set({
    jobs: jobs?.filter((other) => other.id !== id) ?? null,
    ...(job?.id === id ? { job: null } : {}),
    marks: { a: marks.a?.job === id ? null : marks.a, b: marks.b?.job === id ? null : marks.b },
  });
}

/** Give a job a name or a star; it shows at once, and goes back if the server will not have it. */
export function change(job: Job, changed: Partial<Pick<Job, "name" | "starred">>): Promise<void> {
  keep({ ...job, ...changed });
  return quietly(async () => {
    try {
      keep(await api.change(job.id, changed));
    } catch (error) {
      keep(job);
      throw error;
    }
  });
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
