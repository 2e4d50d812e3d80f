/** How instruments and venues are called on the screen. */

/** What a name is made of; statuses and search results both have it. */
export interface Named {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly venue_name: string;
  readonly is_simulated: boolean;
}

/** `BTC-USDT`, or the venue's own symbol when its halves are not known. */
export function instrumentName(named: Named): string {
  return named.base === "" || named.quote === "" ? named.symbol : `${named.base}-${named.quote}`;
}

/** `Binance`, or `Demo · Binance` when it is simulated in the protocol of that venue. */
export function venueWords(named: Named): string {
  if (!named.is_simulated) return named.venue_name;
  return /demo/i.test(named.venue_name) ? named.venue_name : `Demo · ${named.venue_name}`;
}
