import { isLong } from "../schema";
import { placeholder, type ControlProps } from "./control";

export function Text({ id, name, property, value, change, aria }: ControlProps) {
  const text = typeof value === "string" ? value : pairs(value);
  const shared = {
    id,
    name,
    value: text,
    maxLength: property.maxLength,
    onInput: (event: { currentTarget: { value: string } }) => change(event.currentTarget.value || undefined),
    ...aria,
  };
  if (isLong(name, property)) return <textarea rows={4} placeholder="Say it in your own words" {...shared} />;
  const options = property["x-options"];
  return (
    <>
      <input
        type="text"
        autocomplete="off"
        placeholder={placeholder(property)}
        list={options && `${id}-list`}
        {...shared}
      />
      {options && (
        <datalist id={`${id}-list`}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </>
  );
}

/** A mapping as it is typed: a=b, c=d. */
function pairs(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "";
  return Object.entries(value)
    .map(([name, said]) => `${name}=${said}`)
    .join(", ");
}
