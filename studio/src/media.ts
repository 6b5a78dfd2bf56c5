// What sounds: one thing at a time, whichever part of the page began it.

import { useEffect } from "preact/hooks";
import { get, set, type Mark } from "./state";

/** Sounds that are kept ready; those played longest ago give their connection and memory back. */
const MOST_KEPT = 8;
const sounds = new Map<string, HTMLAudioElement>();
let groups: HTMLMediaElement[][] = [];
let latest: HTMLMediaElement | null = null;

/** The sound of an address: the same one in the list, in the piece, and below. */
export function sound(mark: Mark): HTMLAudioElement {
  const known = sounds.get(mark.url);
  if (known) return known;
  const media = new Audio();
  media.preload = "none";
  media.src = mark.url;
  media.volume = get().volume;
  sounds.set(mark.url, media);
  const group = [media];
  groups.push(group);
  media.addEventListener("play", () => {
    claim(group, media);
    set({ current: mark, playing: true });
    sounds.delete(mark.url); // it is the youngest now
    sounds.set(mark.url, media);
    thinOut(mark.url);
  });
  for (const event of ["pause", "ended"]) {
    media.addEventListener(event, () => get().current?.url === mark.url && set({ playing: false }));
  }
  return media;
}

function thinOut(except: string): void {
  for (const [url, media] of sounds) {
    if (sounds.size <= MOST_KEPT) return;
    if (url === except || !media.paused || media.dataset.used) continue;
    media.removeAttribute("src");
    media.load();
    sounds.delete(url);
    groups = groups.filter(([only]) => only !== media);
  }
}

/** Pause whatever else sounds. */
function claim(group: HTMLMediaElement[], media: HTMLMediaElement): void {
  latest = media;
  groups.filter((other) => other !== group).forEach((other) => other.forEach((one) => one.pause()));
}

/** A sound that a part of the page shows is not thinned out while it does. */
export function useSound(mark: Mark | null): HTMLAudioElement | null {
  const media = mark && sound(mark);
  useEffect(() => {
    if (!media) return;
    media.dataset.used = "yes";
    return () => void delete media.dataset.used;
  }, [media]);
  return media;
}

/** Elements that may sound together, as long as a part of the page is there. */
export function useGroup(group: HTMLMediaElement[]): void {
  useEffect(() => {
    groups.push(group);
    const begun = (event: Event) => claim(group, event.target as HTMLMediaElement);
    group.forEach((media) => {
      media.volume = get().volume;
      media.addEventListener("play", begun);
    });
    return () => {
      groups = groups.filter((other) => other !== group);
      group.forEach((media) => {
        media.removeEventListener("play", begun);
        media.pause();
        if (latest === media) latest = null;
      });
    };
  }, [group]);
}

export function setVolume(volume: number): void {
  set({ volume });
  groups.flat().forEach((media) => (media.volume = volume));
}

/** What the keys act on: what sounded last, or, before anything has, `first`. */
export function keyed(first: HTMLMediaElement | null): HTMLMediaElement | null {
  return latest ?? first;
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

/** Go to a time; before anything is loaded too, which media elements tell nobody of. */
export function seek(media: HTMLMediaElement, time: number): void {
  const last = Number.isFinite(media.duration) ? media.duration : time;
  media.currentTime = Math.min(Math.max(0, time), last);
  media.dispatchEvent(new Event("seeking"));
}
