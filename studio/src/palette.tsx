import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, type Job } from "./api";
import { Dialog } from "./dialog";
import { EXAMPLES } from "./examples";
import { focus } from "./keys";
import { example } from "./make";
import { go } from "./place";
import { get, set, useStore } from "./state";
import { openTask } from "./tasks";
import { spoken, title, when } from "./words";

interface Item {
  id: string;
  label: string;
  about: string;
  kind: string;
  work: () => void;
}

const TYPING_MS = 150;
const MOST_PIECES = 12;

/** Finds tasks, pieces and commands by a few letters. */
export function Palette() {
  const [typed, type] = useState("");
  const [at, setAt] = useState(0);
  const tasks = useStore((state) => state.tasks);
  const found = usePieces(typed);
  const list = useRef<HTMLUListElement>(null);
  const items = useMemo(() => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item: Item) =>
      words.every((word) => `${item.label} ${item.about} ${item.kind}`.toLowerCase().includes(word));
    const offered: Item[] = [
      ...tasks.map((task) => ({
        id: `task-${task.name}`,
        label: spoken(task.name),
        about: task.summary,
        kind: task.category,
        work: () => {
          openTask(task.name);
          focus("#make-part form :is(textarea, input, select)");
        },
      })),
      ...COMMANDS,
    ];
    const pieces = found.map((job) => ({
      id: job.id,
      label: title(job),
      about: `${spoken(job.task)}, ${when(job.created)}`,
      kind: "Piece",
      work: () => go({ page: "piece", id: job.id }),
    }));
    return words.length
      ? [...offered.filter(fits), ...pieces]
      : [...offered.slice(0, tasks.length), ...pieces, ...COMMANDS];
  }, [typed, tasks, found]);
  const chosen = Math.min(at, items.length - 1);

  useEffect(() => list.current?.children[chosen]?.scrollIntoView({ block: "nearest" }), [chosen]);
  const take = (item: Item | undefined) => {
    if (!item) return;
    set({ panel: null });
    item.work();
  };
  return (
    <Dialog name="palette" label="Find a task, a piece or a command">
      <input
        type="text"
        role="combobox"
        name="palette"
        autofocus
        autocomplete="off"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={items[chosen] ? `palette-${items[chosen].id}` : undefined}
        aria-label="Find a task, a piece or a command"
        placeholder="Find a task, a piece, a command"
        value={typed}
        onInput={(event) => {
          type(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
          const step = steps[event.key];
          if (step) setAt(Math.min(items.length - 1, Math.max(0, chosen + step)));
          else if (event.key === "Enter") take(items[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ul id="palette-list" role="listbox" aria-label="What was found" ref={list}>
        {items.map((item, index) => (
          <li
            key={item.id}
            id={`palette-${item.id}`}
            role="option"
            aria-selected={index === chosen}
            onPointerMove={() => setAt(index)}
            onClick={() => take(item)}
          >
            <span class="palette-label">{item.label}</span>
            <span class="palette-about">{item.about}</span>
            <span class="palette-kind">{item.kind}</span>
          </li>
        ))}
      </ul>
      {items.length === 0 && <p class="hint">Nothing fits these words.</p>}
    </Dialog>
  );
}

const COMMANDS: Item[] = [
  { id: "home", label: "Examples", about: "five to begin with", kind: "Go to", work: () => go({ page: "home" }) },
  {
    id: "uploads",
    label: "Uploads",
    about: "files, and the room they take",
    kind: "Go to",
    work: () => go({ page: "uploads" }),
  },
  { id: "keys", label: "Keys", about: "shortcuts", kind: "Help", work: () => set({ panel: "help" }) },
  ...(["light", "dark", "auto"] as const).map((theme) => ({
    id: theme,
    label: `Colours: ${theme}`,
    about: "",
    kind: "Set",
    work: () => set({ theme }),
  })),
  ...EXAMPLES.map(({ task, label, parameters }, index) => ({
    id: `example-${index}`,
    label,
    about: "",
    kind: "Example",
    work: () => void example(task, parameters),
  })),
];

/** The pieces that the server finds for the words, or the youngest. */
function usePieces(typed: string): Job[] {
  const [found, setFound] = useState<Job[]>(() => (get().jobs ?? []).slice(0, MOST_PIECES));
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      api.jobs(typed.trim(), false, undefined, MOST_PIECES).then(
        (page) => current && setFound(page.data.filter((job) => !get().hidden[job.id])),
        () => undefined,
      );
    }, TYPING_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [typed]);
  return found;
}
