import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, withFormat, type Job, type Notes, type Peaks, type ResultFile } from "./api";
import { Loop, Minus, Pause, Play, Plus, Volume } from "./icons";
import { lend } from "./keys";
import { setVolume, seek, toggle, useTime } from "./media";
import { lookAt } from "./rework";
import { useStore } from "./state";
import type { Zoom } from "./timeline/scale";
import { Timeline, type Part } from "./timeline/timeline";
import { clock } from "./words";

interface Props {
  job: Job;
  /** What is heard; there may be notes alone. */
  file: ResultFile | undefined;
  notes: ResultFile | undefined;
  media: HTMLMediaElement;
  label: string;
  eager: boolean;
  /** Further tools. */
  children: preact.ComponentChildren;
}

const ZOOM_STEP = 1.6;

/** A sound: the waveform, the notes, and a part to loop. */
export function Player({ job, file, notes: notesFile, media, label, eager, children }: Props) {
  const look = useMemo(() => lookAt(job.id), [job.id]);
  const peaks = useFetched<Peaks>(file?.url, () => api.peaks(file!));
  const notes = useFetched<Notes>(notesFile?.url, () => api.notes(notesFile!));
  const [part, setPart] = useState<Part | null>(look?.part ?? null);
  const [looping, setLooping] = useState(false);
  const [editing, setEditing] = useState(look?.editing ?? false);
  const [edition, setEdition] = useState(0);
  const [spectrogram, showSpectrogram] = useState(false);
  const zoom = useRef<Zoom | null>(null);
  useLoop(media, looping, part);

  useEffect(() => {
    if (look) seek(media, look.time);
    if (file && (look?.playing || eager)) void media.play().catch(() => undefined);
  }, [media, look, eager]);

  const choose = (chosen: Part | null) => {
    setPart(chosen);
    if (chosen) setLooping(true);
  };
  /** Begin or end the part that is looped where the sound is now. */
  const bound = (side: "start" | "end") => {
    const whole = { start: 0, end: peaks.value?.seconds ?? media.duration };
    const fresh = { ...(part ?? whole), [side]: media.currentTime };
    if (fresh.end > fresh.start) choose(fresh);
  };
  const actions: Record<string, () => void> = {
    l: () => setLooping(!looping),
    "[": () => bound("start"),
    "]": () => bound("end"),
    "+": () => zoom.current?.zoomBy(ZOOM_STEP),
    "=": () => zoom.current?.zoomBy(ZOOM_STEP),
    "-": () => zoom.current?.zoomBy(1 / ZOOM_STEP),
    "0": () => zoom.current?.zoomBy(0),
    ...(notesFile ? { e: () => setEditing(!editing) } : {}),
  };
  useEffect(() => lend({ media, on: actions }));

  const ready = peaks.isOver && notes.isOver;
  return (
    <div class="player">
      <div class="transport">
        {file && <Sounding media={media} label={label} seconds={peaks.value?.seconds ?? 0} />}
        {file && (
          <div class="tools" role="group" aria-label="Loop">
            <button
              type="button"
              class="tool"
              aria-pressed={looping}
              title="Loop; drag over the waveform to choose a part"
              onClick={() => setLooping(!looping)}
            >
              <Loop /> Loop{part && " the part"}
            </button>
            {looping && (
              <>
                <button type="button" class="tool" onClick={() => bound("start")}>
                  From here
                </button>
                <button type="button" class="tool" onClick={() => bound("end")}>
                  To here
                </button>
              </>
            )}
            {part && (
              <button type="button" class="tool" onClick={() => setPart(null)}>
                Whole
              </button>
            )}
          </div>
        )}
        <div class="tools end" role="group" aria-label="View">
          {notesFile && (
            <button type="button" class="tool" id="edit-notes" aria-pressed={editing} onClick={() => actions.e!()}>
              Edit notes
            </button>
          )}
          {file && (
            <button type="button" class="tool" aria-pressed={spectrogram} onClick={() => showSpectrogram(!spectrogram)}>
              Spectrogram
            </button>
          )}
          <button type="button" class="tool" aria-label="Zoom out" onClick={() => actions["-"]!()}>
            <Minus />
          </button>
          <button type="button" class="tool" aria-label="Zoom in" onClick={() => actions["+"]!()}>
            <Plus />
          </button>
        </div>
        <div class="tools">{children}</div>
        {file && <VolumeSlider />}
      </div>
      {ready ? (
        <Timeline
          key={edition}
          {...{ media, label, part, setPart: choose }}
          peaks={peaks.value}
          notes={notes.value}
          spectrogram={spectrogram && file ? withFormat(file, "spectrogram") : null}
          zoomed={(now) => (zoom.current = now)}
          editable={
            notesFile
              ? {
                  ...{ job, file: notesFile, on: editing },
                  begin: { zoom: look?.zoom ?? 1, left: look?.left ?? 0 },
                  stop: () => {
                    setEditing(false);
                    setEdition(edition + 1); // what was not played is forgotten
                  },
                }
              : null
          }
        />
      ) : (
        <div class="timeline-wait" />
      )}
    </div>
  );
}

interface Sound {
  media: HTMLMediaElement;
  label: string;
  seconds: number;
  /** What is said where it cannot be played. */
  missing?: string;
}

/** Play, and how far it is. */
export function Sounding({ media, label, seconds, missing }: Sound) {
  const time = useRef<HTMLSpanElement>(null);
  const [playing, setPlaying] = useState(!media.paused);
  const [trouble, setTrouble] = useState(false);
  useEffect(() => {
    const played = () => setPlaying(!media.paused);
    const failed = () => setTrouble(media.error !== null);
    const events = ["play", "pause", "ended"];
    events.forEach((event) => media.addEventListener(event, played));
    media.addEventListener("error", failed);
    played();
    return () => {
      events.forEach((event) => media.removeEventListener(event, played));
      media.removeEventListener("error", failed);
    };
  }, [media]);
  useTime(media, (now) => {
    if (time.current) time.current.textContent = `${clock(now)} / ${clock(media.duration || seconds)}`;
  });
  return (
    <>
      <button
        type="button"
        class="play"
        aria-label={`${playing ? "Pause" : "Play"} ${label}`}
        onClick={() => toggle(media)}
      >
        {playing ? <Pause /> : <Play />}
      </button>
      <span class="time" ref={time} />
      {trouble && <span class="error">{missing ?? "This sound cannot be played here; download it instead."}</span>}
    </>
  );
}

function VolumeSlider() {
  const volume = useStore((state) => state.volume);
  return (
    <label class="volume">
      <Volume />
      <input
        type="range"
        min={0}
        max={1}
        step={0.01}
        value={volume}
        aria-label="Volume"
        onInput={(event) => setVolume(Number(event.currentTarget.value))}
      />
    </label>
  );
}

/** Go back to where a part begins when it ends, or to the start. */
function useLoop(media: HTMLMediaElement, looping: boolean, part: Part | null): void {
  useEffect(() => {
    media.loop = looping && !part;
    return () => void (media.loop = false);
  }, [media, looping, part]);
  useTime(media, (time) => {
    if (looping && part && !media.paused && time >= part.end) media.currentTime = part.start;
  });
}

/** Something the server is asked for once; `value` stays null where it has nothing. */
function useFetched<T>(address: string | undefined, ask: () => Promise<T>): { value: T | null; isOver: boolean } {
  const [found, setFound] = useState<{ address?: string; value: T | null }>({ value: null });
  useEffect(() => {
    if (!address) return;
    let current = true;
    ask().then(
      (value) => current && setFound({ address, value }),
      () => current && setFound({ address, value: null }),
    );
    return () => void (current = false);
  }, [address]);
  const isOver = !address || found.address === address;
  return { value: isOver && address ? found.value : null, isOver };
}
