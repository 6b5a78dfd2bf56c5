// The keys, and what they are for.

import { go } from "./place";
import { keyed, seek, toggle } from "./media";
import { get, set } from "./state";
import { undoLast } from "./undo";
import { change } from "./watch";

export const KEYS: [heading: string, keys: [key: string, what: string][]][] = [
  [
    "Anywhere",
    [
      ["Ctrl K", "find a task, a piece, a command"],
      ["Ctrl Enter", "make what the form asks for"],
      ["N", "new: to the form"],
      ["/", "search the history"],
      ["J, K", "the next piece of the history, the one before"],
      ["S", "star this piece"],
      ["Ctrl Z", "take the last deletion back"],
      ["?", "this help"],
    ],
  ],
  [
    "Sound",
    [
      ["Space", "play, pause"],
      ["← →", "5 seconds back, on; with Shift 1 second"],
      ["Home, End", "to the start, the end"],
      ["L", "loop"],
      ["[ ]", "the loop begins, ends here"],
      ["+ −", "zoom in, out; 0 shows all"],
    ],
  ],
  [
    "Notes, while they are edited (E)",
    [
      ["← → ↑ ↓", "move the chosen notes; ↑ ↓ with Shift by octaves"],
      ["Shift ← →", "shorten, lengthen"],
      [", .", "choose the note before, the next one"],
      ["Enter", "add a note where the sound is"],
      ["Delete", "delete"],
      ["Ctrl A", "choose all of the track"],
      ["Ctrl Z, Ctrl Shift Z", "undo, redo"],
    ],
  ],
];

/** What the piece on show can be told, if there is one. */
export interface Actions {
  media: HTMLMediaElement;
  on: Record<string, () => void>;
}

let shown: Actions[] = [];

/** Hand keys to a part of the page until the returned function is called. */
export function lend(actions: Actions): () => void {
  shown.push(actions);
  return () => void (shown = shown.filter((other) => other !== actions));
}

const STEP_S = 5;
const FINE_STEP_S = 1;

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || get().locked) return;
  const target = event.target as HTMLElement;
  const typing = target.closest("input:not([type=range], [type=radio], [type=checkbox]), textarea, select, dialog");
  const done =
    event.ctrlKey || event.metaKey ? held(event, Boolean(typing)) : !event.altKey && !typing && single(event);
  if (done) event.preventDefault();
}

/** Keys with Ctrl or Cmd; whether it was one. */
function held(event: KeyboardEvent, typing: boolean): boolean {
  const key = event.key.toLowerCase();
  if (key === "k") {
    set({ panel: get().panel === "palette" ? null : "palette" });
    return true;
  }
  if (key !== "z" || typing) return false;
  const work = lent(event.shiftKey ? "ctrl shift z" : "ctrl z");
  work?.();
  return Boolean(work) || (!event.shiftKey && undoLast());
}

/** What a key means to the parts of the page that are shown, those of the sound that keys act on first. */
function lent(key: string, media: HTMLMediaElement | null = null): (() => void) | undefined {
  const parts = [...shown.filter((one) => one.media === media), ...shown];
  return parts.map(({ on }) => on[key]).find(Boolean);
}

function single(event: KeyboardEvent): boolean {
  const { key } = event;
  const presses = (event.target as HTMLElement).closest("button, summary, a, [role=slider], input, [contenteditable]");
  const media = keyed(shown[0]?.media ?? null);
  if (media && !presses && playback(event, media)) return true;
  if (!get().singleKeys) return false;
  const work = lent(key.toLowerCase(), media) ?? ANYWHERE[key.toLowerCase()];
  work?.();
  return Boolean(work);
}

function playback(event: KeyboardEvent, media: HTMLMediaElement): boolean {
  const step = event.shiftKey ? FINE_STEP_S : STEP_S;
  if (event.key === " ") toggle(media);
  else if (event.key === "ArrowRight") seek(media, media.currentTime + step);
  else if (event.key === "ArrowLeft") seek(media, media.currentTime - step);
  else if (event.key === "Home") seek(media, 0);
  else if (event.key === "End") seek(media, media.duration || 0);
  else return false;
  return true;
}

const ANYWHERE: Record<string, () => void> = {
  "?": () => set({ panel: "help" }),
  n: () => {
    set({ tab: "make" });
    focus("#make-part :is(textarea, input, select)");
  },
  "/": () => {
    set({ tab: "history" });
    focus("[name=search]");
  },
  j: () => step(1),
  k: () => step(-1),
  s: () => {
    const { job } = get();
    if (job) void change(job, { starred: !job.starred });
  },
};

function step(by: number): void {
  const { jobs, hidden, job } = get();
  const seen = jobs?.filter((one) => !hidden[one.id]) ?? [];
  const next = seen[seen.findIndex((one) => one.id === job?.id) + by];
  if (next) go({ page: "piece", id: next.id });
}

/** Move the focus once the page has been drawn again. */
export function focus(selector: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
}
