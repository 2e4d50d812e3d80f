/** Figures and times are written as the screen's design says. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  formatBytes,
  formatClock,
  formatCount,
  formatMilliseconds,
  formatMoment,
  formatPercent,
  formatPrice,
  formatShort,
  formatSigned,
  formatSize,
  formatSpan,
  formatStamp,
  formatTime,
  parseTime,
  sizeDecimals,
  splitLeading,
  zoneName,
} from "../../src/format";

const AT = Date.UTC(2026, 10, 24, 14, 32, 7, 412);

describe("prices", () => {
  test.each([
    [97412.5, 1, "97\u2009412.5"],
    [0.00001234, 8, "0.00001234"],
    [999.995, 2, "1\u2009000.00"],
    [1234567, 0, "1\u2009234\u2009567"],
    [-0.04, 1, "0.0"],
    [-1234.5, 1, "\u22121\u2009234.5"],
    [Number.NaN, 1, "—"],
  ])("%d with %d decimals is %s", (value, decimals, text) => {
    expect(formatPrice(value, decimals)).toBe(text);
  });

  test("the leading figure is what stands before the first gap", () => {
    expect(splitLeading("97\u2009412.5")).toEqual(["97", "\u2009412.5"]);
    expect(splitLeading("412.5")).toEqual(["", "412.5"]);
  });
});

describe("sizes", () => {
  test.each([
    [0, 3, "0"],
    [0.166, 3, "0.166"],
    [9999.994, 2, "9999.99"],
    [12_345, 3, "12.3k"],
    [999_949, 3, "999.9k"],
    [999_951, 3, "1.00M"],
    [1_234_567, 0, "1.23M"],
    [20_912_000_000, 0, "20.91B"],
    [Number.NaN, 3, "—"],
  ])("%d with %d decimals is %s", (value, decimals, text) => {
    expect(formatSize(value, decimals)).toBe(text);
  });

  test("what is less than the last decimal is not nothing", () => {
    expect(formatSize(0.3, 0)).toBe("<1");
    expect(formatSize(0.0004, 2)).toBe("<0.01");
    expect(formatSize(0, 2)).toBe("0");
  });

  test("a short size has at most four figures and signs", () => {
    const sizes = [0.25, 12, 9_999, 10_000, 99_600, 163_900, 1_234_567, 87_820_000, 4_560_000_000];
    const texts = sizes.map((size) => formatShort(size, size < 1 ? 2 : 0));
    expect(texts).toEqual(["0.25", "12", "9999", "10k", "100k", "164k", "1.2M", "88M", "4.6B"]);
    expect(formatShort(999_600_000, 0)).toBe("1.0B");
  });

  test("a column has the most decimals with which its 95th percentile needs five digits", () => {
    expect(sizeDecimals(0.5)).toBe(4);
    expect(sizeDecimals(12.5)).toBe(3);
    expect(sizeDecimals(250)).toBe(2);
    expect(sizeDecimals(9000)).toBe(1);
    expect(sizeDecimals(50_000)).toBe(0);
    expect(sizeDecimals(12.5, 2)).toBe(2);
    expect(sizeDecimals(Number.NaN, 3)).toBe(2);
  });
});

describe("signs", () => {
  test("a value carries its sign, and zero has none", () => {
    expect(formatSigned(0.65, 2)).toBe("+0.65");
    expect(formatSigned(-0.08, 2)).toBe("\u22120.08");
    expect(formatSigned(-0.001, 2)).toBe("0");
    expect(formatPercent(0.0184)).toBe("+1.84 %");
  });
});

describe("other units", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [312_400_000, "312 MB"],
    [5_824_000_000, "5.82 GB"],
    [13_400_000_000, "13.4 GB"],
    [999_999_999, "1.00 GB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test.each([
    [0, "0 ms"],
    [0.42, "0.4 ms"],
    [11.8, "12 ms"],
    [3240, "3.2 s"],
    [14_200, "14 s"],
  ])("%d ms are %s", (ms, text) => {
    expect(formatMilliseconds(ms)).toBe(text);
  });

  test("a count has thin gaps", () => {
    expect(formatCount(1842)).toBe("1\u2009842");
  });
});

describe("times", () => {
  test("a time is written as finely as is asked", () => {
    expect(formatTime(AT, "ms", "utc")).toBe("14:32:07.412");
    expect(formatTime(AT, "s", "utc")).toBe("14:32:07");
    expect(formatTime(AT, "min", "utc")).toBe("14:32");
    expect(formatTime(Number.NaN, "s", "utc")).toBe("—");
  });

  test("a span is said in words, a length as a clock", () => {
    expect(formatSpan(4200)).toBe("4.2 s");
    expect(formatSpan(390_000)).toBe("6 m 30 s");
    expect(formatSpan(3_720_000)).toBe("1 h 02 m");
    expect(formatClock(32_920_000)).toBe("09:08:40");
    expect(formatClock(100 * 3_600_000)).toBe("100:00:00");
  });

  test.each([
    ["14:31", Date.UTC(2026, 10, 24, 14, 31)],
    ["14:31:09.5", Date.UTC(2026, 10, 24, 14, 31, 9, 500)],
    ["2026-11-23 10:02", Date.UTC(2026, 10, 23, 10, 2)],
    ["9:05 UTC", Date.UTC(2026, 10, 24, 9, 5)],
    ["09:05Z", Date.UTC(2026, 10, 24, 9, 5)],
    ["09:05 UTC+2", Date.UTC(2026, 10, 24, 7, 5)],
    ["2026-11-24T14:31:09.5+05:30", Date.UTC(2026, 10, 24, 9, 1, 9, 500)],
    ["2026-11-24 14:31 -0330", Date.UTC(2026, 10, 24, 18, 1)],
    ["2026-11-24 14:31 UTC\u22123:30", Date.UTC(2026, 10, 24, 18, 1)],
    ["14:31 +15:00", null],
    ["14:31 CET", null],
    ["25:00", null],
    ["14:61", null],
    ["soon", null],
    ["2026-13-40 10:00", null],
  ])("%s is read as that moment", (text, moment) => {
    expect(parseTime(text, AT, "utc")).toBe(moment);
  });

  test("a time without a date is the nearest one", () => {
    const night = Date.UTC(2026, 10, 24, 0, 10);
    expect(parseTime("23:50", night, "utc")).toBe(Date.UTC(2026, 10, 23, 23, 50));
  });

  describe("where the clocks change", () => {
    beforeEach(() => vi.stubEnv("TZ", "Europe/Berlin"));
    afterEach(() => vi.unstubAllEnvs());
    const summer = Date.UTC(2026, 6, 1, 12);
    const winter = Date.UTC(2026, 11, 1, 12);

    test("a moment has the offset of its own day", () => {
      expect(zoneName(summer, "local")).toBe("UTC+2");
      expect(zoneName(winter, "local")).toBe("UTC+1");
      expect(formatTime(summer, "min", "local")).toBe("14:00");
      expect(formatTime(winter, "min", "local")).toBe("13:00");
    });

    test("a typed zone outdoes the one that is shown", () => {
      expect(parseTime("12:00 UTC", summer, "local")).toBe(summer);
      expect(parseTime("2026-07-01 12:00Z", winter, "local")).toBe(summer);
      expect(parseTime("2026-07-01 14:00", winter, "local")).toBe(summer);
    });

    test("what was typed comes back, also in the hours before the change", () => {
      // At 01:00 UTC the clocks go on by an hour in March, and back in October.
      for (const at of [Date.UTC(2026, 2, 29, 0, 30), Date.UTC(2026, 9, 24, 23, 30)]) {
        expect(parseTime(formatStamp(at, "local"), at, "local")).toBe(at);
      }
    });

    test("a date stands beside times of another day, and the year of another one", () => {
      expect(formatMoment(summer, "s", "local", summer + 3_600_000)).toBe("14:00:00");
      expect(formatMoment(summer, "s", "local", winter)).toBe("1 Jul 14:00:00");
      const later = Date.UTC(2027, 0, 1, 12);
      expect(formatMoment(summer, "s", "local", later)).toBe("1 Jul 2026 14:00:00");
      const night = Date.UTC(2026, 6, 1, 22, 30);
      expect(formatMoment(night, "min", "local", summer)).toBe("2 Jul 00:30");
      expect(formatMoment(night, "min", "utc", summer)).toBe("22:30");
    });
  });
});
