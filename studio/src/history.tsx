import { useRef } from "preact/hooks";
import { isOpen, type Job } from "./api";
import { firstMark, isSame } from "./files";
import { Bin, Pause, Play } from "./icons";
import { StarButton } from "./job";
import { sound, toggle } from "./media";
import { go } from "./place";
import { set, useStore } from "./state";
import { Marks } from "./take";
import { removeLater } from "./undo";
import { loadMore, refreshHistory } from "./watch";
import { spoken, title, when } from "./words";

const TYPING_MS = 250;

export function History() {
  const jobs = useStore((state) => state.jobs);
  const hidden = useStore((state) => state.hidden);
  const hasMore = useStore((state) => state.hasMore);
  const search = useStore((state) => state.search);
  const starredOnly = useStore((state) => state.starredOnly);
  const timer = useRef(0);
  const shown = jobs?.filter((job) => !hidden[job.id] && (!starredOnly || job.starred));
  const find = (text: string) => {
    set({ search: text });
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void refreshHistory(), TYPING_MS);
  };
  return (
    <>
      <h2>History</h2>
      <div class="finding">
        <input
          type="search"
          name="search"
          aria-label="Search the history"
          placeholder="Search"
          value={search}
          onInput={(event) => find(event.currentTarget.value)}
        />
        <button
          type="button"
          class="tool"
          aria-pressed={starredOnly}
          onClick={() => {
            set({ starredOnly: !starredOnly });
            void refreshHistory();
          }}
        >
          Starred
        </button>
      </div>
      {shown?.length === 0 && (
        <p class="hint">
          {search
            ? "Nothing fits these words."
            : starredOnly
              ? "Nothing has a star yet."
              : "What you make is kept here."}
        </p>
      )}
      <ol class="history">
        {shown?.map((job) => (
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
  const chosen = useStore((state) => state.place.page === "piece" && state.place.id === job.id);
  const mark = firstMark(job);
  const sounds = useStore((state) => state.playing && isSame(state.current, mark));
  const current = useStore((state) => (isSame(state.current, mark) ? state.current : mark));
  const seconds = job.results[0]?.summary.seconds;
  return (
    <li class={chosen ? "entry chosen" : "entry"} data-history={job.id}>
      {mark ? (
        <button
          type="button"
          class="entry-play"
          aria-label={`${sounds ? "Pause" : "Play"} ${mark.label}`}
          onClick={() => toggle(sound(current ?? mark))}
        >
          {sounds ? <Pause /> : <Play />}
        </button>
      ) : (
        <i class={`dot ${job.status}`} />
      )}
      <button
        type="button"
        class="entry-main"
        aria-current={chosen ? "true" : undefined}
        onClick={() => go({ page: "piece", id: job.id })}
      >
        <span class="entry-title">{title(job)}</span>
        <span class="entry-about">
          {spoken(job.task)}
          {isOpen(job) || job.status === "failed" || job.status === "cancelled" ? `, ${job.status}` : ""}
          {job.status === "running" && ` ${Math.round(100 * (job.progress ?? 0))} %`}
          {typeof seconds === "number" && `, ${Math.round(seconds)} s`},{" "}
          <time dateTime={new Date(job.created * 1000).toISOString()}>{when(job.created)}</time>
        </span>
      </button>
      <StarButton job={job} />
      <div class="entry-tools">
        {mark && <Marks mark={mark} />}
        {!isOpen(job) && (
          <button
            type="button"
            class="tool"
            aria-label={`Delete ${title(job)}`}
            title="Delete"
            onClick={() => {
              if (chosen) go({ page: "home" });
              removeLater(job.id, title(job));
            }}
          >
            <Bin />
          </button>
        )}
      </div>
    </li>
  );
}
