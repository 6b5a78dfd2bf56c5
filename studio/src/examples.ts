// What a newcomer may begin with, and everybody come back to.

import type { Values } from "./state";

export const EXAMPLES: { task: string; label: string; parameters: Values }[] = [
  ...[
    "a slow waltz for flute and piano in D minor, 90 bpm, 16 bars",
    "happy ragtime on piano, 8 bars",
    "calm string quartet in G major, 70 bpm, 12 bars",
    "a march for trumpet, trombone, tuba and drums, 12 bars",
  ].map((prompt) => ({ task: "compose", label: prompt, parameters: { prompt } })),
  {
    task: "sample",
    label: "a voice that says “seven”",
    parameters: { model: "wavenet-digits", speaker: "jackson", given: "text=seven", seconds: 1 },
  },
];
