import { api, isOpen, type Job, type Status } from "./api";
import { again, reopen } from "./make";
import { set, useStore } from "./state";
import { Take } from "./take";
import { keep, quietly, useFollowed } from "./watch";
import { roughly, shown, spoken, title } from "./words";

const STATUS: Record<Status, string> = {
  queued: "Waiting",
  running: "Working",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** The chosen job. */
export function JobPanel({ job }: { job: Job }) {
  useFollowed();
  const task = useStore((state) => state.tasks).find((one) => one.name === job.task);
  return (
    <article id="result" class="job" data-job={job.id} data-status={job.status}>
      <header class="job-head">
        <p class="eyebrow">
          {title(job) !== spoken(job.task) && spoken(job.task)}{" "}
          <span class={`status ${job.status}`} role="status">
            {STATUS[job.status]}
          </span>
        </p>
        <h2>{title(job)}</h2>
        <div class="actions">
          {!isOpen(job) && (
            <>
              {"seed" in job.parameters && (
                <button type="button" class="small" onClick={() => void again(job, false)}>
                  Again with this seed
                </button>
              )}
              {task?.schema.properties.seed && (
                <button type="button" class="small" onClick={() => void again(job, true)}>
                  Vary
                </button>
              )}
              {task && Object.keys(task.schema.properties).length > 0 && (
                <button type="button" class="small" onClick={() => reopen(job, task)}>
                  Change
                </button>
              )}
            </>
          )}
        </div>
      </header>
      {isOpen(job) && <Progress job={job} />}
      {job.error && (
        <p class="error boxed" role="alert">
          {job.error.message}
        </p>
      )}
      <Told lines={job.told} />
      {job.results.map((result, index) => (
        <Take key={`${job.id} ${index}`} job={job} result={result} number={index + 1} />
      ))}
      {job.status === "done" && job.results.length === 0 && <p class="hint">There is nothing to show.</p>}
      <Asked job={job} />
    </article>
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
