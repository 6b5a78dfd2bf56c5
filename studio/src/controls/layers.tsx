import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, type Knob, type Layer } from "../api";
import { useGroup } from "../media";
import { useStore } from "../state";
import { shown, spoken } from "../words";
import { pairs, type ControlProps } from "./control";

/** After the last key or turn, before the server is asked. */
const PAUSE_MS = 50;
/** Enough of a sound to hear what a knob does, and short enough to be made at once. */
const HEARD = { seconds: "1.5", rate: "24000", mono: "true", seed: "1" };
/** Knobs that every layer has, which stand in its row. */
const PLACE = ["gain_db", "distance_m"];

/** The layers that the words name, each a row with its level, its distance and what else can be turned. */
export function LayersControl({ id, task, value, change }: ControlProps) {
  const prompt = useStore((state) => String(state.drafts[task]?.prompt ?? ""));
  const set = pairs(value);
  const [layers, setLayers] = useState<Layer[]>([]);
  const heard = useRef<string | null>(null);
  const media = useMemo(() => new Audio(), []);
  const group = useMemo(() => [media], [media]);
  useGroup(group);

  const hear = (words: string) => {
    heard.current = words;
    const sounds = layers.filter((layer) => layer.words === words).map((layer) => layer.sound);
    const own = Object.entries(values(value)).filter(([name]) => words === prompt || sounds.includes(name.split(".")[0]!));
    media.src = `/v1/stream/sound?${new URLSearchParams({ ...HEARD, prompt: words, set: pairs(Object.fromEntries(own)) })}`;
    void media.play().catch(() => undefined);
  };

  /** What is set of sounds that the words name no more is let go. */
  const take = (named: Layer[]) => {
    setLayers(named);
    const known = named.flatMap((layer) => layer.knobs.flatMap((knob) => [knob.name, `${layer.sound}.${knob.name}`]));
    const given = Object.entries(values(value));
    const kept = given.filter(([name]) => known.includes(name));
    if (named.length && kept.length < given.length) change(kept.length ? Object.fromEntries(kept) : undefined);
  };
  useEffect(() => {
    const timer = setTimeout(() => {
      if (!prompt.trim()) return setLayers([]);
      api.layers(prompt, set).then(take, () => undefined);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [prompt, set]);
  useEffect(() => {
    if (heard.current === null) return;
    const timer = setTimeout(() => hear(heard.current!), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [set]);
  useEffect(() => void (heard.current = null), [prompt]);

  const turn = (layer: Layer, knob: Knob, to: number | string) =>
    change({ ...values(value), [`${layer.sound}.${knob.name}`]: String(to) });
  if (!layers.length) return <p class="hint">Say which sounds, and their layers stand here.</p>;
  return (
    <div class="layers" role="group" aria-labelledby={`${id}-label`}>
      {layers.map((layer, number) => (
        <section class="layer" key={`${number} ${layer.sound}`} aria-label={layer.words}>
          <header>
            <span title={layer.about}>{layer.words}</span>
            <button type="button" class="tool" onClick={() => hear(layer.words)}>
              Hear it
            </button>
          </header>
          {layer.knobs
            .filter((knob) => PLACE.includes(knob.name))
            .map((knob) => (
              <Turn key={knob.name} id={`${id}-${number}-${knob.name}`} knob={knob} turn={(to) => turn(layer, knob, to)} />
            ))}
          <details>
            <summary>{spoken(layer.sound)}</summary>
            {layer.knobs
              .filter((knob) => !PLACE.includes(knob.name))
              .map((knob) => (
                <Turn key={knob.name} id={`${id}-${number}-${knob.name}`} knob={knob} turn={(to) => turn(layer, knob, to)} />
              ))}
          </details>
        </section>
      ))}
      {layers.length > 1 && (
        <button type="button" class="tool" onClick={() => hear(prompt)}>
          Hear all
        </button>
      )}
    </div>
  );
}

function Turn({ id, knob, turn }: { id: string; knob: Knob; turn: (to: number | string) => void }) {
  const label = knob.unit ? knob.name.replace(/_(db|m|s|mm|hz|kg|kw|m_s|km_h|km)$/, "") : knob.name;
  const { low, high } = knob;
  return (
    <div class="turn">
      <label for={id} title={knob.about}>
        {spoken(label)}
      </label>
      {low === null || high === null ? (
        <select id={id} class="small" value={knob.value} onChange={(event) => turn(event.currentTarget.value)}>
          {knob.values.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      ) : (
        <>
          <input
            type="range"
            id={id}
            min={0}
            max={1}
            step={0.005}
            value={place(Number(knob.value), low, high)}
            aria-valuetext={`${shown(knob.value)} ${knob.unit}`}
            onInput={(event) => turn(at(Number(event.currentTarget.value), low, high))}
          />
          <output for={id}>
            {Number(Number(knob.value).toPrecision(3))} {knob.unit}
          </output>
        </>
      )}
    </div>
  );
}

/** Where in its range a number is, by ratios where the range has some. */
function place(value: number, low: number, high: number): number {
  return low > 0 ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

function at(place: number, low: number, high: number): number {
  const value = low > 0 ? low * (high / low) ** place : low + place * (high - low);
  return Math.min(Math.max(Number(value.toPrecision(3)), low), high);
}

/** What is set, however it was typed. */
function values(value: unknown): Record<string, string> {
  if (typeof value === "object" && value !== null) return value as Record<string, string>;
  const parts = typeof value === "string" ? value.split(",").map((part) => part.split("=")) : [];
  return Object.fromEntries(parts.filter((part) => part.length === 2).map(([name, said]) => [name!.trim(), said!.trim()]));
}
