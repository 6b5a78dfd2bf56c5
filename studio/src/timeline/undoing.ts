// Notes with a past and a future. What was changed and not played yet outlives a look at something else.

import { useState } from "preact/hooks";
import { NONE, type Selection, type Tracks } from "./score";

interface Past {
  now: Selection;
  past: Tracks[];
  future: Tracks[];
}

const unplayed = new Map<string, Past>();

/** Forget what was changed in a file. */
export function forgetChanges(address: string): void {
  unplayed.delete(address);
}

addEventListener("beforeunload", (event) => {
  if ([...unplayed.values()].some(({ past }) => past.length)) event.preventDefault();
});

export interface Undoing extends Past {
  isChanged: boolean;
  choose: (chosen: Selection["chosen"]) => void;
  /** Change notes; `before`, or the notes as they are, can be had back. */
  commit: (fresh: Selection, before?: Tracks) => void;
  /** Change them further, as a part of the same change. */
  amend: (fresh: Selection) => void;
  undo: () => void;
  redo: () => void;
}

export function useUndoing(address: string, begin: Tracks): Undoing {
  const [state, setState] = useState<Past>(
    () => unplayed.get(address) ?? { now: { tracks: begin, chosen: NONE }, past: [], future: [] },
  );
  const keep = (fresh: Past) => {
    if (fresh.past.length || fresh.future.length) unplayed.set(address, fresh);
    setState(fresh);
  };
  const { now, past, future } = state;
  return {
    ...state,
    isChanged: past.length > 0,
    choose: (chosen) => keep({ ...state, now: { ...now, chosen } }),
    commit: (fresh, before = now.tracks) => keep({ now: fresh, past: [...past, before], future: [] }),
    amend: (fresh) => keep({ ...state, now: fresh }),
    undo() {
      const before = past.at(-1);
      if (before) {
        keep({ now: { tracks: before, chosen: NONE }, past: past.slice(0, -1), future: [...future, now.tracks] });
      }
    },
    redo() {
      const after = future.at(-1);
      if (after) {
        keep({ now: { tracks: after, chosen: NONE }, past: [...past, now.tracks], future: future.slice(0, -1) });
      }
    },
  };
}
