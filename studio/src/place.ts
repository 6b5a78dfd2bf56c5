// Where one is, in step with the browser's back and forward.

import { pathOf, placeOf, type Place } from "./address";
import { get, set, type Tab } from "./state";

/** Go to a place; on a phone, which shows one part of the page at a time, that part is shown. */
export function go(place: Place, tab: Tab = "listen"): void {
  const path = pathOf(place);
  // Where one was stays as it was left: going back finds the same part of the page.
  history.replaceState({ tab: get().tab }, "");
  if (path !== location.pathname) history.pushState({ tab }, "", path);
  set({ place, tab, notice: null });
}

addEventListener("popstate", (event) => {
  const { tab } = (event.state ?? {}) as { tab?: Tab };
  set({ place: placeOf(location.pathname), ...(tab ? { tab } : {}) });
});
