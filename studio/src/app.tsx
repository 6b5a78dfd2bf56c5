import { useEffect } from "preact/hooks";
import { Compare } from "./compare";
import { Form } from "./form";
import { HelpPanel } from "./help";
import { History } from "./history";
import { Find, Folder, Half, Help, Listen, Make, Moon, Past, Spark, Sun } from "./icons";
import { JobPanel, Notice } from "./job";
import { focus, onKey } from "./keys";
import { Palette } from "./palette";
import { go } from "./place";
import { Playing } from "./playing";
import { Session } from "./session";
import { set, useStore, type Tab, type Theme } from "./state";
import { TaskList } from "./tasks";
import { Toasts } from "./toasts";
import { Uploads } from "./uploads";
import { useChosen } from "./watch";
import { Welcome } from "./welcome";
import { title } from "./words";

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
  const panel = useStore((state) => state.panel);
  useEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  if (locked) return <Session />;
  return (
    <>
      <Studio />
      {panel === "palette" && <Palette />}
      {panel === "help" && <HelpPanel />}
    </>
  );
}

function Studio() {
  useChosen();
  const tab = useStore((state) => state.tab);
  const tasks = useStore((state) => state.tasks);
  const chosenTask = useStore((state) => state.task);
  const task = tasks.find((one) => one.name === chosenTask);
  return (
    <>
      <SkipLinks />
      <Banner />
      <Top />
      <main class="columns" data-shown={tab}>
        <section class="column make" id="make-part" tabIndex={-1} aria-label="Make">
          <TaskList />
          {task && <Form key={task.name} task={task} />}
        </section>
        <section class="column listen" id="listen-part" tabIndex={-1} aria-label="Listen">
          <Notice />
          <View />
        </section>
        <section class="column past" id="history-part" tabIndex={-1} aria-label="History">
          <History />
        </section>
        <div class="decks">
          <Toasts />
          <Playing />
          <Compare />
        </div>
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

/** What the address says. */
function View() {
  const place = useStore((state) => state.place);
  const job = useStore((state) => state.job);
  const shown = place.page === "piece" ? job : null;
  useEffect(() => {
    const name = shown ? title(shown) : place.page === "uploads" ? "Uploads" : "";
    document.title = name ? `${name} · Menura` : "Menura studio";
  }, [shown, place]);
  if (place.page === "uploads") return <Uploads />;
  if (place.page === "home") return <Welcome />;
  return shown ? <JobPanel key={shown.id} job={shown} /> : <p class="empty">Choose something from the history.</p>;
}

function Top() {
  const theme = useStore((state) => state.theme);
  const [next, ThemeIcon] = THEMES[theme];
  return (
    <header class="top">
      <h1>
        <a
          href="/"
          onClick={(event) => {
            event.preventDefault();
            go({ page: "home" });
          }}
        >
          Menura <span>studio</span>
        </a>
      </h1>
      <button type="button" class="find" aria-label="Find a task or a piece" onClick={() => set({ panel: "palette" })}>
        <Find /> <span>Find a task or a piece</span> <kbd>Ctrl K</kbd>
      </button>
      <nav class="top-links" aria-label="Studio">
        <IconButton label="Examples" icon={Spark} work={() => go({ page: "home" })} />
        <IconButton label="Uploads" icon={Folder} work={() => go({ page: "uploads" })} />
        <IconButton label="Keys" icon={Help} work={() => set({ panel: "help" })} />
        <IconButton label={`Colours: ${theme}`} icon={ThemeIcon} work={() => set({ theme: next })} />
      </nav>
    </header>
  );
}

function IconButton({ label, icon: Icon, work }: { label: string; icon: typeof Sun; work: () => void }) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={work}>
      <Icon />
    </button>
  );
}

/** For those who come by keyboard: past what stands before. */
function SkipLinks() {
  return (
    <nav class="skip" aria-label="Skip">
      {TABS.map(([name, label]) => (
        <a
          key={name}
          href={`#${name}-part`}
          onClick={(event) => {
            event.preventDefault();
            set({ tab: name });
            focus(`#${name}-part`);
          }}
        >
          Skip to: {label}
        </a>
      ))}
    </nav>
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
