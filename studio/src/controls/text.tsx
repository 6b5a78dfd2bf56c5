import { isLong } from "../schema";
import { pairs, placeholder, type ControlProps } from "./control";

export function Text({ id, name, property, value, change, aria }: ControlProps) {
  const text = pairs(value);
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
