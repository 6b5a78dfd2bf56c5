import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api, type Notes, type ResultFile } from "./api";
import { colour, trackColour } from "./colours";
import { useTime } from "./media";
import { useStore } from "./state";
import { clock } from "./words";

/** Of the picture, and of a semitone. */
const HEIGHT = 240;
const LEAST_STEP = 4.5;
const MOST_STEP = 11;
const LEAST_PIXELS_A_SECOND = 14;
/** Browsers draw no canvas that is wider than this. */
const WIDEST = 16000;
const MARGIN = 16;

/** Notes over time, with a cursor where the sound is; a click goes there. */
export function Roll({ file, media }: { file: ResultFile; media: HTMLMediaElement }) {
  const [notes, setNotes] = useState<Notes | null>(null);
  const [room, setRoom] = useState(0);
  const [heard, setHeard] = useState(0);
  const frameBox = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  const dark = useStore((state) => state.dark);

  useEffect(() => {
    let current = true;
    api.notes(file).then(
      (found) => current && setNotes(found),
      () => undefined,
    );
    return () => void (current = false);
  }, [file.url]);

  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setRoom(Math.floor(entry!.contentRect.width)));
    watch.observe(frameBox.current!);
    return () => watch.disconnect();
  }, []);

  // The sound lasts longer than the notes: on its scale the cursor stands below that of the waveform.
  useEffect(() => {
    const measure = () => setHeard(media.duration || 0);
    measure();
    media.addEventListener("durationchange", measure);
    return () => media.removeEventListener("durationchange", measure);
  }, [media]);

  const seconds = Math.max(notes?.seconds ?? 0, heard, 1e-3);
  const width = notes ? Math.min(WIDEST, Math.max(room, Math.ceil(seconds * LEAST_PIXELS_A_SECOND))) : room;
  const scale = notes ? width / seconds : 0;

  useEffect(() => {
    if (notes && canvas.current && width) draw(canvas.current, notes, width, scale, dark);
  }, [notes, width, scale, dark]);

  const frame = useCallback(
    (time: number) => {
      if (!cursor.current || !frameBox.current) return;
      const at = time * scale;
      cursor.current.style.transform = `translateX(${at}px)`;
      const box = frameBox.current;
      const outside = at < box.scrollLeft || at > box.scrollLeft + box.clientWidth - 24;
      if (!media.paused && outside) box.scrollLeft = at - 24;
    },
    [scale, media],
  );
  useTime(media, frame);

  const count = notes?.tracks.reduce((total, track) => total + track.notes.length, 0) ?? 0;
  return (
    <figure class="roll-box">
      <div class="roll-frame" ref={frameBox} tabIndex={0} role="group" aria-label="Piano roll">
        <canvas
          class="roll"
          ref={canvas}
          role="img"
          aria-label={notes ? `${count} notes in ${notes.tracks.length} tracks, ${clock(notes.seconds)} long` : "Notes"}
          onClick={(event) => {
            if (scale) media.currentTime = event.offsetX / scale;
          }}
        />
        <div class="cursor" ref={cursor} />
      </div>
      <figcaption class="legend">
        {notes?.tracks.map((track, index) => (
          <span key={index}>
            <i style={{ background: trackColour(index, dark) }} />
            {track.name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function draw(canvas: HTMLCanvasElement, notes: Notes, width: number, scale: number, dark: boolean): void {
  const pitches = notes.tracks.flatMap((track) => track.notes.map((note) => note[2]));
  const low = pitches.reduce((least, pitch) => Math.min(least, pitch), 60) - 1;
  const high = pitches.reduce((most, pitch) => Math.max(most, pitch), 72) + 1;
  const rows = high - low + 1;
  const step = Math.min(MOST_STEP, Math.max(LEAST_STEP, (HEIGHT - MARGIN) / rows));
  const height = MARGIN + rows * step;
  const top = (pitch: number) => MARGIN + (high - pitch) * step;

  const ratio = Math.min(devicePixelRatio, WIDEST / width);
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d")!;
  pen.scale(ratio, ratio);

  pen.fillStyle = colour("--roll-black");
  for (let pitch = low; pitch <= high; pitch++) {
    if ([1, 3, 6, 8, 10].includes(pitch % 12)) pen.fillRect(0, top(pitch), width, step);
  }
  pen.fillStyle = colour("--line");
  for (const bar of spaced(notes.bars, scale)) pen.fillRect(Math.round(bar * scale), MARGIN, 1, height);
  pen.fillStyle = colour("--quiet");
  pen.font = "11px system-ui, sans-serif";
  for (const { start, text } of notes.markers) pen.fillText(text, start * scale + 3, 11);

  notes.tracks.forEach((track, index) => {
    pen.fillStyle = trackColour(index, dark);
    for (const [start, duration, pitch, velocity] of track.notes) {
      pen.globalAlpha = 0.45 + (0.55 * velocity) / 127;
      const long = track.is_drum ? 2 : Math.max(1.5, duration * scale - 0.75);
      pen.beginPath();
      pen.roundRect(start * scale, top(pitch) + 0.5, long, Math.max(1.5, step - 1), 1.5);
      pen.fill();
    }
  });
  pen.globalAlpha = 1;
}

/** So many of the lines that they do not run together. */
function spaced(times: number[], scale: number): number[] {
  const gap = ((times.at(-1) ?? 0) / Math.max(times.length - 1, 1)) * scale;
  const every = gap > 0 ? 2 ** Math.max(0, Math.ceil(Math.log2(14 / gap))) : 1;
  return times.filter((_, index) => index % every === 0);
}
