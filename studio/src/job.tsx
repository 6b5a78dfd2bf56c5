import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { api, isOpen, type Job, type Status } from "./api";
import { Bin, Pen, Star } from "./icons";
import { focus } from "./keys";
import { again, reopen } from "./make";
import { go } from "./place";
import { set, useStore } from "./state";
import { Take } from "./take";
import { removeLater } from "./undo";
import { change, keep, quietly } from "./watch";
import { asked, roughly, shown, spoken, title } from "./words";

const STATUS: Record<Status, string> = {
  queued: "Waiting",
  running: "Working",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** The job of the address. */
export function JobPanel({ job }: { job: Job }) {
  return (
    <article id="result" class="job" data-job={job.id} data-status={job.status}>
      <Head job={job} />
      {isOpen(job) && <Progress job={job} />}
      {job.error && (
        <p class="error boxed" role="alert">
          {job.error.message}
        </p>
      )}
      <div class={job.task === "sound" && job.results.length > 1 ? "takes" : undefined}>
        {job.results.map((result, index) => (
          <Take key={`${job.id} ${index}`} job={job} result={result} number={index + 1} />
        ))}
      </div>
      {job.status === "done" && job.results.length === 0 && <p class="hint">There is nothing to show.</p>}
      <Told lines={job.told} />
      <Asked job={job} />
    </article>
  );
}

/** What the piece is called, and what can be done with it. */
function Head({ job }: { job: Job }) {
  const [naming, name] = useState(false);
  return (
    <header class="job-head">
      <p class="eyebrow">
        {title(job) !== spoken(job.task) && spoken(job.task)}{" "}
        <span class={`status ${job.status}`} role="status">
          {STATUS[job.status]}
        </span>
      </p>
      {naming ? (
        <Naming
          job={job}
          done={() => {
            name(false);
            focus("#rename");
          }}
        />
      ) : (
        <Fold>
          <h2>{title(job)}</h2>
        </Fold>
      )}
      <Actions job={job} rename={() => name(true)} />
    </header>
  );
}

function Naming({ job, done }: { job: Job; done: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.select(), []);
  const save = () => {
    const typed = input.current!.value.trim();
    const name = typed === asked(job) ? "" : typed;
    done();
    if (name !== job.name) void change(job, { name });
  };
  return (
    <input
      type="text"
      class="title-input"
      name="title"
      ref={input}
      maxLength={200}
      defaultValue={title(job)}
      aria-label="Name of the piece"
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.currentTarget.value = title(job);
        if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}

/** Text of more than a few lines is folded until it is asked for. */
function Fold({ children }: { children: preact.ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const [isLong, setLong] = useState(false);
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => {
    const text = box.current!.firstElementChild!;
    const measure = () => !open && setLong(text.scrollHeight > text.clientHeight + 4);
    const watch = new ResizeObserver(measure);
    watch.observe(text);
    return () => watch.disconnect();
  }, [open]);
  return (
    <div class={open ? "folding open" : "folding"} ref={box}>
      {children}
      {isLong && (
        <button type="button" class="tool" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Less" : "More"}
        </button>
      )}
    </div>
  );
}

function Actions({ job, rename }: { job: Job; rename: () => void }) {
  const task = useStore((state) => state.tasks).find((one) => one.name === job.task);
  return (
    <div class="actions">
      <StarButton job={job} />
      <button type="button" id="rename" class="icon-button" aria-label="Rename" title="Rename" onClick={rename}>
        <Pen />
      </button>
      {!isOpen(job) && (
        <>
          {"seed" in job.parameters && (
            <button
              type="button"
              class="small"
              title="With the same seed: the same"
              onClick={() => void again(job, false)}
            >
              Again
            </button>
          )}
          {task?.schema.properties.seed && (
            <button type="button" class="small" title="With another seed" onClick={() => void again(job, true)}>
              Vary
            </button>
          )}
          {task && Object.keys(task.schema.properties).length > 0 && (
            <button type="button" class="small" onClick={() => reopen(job, task)}>
              Change
            </button>
          )}
          <button
            type="button"
            class="icon-button"
            aria-label="Delete this piece"
            title="Delete"
            onClick={() => {
              removeLater(job.id, title(job));
              go({ page: "home" });
            }}
          >
            <Bin />
          </button>
        </>
      )}
    </div>
  );
}

export function StarButton({ job }: { job: Job }) {
  return (
    <button
      type="button"
      class="icon-button star"
      aria-pressed={job.starred}
      aria-label={`Star ${title(job)}`}
      title={job.starred ? "Take the star away" : "Star"}
      onClick={() => void change(job, { starred: !job.starred })}
    >
      <Star />
    </button>
  );
}

function Progress({ job }: { job: Job }) {
  const share = job.progress ?? 0;
  const cancel = () => quietly(async () => keep(await api.cancel(job.id)));
  const doing =
    job.status === "queued"
      ? job.place && job.place > 1
        ? `${job.place - 1} before this one`
        : "About to begin"
      : job.doing || "Starting";
  return (
    <div class="progress">
      <div
        class="bar"
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * share)}
      >
        <i style={{ width: `${100 * share}%` }} />
      </div>
      <p class="doing">
        <span aria-live="polite">{doing}</span>
        <span class="hint">
          {job.status === "running" && `${Math.round(100 * share)} %`}
          {job.eta_s !== null && job.status === "running" && `, ${roughly(job.eta_s)} left`}
        </span>
        <button type="button" id="cancel" class="small" onClick={() => void cancel()}>
          Cancel
        </button>
      </p>
      {job.note && <p class="arriving">{job.note}</p>}
    </div>
  );
}

/** What the task made of the words it was given. */
function Told({ lines }: { lines: string[] }) {
  if (!lines.length) return null;
  return (
    <ul class="told" aria-label="What it understood">
      {lines.map((line, index) => (
        <li key={index}>{line}</li>
      ))}
    </ul>
  );
}

function Asked({ job }: { job: Job }) {
  const asked = Object.entries(job.parameters).filter(([, value]) => value !== null);
  if (!asked.length) return null;
  return (
    <details class="asked">
      <summary>What was asked for</summary>
      <dl class="facts">
        {asked.map(([name, value]) => (
          <div key={name}>
            <dt>{spoken(name)}</dt>
            <dd>{shown(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** A line about what went wrong outside the form. */
export function Notice() {
  const notice = useStore((state) => state.notice);
  return (
    <div role="status" class="notice-box">
      {notice && (
        <p class="error boxed">
          {notice}{" "}
          <button type="button" class="quiet" onClick={() => set({ notice: null })}>
            Close
          </button>
        </p>
      )}
    </div>
  );
}
