import { useState } from "preact/hooks";

interface Props {
  id: string;
  name: string;
  options: string[];
  taken: string[];
  /** What is offered before anything is typed. */
  add: (value: string) => void;
  aria: object;
}

const MOST_SHOWN = 24;

/** A box to search the known values in, or to enter another; the best of them are buttons below it. */
export function Picker({ id, name, options, taken, add, aria }: Props) {
  const [typed, type] = useState("");
  const [all, showAll] = useState(false);
  const wanted = typed.trim().toLowerCase();
  const fitting = options.filter((option) => !taken.includes(option) && option.toLowerCase().includes(wanted));
  const shown = all || wanted ? fitting.slice(0, all ? undefined : MOST_SHOWN) : fitting.slice(0, 8);
  const take = (value: string) => {
    if (value && !taken.includes(value)) add(value);
    type("");
  };
  return (
    <div class="picker">
      <input
        type="text"
        id={id}
        name={name}
        autocomplete="off"
        placeholder={options.length ? "Search, or type your own" : "Type, then Enter"}
        value={typed}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          // What was typed exactly, else the first that fits, else what was typed.
          take(options.find((option) => option.toLowerCase() === wanted) ?? shown[0] ?? typed.trim());
        }}
        {...aria}
      />
      <div class="offers">
        {shown.map((option) => (
          <button type="button" class="offer" key={option} onClick={() => take(option)}>
            {option}
          </button>
        ))}
        {wanted && !options.some((option) => option.toLowerCase() === wanted) && (
          <button type="button" class="offer own" onClick={() => take(typed.trim())}>
            Add “{typed.trim()}”
          </button>
        )}
        {!wanted && fitting.length > 8 && (
          <button type="button" class="offer more" onClick={() => showAll(!all)}>
            {all ? "Fewer" : `All ${options.length}`}
          </button>
        )}
      </div>
    </div>
  );
}
