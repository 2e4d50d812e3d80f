/** Where the page begins: fonts, host, store, loop, panels, chrome. */

import { createRoot } from "solid-js";
import { render } from "solid-js/web";
import { App } from "./chrome/app";
import { createChrome } from "./chrome/state";
import { moveByNotches } from "./chrome/time-actions";
import { createLoop } from "./loop";
import { createPanels } from "./panels/panel";
import { readTheme } from "./panels/theme";
import { readFrame } from "./shell/frame";
import { openShell } from "./shell/open";
import { sentenceOf } from "./shell/shell";
import { createStore } from "./store/store";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/bars.css";
import "./styles/strip.css";
import "./styles/status.css";
import "./styles/layout.css";
import "./styles/dialogs.css";
import "./styles/recordings.css";
import "./styles/search.css";

const FONTS = [
  '12px "Inter Variable"',
  '600 12px "Inter Variable"',
  '12px "JetBrains Mono Variable"',
  '600 12px "JetBrains Mono Variable"',
];
/** A first paint waits this long for fonts and no longer. */
const FONTS_MS_MAX = 2000;

async function start(root: HTMLElement): Promise<void> {
  const fonts = Promise.all(FONTS.map((font) => document.fonts.load(font, "Aσ0≥")));
  const patience = new Promise((resolve) => setTimeout(resolve, FONTS_MS_MAX));
  const [shell] = await Promise.all([openShell(), Promise.race([fonts, patience])]);
  createRoot(() => {
    const store = createStore(readFrame);
    const loop = createLoop(store);
    const chrome = createChrome(shell, store, loop);
    const panels = createPanels(store, loop, {
      command: chrome.send,
      lookBack: (older) => shell.lookBack(older),
      theme: () => readTheme(document.documentElement),
      zone: chrome.zone,
      chooseInstrument: () => chrome.show("search"),
      onFreeze: chrome.setFrozen,
      onInSight: (from, to) => chrome.setInSight(from < to ? { from, to } : null),
      tell: chrome.toasts.tell,
      moveTime: (notches, held) => moveByNotches(chrome, notches, held),
    });
    chrome.onLook(() => {
      for (const panel of Object.values(panels)) panel.invalidate();
    });
    render(() => <App chrome={chrome} panels={panels} />, root);
    loop.start(shell);
  });
}

const root = document.getElementById("root");
if (root !== null) {
  start(root).catch((error: unknown) => {
    root.textContent = `Tapedeck could not start: ${sentenceOf(error)}`;
    root.className = "failed";
  });
}
