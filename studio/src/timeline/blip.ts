// A short tone of a pitch, so that a note is heard as it is moved.

import { get } from "../state";

const LASTS_S = 0.22;
let context: AudioContext | null = null;

export function blip(pitch: number): void {
  context ??= new AudioContext();
  const tone = new OscillatorNode(context, { type: "triangle", frequency: 440 * 2 ** ((pitch - 69) / 12) });
  const level = new GainNode(context, { gain: 0.25 * get().volume });
  level.gain.exponentialRampToValueAtTime(0.001, context.currentTime + LASTS_S);
  tone.connect(level).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + LASTS_S);
}
