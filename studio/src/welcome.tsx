import type { Task } from "./api";
import { example } from "./make";

const EXAMPLES = [
  "a slow waltz for flute and piano in D minor, 90 bpm, 16 bars",
  "happy ragtime on piano, 8 bars",
  "calm string quartet in G major, 70 bpm, 12 bars",
];

/** What a newcomer sees: a sound is one press away. */
export function Welcome({ task }: { task: Task | undefined }) {
  return (
    <div class="welcome">
      <h2>Say what you would like to hear</h2>
      <p>Menura makes it on this computer, in a few seconds. Write your own words, or begin with one of these.</p>
      {task && (
        <ul>
          {EXAMPLES.map((prompt) => (
            <li key={prompt}>
              <button type="button" class="example" onClick={() => void example(task.name, { prompt })}>
                {prompt}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
