import { useRef, useState } from "preact/hooks";
import { api, Refusal } from "../api";
import { Cross, Mic } from "../icons";
import { record, type Recording } from "../recorder";
import { accepts } from "../schema";
import { get, set, useStore, type FileValue } from "../state";
import { isFile, when } from "../words";
import type { ControlProps } from "./control";

/** A file: dropped, chosen, recorded, or a result of a former job. It is uploaded at once, so that its id suffices. */
export function FileControl({ id, name, property, value, change, aria }: ControlProps) {
  const [busy, setBusy] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const takesSound = accepts(property, "a.wav");

  const give = (file: FileValue | undefined) => {
    setTrouble(null);
    change(file);
  };
  const send = async (file: File | undefined) => {
    if (!file) return;
    if (!accepts(property, file.name)) {
      return setTrouble(`This takes ${property["x-accept"]!.join(", ")}.`);
    }
    setBusy(`Uploading ${file.name}…`);
    try {
      const upload = await api.upload(file);
      set({ uploads: { ...get().uploads, [upload.id]: upload.filename } });
      give({ id: upload.id, name: upload.filename });
    } catch (error) {
      setTrouble(error instanceof Refusal ? error.message : String(error));
    } finally {
      setBusy(null);
    }
  };

  return (
    <div
      class={over ? "file over" : "file"}
      role="group"
      aria-labelledby={`${id}-label`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void send(event.dataTransfer?.files[0]);
      }}
    >
      {isFile(value) ? (
        <p class="chip wide">
          <span>{value.name}</span>
          <button type="button" aria-label={`Remove ${value.name}`} onClick={() => give(undefined)}>
            <Cross />
          </button>
        </p>
      ) : (
        <p class="drop">{busy ?? "Drop a file here, or"}</p>
      )}
      <div class="file-ways">
        <label class="button small">
          Choose a file
          <input
            type="file"
            class="hidden"
            id={id}
            name={name}
            accept={property["x-accept"]?.join(",")}
            onChange={(event) => {
              void send(event.currentTarget.files?.[0]);
              event.currentTarget.value = "";
            }}
            {...aria}
          />
        </label>
        {takesSound && <Microphone done={send} trouble={setTrouble} />}
        <FormerResults accept={(file) => accepts(property, file)} take={give} />
      </div>
      {trouble && (
        <p class="error" role="alert">
          {trouble}
        </p>
      )}
    </div>
  );
}

function FormerResults({ accept, take }: { accept: (name: string) => boolean; take: (value: FileValue) => void }) {
  const jobs = useStore((state) => state.jobs);
  const offered = (jobs ?? []).flatMap((job) =>
    job.results
      .flatMap((result) => result.files)
      .filter((file) => accept(file.name))
      .map((file) => ({ id: `${job.id}/${file.name}`, name: file.name, when: when(job.created) })),
  );
  if (!offered.length) return null;
  return (
    <select
      class="small"
      aria-label="Use a result"
      value=""
      onChange={(event) => {
        const chosen = offered.find((file) => file.id === event.currentTarget.value);
        if (chosen) take({ id: chosen.id, name: chosen.name });
      }}
    >
      <option value="">Use a result…</option>
      {offered.slice(0, 60).map((file) => (
        <option key={file.id} value={file.id}>
          {file.name} · {file.when}
        </option>
      ))}
    </select>
  );
}

function Microphone({ done, trouble }: { done: (file: File) => void; trouble: (message: string) => void }) {
  const recording = useRef<Recording | null>(null);
  const [on, setOn] = useState(false);
  // Browsers lend the microphone only to pages of this machine and to https.
  if (!navigator.mediaDevices) return null;
  const toggle = async () => {
    if (recording.current) {
      const file = await recording.current.stop();
      recording.current = null;
      setOn(false);
      return done(file);
    }
    try {
      recording.current = await record();
      setOn(true);
    } catch {
      trouble("The microphone is not to be had. Allow it in the browser’s settings for this page.");
    }
  };
  return (
    <button type="button" class={on ? "small recording" : "small"} aria-pressed={on} onClick={() => void toggle()}>
      <Mic /> {on ? "Stop" : "Record"}
    </button>
  );
}

/** Several files. */
export function FileList(props: ControlProps) {
  const files = Array.isArray(props.value) ? (props.value as FileValue[]) : [];
  const property = { ...props.property, ...props.property.items };
  const put = (index: number, file: unknown) => {
    const rest = file ? files.with(index, file as FileValue) : files.toSpliced(index, 1);
    props.change(rest.length ? rest : undefined);
  };
  return (
    <>
      {files.map((file, index) => (
        <FileControl
          {...props}
          key={file.id}
          id={`${props.id}-${index}`}
          property={property}
          value={file}
          change={(value) => put(index, value)}
        />
      ))}
      <FileControl
        {...props}
        property={property}
        value={undefined}
        change={(file) => props.change([...files, file as FileValue])}
      />
    </>
  );
}
