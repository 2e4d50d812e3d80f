/**
 * Numbers as a trader reads them: exact decimals, thin gaps between thousands, a true minus sign.
 */

/** Thin space between groups of three digits. */
export const THIN_GAP = "\u2009";
/** The minus sign; a hyphen is too short beside digits. */
export const MINUS = "\u2212";
/** What stands where a value is missing. */
export const MISSING = "—";
/** Thousands, millions, billions and what is beyond. */
const SHORT_UNITS = ["", "k", "M", "B", "T"] as const;

/** A price with the instrument's decimals: `97 412.5`. */
export function formatPrice(value: number, decimals: number): string {
  return Number.isFinite(value) ? grouped(value, decimals) : MISSING;
}

/**
 * A size with one decimal count per column: from 10,000 `12.3k`, from a million `1.23M`, from a
 * billion `1.23B`. Zero is `0`, without decimals; what is less than the last decimal is `<0.01`, for it is not nothing.
 */
export function formatSize(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return MISSING;
  if (value === 0) return "0";
  const sign = value < 0 ? MINUS : "";
  const size = Math.abs(value);
  if (size >= 999_950_000) return `${sign}${(size / 1e9).toFixed(2)}B`;
  if (size >= 999_950) return `${sign}${(size / 1e6).toFixed(2)}M`;
  if (size >= 10_000) return `${sign}${(size / 1e3).toFixed(1)}k`;
  const text = size.toFixed(decimals);
  return Number(text) === 0 ? `${sign}<${(10 ** -decimals).toFixed(decimals)}` : sign + text;
}

/**
 * A size in at most four figures and signs, for where there is little room: below 10,000 with `decimals`, then `12k`,
 * `1.2M`, `164M`, `4.6B`.
 */
export function formatShort(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return MISSING;
  if (value === 0) return "0";
  const sign = value < 0 ? MINUS : "";
  let size = Math.abs(value);
  if (size < 9_999.5) return sign + size.toFixed(decimals);
  let unit = 0;
  while (size >= 999.5 && unit < SHORT_UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${sign}${size.toFixed(size < 9.95 ? 1 : 0)}${SHORT_UNITS[unit]}`;
}

/**
 * The most decimals, up to `most`, with which the 95th percentile of a column needs at most five
 * digits.
 */
export function sizeDecimals(p95: number, most = 8): number {
  if (!(p95 > 0) || !Number.isFinite(p95)) return Math.min(2, most);
  const digitsBefore = Math.max(1, Math.floor(Math.log10(p95)) + 1);
  return clamp(5 - digitsBefore, 0, p95 < 1 ? most : Math.min(4, most));
}

/** A value that carries its sign: `+0.65`, `−0.08`; zero is `0`, without a sign. */
export function formatSigned(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return MISSING;
  const text = grouped(Math.abs(value), decimals);
  if (Number(Math.abs(value).toFixed(decimals)) === 0) return "0";
  return (value < 0 ? MINUS : "+") + text;
}

/** A share of one as percent with a sign and two decimals: `0.0184` is `+1.84 %`. */
export function formatPercent(share: number, decimals = 2): string {
  return Number.isFinite(share) ? `${formatSigned(share * 100, decimals)} %` : MISSING;
}

/** A count with thin gaps: `1 842`. */
export function formatCount(value: number): string {
  return Number.isFinite(value) ? grouped(Math.round(value), 0) : MISSING;
}

/** Bytes on a disk or in memory: `0 B`, `312 MB`, `1.24 GB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return MISSING;
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const decimals = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(decimals)} ${units[unit]}`;
}

/** A latency or an age in milliseconds: `0.4 ms`, `12 ms`, `3.2 s`. */
export function formatMilliseconds(ms: number): string {
  if (!Number.isFinite(ms)) return MISSING;
  if (ms >= 9_995) return `${(ms / 1000).toFixed(0)} s`;
  if (ms >= 999.5) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 9.95 || ms === 0 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(1)} ms`;
}

/** Splits a formatted price into the leading figure, drawn dim, and the rest. */
export function splitLeading(text: string): readonly [string, string] {
  const at = text.indexOf(THIN_GAP);
  return at < 0 ? ["", text] : [text.slice(0, at), text.slice(at)];
}

function grouped(value: number, decimals: number): string {
  const fixed = Math.abs(value).toFixed(decimals);
  const point = fixed.indexOf(".");
  const whole = point < 0 ? fixed : fixed.slice(0, point);
  const rest = point < 0 ? "" : fixed.slice(point);
  let text = "";
  for (let index = 0; index < whole.length; index += 1) {
    if (index > 0 && (whole.length - index) % 3 === 0) text += THIN_GAP;
    text += whole[index];
  }
  const isNegative = value < 0 && Number(fixed) !== 0;
  return (isNegative ? MINUS : "") + text + rest;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
