/** Ramps of the heatmap: nine stops each, lightness monotonic, interpolated to 256 pixels. */

import { pixelOf, type Rgb, rgbOf } from "./colour";

const STOPS = {
  Glacier: "#0e1218 #10202f #11344f #135079 #2173a3 #4599bf #86bfcd #cfe0cf #fff3c4",
  Ember: "#0e1218 #1f1330 #45155a #75206a #a82e64 #d54a4d #f0772f #fab53a #fcf3b0",
  Graphite: "#0e1218 #1b2028 #2c323b #424952 #5c636c #7b8189 #9da2a8 #c6c9cc #f6f6f4",
  Day: "#fbfcfd #e3eff5 #c2deec #97c6de #66a8ca #3b86b0 #1d6390 #0d416a #081f3f",
} as const;

export type RampName = keyof typeof STOPS;

/** The ramps that a theme can show, the default first. */
export function rampsFor(isLight: boolean, isSafe: boolean): readonly RampName[] {
  if (isLight) return ["Day"];
  return isSafe ? ["Graphite", "Glacier", "Ember"] : ["Glacier", "Ember", "Graphite"];
}

/** 256 pixels from the least to the most. */
export function buildRamp(name: RampName): Uint32Array {
  const stops = STOPS[name].split(" ").map(rgbOf);
  const pixels = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    const at = (i / 255) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    pixels[i] = pixelOf(between(stops[low], stops[low + 1], at - low));
  }
  return pixels;
}

function between(a: Rgb = [0, 0, 0], b: Rgb = [0, 0, 0], share: number): Rgb {
  const part = (i: 0 | 1 | 2) => a[i] + (b[i] - a[i]) * share;
  return [part(0), part(1), part(2)];
}
