import { useEffect, useRef, useState } from "preact/hooks";
import { Cross, Mic } from "../icons";
import { record, type Recording } from "../recorder";
import { clock } from "../words";

/** Below this there is nothing to be seen on the meter. */
const LOWEST_DB = -54;
const CLIPPED = 0.99;

interface Props {
  done: (file: File) => void;
  trouble: (message: string) => void;
}

/** Records, and shows how long and how loud. */
export function Microphone({ done, trouble }: Props) {
  const recording = useRef<Recording | null>(null);
  const [heard, setHeard] = useState<{ seconds: number; peak: number } | null>(null);
  const [clipped, setClipped] = useState(false);
  useEffect(() => () => void recording.current?.drop(), []);
  // Browsers lend the microphone only to pages of this machine and to https.
  if (!navigator.mediaDevices) return null;
  const begin = async () => {
    try {
      setClipped(false);
      recording.current = await record((seconds, peak) => {
        setHeard({ seconds, peak });
        if (peak > CLIPPED) setClipped(true);
      });
      setHeard({ seconds: 0, peak: 0 });
    } catch {
      trouble("The microphone is not to be had. Allow it in the browser’s settings for this page.");
    }
  };
  const end = async (keep: boolean) => {
    const { current } = recording;
    recording.current = null;
    setHeard(null);
    if (keep && current) done(await current.stop());
    else await current?.drop();
  };
  if (!heard) {
    return (
      <button type="button" class="small" onClick={() => void begin()}>
        <Mic /> Record
      </button>
    );
  }
  const level = Math.max(0, 1 - (20 * Math.log10(Math.max(heard.peak, 1e-6))) / LOWEST_DB);
  return (
    <div class="recorder" role="group" aria-label="Recording">
      <button type="button" class="small recording" onClick={() => void end(true)}>
        <Mic /> Stop
      </button>
      <span class="time">{clock(heard.seconds)}</span>
      <span
        class={clipped ? "level clipped" : "level"}
        role="meter"
        aria-label="Level"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * level)}
        aria-valuetext={clipped ? "too loud" : `${Math.round(20 * Math.log10(Math.max(heard.peak, 1e-6)))} dB`}
      >
        <i style={{ width: `${100 * level}%` }} />
      </span>
      <button type="button" class="small" aria-label="Drop the recording" onClick={() => void end(false)}>
        <Cross />
      </button>
      {clipped && <span class="error">Too loud: further away, or quieter.</span>}
    </div>
  );
}
