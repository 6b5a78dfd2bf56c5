import { useEffect, useRef, useState } from "preact/hooks";
import { isOpen, type Job } from "./api";
import { Bin } from "./icons";
import { set, useStore } from "./state";
import { loadMore, refreshHistory, remove, show } from "./watch";
import { spoken, title, when } from "./words";

const TYPING_MS = 250;

export function History() {
  const jobs = useStore((state) => state.jobs);
  const hasMore = useStore((state) => state.hasMore);
  const search = useStore((state) => state.search);
  const timer = useRef(0);
  const find = (text: string) => {
    set({ search: text });
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void refreshHistory(), TYPING_MS);
  };
  return (
    <>
      <h2>History</h2>
      <input
        type="search"
        name="search"
        aria-label="Search the history"
        placeholder="Search"
        value={search}
        onInput={(event) => find(event.currentTarget.value)}
      />
      {jobs?.length === 0 && <p class="hint">{search ? "Nothing fits these words." : "What you make is kept here."}</p>}
      <ol class="history">
        {jobs?.map((job) => (
          <Entry key={job.id} job={job} />
        ))}
      </ol>
      {hasMore && (
        <button type="button" class="small" onClick={() => void loadMore()}>
          Load more
        </button>
      )}
    </>
  );
}

function Entry({ job }: { job: Job }) {
  const chosen = useStore((state) => state.chosen === job.id);
  const seconds = job.results[0]?.summary.seconds;
  return (
    <li class={chosen ? "entry chosen" : "entry"} data-history={job.id}>
      <button
        type="button"
        class="entry-main"
        aria-current={chosen ? "true" : undefined}
        onClick={() => {
          set({ tab: "listen" });
          void show(job.id);
        }}
      >
        <span class="entry-title">{title(job)}</span>
        <span class="entry-about">
          <i class={`dot ${job.status}`} />
          {spoken(job.task)}
          {isOpen(job) || job.status === "failed" || job.status === "cancelled" ? `, ${job.status}` : ""}
          {job.status === "running" && ` ${Math.round(100 * (job.progress ?? 0))} %`}
          {typeof seconds === "number" && `, ${Math.round(seconds)} s`}
          <time dateTime={new Date(job.created * 1000).toISOString()}>{when(job.created)}</time>
        </span>
      </button>
      {!isOpen(job) && <Delete job={job} />}
    </li>
  );
}

/** Deletes at the second press, for there is no way back. */
function Delete({ job }: { job: Job }) {
  const [sure, setSure] = useState(false);
  useEffect(() => {
    if (!sure) return;
    const timer = setTimeout(() => setSure(false), 4000);
    return () => clearTimeout(timer);
  }, [sure]);
  return (
    <button
      type="button"
      class={sure ? "delete sure" : "delete"}
      aria-label={sure ? `Really delete ${title(job)}` : `Delete ${title(job)}`}
      onClick={() => (sure ? void remove(job.id) : setSure(true))}
    >
      {sure ? "Delete?" : <Bin />}
    </button>
  );
}
