/** What all tests in the window need: the program, its page by names, and its processes. */

import { readdirSync, readFileSync } from "node:fs";

/** The desktop program under test. */
export const PROGRAM = process.env.TAPEDECK_WINDOW;
/** Where the pictures go that are taken on the way. */
export const PICTURES = "target/window";

/** Keys as WebDriver writes them. */
export const KEY = {
  enter: "\uE007",
  shift: "\uE008",
  control: "\uE009",
  escape: "\uE00C",
  end: "\uE010",
  left: "\uE012",
  right: "\uE014",
};

let nPorts = 0;
/** A port that neither another test nor another run of these chooses at the same time. */
export function freePort() {
  nPorts += 1;
  return 20_000 + ((process.pid * 7 + nPorts) % 20_000);
}

/** The element that a test knows by a name. */
export const named = (name) => `[data-test="${name}"]`;
/** What the pill says. */
export const pill = (window) => window.text(named("mode-pill"));
/** What a panel says to those who cannot see it. */
export const label = (window, panel) =>
  window.attribute(`${named(`panel-${panel}`)} [role="img"]`, "aria-label");

/** The processes that were started with this home, the driver's own among them. */
export function processes(home) {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
      if (!environment.includes(`TAPEDECK_HOME=${home}`)) return [];
      const [, name, rest] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, "latin1"));
      const fields = rest.split(" ");
      const ticks = Number(fields[11]) + Number(fields[12]);
      if (Number(pid) === process.pid) return [];
      return [{ pid: Number(pid), name, ticks, startTicks: Number(fields[19]) }];
    } catch {
      return [];
    }
  });
}

/** The same without the driver: what a user would run. */
export const ownProcesses = (home) =>
  processes(home).filter(({ name }) => name !== "WebKitWebDriver");

/** Memory of a process in MB: with its share of what is shared, all that is resident, and what is no file's. */
export function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const mega = (key) => Number(new RegExp(`^${key}: +(\\d+)`, "m").exec(text)?.[1] ?? 0) / 1024;
  return { pss: mega("Pss"), rss: mega("Rss"), anonymous: mega("Anonymous") };
}
