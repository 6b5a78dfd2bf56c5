// What is asked of the server.

import { api, Refusal, type Job, type ResultFile, type Task } from "./api";
import { accepts, request, takesFile } from "./schema";
import { go } from "./place";
import { edit, get, set, setDraft, type Values } from "./state";
import { keep, quietly } from "./watch";
import { fileName } from "./words";

export async function submit(task: string, draft: Values): Promise<void> {
  try {
    await begin(task, request(draft));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status !== 0 && error.status !== 401) set({ refusal: { task, error } });
  }
}

/** Ask for it, and show how far it has come. */
export async function begin(task: string, parameters: Values): Promise<Job> {
  set({ refusal: null, notice: null });
  const job = await api.make(task, parameters);
  keep(job);
  set({ job });
  go({ page: "piece", id: job.id });
  return job;
}

/** The same once more: with its seed, or, to vary it, with another. */
export function again(job: Job, vary: boolean): Promise<void> {
  const parameters = { ...job.parameters };
  if (vary) delete parameters.seed;
  return quietly(async () => void (await begin(job.task, parameters)));
}

/** A first example: it is heard as soon as it is there. */
export async function example(task: string, parameters: Values): Promise<void> {
  set({ task });
  setDraft(task, parameters);
  await submit(task, parameters);
  set({ eager: get().job?.id ?? null });
}

/** Put a job's parameters into the form. */
export function reopen(job: Job, task: Task): void {
  const known = Object.entries(job.parameters).filter(([name, value]) => {
    const property = task.schema.properties[name];
    return property && value !== null && JSON.stringify(value) !== JSON.stringify(property.default);
  });
  const draft = known.map(([name, value]) => {
    const file = takesFile(task.schema.properties[name]!) && typeof value === "string";
    return [name, file ? { id: value, name: fileName(value) ?? value } : value];
  });
  setDraft(task.name, Object.fromEntries(draft) as Values);
  set({ task: task.name, tab: "make", refusal: null });
}

export interface Use {
  task: string;
  field: string;
}

/** Where a file can go: the fields that take files of its kind. */
export function uses(tasks: Task[], file: ResultFile): Use[] {
  return tasks.flatMap((task) =>
    Object.entries(task.schema.properties)
      .filter(([, property]) => takesFile(property) && property["x-accept"] && accepts(property, file.name))
      .map(([field]) => ({ task: task.name, field })),
  );
}

export function use(job: Job, file: ResultFile, { task, field }: Use): void {
  edit(task, field, { id: `${job.id}/${file.name}`, name: file.name });
  set({ task, tab: "make", refusal: null });
}
