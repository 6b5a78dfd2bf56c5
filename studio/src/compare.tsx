import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Cross, Pause, Play } from "./icons";
import { useGroup, useTime } from "./media";
import { set, useStore, type Mark } from "./state";
import { clock } from "./words";

type Side = "a" | "b";
/** Further apart than this, the two are brought together when one changes to the other. */
const APART_S = 0.03;

/** Two takes at one position: both run, one is heard. */
export function Compare() {
  const { a, b } = useStore((state) => state.marks);
  if (!a && !b) return null;
  return (
    <section class="deck" aria-label="Compare A and B">
      {a && b ? (
        <Pair key={`${a.url} ${b.url}`} a={a} b={b} />
      ) : (
        <p>
          <b>{a ? "A" : "B"}</b> is {(a ?? b)!.label}. Mark another take as {a ? "B" : "A"} to compare the two.
        </p>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label="End the comparison"
        onClick={() => set({ marks: { a: null, b: null } })}
      >
        <Cross />
      </button>
    </section>
  );
}

function Pair({ a, b }: { a: Mark; b: Mark }) {
  const media = useMemo(() => ({ a: new Audio(a.url), b: new Audio(b.url) }), []);
  const group = useMemo(() => [media.a, media.b], [media]);
  const [side, setSide] = useState<Side>("a");
  const [playing, setPlaying] = useState(false);
  const slider = useRef<HTMLInputElement>(null);
  const time = useRef<HTMLSpanElement>(null);
  useGroup(group);
  const heard = media[side];

  useEffect(() => {
    media.a.muted = side !== "a";
    media.b.muted = side !== "b";
  }, [side]);

  const turn = (to: Side) => {
    if (Math.abs(media[to].currentTime - heard.currentTime) > APART_S) media[to].currentTime = heard.currentTime;
    if (playing) void media[to].play().catch(() => undefined);
    setSide(to);
  };
  const playBoth = () => {
    setPlaying(!playing);
    if (playing) return group.forEach((one) => one.pause());
    if (heard.ended) heard.currentTime = 0;
    for (const one of group) {
      one.currentTime = heard.currentTime;
      void one.play().catch(() => undefined);
    }
  };

  useEffect(() => {
    const paused = () => setPlaying(!heard.paused);
    heard.addEventListener("pause", paused);
    heard.addEventListener("play", paused);
    return () => {
      heard.removeEventListener("pause", paused);
      heard.removeEventListener("play", paused);
    };
  }, [heard]);

  const frame = useCallback(
    (now: number) => {
      if (slider.current) slider.current.value = String(now / (heard.duration || 1));
      if (time.current) time.current.textContent = `${clock(now)} / ${clock(heard.duration || 0)}`;
    },
    [heard],
  );
  useTime(heard, frame);

  return (
    <>
      <button
        type="button"
        class="play-pair"
        aria-label={playing ? "Pause the comparison" : "Play the comparison"}
        onClick={playBoth}
      >
        {playing ? <Pause /> : <Play />}
      </button>
      <div class="segments" role="radiogroup" aria-label="Which is heard">
        {(["a", "b"] as const).map((one) => (
          <label key={one} title={(one === "a" ? a : b).label}>
            <input type="radio" name="heard" value={one} checked={side === one} onChange={() => turn(one)} />
            <span>{one.toUpperCase()}</span>
          </label>
        ))}
      </div>
      <span class="deck-label">{(side === "a" ? a : b).label}</span>
      <input
        ref={slider}
        type="range"
        min={0}
        max={1}
        step={0.001}
        defaultValue="0"
        aria-label="Position of the comparison"
        onInput={(event) => {
          const at = Number(event.currentTarget.value) * (heard.duration || 0);
          group.forEach((one) => (one.currentTime = at));
        }}
      />
      <span class="time" ref={time} />
    </>
  );
}
