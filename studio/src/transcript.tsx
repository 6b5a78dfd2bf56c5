import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api, Refusal, type Job, type ResultFile, type Said } from "./api";
import { suffix } from "./files";
import { lend } from "./keys";
import { seek, toggle, useSound, useTime } from "./media";
import { Sounding } from "./player";
import { MOST_WORDS } from "./spoken";
import { forgetTexts, keepTexts, textsOf } from "./texts";
import { clock, title } from "./words";

const FORMATS = ["srt", "vtt", "txt", "json"];

/** The file in which a transcription is whole. */
export function transcriptOf(job: Job, files: ResultFile[]): ResultFile | undefined {
  if (job.task !== "transcribe") return undefined;
  return files.find((file) => suffix(file.name) === "json" && !/\.(transcribe|chapters)\.json$/.test(file.name));
}

/** What was said, beside the recording: a click plays from a word, and the text can be mended and taken as captions. */
export function Transcript({ job, file }: { job: Job; file: ResultFile }) {
  const key = `${job.id}/${file.name}`;
  const [first, setFirst] = useState<Said[]>([]);
  const [shown, setShown] = useState<Said[]>([]);
  const [texts, setTexts] = useState<string[] | null>(() => textsOf(key));
  const [editing, edit] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const media = useSound({ job: job.id, file: file.name, url: recordingOf(job), label: title(job) })!;

  useEffect(() => {
    let current = true;
    api.transcript(file).then(
      (found) => current && setFirst(found),
      () => undefined,
    );
    return () => void (current = false);
  }, [file.url]);
  useEffect(() => {
    if (!texts) return setShown(first);
    if (editing) return;
    let current = true;
    api.reworded(key, texts, "json").then(
      (found) => current && setShown((JSON.parse(found) as { segments: Said[] }).segments),
      (error) => current && setTrouble(error instanceof Refusal ? error.message : String(error)),
    );
    return () => void (current = false);
  }, [first, texts, editing]);

  useEffect(() => lend({ media, on: {} }));

  if (!first.length) return null;
  const change = (index: number, text: string) => {
    const changed = (texts ?? first.map((one) => one.text.trim())).with(index, text);
    keepTexts(key, changed);
    setTexts(changed);
  };
  const restore = () => {
    forgetTexts(key);
    setTexts(null);
    edit(false);
  };
  const download = async (format: string) => {
    setTrouble(null);
    try {
      const content = await api.reworded(key, texts!, format);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
      link.download = `${file.name.slice(0, -".json".length)}-edited.${format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    } catch (error) {
      setTrouble(error instanceof Refusal ? error.message : String(error));
    }
  };
  return (
    <div class="transcript">
      <div class="transport">
        <Sounding
          media={media}
          label="the recording"
          seconds={first.at(-1)!.end}
          missing="The recording cannot be played here, or is not kept any more."
        />
        <div class="tools end">
          {texts && (
            <button type="button" class="tool" onClick={restore}>
              As it was heard
            </button>
          )}
          <button type="button" class="tool" id="edit-text" aria-pressed={editing} onClick={() => edit(!editing)}>
            {editing ? "Done" : "Edit the text"}
          </button>
        </div>
      </div>
      {editing ? (
        <ol class="said-lines" aria-label="The text, to be edited">
          {first.map((one, index) => (
            <li key={index}>
              <button
                type="button"
                class="tool"
                aria-label={`Play from ${clock(one.start)}`}
                onClick={() => playFrom(media, one.start)}
              >
                {clock(one.start)}
              </button>
              <textarea
                aria-label={`What is said at ${clock(one.start)}`}
                rows={Math.max(1, Math.ceil(one.text.length / 70))}
                maxLength={2000}
                value={texts?.[index] ?? one.text.trim()}
                onInput={(event) => change(index, event.currentTarget.value)}
              />
            </li>
          ))}
        </ol>
      ) : (
        <Lines said={shown} media={media} />
      )}
      {texts && (
        <div class="downloads" role="group" aria-label="Download the edited text">
          <span class="label">Edited</span>
          {FORMATS.map((format) => (
            <button type="button" class="small" key={format} onClick={() => void download(format)}>
              {format}
            </button>
          ))}
        </div>
      )}
      {trouble && (
        <p class="error" role="alert">
          {trouble}
        </p>
      )}
    </div>
  );
}

/** Where the recording is heard from, which was sent or made before. */
function recordingOf(job: Job): string {
  const [id, ...name] = String(job.parameters.file ?? "").split("/");
  const path = name.map(encodeURIComponent).join("/");
  return path ? `/v1/jobs/${id}/results/${path}` : `/v1/files/${id}/content`;
}

/** Segments with their words, or without where those are more than a page can well show. */
function Lines({ said, media }: { said: Said[]; media: HTMLMediaElement }) {
  const list = useRef<HTMLOListElement>(null);
  const lit = useRef<Element | null>(null);
  const hasWords = said.reduce((count, one) => count + (one.words?.length ?? 0), 0) <= MOST_WORDS;
  const frame = useCallback(
    (time: number) => {
      const row = said.findIndex((one) => time >= one.start && time < one.end);
      const word = said[row]?.words?.findIndex((one) => time >= one.start && time < one.end) ?? -1;
      const line = list.current?.children[row];
      const now = line?.querySelector(`[data-word="${hasWords ? word : 0}"]`) ?? null;
      if (now === lit.current) return;
      lit.current?.classList.remove("now");
      now?.classList.add("now");
      lit.current = now;
      if (line && !media.paused) {
        list.current!.scrollTop = (line as HTMLElement).offsetTop - list.current!.clientHeight / 2;
      }
    },
    [said, media],
  );
  useTime(media, frame);
  return (
    <ol class="said" ref={list} aria-label="What is said, with times" tabIndex={0}>
      {said.map((one, index) => (
        <li key={index}>
          <time>{clock(one.start)}</time>
          <p class="spoken">
            {one.speaker && <b>{one.speaker} </b>}
            {(hasWords && one.words ? one.words : [{ word: one.text, start: one.start, end: one.end }]).map((word, n) => (
              <button
                type="button"
                key={n}
                class={n && !word.word.startsWith(" ") ? "joined" : undefined}
                data-word={n}
                onClick={() => playFrom(media, word.start)}
              >
                {word.word.trim()}
              </button>
            ))}
          </p>
        </li>
      ))}
    </ol>
  );
}

function playFrom(media: HTMLMediaElement, time: number): void {
  seek(media, time);
  if (media.paused) toggle(media);
}
