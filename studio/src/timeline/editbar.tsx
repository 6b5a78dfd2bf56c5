import { useEffect, useState } from "preact/hooks";
import { isOpen, type Job, type Notes, type ResultFile } from "../api";
import { Cross } from "../icons";
import { composeAnew, goOn, playChanges, playedIn, type Piece } from "../rework";
import { useStore } from "../state";
import { quietly } from "../watch";
import { GRIDS, type Editing } from "./edit";
import type { Scale } from "./scale";
import { barsWithin } from "./score";
import type { Part } from "./timeline";
import { forgetChanges } from "./undoing";

/** Notes that can be changed, and how the timeline was when they were last. */
export interface Editable {
  job: Job;
  file: ResultFile;
  on: boolean;
  stop: () => void;
  begin: { zoom: number; left: number };
}

interface Props {
  notes: Notes;
  edit: Editing;
  editable: Editable;
  part: Part | null;
  setPart: (part: Part | null) => void;
  media: HTMLMediaElement;
  scale: Scale;
}

/** What can be done with the notes: with the bars that are chosen, and, while they are edited, with each. */
export function EditBar(props: Props) {
  const { edit, editable } = props;
  return (
    <>
      <Bars {...props} />
      {(editable.on || edit.isChanged) && <Tools {...props} />}
      <p class="hint" role="status">
        {editable.on && (edit.said || hint(edit))}
      </p>
    </>
  );
}

function hint({ isChanged }: Editing): string {
  if (isChanged) return "What is changed is heard once it is played anew.";
  return "Drag notes, or their ends; double-click for a new one.";
}

function Bars({ notes, edit, editable, part, setPart, media, scale }: Props) {
  const tasks = useStore((state) => state.tasks);
  if (!tasks.some((task) => task.name === "compose")) return null;
  const piece: Piece = { ...editable, notes, tracks: edit.now.tracks };
  const stay = { left: scale.left, zoom: scale.width / scale.room, time: part?.start ?? media.currentTime };
  const [first, last] = part ? barsWithin(notes, part.start, part.end) : [1, notes.bars.length];
  const range = first === last ? `bar ${first}` : `bars ${first}–${last}`;
  return (
    <div class="tools" role="group" aria-label="Compose">
      {part && (
        <button
          type="button"
          class="tool"
          id="compose-anew"
          onClick={() => void quietly(() => composeAnew(piece, first, last, { ...stay, part }))}
        >
          Compose {range} anew
        </button>
      )}
      <button type="button" class="tool" id="go-on" onClick={() => void quietly(() => goOn(piece, last, stay))}>
        Go on {part && last < notes.bars.length ? `after bar ${last}` : "from the end"}
      </button>
      {part ? (
        <button type="button" class="tool" aria-label="Choose no bars" onClick={() => setPart(null)}>
          <Cross />
        </button>
      ) : (
        <span class="hint">Drag over the bar numbers to choose some.</span>
      )}
    </div>
  );
}

function Tools({ notes, edit, editable, media, scale }: Props) {
  const [waiting, wait] = useState<string | null>(null);
  const job = useStore((state) => (state.awaited?.id === waiting ? state.awaited : null));
  const quarter = notes.ticks_per_quarter;
  const stay = () => ({
    ...{ left: scale.left, zoom: scale.width / scale.room },
    ...{ time: media.currentTime, playing: !media.paused, editing: true },
  });
  useEffect(() => {
    if (!job || isOpen(job)) return;
    wait(null);
    if (job.status === "done") forgetChanges(editable.file.url);
    playedIn(job, stay());
  }, [job]);
  const play = () => quietly(async () => wait(await playChanges({ ...editable, notes, tracks: edit.now.tracks })));
  const share = job ? Math.round(100 * (job.progress ?? 0)) : 0;
  return (
    <div class="tools" role="toolbar" aria-label="Edit notes">
      <button
        type="button"
        class="tool"
        aria-pressed={edit.adding}
        title="Each press adds a note"
        onClick={() => edit.setAdding(!edit.adding)}
      >
        Add
      </button>
      <button type="button" class="tool" disabled={!edit.now.chosen.size} onClick={edit.remove}>
        Delete
      </button>
      <button type="button" class="tool" disabled={!edit.past.length} onClick={edit.undo}>
        Undo
      </button>
      <button type="button" class="tool" disabled={!edit.future.length} onClick={edit.redo}>
        Redo
      </button>
      <label class="tool-select">
        Grid
        <select
          class="small"
          value={String(quarter / edit.grid)}
          onChange={(event) => edit.setGrid(quarter / Number(event.currentTarget.value))}
        >
          {GRIDS.map(([label, parts]) => (
            <option key={label} value={parts}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="tool primary-tool"
        id="play-changes"
        disabled={!edit.isChanged || waiting !== null}
        onClick={() => void play()}
      >
        {waiting ? `Playing it anew… ${share} %` : "Play the changes"}
      </button>
      <button
        type="button"
        class="tool"
        onClick={() => {
          forgetChanges(editable.file.url);
          editable.stop();
        }}
      >
        {edit.isChanged ? "Discard" : "Done"}
      </button>
    </div>
  );
}
