import { useMemo, useState } from "preact/hooks";
import type { Job, Result, ResultFile } from "./api";
import { Captions, isSegments } from "./captions";
import { base, Downloads } from "./downloads";
import { use, uses } from "./make";
import { Player } from "./player";
import { Roll } from "./roll";
import { get, set, useStore, type Mark } from "./state";
import { Summary } from "./table";
import { title } from "./words";

const NONE: ResultFile[] = [];

/** One result: heard, seen, and handed on. */
export function Take({ job, result, number }: { job: Job; result: Result; number: number }) {
  const sounds = result.files.filter((file) => file.kind === "audio");
  const main = sounds.find((file) => !isStem(file));
  const stems = main ? sounds.filter((file) => file !== main) : NONE;
  const [heard, hear] = useState(main);
  const notes = result.files.find((file) => file.kind === "notes");
  const picture = result.files.find((file) => file.kind === "picture");
  const media = useMemo(() => new Audio(), []);
  const eager = useStore((state) => state.eager === job.id) && number === 1;
  const name = job.results.length > 1 ? `Take ${number}` : "Take";
  const { segments } = result.summary;
  const file = sounds.find((one) => one.name === heard?.name) ?? main;

  return (
    <section class="take" aria-label={name}>
      {(job.results.length > 1 || main) && (
        <header class={stems.length ? "take-head" : "take-head one-line"}>
          <h3>{job.results.length > 1 ? name : base(main?.name ?? "")}</h3>
          {stems.length > 0 && file && (
            <label class="hearing">
              <span class="label">Hear</span>
              <select
                class="small"
                value={file.name}
                onChange={(event) => hear(sounds.find((one) => one.name === event.currentTarget.value))}
              >
                {sounds.map((one) => (
                  <option key={one.name} value={one.name}>
                    {one === main ? "the mix" : base(one.name)}
                  </option>
                ))}
              </select>
            </label>
          )}
          {file && (
            <Marks
              mark={{
                job: job.id,
                url: file.url,
                label: job.results.length > 1 ? `${title(job)}, take ${number}` : title(job),
              }}
            />
          )}
        </header>
      )}
      {file && <Player file={file} media={media} label={name.toLowerCase()} eager={eager} />}
      {notes && <Roll file={notes} media={media} />}
      {!file && !notes && picture && <img class="picture" src={picture.url} alt={`Picture of ${name.toLowerCase()}`} />}
      {isSegments(segments) && <Captions segments={segments} media={media} />}
      <Summary summary={result.summary} without={isSegments(segments) ? ["segments"] : []} />
      {result.files.length > 0 && (
        <footer class="take-foot">
          <Downloads files={result.files} main={main} stems={stems} />
          <Uses job={job} files={result.files} />
        </footer>
      )}
    </section>
  );
}

/** Two buttons that put a take on either side of the comparison. */
function Marks({ mark }: { mark: Mark }) {
  const marks = useStore((state) => state.marks);
  return (
    <span class="marks" role="group" aria-label="Compare">
      {(["a", "b"] as const).map((side) => {
        const on = marks[side]?.url === mark.url;
        return (
          <button
            type="button"
            class="tool"
            key={side}
            aria-pressed={on}
            title={`Compare as ${side.toUpperCase()}`}
            onClick={() => set({ marks: { ...get().marks, [side]: on ? null : mark } })}
          >
            {side.toUpperCase()}
          </button>
        );
      })}
    </span>
  );
}

function Uses({ job, files }: { job: Job; files: ResultFile[] }) {
  const tasks = useStore((state) => state.tasks);
  const ways = files.filter((file) => !isStem(file)).flatMap((file) => uses(tasks, file).map((way) => ({ file, way })));
  if (!ways.length) return null;
  return (
    <select
      class="small"
      aria-label="Use as input"
      value=""
      onChange={(event) => {
        const chosen = ways[Number(event.currentTarget.value)];
        if (chosen && event.currentTarget.value) use(job, chosen.file, chosen.way);
      }}
    >
      <option value="">Use as input…</option>
      {ways.map(({ file, way }, index) => (
        <option key={index} value={index}>
          {way.task}: {way.field} ← {base(file.name)}
        </option>
      ))}
    </select>
  );
}

/** Stems lie in a folder beside the mix. */
function isStem(file: ResultFile): boolean {
  return file.name.includes("/");
}
