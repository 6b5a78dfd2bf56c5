import { useMemo, useState } from "preact/hooks";
import type { Job, Result, ResultFile } from "./api";
import { Captions, isSegments } from "./captions";
import { Downloads } from "./downloads";
import { base, heardFrom, isSame, isStem, markOf, soundsOf, suffix } from "./files";
import { use, uses } from "./make";
import { sound, useSound } from "./media";
import { Player } from "./player";
import { get, set, useStore, type Mark } from "./state";
import { Spoken, timesOf } from "./spoken";
import { Summary } from "./table";
import { Transcript, transcriptOf } from "./transcript";
import { size } from "./words";

/** One result: heard, seen, and handed on. */
export function Take({ job, result, number }: { job: Job; result: Result; number: number }) {
  const { main, stems } = soundsOf(result);
  const notes = result.files.find((file) => file.kind === "notes");
  // That of the notes is drawn anew.
  const pictures = result.files.filter((file) => file.kind === "picture" && !(notes && isNamedAs(file, notes)));
  const several = job.results.length > 1;
  const name = several ? `Take ${number}` : "Take";
  const mark = main ? markOf(job, main, number) : null;
  const ways = main ? waysToHear(main, stems) : [];
  // What is heard stays, though a preview may come while it is: what plays in the list plays on.
  const [address, hear] = useState(() => (isSame(get().current, mark) ? get().current?.url : ways[0]?.address));
  const heard = ways.find((way) => way.address === address) ?? ways[0];
  const media = useSound(mark && heard ? { ...mark, file: heard.file.name, url: heard.address } : null);
  const silent = useMemo(() => new Audio(), []);
  const eager = useStore((state) => state.eager === job.id) && number === 1;
  const { segments } = result.summary;
  const times = timesOf(result.files);
  const transcript = transcriptOf(job, result.files);

  const change = (to: string) => {
    const at = media?.currentTime ?? 0;
    const goesOn = media && !media.paused;
    hear(to);
    if (!mark) return;
    const next = sound({ ...mark, file: ways.find((way) => way.address === to)!.file.name, url: to });
    next.currentTime = at;
    if (goesOn) void next.play().catch(() => undefined);
  };

  return (
    <section class="take" aria-label={name}>
      {several && <h3>{name}</h3>}
      {(heard || notes) && (
        <Player
          key={heard && isStem(heard.file) ? heard.file.url : "mix"}
          {...{ job, notes, eager }}
          file={heard?.file}
          media={media ?? silent}
          label={name.toLowerCase()}
        >
          {ways.length > 1 && heard && (
            <select
              class="small"
              aria-label="Hear"
              value={heard.address}
              onChange={(event) => change(event.currentTarget.value)}
            >
              {ways.map((way) => (
                <option key={way.address} value={way.address}>
                  {way.label}
                </option>
              ))}
            </select>
          )}
          {mark && <Marks mark={mark} />}
        </Player>
      )}
      {pictures.map((picture) => (
        <img class="picture" key={picture.name} src={picture.url} alt={`Picture: ${base(picture.name)}`} />
      ))}
      {times && <Spoken file={times} media={media ?? silent} />}
      {transcript && <Transcript key={transcript.url} job={job} file={transcript} />}
      {isSegments(segments) && <Captions segments={segments} media={media} />}
      <Summary summary={result.summary} without={isSegments(segments) ? ["segments"] : transcript ? ["text", "segments", "words"] : []} />
      {result.files.length > 0 && (
        <footer class="take-foot">
          <Downloads files={result.files} main={main} stems={stems} transcript={transcript} />
          <Uses job={job} files={result.files} />
        </footer>
      )}
    </section>
  );
}

/** Whether two files differ in their suffix alone. */
function isNamedAs(file: ResultFile, other: ResultFile): boolean {
  return file.name.slice(0, -suffix(file.name).length) === other.name.slice(0, -suffix(other.name).length);
}

interface Way {
  address: string;
  label: string;
  file: ResultFile;
}

/** The mix, as it was made too where there is a preview, and each instrument alone. */
function waysToHear(main: ResultFile, stems: ResultFile[]): Way[] {
  const from = heardFrom(main);
  const mix = stems.length ? "the mix" : "preview";
  return [
    { address: from, label: mix, file: main },
    ...(from === main.url ? [] : [{ address: main.url, label: `every sample, ${size(main.bytes)}`, file: main }]),
    ...stems.map((stem) => ({ address: heardFrom(stem), label: base(stem.name), file: stem })),
  ];
}

/** Two buttons that put a sound on either side of the comparison. */
export function Marks({ mark }: { mark: Mark }) {
  const marks = useStore((state) => state.marks);
  return (
    <span class="marks" role="group" aria-label={`Compare ${mark.label}`}>
      {(["a", "b"] as const).map((side) => {
        const on = isSame(marks[side], mark);
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
