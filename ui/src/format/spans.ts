/** Lengths of time in words. */

/** An age with one decimal, hours and minutes from a minute on. */
export function tenths(ms: number): string {
  if (!Number.isFinite(ms)) return "";
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor(seconds / 60) % 60)} m`;
}

const pad = (value: number) => `${value}`.padStart(2, "0");
