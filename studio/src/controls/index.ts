// Which control a property gets.

import type { Property } from "../api";
import { takesFile } from "../schema";
import { Chips, Mixture } from "./chips";
import { Segments, Select, Switch } from "./choice";
import type { Control } from "./control";
import { FileControl, FileList } from "./file";
import { LayersControl } from "./layers";
import { isKey, KeyPicker } from "./key";
import { NumberControl } from "./number";
import { Text } from "./text";
import { VoiceControl } from "./voice";

/** Few enough, and short enough, to stand side by side. */
const MOST_SEGMENTS = 4;
const MOST_SEGMENT_LETTERS = 24;

export function controlFor(name: string, property: Property): Control {
  if (takesFile(property)) return FileControl;
  if (property.enum) return isShort(property.enum) ? Segments : Select;
  switch (property.type) {
    case "boolean":
      return Switch;
    case "integer":
    case "number":
      return NumberControl;
    case "array":
      return property.items && takesFile(property.items) ? FileList : Chips;
    case "object":
      if (name === "set") return LayersControl;
      return weighs(property) ? Mixture : Text;
    default:
      if (name === "voice") return VoiceControl;
      return isKey(name, property["x-options"]) ? KeyPicker : Text;
  }
}

/** Whether a control is a group of inputs, which a label cannot point at. */
export function isGroup(control: Control): boolean {
  return control === Segments || control === KeyPicker || control === LayersControl;
}

function weighs({ additionalProperties: each }: Property): boolean {
  return typeof each === "object" && each.type === "number";
}

function isShort(values: string[]): boolean {
  return values.length <= MOST_SEGMENTS && values.join("").length <= MOST_SEGMENT_LETTERS;
}
