/** A panel's figures as a table, for those who cannot see the picture or want to read it at rest. */

/** What a table shows: the state at one moment. */
export interface PanelTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Lays the table over a panel until it is closed; the answer closes it. */
export function openTable(
  panel: HTMLElement,
  name: string,
  read: () => PanelTable,
  onClose: () => void,
) {
  const before = document.activeElement;
  const box = document.createElement("div");
  box.className = "panel-table";
  box.tabIndex = 0;
  box.dataset.keys = "own";
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", `${name} as a table`);
  const close = () => {
    if (!box.isConnected) return;
    box.remove();
    onClose();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
  const fill = () => {
    const renew = button("Renew", () => {
      fill();
      box.querySelector("button")?.focus();
    });
    box.replaceChildren(tableOf(read(), [renew, button("Close (Esc)", close)]));
  };
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key !== "Tab") event.stopPropagation();
  });
  fill();
  panel.append(box);
  box.focus({ preventScroll: true });
  return close;
}

function tableOf({ caption, head, rows }: PanelTable, buttons: readonly HTMLElement[]) {
  const table = document.createElement("table");
  const title = table.createCaption();
  title.append(caption, ...buttons);
  const first = table.createTHead().insertRow();
  for (const text of head) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = text;
    first.append(cell);
  }
  const body = table.createTBody();
  for (const texts of rows) {
    const row = body.insertRow();
    for (const text of texts) row.insertCell().textContent = text;
  }
  return table;
}

function button(text: string, onClick: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", onClick);
  return made;
}
