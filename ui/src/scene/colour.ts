/** Arithmetic on colours written `#rrggbb` or `#rgb`. */

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** The parts of `#rrggbb` or `#rgb`, to which builds shorten it; black for anything else. */
export function rgbOf(hex: string): Rgb {
  const long = /^#[0-9a-f]{3}$/i.test(hex) ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
  const value = /^#[0-9a-f]{6}$/i.test(long) ? Number.parseInt(long.slice(1), 16) : 0;
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** `a` at 0, `b` at 1, opaque. */
export function mix(a: string, b: string, share: number): string {
  const from = rgbOf(a);
  const to = rgbOf(b);
  const part = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * share);
  return hexOf(part(0), part(1), part(2));
}

/** The colour with an opacity, as CSS. */
export function faded(hex: string, opacity: number): string {
  const [r, g, b] = rgbOf(hex);
  return `rgba(${r},${g},${b},${opacity})`;
}

/** A pixel of a little-endian `ImageData`, opaque. */
export function pixelOf([r, g, b]: Rgb): number {
  return (255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r);
}

function hexOf(r: number, g: number, b: number): string {
  return `#${((1 << 24) | (r << 16) | (g << 8) | b).toString(16).slice(1)}`;
}
