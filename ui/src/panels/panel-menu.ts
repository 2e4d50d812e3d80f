/** The menu of a panel: what all have, and the settings of its own. */

import { formatPrice } from "../format";
import type { Core, Special } from "./core";
import { type MenuItem, openMenu } from "./menu";

/** Opens the panel's menu under its button in the header. */
export function openHeaderMenu(core: Core, special: Special) {
  const box = core.frame.menuButton.getBoundingClientRect();
  openMenu(special.name, itemsOf(core, special, Number.NaN), box.left, box.bottom + 2);
}

/** Opens the panel's menu where its picture was pressed. */
export function openMenuAt(core: Core, special: Special, event: MouseEvent) {
  const box = core.frame.body.getBoundingClientRect();
  const price = special.priceAt?.(event.clientX - box.left, event.clientY - box.top, core);
  openMenu(special.name, itemsOf(core, special, price ?? Number.NaN), event.clientX, event.clientY);
}

function itemsOf(core: Core, special: Special, price: number): readonly MenuItem[] {
  const settings = special.settings?.(core) ?? [];
  const hasSettings = settings.length > 0;
  return [
    ...copyOf(core, price),
    ...(special.act === undefined ? [] : viewItems(core, special)),
    {
      kind: "do",
      label: "Freeze",
      keys: "F",
      isOn: core.isFrozen,
      run: () => core.freeze(!core.isFrozen),
    },
    { kind: "do", label: "Show as a table", run: () => core.panel.act("table") },
    ...(hasSettings ? [{ kind: "line" } as const] : []),
    ...settings,
  ];
}

/** The price under the pointer, else the last one. */
function copyOf(core: Core, price: number): readonly MenuItem[] {
  const { lastPrice, priceDecimals, tick } = core.store.header;
  const isHere = Number.isFinite(price);
  const snapped = isHere && tick > 0 ? Math.round(price / tick) * tick : price;
  const chosen = isHere ? snapped : lastPrice;
  if (!Number.isFinite(chosen)) return [];
  const label = `Copy ${isHere ? "price" : "last price"} ${formatPrice(chosen, priceDecimals)}`;
  const plain = chosen.toFixed(priceDecimals);
  const run = () => {
    navigator.clipboard.writeText(plain).then(
      () => core.shared.host.tell?.("info", `Copied ${plain}.`),
      () => core.shared.host.tell?.("warn", "This system does not let Tapedeck copy."),
    );
  };
  return [{ kind: "do", label, run }, { kind: "line" }];
}

function viewItems(core: Core, special: Special): readonly MenuItem[] {
  const act = (action: "centre" | "reset") => () => special.act?.(action, core);
  const centre = { kind: "do", label: "Re-centre", keys: "C", run: act("centre") } as const;
  if (special.kind === "ladder") return [centre];
  return [centre, { kind: "do", label: "Reset the view", run: act("reset") }];
}
