// Runs in the audio thread: hands on what the microphone hears, block by block. Its outputs stay silent.

declare const AudioWorkletProcessor: new () => { port: MessagePort };
declare function registerProcessor(name: string, kind: unknown): void;

registerProcessor(
  "collector",
  class extends AudioWorkletProcessor {
    process([input]: Float32Array[][]): boolean {
      if (input?.[0]) this.port.postMessage(input[0].slice());
      return true;
    }
  },
);

export {};
