/** In which order and under which heads found instruments stand. */

import type { Found } from "../gen/Found";

/** A found instrument; `head` is the title of the group that it begins, else empty. */
export interface Row {
  readonly found: Found;
  readonly head: string;
}

/** What names an instrument among those remembered. */
export function keyOf(found: Pick<Found, "venue" | "symbol" | "is_simulated">): string {
  return `${found.is_simulated ? "demo:" : ""}${found.venue}:${found.symbol}`;
}

/** Favourites first, then recent ones, then the rest in the order in which they were found. */
export function grouped(
  found: readonly Found[],
  favourites: readonly string[],
  recent: readonly string[],
): readonly Row[] {
  const isFavourite = (one: Found) => favourites.includes(keyOf(one));
  const isRecent = (one: Found) => !isFavourite(one) && recent.includes(keyOf(one));
  const groups: readonly (readonly [string, readonly Found[]])[] = [
    ["Favourites", found.filter(isFavourite)],
    ["Recent", found.filter(isRecent)],
    ["Instruments", found.filter((one) => !isFavourite(one) && !isRecent(one))],
  ];
  const isSplit = groups.filter(([, list]) => list.length > 0).length > 1;
  return groups.flatMap(([head, list]) =>
    list.map((one, index) => ({ found: one, head: isSplit && index === 0 ? head : "" })),
  );
}
