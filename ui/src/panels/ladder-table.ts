/** The ladder's figures as a table. */

import { formatPrice, formatSize, formatTime, MISSING, unitTitle } from "../format";
import { CELL, CELLS, type LadderScene } from "../scene/ladder";
import type { Core } from "./core";
import type { PanelTable } from "./table";

/** The rows in sight that hold anything, highest price first. */
export function ladderTable({ store, shared }: Core, scene: LadderScene): PanelTable {
  const { header, ladder } = store;
  const rows: (readonly string[])[] = [];
  for (let i = 0; i < scene.n; i += 1) {
    const cell = (which: number) => scene.rows[i * CELLS + which] ?? Number.NaN;
    const size = (value: number, decimals: number) =>
      value > 0 ? formatSize(value, decimals) : MISSING;
    const [bid, ask, volume] = [cell(CELL.bid), cell(CELL.ask), cell(CELL.volume)];
    if (!(bid > 0 || ask > 0 || volume > 0)) continue;
    rows.push([
      size(volume, scene.volumeDecimals),
      size(bid, scene.sizeDecimals),
      formatPrice(cell(CELL.row) * ladder.step, header.priceDecimals),
      size(ask, scene.sizeDecimals),
    ]);
  }
  const at = formatTime(header.at, "ms", shared.host.zone());
  const unit = unitTitle(store.status?.instrument?.quantity_unit);
  const sizes = unit === "" ? "" : `, sizes in ${unit}`;
  return { caption: `The book at ${at}${sizes}`, head: ["Volume", "Bid", "Price", "Ask"], rows };
}
