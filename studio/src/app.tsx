import { useEffect } from "preact/hooks";
import { Compare } from "./compare";
import { Form } from "./form";
import { History } from "./history";
import { Half, Listen, Make, Moon, Past, Sun } from "./icons";
import { JobPanel, Notice } from "./job";
import { onKey } from "./media";
import { Session } from "./session";
import { set, useStore, type Tab, type Theme } from "./state";
import { Welcome } from "./welcome";
import { spoken } from "./words";

const TABS: [Tab, string, typeof Make][] = [
  ["make", "Make", Make],
  ["listen", "Listen", Listen],
  ["history", "History", Past],
];
const THEMES: Record<Theme, [next: Theme, icon: typeof Sun]> = {
  auto: ["light", Half],
  light: ["dark", Sun],
  dark: ["auto", Moon],
};

export function App() {
  const locked = useStore((state) => state.locked);
  useEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return locked ? <Session /> : <Studio />;
}

function Studio() {
  const tab = useStore((state) => state.tab);
  const job = useStore((state) => state.job);
  const jobs = useStore((state) => state.jobs);
  const tasks = useStore((state) => state.tasks);
  const search = useStore((state) => state.search);
  const chosenTask = useStore((state) => state.task);
  const task = tasks.find((one) => one.name === chosenTask);
  const isNew = jobs?.length === 0 && !search;
  return (
    <>
      <Banner />
      <header class="top">
        <h1>
          Menura <span>studio</span>
        </h1>
        <ThemeButton />
      </header>
      <main class="columns" data-shown={tab}>
        <section class="column make" aria-label="Make">
          <TaskList />
          {task && <Form key={task.name} task={task} />}
        </section>
        <section class="column listen" aria-label="Listen">
          <Notice />
          {job ? (
            <JobPanel key={job.id} job={job} />
          ) : isNew ? (
            <Welcome task={tasks.find((one) => one.name === "compose")} />
          ) : (
            <p class="empty">Choose something from the history, or make something new.</p>
          )}
          <Compare />
        </section>
        <section class="column past" aria-label="History">
          <History />
        </section>
      </main>
      <nav class="tabs" aria-label="Parts of the studio">
        {TABS.map(([name, label, Icon]) => (
          <button
            type="button"
            key={name}
            data-tab={name}
            aria-current={tab === name ? "page" : undefined}
            onClick={() => set({ tab: name })}
          >
            <Icon />
            {label}
          </button>
        ))}
      </nav>
    </>
  );
}

function TaskList() {
  const tasks = useStore((state) => state.tasks);
  const chosen = useStore((state) => state.task);
  return (
    <nav class="tasks" aria-label="What to make">
      {tasks.map((task) => (
        <button
          type="button"
          key={task.name}
          data-task={task.name}
          title={task.summary}
          aria-current={task.name === chosen ? "true" : undefined}
          onClick={() => set({ task: task.name })}
        >
          {spoken(task.name)}
        </button>
      ))}
    </nav>
  );
}

function ThemeButton() {
  const theme = useStore((state) => state.theme);
  const [next, Icon] = THEMES[theme];
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={`Colours: ${theme}`}
      title={`Colours: ${theme}`}
      onClick={() => set({ theme: next })}
    >
      <Icon />
    </button>
  );
}

function Banner() {
  const connected = useStore((state) => state.connected);
  return (
    <div role="status" class="banner-box">
      {!connected && <p class="banner">Waiting for the server. Nothing is lost.</p>}
    </div>
  );
}
