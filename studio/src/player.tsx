import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import WaveSurfer from "wavesurfer.js";
import Hover from "wavesurfer.js/plugins/hover";
import Regions, { type Region } from "wavesurfer.js/plugins/regions";
import Spectrogram from "wavesurfer.js/plugins/spectrogram";
import type { ResultFile } from "./api";
import { colour } from "./colours";
import { Loop, Pause, Play, Volume } from "./icons";
import { toggle, useEnrolled, useTime } from "./media";
import { set, useStore } from "./state";
import { clock } from "./words";

const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content;
/** Pictures of longer sound are drawn from fewer samples, for the sake of memory. */
const LARGE_BYTES = 40e6;

interface Props {
  file: ResultFile;
  media: HTMLAudioElement;
  label: string;
  eager: boolean;
}

/** A sound: waveform, spectrogram, and a region to loop. */
export function Player({ file, media, label, eager }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const surfer = useRef<WaveSurfer | null>(null);
  const marker = useRef<ReturnType<typeof Regions.create> | null>(null);
  const region = useRef<Region | null>(null);
  const clockBox = useRef<HTMLSpanElement>(null);
  const [playing, setPlaying] = useState(false);
  const [hasRegion, setHasRegion] = useState(false);
  const [looping, setLooping] = useState(false);
  const [spectrogram, setSpectrogram] = useState(false);
  const [trouble, setTrouble] = useState(false);
  const volume = useStore((state) => state.volume);
  const dark = useStore((state) => state.dark);
  const group = useGroup(media);
  useEnrolled(group);
  const seen = useSeen(box);

  useEffect(() => {
    if (!seen) return;
    const regions = Regions.create();
    const wave = WaveSurfer.create({
      container: box.current!,
      media,
      url: file.url,
      height: 88,
      barWidth: 2,
      barGap: 1,
      barRadius: 2,
      normalize: true,
      sampleRate: file.bytes > LARGE_BYTES ? 8000 : 32000,
      ...palette(),
      ...(nonce ? { cspNonce: nonce } : {}),
      plugins: [regions, Hover.create({ formatTimeCallback: clock, lineColor: colour("--quiet") })],
    });
    surfer.current = wave;
    marker.current = regions;
    setTrouble(false);
    wave.on("error", () => setTrouble(true));
    wave.once("ready", () => {
      regions.enableDragSelection({ color: wash() });
      if (eager) void media.play().catch(() => undefined);
    });
    regions.on("region-created", (created) => {
      regions.getRegions().forEach((other) => other !== created && other.remove());
      region.current = created;
      setHasRegion(true);
      setLooping(true);
    });
    const played = () => setPlaying(!media.paused);
    const events = ["play", "pause", "ended"];
    events.forEach((event) => media.addEventListener(event, played));
    return () => {
      events.forEach((event) => media.removeEventListener(event, played));
      region.current = null;
      surfer.current = marker.current = null;
      setHasRegion(false);
      wave.destroy();
    };
  }, [file.url, media, seen]);

  useEffect(() => {
    surfer.current?.setOptions(palette());
    region.current?.setOptions({ color: wash() });
  }, [dark]);

  useEffect(() => {
    const wave = surfer.current;
    if (!spectrogram || !wave) return;
    const plugin = wave.registerPlugin(
      Spectrogram.create({
        height: 160,
        labels: true,
        scale: "mel",
        useWebWorker: true,
        fftSamples: 1024,
        ...labels(),
      }),
    );
    return () => plugin.destroy();
  }, [spectrogram, file.url, media]);

  useEffect(() => {
    media.loop = looping && !hasRegion;
  }, [media, looping, hasRegion]);

  const frame = useCallback(
    (time: number) => {
      const { current } = region;
      if (looping && current && !media.paused && time >= current.end) media.currentTime = current.start;
      if (clockBox.current) clockBox.current.textContent = `${clock(time)} / ${clock(media.duration || 0)}`;
    },
    [media, looping],
  );
  useTime(media, frame);

  const forgetRegion = () => {
    region.current?.remove();
    region.current = null;
    setHasRegion(false);
  };
  /** Begin or end the part that is looped where the sound is now. */
  const bound = (side: "start" | "end") => {
    const { start, end } = region.current ?? { start: 0, end: media.duration };
    const part = { start, end, [side]: media.currentTime };
    if (part.end > part.start) marker.current?.addRegion({ ...part, color: wash() });
  };

  return (
    <div class="player">
      <div class="wave" ref={box} />
      {trouble && <p class="error">This sound cannot be played here; download it instead.</p>}
      <div class="transport">
        <button
          type="button"
          class="play"
          aria-label={`${playing ? "Pause" : "Play"} ${label}`}
          onClick={() => toggle(media)}
        >
          {playing ? <Pause /> : <Play />}
        </button>
        <span class="time" ref={clockBox} />
        <button
          type="button"
          class="tool"
          aria-pressed={looping}
          title="Loop; drag over the waveform to choose a part"
          onClick={() => setLooping(!looping)}
        >
          <Loop /> Loop{hasRegion && " the part"}
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
        {hasRegion && (
          <button type="button" class="tool" onClick={forgetRegion}>
            Whole
          </button>
        )}
        <button type="button" class="tool" aria-pressed={spectrogram} onClick={() => setSpectrogram(!spectrogram)}>
          Spectrogram
        </button>
        <label class="volume">
          <Volume />
          <input
            type="range"
            min={0}
            max={1}
            step={0.01}
            value={volume}
            aria-label="Volume"
            onInput={(event) => set({ volume: Number(event.currentTarget.value) })}
          />
        </label>
      </div>
    </div>
  );
}

function useGroup(media: HTMLMediaElement): HTMLMediaElement[] {
  const group = useRef([media]);
  if (group.current[0] !== media) group.current = [media];
  return group.current;
}

/** Whether an element has come near the window: many takes are not all fetched at once. */
function useSeen(box: { current: Element | null }): boolean {
  const [seen, see] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && see(true), {
      rootMargin: "400px",
    });
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  return seen;
}

function palette() {
  return { waveColor: colour("--wave"), progressColor: colour("--accent"), cursorColor: colour("--cursor") };
}

function labels() {
  return { labelsBackground: "transparent", labelsColor: "#fff", labelsHzColor: "#fff" };
}

function wash(): string {
  return colour("--wash");
}
