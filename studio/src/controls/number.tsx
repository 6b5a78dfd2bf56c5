import { useLayoutEffect, useRef } from "preact/hooks";
import type { Property } from "../api";
import { spoken } from "../words";
import { placeholder, type ControlProps } from "./control";

/** Wider ranges get no slider. */
const WIDEST = 1e6;
/** Ranges whose ends differ by this factor are not spread evenly. */
const MOST_EVEN = 100;

/** A slider with a box for the exact number; only the box where the range is too wide to point at, or open. */
export function NumberControl({ id, name, property, value, change, aria }: ControlProps) {
  const range = limits(property);
  const number = typeof value === "number" ? value : undefined;
  const shown = number ?? (typeof property.default === "number" ? property.default : undefined);
  const give = (text: string) => change(text === "" || Number.isNaN(Number(text)) ? undefined : Number(text));
  const box = useRef<HTMLInputElement>(null);
  // While it is typed in, the box is left alone: “0.” would become “0”.
  useLayoutEffect(() => {
    if (box.current !== document.activeElement) box.current!.value = number === undefined ? "" : String(number);
  }, [number]);
  return (
    <div class={number === undefined ? "number untouched" : "number"}>
      {range && (
        <input
          type="range"
          min={range.low}
          max={range.high}
          step={range.step}
          value={shown === undefined ? (range.low + range.high) / 2 : range.of(shown)}
          aria-label={`${spoken(name)}, slider`}
          aria-valuetext={shown === undefined ? "auto" : String(shown)}
          onInput={(event) => change(range.at(Number(event.currentTarget.value)))}
        />
      )}
      <input
        type="number"
        inputMode={property.type === "integer" ? "numeric" : "decimal"}
        step="any"
        id={id}
        name={name}
        ref={box}
        placeholder={name === "seed" && property.default === null ? "random" : placeholder(property)}
        onInput={(event) => give(event.currentTarget.value)}
        {...aria}
      />
    </div>
  );
}

interface Range {
  low: number;
  high: number;
  step: number;
  /** From the slider's position to the number, and back. */
  at: (position: number) => number;
  of: (number: number) => number;
}

/** Wide ranges are spread by powers, so that small numbers can be pointed at too. */
function limits(property: Property): Range | null {
  const least = property.minimum ?? property.exclusiveMinimum;
  const most = property.maximum ?? property.exclusiveMaximum;
  if (least === undefined || most === undefined || most - least > WIDEST) return null;
  const whole = property.type === "integer";
  const low = least === 0 && property.minimum === undefined && most > MOST_EVEN ? most / MOST_EVEN ** 2 : least;
  if (low > 0 && most / low >= MOST_EVEN) {
    const at = (position: number) => {
      const number = Math.exp(position);
      return whole ? Math.round(number) : Number(number.toPrecision(2));
    };
    return { low: Math.log(low), high: Math.log(most), step: 0.01, at, of: Math.log };
  }
  const step = whole ? 1 : 10 ** Math.floor(Math.log10((most - least) / 50));
  const high = property.maximum === undefined ? most - step : most;
  const same = (number: number) => number;
  return { low: property.minimum === undefined ? least + step : least, high, step, at: same, of: same };
}
