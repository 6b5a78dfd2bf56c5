import { EXAMPLES } from "./examples";
import { example } from "./make";
import { useStore } from "./state";

/** What a newcomer sees: a sound is one press away. */
export function Welcome() {
  const tasks = useStore((state) => state.tasks);
  const offered = EXAMPLES.filter(({ task }) => tasks.some((one) => one.name === task));
  return (
    <div class="welcome" id="examples">
      <h2>Say what you would like to hear</h2>
      <p>Menura makes it on this computer, in a few seconds. Write your own words, or begin with one of these.</p>
      <ul>
        {offered.map(({ task, label, parameters }) => (
          <li key={label}>
            <button type="button" class="example" onClick={() => void example(task, parameters)}>
              {label}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
