import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { seek, useTime } from "./media";
import { clock } from "./words";

export interface Segment {
  start: number;
  end: number;
  text: string;
}

export function isSegments(value: unknown): value is Segment[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => one && "start" in one && "end" in one && "text" in one)
  );
}

/** What is said or sung, with times, the line that sounds being marked; a click goes to a line. */
export function Captions({ segments, media: given }: { segments: Segment[]; media: HTMLMediaElement | null }) {
  const silent = useMemo(() => new Audio(), []);
  const media = given ?? silent;
  const [at, setAt] = useState(-1);
  const list = useRef<HTMLOListElement>(null);
  const frame = useCallback(
    (time: number) => {
      const now = segments.findIndex((one) => time >= one.start && time < one.end);
      setAt(now);
      const line = list.current?.children[now] as HTMLElement | undefined;
      if (line && !media.paused) list.current!.scrollTop = line.offsetTop - list.current!.clientHeight / 2;
    },
    [segments, media],
  );
  useTime(media, frame);
  return (
    <ol class="captions" ref={list} aria-label="Text with times" tabIndex={0}>
      {segments.map((one, index) => (
        <li key={index}>
          <button
            type="button"
            class={index === at ? "now" : ""}
            aria-current={index === at ? "true" : undefined}
            onClick={() => seek(media, one.start)}
          >
            <time>{clock(one.start)}</time>
            <span>{one.text}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
