import { useEffect, useMemo, useState } from "preact/hooks";
import { api, type Voice } from "../api";
import { useGroup } from "../media";
import type { ControlProps } from "./control";
import { Text } from "./text";

/** What a voice says of itself, by the language that is its own. */
const SAMPLES: Record<string, string> = {
  de: "Guten Tag. So klingt diese Stimme.",
  nl: "Goedendag. Zo klinkt deze stem.",
};
const SAMPLE = "Good morning. This is how I sound.";

/** A voice by its name or as a mixture, which can be heard before it is chosen. */
export function VoiceControl(props: ControlProps) {
  const [voices, setVoices] = useState<Voice[]>([]);
  const media = useMemo(() => new Audio(), []);
  const group = useMemo(() => [media], [media]);
  useGroup(group);
  useEffect(() => void api.voices().then(setVoices, () => undefined), []);
  const voice = typeof props.value === "string" ? props.value : (voices[0]?.id ?? "");
  const hear = () => {
    const own = voices.find((one) => one.id === voice.split(/[:,]/)[0]?.trim());
    media.src = `/v1/stream/speak?${new URLSearchParams({ text: SAMPLES[own?.language ?? ""] ?? SAMPLE, voice })}`;
    void media.play().catch(() => undefined);
  };
  return (
    <div class="voice">
      <Text {...props} property={{ ...props.property, "x-options": voices.map((one) => one.id) }} />
      <button type="button" class="tool" id={`${props.id}-hear`} disabled={!voice} onClick={hear}>
        Hear it
      </button>
    </div>
  );
}
