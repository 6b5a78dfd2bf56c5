// Deletion that can be taken back: what is deleted is hidden at once, and goes a little later, or when the page does.

import { api } from "./api";
import { get, set } from "./state";

const PATIENCE_MS = 10_000;
const waiting = new Map<number, { commit: () => Promise<void>; timer: number }>();
let count = 0;

/** Hide `id`, and delete it if nobody objects. */
export function removeLater(id: string, label: string): void {
  const number = ++count;
  set({ hidden: { ...get().hidden, [id]: true } });
  const end = (work: () => void) => {
    clearTimeout(waiting.get(number)?.timer);
    if (!waiting.delete(number)) return;
    set({ undos: get().undos.filter((one) => one.id !== number) });
    work();
  };
  const commit = () => (id.startsWith("job-") ? api.remove(id) : api.removeUpload(id)).catch(() => unhide(id));
  waiting.set(number, { commit, timer: window.setTimeout(() => end(commit), PATIENCE_MS) });
  set({ undos: [...get().undos, { id: number, label, back: () => end(() => unhide(id)) }] });
}

/** Take the last deletion back; whether there was one. */
export function undoLast(): boolean {
  const last = get().undos.at(-1);
  last?.back();
  return Boolean(last);
}

function unhide(id: string): void {
  const { [id]: _, ...hidden } = get().hidden;
  set({ hidden });
}

addEventListener("pagehide", () => {
  for (const { commit, timer } of waiting.values()) {
    clearTimeout(timer);
    void commit();
  }
  waiting.clear();
});
