// All that the page knows, and what of it outlives a reload.

import { useLayoutEffect, useReducer, useRef } from "preact/hooks";
import type { Job, Refusal, Task } from "./api";
import { placeOf, type Place } from "./address";

export type Tab = "make" | "listen" | "history";
export type Theme = "auto" | "light" | "dark";
export type Values = Record<string, unknown>;

/** A file in a draft: what the server calls it, and what the user does. */
export interface FileValue {
  id: string;
  name: string;
}

/** A sound, and what it is called in lists and comparisons. */
export interface Mark {
  job: string;
  /** Its name among the files of the job. */
  file: string;
  /** Where it is heard from. */
  url: string;
  label: string;
}

/** Something that can still be taken back. */
export interface Undo {
  id: number;
  label: string;
  back: () => void;
}

export type Panel = "palette" | "help" | null;

interface Kept {
  task: string;
  /** The task that was open last under each heading. */
  taskOf: Record<string, string>;
  drafts: Record<string, Values>;
  marks: { a: Mark | null; b: Mark | null };
  tab: Tab;
  theme: Theme;
  volume: number;
  unfolded: Record<string, boolean>;
  /** Whether single keys are shortcuts. */
  singleKeys: boolean;
  /** Names of uploads by id, which a job's parameters do not say. */
  uploads: Record<string, string>;
}

interface Passing {
  place: Place;
  tasks: Task[];
  /** History as shown, the youngest first; null before it is known. */
  jobs: Job[] | null;
  hasMore: boolean;
  search: string;
  starredOnly: boolean;
  /** The job of the address; it need not be in `jobs`. */
  job: Job | null;
  /** A job whose end is waited for where another is shown. */
  awaited: Job | null;
  /** Jobs and uploads that are about to be deleted, and are not shown. */
  hidden: Record<string, true>;
  undos: Undo[];
  panel: Panel;
  /** What sounds, or sounded last. */
  current: Mark | null;
  playing: boolean;
  connected: boolean;
  /** How many files are on their way to the server. */
  sending: number;
  locked: boolean;
  /** Something that went wrong outside the form. */
  notice: string | null;
  refusal: { task: string; error: Refusal } | null;
  /** A job whose sound plays as soon as it is there. */
  eager: string | null;
  dark: boolean;
}

export type State = Kept & Passing;

const STORE = "menura-studio";
const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const fresh: Kept = {
  task: "compose",
  taskOf: {},
  drafts: {},
  marks: { a: null, b: null },
  tab: "listen",
  theme: "auto",
  volume: 1,
  unfolded: {},
  singleKeys: true,
  uploads: {},
};
const keptNames = Object.keys(fresh) as (keyof Kept)[];

let state: State = {
  ...fresh,
  ...remembered(),
  place: placeOf(location.pathname),
  tasks: [],
  jobs: null,
  hasMore: false,
  search: "",
  starredOnly: false,
  job: null,
  awaited: null,
  hidden: {},
  undos: [],
  panel: null,
  current: null,
  playing: false,
  connected: true,
  sending: 0,
  locked: false,
  notice: null,
  refusal: null,
  eager: null,
  dark: false,
};
const listeners = new Set<() => void>();

export function get(): State {
  return state;
}

export function set(patch: Partial<State>): void {
  state = { ...state, ...patch };
  if ("theme" in patch) showTheme();
  if (keptNames.some((name) => name in patch)) remember();
  for (const listener of [...listeners]) listener();
}

/** A part of the state; the component is drawn again when it changes. */
export function useStore<T>(pick: (state: State) => T): T {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const now = pick(state);
  const latest = useRef({ pick, now });
  latest.current = { pick, now };
  useLayoutEffect(() => {
    const check = () => {
      if (latest.current.pick(state) !== latest.current.now) redraw(undefined);
    };
    check();
    listeners.add(check);
    return () => void listeners.delete(check);
  }, []);
  return now;
}

/** Change one value of a task's draft; undefined leaves the choice to the task. */
export function edit(task: string, name: string, value: unknown): void {
  const draft = { ...state.drafts[task] };
  if (value === undefined) delete draft[name];
  else draft[name] = value;
  setDraft(task, draft);
}

export function setDraft(task: string, draft: Values): void {
  set({ drafts: { ...state.drafts, [task]: draft } });
}

function showTheme(): void {
  const { theme } = state;
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  state = { ...state, dark: theme === "dark" || (theme === "auto" && darkScheme.matches) };
}

function remembered(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "{}") as Partial<Kept>;
  } catch {
    return {};
  }
}

function remember(): void {
  try {
    localStorage.setItem(STORE, JSON.stringify(Object.fromEntries(keptNames.map((name) => [name, state[name]]))));
  } catch {
    // Storage is full or forbidden: the page works, it only forgets.
  }
}

showTheme();
darkScheme.addEventListener("change", () => set({ theme: state.theme }));
