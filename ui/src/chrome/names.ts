/** How instruments, their kinds and venues are called on the screen. */

import { MONTHS } from "../format";

/** What a name is made of; statuses and search results both have it. */
export interface Named {
  readonly symbol: string;
  readonly canonical_name: string;
  readonly kind: string;
  readonly base: string;
  readonly quote: string;
  readonly venue: string;
  readonly venue_name: string;
  readonly is_simulated: boolean;
}

/** An end in a canonical name: `BTC-USD-20260925`. */
const EXPIRY = /-(\d{4})(\d{2})(\d{2})$/;

/** `BTC-USDT`, or the venue's own symbol when its halves are not known; the kind stands beside it. */
export function instrumentName(named: Named): string {
  if (named.base === "" || named.quote === "") return named.symbol;
  const name = named.canonical_name === "" ? named.symbol : named.canonical_name;
  return named.kind === "perp" ? name.replace(/-PERP$/, "") : name.replace(EXPIRY, "");
}

/** `Spot`, `Perp`, `Future 25 Sep 26`, `Option`. */
export function kindWords({ kind, canonical_name }: Named): string {
  switch (kind) {
    case "spot":
      return "Spot";
    case "perp":
      return "Perp";
    case "future":
      return `Future ${expiryWords(canonical_name)}`.trim();
    case "option":
      return "Option";
    default:
      return kind;
  }
}

function expiryWords(name: string): string {
  const [, year, month, day] = EXPIRY.exec(name) ?? [];
  const word = MONTHS[Number(month) - 1];
  return year === undefined || word === undefined ? "" : `${Number(day)} ${word} ${year.slice(2)}`;
}

/** `Binance`, or `Demo · Binance` when it is simulated in the protocol of that venue. */
export function venueWords(named: Pick<Named, "venue_name" | "is_simulated">): string {
  if (!named.is_simulated) return named.venue_name;
  return /demo/i.test(named.venue_name) ? named.venue_name : `Demo · ${named.venue_name}`;
}

/** Marks that venues can have: seven colours, each filled or as a ring. */
const MARKS = 14;
/** Spreads the venues of today well. */
const MULTIPLIER = 111;

/**
 * Which mark stands before a venue's name, the same on every screen: an aid to the eye beside the
 * name, so that two venues may share one.
 */
export function venueMark(venue: string): number {
  let sum = 0;
  for (const letter of venue) sum = (MULTIPLIER * sum + letter.charCodeAt(0)) % 65_521;
  return sum % MARKS;
}
