import { useState } from "preact/hooks";
import { api, Refusal, type Upload } from "../api";
import { Cross } from "../icons";
import { go } from "../place";
import { accepts } from "../schema";
import { get, set, useStore, type FileValue } from "../state";
import { isFile, when } from "../words";
import type { ControlProps } from "./control";
import { Microphone } from "./microphone";

const MOST_OFFERED = 60;

/** A file: dropped, chosen, recorded, or a result of a former job. It is uploaded at once, so that its id suffices. */
export function FileControl({ id, name, property, value, change, aria }: ControlProps) {
  const [busy, setBusy] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isFull, setFull] = useState(false);
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
    set({ sending: get().sending + 1 });
    setFull(false);
    try {
      const upload = await api.upload(file);
      set({ uploads: { ...get().uploads, [upload.id]: upload.filename } });
      give({ id: upload.id, name: upload.filename });
    } catch (error) {
      setTrouble(error instanceof Refusal ? error.message : String(error));
      setFull(error instanceof Refusal && error.code === "quota");
    } finally {
      set({ sending: get().sending - 1 });
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
          {trouble}{" "}
          {isFull && (
            <button type="button" class="tool" onClick={() => go({ page: "uploads" })}>
              Uploads
            </button>
          )}
        </p>
      )}
    </div>
  );
}

interface Former {
  accept: (name: string) => boolean;
  take: (value: FileValue) => void;
}

/** What was sent before, and what former jobs have made. */
function FormerResults({ accept, take }: Former) {
  const jobs = useStore((state) => state.jobs);
  const hidden = useStore((state) => state.hidden);
  const [uploads, setUploads] = useState<Upload[]>([]);
  const results = (jobs ?? [])
    .filter((job) => !hidden[job.id])
    .flatMap((job) =>
      job.results
        .flatMap((result) => result.files)
        .filter((file) => accept(file.name))
        .map((file) => ({ id: `${job.id}/${file.name}`, name: file.name, when: when(job.created) })),
    );
  const sent = uploads
    .filter((file) => accept(file.filename) && !hidden[file.id])
    .map((file) => ({ id: file.id, name: file.filename, when: when(file.created_at) }));
  const look = () =>
    api.uploads().then(
      (page) => setUploads(page.data),
      () => undefined,
    );
  const groups = [
    { label: "Results", offered: results.slice(0, MOST_OFFERED) },
    { label: "Uploads", offered: sent.slice(0, MOST_OFFERED) },
  ];
  return (
    <select
      class="small"
      aria-label="Use a result or an upload"
      value=""
      onFocus={() => void look()}
      onPointerEnter={() => void look()}
      onChange={(event) => {
        const id = event.currentTarget.value;
        const chosen = [...results, ...sent].find((file) => file.id === id);
        if (chosen) take({ id: chosen.id, name: chosen.name });
      }}
    >
      <option value="">Use a former one…</option>
      {groups
        .filter(({ offered }) => offered.length)
        .map(({ label, offered }) => (
          <optgroup key={label} label={label}>
            {offered.map((file) => (
              <option key={file.id} value={file.id}>
                {file.name} · {file.when}
              </option>
            ))}
          </optgroup>
        ))}
    </select>
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
