import { Cross } from "../icons";
import type { ControlProps } from "./control";
import { Picker } from "./picker";

/** Several values, each a chip. */
export function Chips({ id, name, property, value, change, aria }: ControlProps) {
  const taken = Array.isArray(value) ? (value as string[]) : [];
  const give = (values: string[]) => change(values.length ? values : undefined);
  return (
    <div role="group" aria-labelledby={`${id}-label`}>
      {taken.length > 0 && (
        <ul class="chips">
          {taken.map((one) => (
            <li class="chip" key={one}>
              {one}
              <button
                type="button"
                aria-label={`Remove ${one}`}
                onClick={() => give(taken.filter((other) => other !== one))}
              >
                <Cross />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Picker
        id={id}
        name={name}
        options={property["x-options"] ?? property.items?.enum ?? []}
        taken={taken}
        add={(one) => give([...taken, one])}
        aria={aria}
      />
    </div>
  );
}

/** Several values, each with a weight. */
export function Mixture({ id, name, property, value, change, aria }: ControlProps) {
  const mixture = (value ?? {}) as Record<string, number>;
  const give = (parts: Record<string, number>) => change(Object.keys(parts).length ? parts : undefined);
  const without = (name: string) => Object.fromEntries(Object.entries(mixture).filter(([other]) => other !== name));
  return (
    <div role="group" aria-labelledby={`${id}-label`}>
      {Object.keys(mixture).length > 0 && (
        <ul class="weights">
          {Object.entries(mixture).map(([part, weight]) => (
            <li key={part}>
              <span>{part}</span>
              <input
                type="range"
                min={0.05}
                max={1}
                step={0.05}
                value={weight}
                aria-label={`Weight of ${part}`}
                onInput={(event) => give({ ...mixture, [part]: Number(event.currentTarget.value) })}
              />
              <output>{weight}</output>
              <button type="button" aria-label={`Remove ${part}`} onClick={() => give(without(part))}>
                <Cross />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Picker
        id={id}
        name={name}
        options={property["x-options"] ?? []}
        taken={Object.keys(mixture)}
        add={(part) => give({ ...mixture, [part]: 0.5 })}
        aria={aria}
      />
    </div>
  );
}
