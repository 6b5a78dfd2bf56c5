// Time across the page: one scale for the waveform, the spectrogram and the notes.

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** Nearer than this nothing more is to be seen. */
const MOST_PIXELS_A_SECOND = 400;

export interface Scale {
  /** Pixels that are seen, and all there are. */
  room: number;
  width: number;
  /** Pixels a second. */
  pace: number;
  /** Pixels left of what is seen. */
  left: number;
}

export interface Zoom {
  scale: Scale;
  /** So many times nearer; the time `at`, or the middle, stays where it is. */
  zoomBy: (factor: number, at?: number) => void;
  isWhole: boolean;
}

export function useZoom(box: { current: HTMLDivElement | null }, seconds: number, begin: number): Zoom {
  const [room, setRoom] = useState(0);
  const [left, setLeft] = useState(0);
  const [zoom, setZoom] = useState(begin);
  const most = room ? Math.max(1, (MOST_PIXELS_A_SECOND * seconds) / room) : Infinity;
  const width = Math.round(room * Math.min(zoom, most));
  const pace = width / seconds;
  const anchor = useRef<{ time: number; x: number } | null>(null);

  useEffect(() => {
    const { current } = box;
    if (!current) return;
    const watch = new ResizeObserver(([entry]) => setRoom(Math.floor(entry!.contentRect.width)));
    const scrolled = () => setLeft(current.scrollLeft);
    watch.observe(current);
    current.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      watch.disconnect();
      current.removeEventListener("scroll", scrolled);
    };
  }, []);

  useLayoutEffect(() => {
    if (anchor.current && box.current) {
      box.current.scrollLeft = anchor.current.time * pace - anchor.current.x;
      setLeft(box.current.scrollLeft);
    }
    anchor.current = null;
  }, [pace]);

  const zoomBy = useCallback(
    (factor: number, at?: number) => {
      const middle = (left + room / 2) / pace;
      const time = at === undefined ? middle : at;
      anchor.current = { time, x: time * pace - left };
      setZoom(Math.min(Math.max(1, Math.min(zoom, most) * factor), most));
    },
    [left, room, pace, zoom, most],
  );
  return { scale: { room, width, pace, left }, zoomBy, isWhole: width <= room };
}
