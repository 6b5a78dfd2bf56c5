import { get, set, useStore } from "./state";
import { spoken } from "./words";

/** What people want, in this order; further headings come last. */
const ORDER = ["Music", "Voice", "Sound", "Listen", "Check", "Train"];

/** Open a task's form. */
export function openTask(name: string): void {
  const { tasks, taskOf } = get();
  const category = tasks.find((task) => task.name === name)?.category ?? "";
  set({ task: name, taskOf: { ...taskOf, [category]: name }, tab: "make", refusal: null });
}

/** Headings, and the tasks of the one that is open. */
export function TaskList() {
  const tasks = useStore((state) => state.tasks);
  const chosen = useStore((state) => state.task);
  const taskOf = useStore((state) => state.taskOf);
  const place = (category: string) => (ORDER.includes(category) ? ORDER.indexOf(category) : ORDER.length);
  const categories = [...new Set(tasks.map((task) => task.category))].sort((a, b) => place(a) - place(b));
  const open = tasks.find((task) => task.name === chosen)?.category;
  const of = (category: string) => tasks.filter((task) => task.category === category);
  return (
    <nav class="tasks" aria-label="What to make">
      <div class="categories">
        {categories.map((category) => (
          <button
            type="button"
            key={category}
            data-category={category}
            aria-current={category === open ? "true" : undefined}
            onClick={() =>
              openTask(of(category).find((task) => task.name === taskOf[category])?.name ?? of(category)[0]!.name)
            }
          >
            {category}
          </button>
        ))}
      </div>
      <div class="task-names">
        {of(open ?? "").map((task) => (
          <button
            type="button"
            key={task.name}
            data-task={task.name}
            title={task.summary}
            aria-current={task.name === chosen ? "true" : undefined}
            onClick={() => openTask(task.name)}
          >
            {spoken(task.name)}
          </button>
        ))}
      </div>
    </nav>
  );
}
