// What a task's schema says of its form.

import type { Property, Task } from "./api";
import type { Values } from "./state";
import { isFile } from "./words";

export interface Section {
  heading: string | null;
  names: string[];
}

/** Positional fields first, then the groups, then what is in no group. */
export function sections(task: Task): Section[] {
  const names = Object.keys(task.schema.properties);
  const grouped = new Set([...task.positional, ...Object.values(task.groups).flat()]);
  const present = (list: string[]) => list.filter((name) => names.includes(name));
  return [
    { heading: null, names: present(task.positional) },
    ...Object.entries(task.groups).map(([heading, list]) => ({
      heading,
      names: present(list).filter((name) => !task.positional.includes(name)),
    })),
    { heading: null, names: names.filter((name) => !grouped.has(name)) },
  ].filter((section) => section.names.length);
}

/** Text that deserves a large box: the first field of a task, or one that may be long. */
export function isLong(name: string, property: Property): boolean {
  return ["prompt", "text", "lyrics"].includes(name) || (property.maxLength ?? 0) >= 500;
}

export function takesFile(property: Property): boolean {
  return property.format === "file";
}

export function accepts(property: Property, fileName: string): boolean {
  const suffixes = property["x-accept"];
  return !suffixes || suffixes.some((suffix) => fileName.toLowerCase().endsWith(suffix));
}

/** A draft as the server takes it: a file is its id. */
export function request(draft: Values): Values {
  return Object.fromEntries(Object.entries(draft).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return isFile(value) ? value.id : value;
}

/** Complaints such as “bars: 600 is not in 1–512; key: …”, by field; what concerns no field is under "". */
export function complaints(task: Task, message: string, param: string | null): Record<string, string> {
  const found: Record<string, string> = {};
  const names = task.schema.properties;
  for (const part of message.split("; ")) {
    const [, name, said] = /^(\w+): (.*)$/s.exec(part) ?? [];
    if (name && said && name in names) found[name] = said;
    else found[""] = found[""] ? `${found[""]}; ${part}` : part;
  }
  if (param && param in names && !found[param]) return { [param]: message };
  return found;
}
