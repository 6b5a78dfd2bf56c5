import type { ComponentType } from "preact";
import type { Property } from "../api";

export interface ControlProps {
  /** Of the input, for its label; a control of several parts is a group named by `${id}-label`. */
  id: string;
  name: string;
  task: string;
  property: Property;
  /** Undefined where the choice is left to the task. */
  value: unknown;
  change: (value: unknown) => void;
  /** Attributes that tie the input to its hint and its error. */
  aria: { "aria-describedby"?: string; "aria-invalid"?: boolean };
}

export type Control = ComponentType<ControlProps>;

/** A mapping as it is typed: a=b, c=d. */
export function pairs(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "";
  return Object.entries(value)
    .map(([name, said]) => `${name}=${said}`)
    .join(", ");
}

/** What an untouched text or choice shows. */
export function placeholder(property: Property): string {
  const value = property.default;
  return value === null || value === undefined || value === "" ? "auto" : String(value);
}
