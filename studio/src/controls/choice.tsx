import { placeholder, type ControlProps } from "./control";

export function Select({ id, name, property, value, change, aria }: ControlProps) {
  return (
    <select
      id={id}
      name={name}
      value={String(value ?? "")}
      onChange={(event) => change(event.currentTarget.value || undefined)}
      {...aria}
    >
      <option value="">{placeholder(property)}</option>
      {property.enum!.map((option) => option !== property.default && <option key={option}>{option}</option>)}
    </select>
  );
}

/** A few short values side by side; the default is the one that is on until another is chosen. */
export function Segments({ id, name, property, value, change, aria }: ControlProps) {
  return (
    <div class="segments" role="radiogroup" aria-labelledby={`${id}-label`} {...aria}>
      {property.enum!.map((option) => (
        <label key={option}>
          <input
            type="radio"
            name={name}
            value={option}
            checked={(value ?? property.default) === option}
            onChange={() => change(option === property.default ? undefined : option)}
          />
          <span>{option}</span>
        </label>
      ))}
    </div>
  );
}

export function Switch({ id, name, property, value, change, aria }: ControlProps) {
  return (
    <input
      type="checkbox"
      role="switch"
      class="switch"
      id={id}
      name={name}
      checked={Boolean(value ?? property.default)}
      onChange={(event) => {
        const on = event.currentTarget.checked;
        change(on === Boolean(property.default) ? undefined : on);
      }}
      {...aria}
    />
  );
}
