// One thing sounds at a time, and the keys act on what sounded last.

import { useEffect } from "preact/hooks";
import { get, useStore } from "./state";

const STEP_S = 5;
let groups: HTMLMediaElement[][] = [];
let latest: HTMLMediaElement | null = null;

/** Elements that may sound together; while one plays, those of all other groups are paused. */
export function useEnrolled(group: HTMLMediaElement[]): void {
  const volume = useStore((state) => state.volume);
  useEffect(() => {
    groups = [...groups, group];
    const claim = (event: Event) => {
      latest = event.target as HTMLMediaElement;
      groups.filter((other) => other !== group).forEach((other) => other.forEach((media) => media.pause()));
    };
    group.forEach((media) => media.addEventListener("play", claim));
    return () => {
      groups = groups.filter((other) => other !== group);
      group.forEach((media) => {
        media.removeEventListener("play", claim);
        media.pause();
        if (latest === media) latest = null;
      });
    };
  }, [group]);
  useEffect(() => group.forEach((media) => (media.volume = volume)), [group, volume]);
}

/** Call `frame` with the position, often enough for a cursor, whenever it changes. */
export function useTime(media: HTMLMediaElement, frame: (time: number) => void): void {
  useEffect(() => {
    let request = 0;
    const tick = () => {
      frame(media.currentTime);
      request = media.paused ? 0 : requestAnimationFrame(tick);
    };
    const start = () => {
      cancelAnimationFrame(request);
      tick();
    };
    const events = ["play", "pause", "seeking", "timeupdate", "loadedmetadata", "ended"];
    events.forEach((event) => media.addEventListener(event, start));
    start();
    return () => {
      cancelAnimationFrame(request);
      events.forEach((event) => media.removeEventListener(event, start));
    };
  }, [media, frame]);
}

export function toggle(media: HTMLMediaElement): void {
  if (media.paused) void media.play().catch(() => undefined);
  else media.pause();
}

/** Space plays and pauses, the arrows seek: wherever they mean nothing else. */
export function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || get().locked) return;
  if (target.closest("input, textarea, select, button, summary, a, [contenteditable]")) return;
  // Before anything has sounded: the first take, rather than a pair that is compared.
  const media = latest ?? (groups.find((group) => group.length === 1) ?? groups[0])?.[0];
  if (!media) return;
  const seek = (by: number) => (media.currentTime = Math.max(0, media.currentTime + by));
  if (event.key === " ") toggle(media);
  else if (event.key === "ArrowRight") seek(STEP_S);
  else if (event.key === "ArrowLeft") seek(-STEP_S);
  else return;
  event.preventDefault();
}
