/** What is said of links: their state, transport and proof, how urgent that is, and how much of it fits. */

import type { LinkStatus } from "../gen/LinkStatus";
import type { NoticeLevel } from "../gen/NoticeLevel";

/** How much of each link the status bar shows. */
export type LinkDetail = "full" | "brief" | "counter";

/** The state of a link in a word or two; `up` when nothing is amiss. */
export function stateWords({ state, retry_in_s }: LinkStatus): string {
  switch (state) {
    case "up":
      return "up";
    case "connecting":
      return "connecting";
    case "silent":
      return "silent";
    case "down":
      return retry_in_s === null ? "down" : `down · retry in ${seconds(retry_in_s)}`;
  }
}

/** Whole seconds until something is done, never fewer than none. */
export function seconds(value: number): string {
  return `${Math.max(0, Math.ceil(value))} s`;
}

/** Whether a link is heard more slowly than it should be, by asking again and again. */
export function isPolling({ transport }: LinkStatus): boolean {
  return /^polling\b/.test(transport);
}

/** Words beside a link's name. */
export function linkWords(link: LinkStatus, detail: LinkDetail): string {
  if (link.state !== "up") return stateWords(link);
  if (detail === "brief") return isPolling(link) ? link.transport : "";
  return [link.transport, link.proof].filter((part) => part !== "").join(" · ");
}

/** How a link's sentence is to be taken. */
export function urgencyOf(link: LinkStatus): NoticeLevel {
  if (link.sentence === "") return "info";
  if (isRefusal(link)) return isBlocked(link) ? "error" : "warn";
  return link.state === "down" ? "error" : "warn";
}

/** Whether a venue was reached and will not have us: region, rate, maintenance. */
export function isRefusal(link: LinkStatus): boolean {
  return isBlocked(link) || link.cause === "rate_limited" || link.cause === "maintenance";
}

/** Nothing but another venue or a proxy helps. */
function isBlocked({ cause }: LinkStatus): boolean {
  return cause === "refused";
}

/** Width of a character, and what stands round the words of a link, in pixels. */
const CHARACTER_PX = 6.7;
const ROUND_PX = 46;

/** The most that fits into `room` pixels. */
export function linkDetail(links: readonly LinkStatus[], room: number): LinkDetail {
  const width = (detail: LinkDetail) =>
    links.reduce((sum, link) => {
      const characters = link.name.length + linkWords(link, detail).length;
      return sum + ROUND_PX + CHARACTER_PX * characters;
    }, 0);
  if (width("full") <= room) return "full";
  return width("brief") <= room ? "brief" : "counter";
}

/** `5 links · 1 down · 1 polling`. */
export function counterWords(links: readonly LinkStatus[]): string {
  const count = (isSuch: (link: LinkStatus) => boolean, word: string) => {
    const n = links.filter(isSuch).length;
    return n === 0 ? "" : `${n} ${word}`;
  };
  const parts = [
    links.length === 1 ? "1 link" : `${links.length} links`,
    count((link) => link.state === "down", "down"),
    count((link) => link.state === "silent", "silent"),
    count((link) => link.state === "connecting", "connecting"),
    count(isPolling, "polling"),
  ].filter((part) => part !== "");
  return parts.length === 1 ? `${parts[0]} up` : parts.join(" · ");
}

/** The worst state among links. */
export function worstState(links: readonly LinkStatus[]): LinkStatus["state"] {
  const order = ["down", "silent", "connecting"] as const;
  return order.find((state) => links.some((link) => link.state === state)) ?? "up";
}

/** The link whose sentence matters most: the most urgent one, then the first. */
export function troubledLink(links: readonly LinkStatus[]): LinkStatus | undefined {
  const told = links.filter((link) => link.sentence !== "");
  return told.find((link) => urgencyOf(link) === "error") ?? told[0];
}

/** Links in trouble first, the most urgent before all; else as they were opened. */
export function byTrouble(links: readonly LinkStatus[]): readonly LinkStatus[] {
  const rank = (link: LinkStatus) => {
    if (link.sentence === "") return link.state === "up" ? 2 : 1;
    return urgencyOf(link) === "error" ? 0 : 1;
  };
  return [...links].sort((a, b) => rank(a) - rank(b));
}
