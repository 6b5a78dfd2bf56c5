import { useEffect, useRef } from "preact/hooks";
import type { Property, Task } from "./api";
import { controlFor, isGroup } from "./controls";
import { Cross } from "./icons";
import { submit } from "./make";
import { complaints, sections } from "./schema";
import { edit, get, set, setDraft, useStore, type Values } from "./state";
import { spoken } from "./words";

const NOTHING: Values = {};

/** A task's form, drawn from its schema alone. */
export function Form({ task }: { task: Task }) {
  const draft = useStore((state) => state.drafts[task.name] ?? NOTHING);
  const refusal = useStore((state) => (state.refusal?.task === task.name ? state.refusal.error : null));
  const errors = refusal ? complaints(task, refusal.message, refusal.param) : {};
  const form = useRef<HTMLFormElement>(null);
  const isReady = useStore((state) => state.connected && state.sending === 0);

  useEffect(() => {
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid]");
    wrong?.closest("details")?.setAttribute("open", "");
    (wrong?.querySelector("input") ?? wrong)?.focus();
  }, [refusal]);

  return (
    <form
      ref={form}
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void submit(task.name, draft);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
      }}
    >
      <p class="summary">{task.summary}</p>
      {task.about && (
        <details class="about">
          <summary>More about it</summary>
          <p>{task.about}</p>
        </details>
      )}
      {sections(task).map(({ heading, names }) => {
        const fields = names.map((name) => (
          <Field
            key={`${task.name} ${name}`}
            task={task}
            name={name}
            property={task.schema.properties[name]!}
            value={draft[name]}
            error={errors[name]}
          />
        ));
        if (!heading) return fields;
        const changed = names.filter((name) => draft[name] !== undefined).length;
        return (
          <Fold key={heading} id={`${task.name} ${heading}`} heading={heading} changed={changed}>
            {fields}
          </Fold>
        );
      })}
      {errors[""] && (
        <p class="error" role="alert">
          {errors[""]}
        </p>
      )}
      <div class="submit">
        <button type="submit" id="make" class="primary" disabled={!isReady}>
          Make it
        </button>
        {Object.keys(draft).length > 0 && (
          <button type="button" class="quiet" onClick={() => setDraft(task.name, {})}>
            Clear
          </button>
        )}
      </div>
    </form>
  );
}

/** Headings whose fields are the work itself. */
const OPEN_AT_FIRST = new Set(["Layers"]);

function Fold(props: { id: string; heading: string; changed: number; children: preact.ComponentChildren }) {
  const open = useStore((state) => state.unfolded[props.id] ?? OPEN_AT_FIRST.has(props.heading));
  return (
    <details
      class="fold"
      open={open}
      onToggle={(event) => {
        const now = event.currentTarget.open;
        if (now !== open) set({ unfolded: { ...get().unfolded, [props.id]: now } });
      }}
    >
      <summary>
        {props.heading}
        {props.changed > 0 && <span class="count">{props.changed} set</span>}
      </summary>
      {props.children}
    </details>
  );
}

interface FieldProps {
  task: Task;
  name: string;
  property: Property;
  value: unknown;
  error: string | undefined;
}

function Field({ task, name, property, value, error }: FieldProps) {
  const id = `${task.name}-${name}`;
  const Control = controlFor(name, property);
  const change = (next: unknown) => edit(task.name, name, next);
  const needed = task.schema.required?.includes(name);
  const label = (
    <>
      {spoken(name)}
      {needed && <span class="needed"> needed</span>}
    </>
  );
  const described = [property.description && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class={property.type === "boolean" ? "field beside" : "field"} data-field={name}>
      <div class="field-head">
        {isGroup(Control) ? (
          <span class="label" id={`${id}-label`}>
            {label}
          </span>
        ) : (
          <label class="label" id={`${id}-label`} for={id}>
            {label}
          </label>
        )}
        {value !== undefined && property.type !== "boolean" && !needed && (
          <button
            type="button"
            class="reset"
            aria-label={`${property.default === null ? "auto" : "reset"}: ${spoken(name)}`}
            onClick={() => change(undefined)}
          >
            {property.default === null ? "auto" : "reset"} <Cross />
          </button>
        )}
      </div>
      <Control
        id={id}
        name={name}
        task={task.name}
        property={property}
        value={value}
        change={change}
        aria={{ "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined }}
      />
      {property.description && (
        <p class="hint" id={`${id}-hint`}>
          {property.description}
        </p>
      )}
      {error && (
        <p class="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
