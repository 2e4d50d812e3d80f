/** What a panel's header and its sentence say about the book, from the store alone. */

import { formatMilliseconds, formatMoment, tenths, type Zone } from "../format";
import type { Store } from "../store/store";
import type { Badge } from "./frame";

export interface PanelState {
  /** Whether the data lies under the veil. */
  readonly isStale: boolean;
  readonly badge: Badge | null;
  readonly badgeText: string;
  /** Over the canvases, when there is nothing to draw. */
  readonly sentence: string;
  readonly reason: string;
  readonly button: string;
  /** At the right of the header. */
  readonly aside: string;
  /** Whether a text of it counts in tenths of a second. */
  readonly isCounting: boolean;
}

/** After so long, loading says why. */
const REASON_AFTER_MS = 5000;

const NOTHING: PanelState = {
  isStale: false,
  badge: null,
  badgeText: "",
  sentence: "",
  reason: "",
  button: "",
  aside: "",
  isCounting: false,
};

/** When a panel's state is told. */
export interface Moment {
  /** Session time, Unix ms. */
  readonly now: number;
  /** How long the first book has been waited for. */
  readonly waitedMs: number;
  readonly zone: Zone;
}

/** The state of a panel that waits for its first book or print. */
export function stateOf(store: Store, awaits: "book" | "print", moment: Moment): PanelState {
  const { now, waitedMs, zone } = moment;
  const { header } = store;
  const instrument = store.status?.instrument ?? null;
  const age = Math.max(0, now - header.lastBookAt);
  switch (header.health) {
    case "none":
      return emptyState(store);
    case "loading":
      return {
        ...NOTHING,
        sentence: `Waiting for the first ${awaits} from ${instrument?.venue_name ?? "the venue"}`,
        reason: waitedMs >= REASON_AFTER_MS ? reasonOf(store) : "",
        aside: `waiting ${(waitedMs / 1000).toFixed(1)} s`,
        isCounting: true,
      };
    case "right":
      return { ...NOTHING, aside: asideOf(store, zone) };
    case "quiet":
      return { ...NOTHING, badge: "quiet", badgeText: `quiet ${tenths(age)}`, isCounting: true };
    case "resyncing":
    case "stale":
      return {
        ...NOTHING,
        isStale: true,
        badge: header.health,
        badgeText: `${header.health} ${tenths(age)}`,
        isCounting: true,
      };
  }
}

function emptyState(store: Store): PanelState {
  const isTold = store.header.number > 0 || store.status?.instrument === null;
  if (!isTold) return NOTHING;
  return { ...NOTHING, sentence: "No instrument yet.", button: "Choose an instrument" };
}

/** What the instrument or its link says is the matter. */
function reasonOf(store: Store): string {
  const { status } = store;
  // In the past it is the links of that time.
  const links = status?.past_links.length ? status.past_links : status?.links;
  const link = links?.find((one) => one.sentence !== "");
  return status?.instrument?.sentence || link?.sentence || "No answer yet.";
}

/** Of which moment of the past a panel is; of another day than today with its date. */
export function asOf(at: number, zone: Zone): string {
  return `as of ${formatMoment(at, "s", zone, Date.now())}`;
}

function asideOf(store: Store, zone: Zone): string {
  const { header } = store;
  if (header.isReplay) return asOf(header.at, zone);
  return formatMilliseconds(Math.max(0, Math.round(header.at - header.lastPacketAt)));
}
