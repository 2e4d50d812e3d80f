/** What quantities count, in words. */

import type { QuantityUnit } from "../gen/QuantityUnit";

/** The unit behind a size: `BTC`, `USD`, `contracts`; empty where the venue did not say. */
export function unitWord(unit: QuantityUnit | null | undefined): string {
  if (!unit) return "";
  return unit.kind === "contracts" ? "contracts" : unit.asset;
}

/** The unit in full, for a title: `contracts of 100 USD`; empty where the venue did not say. */
export function unitTitle(unit: QuantityUnit | null | undefined): string {
  if (!unit) return "";
  if (unit.kind !== "contracts") return unit.asset;
  return unit.contract_size === null
    ? "contracts"
    : `contracts of ${unit.contract_size} ${unit.asset}`;
}
