import type { ControlProps } from "./control";

/** Tonics in rows by mode, drawn as keys of a piano: options such as “D minor”. */
export function KeyPicker({ id, name, property, value, change, aria }: ControlProps) {
  const options = property["x-options"]!;
  const modes = [...new Set(options.map((option) => option.split(" ")[1]!))];
  return (
    <div class="keys" role="radiogroup" aria-labelledby={`${id}-label`} {...aria}>
      {modes.map((mode) => (
        <div class="key-row" key={mode}>
          <span class="key-mode">{mode}</span>
          {options
            .filter((option) => option.endsWith(` ${mode}`))
            .map((option) => {
              const tonic = option.split(" ")[0]!;
              return (
                <label class={tonic.length > 1 ? "black" : "white"} key={option} title={option}>
                  <input
                    type="radio"
                    name={name}
                    value={option}
                    aria-label={option}
                    checked={value === option}
                    onChange={() => change(option)}
                  />
                  <span aria-hidden="true">{tonic.replace("b", "♭").replace("#", "♯")}</span>
                </label>
              );
            })}
        </div>
      ))}
    </div>
  );
}

export function isKey(name: string, options: string[] | undefined): boolean {
  return name === "key" && Boolean(options?.length && options.every((option) => /^[A-G][b#]? \w+$/.test(option)));
}
