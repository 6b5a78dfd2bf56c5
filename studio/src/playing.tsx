import { useCallback, useRef } from "preact/hooks";
import { Cross, Pause, Play } from "./icons";
import { seek, sound, toggle, useTime } from "./media";
import { go } from "./place";
import { set, useStore, type Mark } from "./state";
import { clock } from "./words";

/** What sounds while something else is looked at. */
export function Playing() {
  const current = useStore((state) => state.current);
  const isSeen = useStore((state) => state.place.page === "piece" && state.place.id === state.current?.job);
  if (!current || isSeen) return null;
  return <Bar key={current.url} mark={current} />;
}

function Bar({ mark }: { mark: Mark }) {
  const media = sound(mark);
  const playing = useStore((state) => state.playing);
  const slider = useRef<HTMLInputElement>(null);
  const time = useRef<HTMLSpanElement>(null);
  const frame = useCallback(
    (now: number) => {
      if (slider.current) slider.current.value = String(now / (media.duration || 1));
      if (time.current) time.current.textContent = `${clock(now)} / ${clock(media.duration || 0)}`;
    },
    [media],
  );
  useTime(media, frame);
  return (
    <section class="deck" aria-label="Playing">
      <button type="button" class="play-pair" aria-label={playing ? "Pause" : "Play"} onClick={() => toggle(media)}>
        {playing ? <Pause /> : <Play />}
      </button>
      <button type="button" class="deck-label" onClick={() => go({ page: "piece", id: mark.job })}>
        {mark.label}
      </button>
      <input
        ref={slider}
        type="range"
        min={0}
        max={1}
        step={0.001}
        defaultValue="0"
        aria-label="Position"
        onInput={(event) => seek(media, Number(event.currentTarget.value) * (media.duration || 0))}
      />
      <span class="time" ref={time} />
      <button
        type="button"
        class="icon-button"
        aria-label="Stop"
        onClick={() => {
          media.pause();
          set({ current: null });
        }}
      >
        <Cross />
      </button>
    </section>
  );
}
