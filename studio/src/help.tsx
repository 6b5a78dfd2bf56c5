import { Dialog } from "./dialog";
import { Cross } from "./icons";
import { KEYS } from "./keys";
import { set, useStore } from "./state";

export function HelpPanel() {
  const singleKeys = useStore((state) => state.singleKeys);
  return (
    <Dialog name="help" label="Keys">
      <header class="dialog-head">
        <h2>Keys</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => set({ panel: null })}>
          <Cross />
        </button>
      </header>
      <div class="keys-of" tabIndex={0} role="group" aria-label="All keys">
        {KEYS.map(([heading, keys]) => (
          <section key={heading}>
            <h3>{heading}</h3>
            <dl>
              {keys.map(([key, what]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="setting">
        <input
          type="checkbox"
          role="switch"
          class="switch"
          checked={singleKeys}
          onChange={(event) => set({ singleKeys: event.currentTarget.checked })}
        />
        Single letters and signs are keys
      </label>
    </Dialog>
  );
}
