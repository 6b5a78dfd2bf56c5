// What stands where: every result has an address of its own.

export type Place = { page: "home" } | { page: "uploads" } | { page: "piece"; id: string };

export function placeOf(path: string): Place {
  const [, id] = /^\/r\/(job-[0-9a-f]{20})$/.exec(path) ?? [];
  if (id) return { page: "piece", id };
  return { page: path === "/uploads" ? "uploads" : "home" };
}

export function pathOf(place: Place): string {
  if (place.page === "piece") return `/r/${place.id}`;
  return place.page === "uploads" ? "/uploads" : "/";
}
