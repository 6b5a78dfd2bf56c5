// The microphone as a WAV file: what MediaRecorder makes is lossy.

import collector from "./recorder-worklet.ts?worker&url";

export interface Recording {
  stop: () => Promise<File>;
  /** End without keeping anything. */
  drop: () => Promise<void>;
}

/** `heard` is told how long it has lasted, in seconds, and how loud the last block was at most, 1 being full scale. */
export async function record(heard: (seconds: number, peak: number) => void): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const context = new AudioContext();
  await context.audioWorklet.addModule(collector);
  const blocks: Float32Array[] = [];
  let count = 0;
  let peak = 0;
  const node = new AudioWorkletNode(context, "collector", { channelCount: 1, channelCountMode: "explicit" });
  node.port.onmessage = ({ data }) => {
    const block = data as Float32Array;
    blocks.push(block);
    count += block.length;
    for (const sample of block) peak = Math.max(peak, Math.abs(sample));
  };
  const meter = setInterval(() => {
    heard(count / context.sampleRate, peak);
    peak = 0;
  }, 80);
  context.createMediaStreamSource(stream).connect(node).connect(context.destination);
  const end = async () => {
    clearInterval(meter);
    stream.getTracks().forEach((track) => track.stop());
    await context.close();
  };
  return {
    drop: end,
    async stop() {
      await end();
      return new File([wav(blocks, context.sampleRate)], "recording.wav", { type: "audio/wav" });
    },
  };
}

/** 16 bits, one channel. */
function wav(blocks: Float32Array[], rate: number): ArrayBuffer {
  const count = blocks.reduce((total, block) => total + block.length, 0);
  const bytes = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (at: number, letters: string) => [...letters].forEach((c, i) => bytes.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  bytes.setUint32(4, 36 + 2 * count, true);
  text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, 2 * rate, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, "data");
  bytes.setUint32(40, 2 * count, true);
  let at = 44;
  for (const block of blocks) {
    for (const sample of block) {
      bytes.setInt16(at, Math.round(32767 * Math.max(-1, Math.min(1, sample))), true);
      at += 2;
    }
  }
  return bytes.buffer as ArrayBuffer;
}
