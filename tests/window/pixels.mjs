/**
 * The pixels of the real window, read where Xvfb keeps them: a file that it maps (`-fbdir`), so that looking asks
 * neither the page nor the display for anything.
 */

import { closeSync, openSync, readSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** Of so many lines of pixels one is looked at: each has something of every column of the heatmap. */
const LINES_EACH = 16;
/** So often it is looked: figures are late by as much, so that looking takes next to nothing. */
const EVERY_MS = 8;
/** Words of 4 bytes in the header of an XWD file, and bytes of a colour behind it. */
const [N_WORDS, COLOUR_BYTES] = [25, 12];

/** Opens a display's pixels to be looked at. */
export function openPixels(file) {
  const descriptor = openSync(file, "r");
  const header = Buffer.alloc(4 * N_WORDS);
  readSync(descriptor, header, 0, header.length, 0);
  const word = (index) => header.readUInt32BE(4 * index);
  const [begin, bitsPerPixel, lineBytes] = [word(0) + COLOUR_BYTES * word(19), word(11), word(12)];
  if (bitsPerPixel !== 32) throw new Error(`pixels of ${bitsPerPixel} bits`);
  return {
    /** Some lines of a place on the screen, one after the other. */
    look({ x, y, width, height }) {
      const nLines = Math.ceil(height / LINES_EACH);
      const bytes = Buffer.alloc(nLines * 4 * width);
      for (let line = 0; line < nLines; line += 1) {
        const from = begin + (y + line * LINES_EACH) * lineBytes + 4 * x;
        readSync(descriptor, bytes, line * 4 * width, 4 * width, from);
      }
      return bytes;
    },
    close: () => closeSync(descriptor),
  };
}

/**
 * Looks at places of the screen until they have changed and then rested for `restMs`; says for each since when it
 * has looked as it does at the end, in ms of Unix time.
 */
export async function sinceWhen(pixels, places, restMs, deadlineMs = 60_000) {
  const look = () => places.map((place) => pixels.look(place));
  const began = Date.now();
  const seen = [{ at: began, looks: look() }];
  for (;;) {
    await pause(EVERY_MS);
    const [at, looks, last] = [performance.timeOrigin + performance.now(), look(), seen.at(-1)];
    if (looks.some((one, index) => !one.equals(last.looks[index]))) seen.push({ at, looks });
    else if (seen.length > 1 && at - last.at > restMs) break;
    if (at - began > deadlineMs) throw new Error(`not at rest within ${deadlineMs} ms`);
  }
  const { looks: final } = seen.at(-1);
  return places.map((_, index) => {
    const other = seen.findLastIndex(({ looks }) => !looks[index].equals(final[index]));
    return seen[other + 1].at;
  });
}
