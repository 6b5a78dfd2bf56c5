// Colours for what is drawn on a canvas, which knows no variables of CSS.

import { get } from "./state";

const known = new Map<string, string>();

/** What a variable of the style sheet is now. */
export function colour(variable: string): string {
  const key = `${variable} ${get().dark}`;
  const before = known.get(key);
  if (before) return before;
  const probe = document.createElement("i");
  probe.style.color = `var(${variable})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  known.set(key, found);
  return found;
}

const HUES = [168, 28, 262, 340, 210, 55, 120, 300, 5, 190, 85, 235];

/** The colour of a track. */
export function trackColour(index: number, dark: boolean): string {
  return `hsl(${HUES[index % HUES.length]} ${dark ? "55% 64%" : "60% 40%"})`;
}
