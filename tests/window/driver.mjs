/** A window under WebDriver: WebKitWebDriver spoken to directly, as `fetch` and JSON; no package is needed. */

import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

/** What WebDriver calls an element in JSON. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const POLL_MS = 50;

/** Tries until it answers something true; on the deadline says what was waited for, and the last error. */
export async function until(what, attempt, deadlineMs = 20_000) {
  const deadline = Date.now() + deadlineMs;
  let trouble = "it never held";
  while (Date.now() < deadline) {
    try {
      const answer = await attempt();
      if (answer) return answer;
    } catch (error) {
      trouble = error.message;
    }
    await pause(POLL_MS);
  }
  throw new Error(`${what}: not within ${deadlineMs} ms (${trouble})`);
}

/** Starts the driver and through it the program; `home` is where the program keeps everything. */
export async function openWindow({ program, args = [], home, port }) {
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
    // A group of its own, so that the driver, the program and its web processes can be ended together.
    detached: true,
    stdio: "inherit",
    env: { ...process.env, TAPEDECK_HOME: home, TAURI_WEBVIEW_AUTOMATION: "true" },
  });
  const endGroup = () => {
    try {
      process.kill(-driver.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  };
  process.once("exit", endGroup);
  try {
    await until("WebKitWebDriver answers", async () => (await ask(port, "GET", "/status")).ready);
    const options = { "webkitgtk:browserOptions": { binary: program, args } };
    const { sessionId } = await ask(port, "POST", "/session", {
      capabilities: { alwaysMatch: options },
    });
    return pageOf(port, sessionId, endGroup);
  } catch (error) {
    endGroup();
    throw error;
  }
}

async function ask(port, method, path, body) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}

function pageOf(port, sessionId, endGroup) {
  const say = (method, path, body) => ask(port, method, `/session/${sessionId}${path}`, body);
  const find = async (css) => {
    const element = await say("POST", "/element", { using: "css selector", value: css });
    return element[ELEMENT];
  };
  return {
    text: async (css) => say("GET", `/element/${await find(css)}/text`),
    attribute: async (css, name) => say("GET", `/element/${await find(css)}/attribute/${name}`),
    click: async (css) => say("POST", `/element/${await find(css)}/click`, {}),
    has: async (css) => {
      const found = await say("POST", "/elements", { using: "css selector", value: css });
      return found.length > 0;
    },
    /** Presses keys one after the other, as WebDriver writes them. */
    press: (...keys) => {
      const strokes = keys.flatMap((value) => [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ]);
      return say("POST", "/actions", { actions: [{ type: "key", id: "keys", actions: strokes }] });
    },
    /** Presses a key while others are held. */
    chord: (...keys) => {
      const down = keys.map((value) => ({ type: "keyDown", value }));
      const up = keys.toReversed().map((value) => ({ type: "keyUp", value }));
      return say("POST", "/actions", { actions: [{ type: "key", id: "keys", actions: [...down, ...up] }] });
    },
    /** Moves the pointer over places of the window, pressed from the first to the last; CSS px. */
    drag: (places, msEach) => {
      const [first, ...rest] = places.map(([x, y]) => ({ x: Math.round(x), y: Math.round(y) }));
      const move = (to, duration) => ({ type: "pointerMove", duration, origin: "viewport", ...to });
      const button = (type) => ({ type, button: 0 });
      const moves = rest.map((to) => move(to, msEach));
      const actions = [move(first, 0), button("pointerDown"), ...moves, button("pointerUp")];
      return say("POST", "/actions", { actions: [{ type: "pointer", id: "mouse", actions }] });
    },
    /** Runs a function's body in the page. */
    run: (script, ...args) => say("POST", "/execute/sync", { script, args }),
    /** The same, for one that answers through its last argument. */
    runAsync: (script, ...args) => say("POST", "/execute/async", { script, args }),
    /** Where the window stands and how large it is; given a rectangle, it is put there. */
    rect: (to) => say(to ? "POST" : "GET", "/window/rect", to),
    maximise: () => say("POST", "/window/maximize", {}),
    screenshot: async () => Buffer.from(await say("GET", "/screenshot"), "base64"),
    /** Closes the window, and ends what has not ended by itself. */
    close: async () => {
      await say("DELETE", "").catch(() => {});
      endGroup();
    },
  };
}
