import type { CanvasHTMLAttributes } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Notes, Peaks } from "../api";
import { trackColour } from "../colours";
import { lend } from "../keys";
import { seek, useTime } from "../media";
import { useStore } from "../state";
import { clock as shownTime } from "../words";
import {
  belowMiddle,
  drawRoll,
  drawRuler,
  drawWave,
  heightOf,
  rowsOf,
  RULER_HEIGHT,
  WAVE_HEIGHT,
  type Picture,
} from "./draw";
import { useEditing } from "./edit";
import { EditBar, type Editable } from "./editbar";
import { Clock, tracksOf } from "./score";
import { useZoom, type Scale, type Zoom } from "./scale";

/** A stretch of time, in seconds. */
export interface Part {
  start: number;
  end: number;
}

const LEAST_DRAG = 5;
const LEAST_PART_S = 0.05;
const AHEAD = 24;
const EDIT_PACE = 90;

const NO_NOTES: Notes = {
  seconds: 0,
  beats: [],
  bars: [0],
  bar_ticks: [0],
  ticks_per_quarter: 480,
  markers: [],
  tracks: [],
};

interface Props {
  media: HTMLMediaElement;
  label: string;
  peaks: Peaks | null;
  notes: Notes | null;
  /** A picture of the spectrum, whose width is the whole. */
  spectrogram: string | null;
  part: Part | null;
  setPart: (part: Part | null) => void;
  editable: Editable | null;
  /** Told of the way to zoom, for buttons and keys elsewhere. */
  zoomed: (zoom: Zoom) => void;
}

/** A sound over time: where it is loud, what notes it has, where it is heard now. */
export function Timeline(props: Props) {
  const { media, peaks, notes, part, setPart, editable } = props;
  const box = useRef<HTMLDivElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  const played = useRef<HTMLDivElement>(null);
  const dark = useStore((state) => state.dark);
  const seconds = Math.max(peaks?.seconds ?? 0, notes?.seconds ?? 0, 0.05);
  const zoom = useZoom(box, seconds, editable?.begin.zoom ?? 1);
  const { scale } = zoom;
  const editing = Boolean(editable?.on && notes);
  useEffect(() => props.zoomed(zoom));

  const frame = useCallback(
    (time: number) => {
      const at = time * scale.pace;
      if (cursor.current) cursor.current.style.transform = `translateX(${at}px)`;
      if (played.current) played.current.style.width = `${Math.max(0, at - scale.left)}px`;
      const frame = box.current;
      if (!frame || media.paused || scale.width <= scale.room) return;
      if (at < frame.scrollLeft || at > frame.scrollLeft + scale.room - AHEAD) frame.scrollLeft = at - AHEAD;
    },
    [scale.pace, scale.left, scale.room, media],
  );
  useTime(media, frame);

  const pointer = usePart(scale.pace, scale.left, notes, setPart, (time) => seek(media, time));
  const { roll, legend, bandBox, edit, below } = useRoll(props, scale, pointer(false));

  // Where an edited piece is played anew, one is still where one was.
  useLayoutEffect(() => {
    if (scale.room && editable?.begin.left) box.current!.scrollLeft = editable.begin.left;
  }, [scale.room > 0]);
  // Notes are edited from near by, beginning in the middle of them.
  useEffect(() => {
    if (!editing || !scale.room) return;
    if (scale.pace < EDIT_PACE) zoom.zoomBy(EDIT_PACE / scale.pace, media.currentTime);
    const { scrollHeight, clientHeight } = box.current!;
    box.current!.scrollTop = scrollHeight - below - (clientHeight + RULER_HEIGHT + WAVE_HEIGHT) / 2;
  }, [editing, scale.room > 0]);

  useEffect(() => {
    if (editing) return lend({ media, on: { "ctrl z": edit.undo, "ctrl shift z": edit.redo } });
  });

  const tools = notes && (
    <div class="timeline-tools">
      {legend}
      {editable && <EditBar {...{ notes, edit, editable, part, setPart, media, scale }} />}
    </div>
  );
  return (
    <div class={editing ? "timeline editing" : "timeline"}>
      {editing && tools}
      <div
        class="timeline-box"
        ref={box}
        onWheel={(event) => {
          if (!event.ctrlKey) return;
          event.preventDefault();
          const x = event.clientX - box.current!.getBoundingClientRect().left;
          zoom.zoomBy(2 ** (-event.deltaY / 200), (x + scale.left) / scale.pace);
        }}
      >
        <div class={zoom.isWhole ? "timeline-all" : "timeline-all near"} style={{ width: `${scale.width}px` }}>
          <Slider media={media} seconds={seconds} label={props.label}>
            <Drawn class="ruler" draw={(canvas) => drawRuler(canvas, notes, seconds, scale)} {...pointer(true)} />
            {peaks && (
              <div class="wave" {...pointer(false)}>
                <Drawn draw={(canvas) => drawWave(canvas, peaks, scale, "--wave")} redraw={dark} />
                <div class="played" ref={played}>
                  <Drawn draw={(canvas) => drawWave(canvas, peaks, scale, "--accent")} redraw={dark} />
                </div>
              </div>
            )}
          </Slider>
          {props.spectrogram && (
            <img
              class={dark ? "spectrogram inverted" : "spectrogram"}
              src={props.spectrogram}
              alt="Spectrogram"
              {...pointer(false, true)}
            />
          )}
          {notes && roll}
          {bandBox && <div class="band" style={bandBox} />}
          {part && <PartBox part={part} setPart={setPart} pace={scale.pace} />}
          <div class="cursor" ref={cursor} />
        </div>
      </div>
      {!editing && tools}
    </div>
  );
}

/** The chosen stretch, with an edge to pull at either end. */
function PartBox({ part, setPart, pace }: { part: Part; setPart: (part: Part) => void; pace: number }) {
  const from = useRef<{ x: number; part: Part } | null>(null);
  return (
    <div class="part" style={{ left: `${part.start * pace}px`, width: `${(part.end - part.start) * pace}px` }}>
      {(["start", "end"] as const).map((side) => (
        <i
          class={`grip ${side}`}
          key={side}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            from.current = { x: event.clientX, part };
          }}
          onPointerMove={(event) => {
            if (!from.current) return;
            const moved = from.current.part[side] + (event.clientX - from.current.x) / pace;
            const fresh = { ...from.current.part, [side]: Math.max(0, moved) };
            if (fresh.end - fresh.start > LEAST_PART_S) setPart(fresh);
          }}
          onPointerUp={() => (from.current = null)}
        />
      ))}
    </div>
  );
}

/** The position as a slider, for the keyboard and for those who cannot see it. */
function Slider(props: {
  media: HTMLMediaElement;
  seconds: number;
  label: string;
  children: preact.ComponentChildren;
}) {
  const { media, seconds } = props;
  const [now, setNow] = useState(0);
  useTime(
    media,
    useCallback((time: number) => setNow(Math.floor(time)), []),
  );
  return (
    <div
      class="seek"
      role="slider"
      tabIndex={0}
      aria-label={`Position in ${props.label}`}
      aria-valuemin={0}
      aria-valuemax={Math.ceil(seconds)}
      aria-valuenow={now}
      aria-valuetext={`${shownTime(now)} of ${shownTime(seconds)}`}
      onKeyDown={(event) => {
        const fine = event.shiftKey ? 1 : 5;
        const steps: Record<string, number> = {
          ArrowLeft: -fine,
          ArrowDown: -fine,
          ArrowRight: fine,
          ArrowUp: fine,
          PageDown: -30,
          PageUp: 30,
          Home: -Infinity,
          End: Infinity,
        };
        const step = steps[event.key];
        if (step === undefined || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        seek(media, Math.min(seconds, Math.max(0, media.currentTime + step)));
      }}
    >
      {props.children}
    </div>
  );
}

interface Pointers {
  onPointerDown: (event: PointerEvent) => void;
  onPointerMove: (event: PointerEvent) => void;
  onPointerUp: (event: PointerEvent) => void;
  onPointerCancel: () => void;
}

/** A click goes to a time, dragging chooses a part; of bars where it begins on their ruler. */
function usePart(
  pace: number,
  left: number,
  notes: Notes | null,
  setPart: (part: Part | null) => void,
  goTo: (time: number) => void,
): (byBars: boolean, isWide?: boolean) => Pointers {
  const from = useRef<{ x: number; time: number; went: boolean } | null>(null);
  return (byBars, isWide = false) => {
    const timeOf = (event: PointerEvent) => (event.offsetX + (isWide ? 0 : left)) / pace;
    const snapped = (start: number, end: number): Part => {
      if (!byBars || !notes) return { start: Math.max(0, start), end };
      const before = notes.bars.filter((bar) => bar <= start).at(-1) ?? 0;
      return { start: before, end: notes.bars.find((bar) => bar >= end) ?? notes.seconds };
    };
    return {
      onPointerDown: (event) => {
        if (event.button !== 0) return;
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, time: timeOf(event), went: false };
      },
      onPointerMove: (event) => {
        const { current } = from;
        if (!current || (!current.went && Math.abs(event.clientX - current.x) < LEAST_DRAG)) return;
        current.went = true;
        const now = current.time + (event.clientX - current.x) / pace;
        setPart(snapped(Math.min(current.time, now), Math.max(current.time, now)));
      },
      onPointerUp: () => {
        if (from.current && !from.current.went) goTo(from.current.time);
        from.current = null;
      },
      onPointerCancel: () => (from.current = null),
    };
  };
}

/** The notes as they are now: drawn, and under pointer and keys where they are edited. */
function useRoll({ notes: given, media, editable }: Props, scale: Scale, pointers: Pointers) {
  const notes = given ?? NO_NOTES;
  const editing = Boolean(editable?.on && given);
  const begin = useMemo(() => tracksOf(notes), [notes]);
  const clock = useMemo(() => new Clock(notes), [notes]);
  const rows = useMemo(() => rowsOf(begin, editing), [begin, editing]);
  const dark = useStore((state) => state.dark);
  const edit = useEditing({ address: editable?.file.url ?? "", notes, begin, clock, rows, scale });
  const [lit, light] = useState<number | null>(null);
  const active = editing ? edit.active : lit;
  const { band } = edit;
  const { tracks, chosen } = edit.now;
  const count = tracks.reduce((total, track) => total + track.length, 0);
  const about = `${count} notes in ${tracks.length} tracks, ${shownTime(notes.seconds)} long`;
  const picture: Picture = { notes, clock, rows, dark, active, tracks, chosen, grid: editing ? edit.grid : null };
  const draw = (canvas: HTMLCanvasElement) => drawRoll(canvas, picture, scale);
  const roll = editing ? (
    <Drawn
      class="roll"
      role="application"
      tabIndex={0}
      aria-label={`Piano roll: ${about}`}
      draw={draw}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.focus({ preventScroll: true });
        edit.down(event);
      }}
      onPointerMove={edit.move}
      onPointerUp={edit.up}
      onPointerCancel={edit.up}
      onDblClick={edit.twice}
      onTouchStart={edit.touch}
      onKeyDown={(event) => {
        if (edit.key(event, clock.ticks(media.currentTime))) event.preventDefault();
      }}
    />
  ) : (
    <Drawn class="roll" role="img" aria-label={about} draw={draw} {...pointers} />
  );
  const legend = (
    <div class="legend" role="group" aria-label={editing ? "The track that is edited" : "Tracks"}>
      {notes.tracks.map((track, index) => (
        <button
          type="button"
          class="tool"
          key={index}
          aria-pressed={active === index}
          onClick={() => (editing ? edit.activate(index) : light(lit === index ? null : index))}
        >
          <i style={{ background: trackColour(index, dark) }} />
          {track.name || `Track ${index + 1}`}
        </button>
      ))}
    </div>
  );
  const bandBox = band && {
    left: `${band.left}px`,
    bottom: `${heightOf(rows) - band.top - band.height}px`,
    width: `${band.width}px`,
    height: `${band.height}px`,
  };
  return { roll, legend, bandBox, edit, below: belowMiddle(tracks[active ?? 0], rows) };
}

type DrawnProps = CanvasHTMLAttributes<HTMLCanvasElement> & {
  draw: (canvas: HTMLCanvasElement) => void;
  redraw?: unknown;
};

/** A canvas as wide as what is seen, drawn anew whenever the page is. */
function Drawn({ draw, redraw: _, ...rest }: DrawnProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => draw(canvas.current!));
  return <canvas ref={canvas} {...rest} />;
}
