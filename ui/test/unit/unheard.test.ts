/** What is said of a span without prints, where it stands, and how its row is told from those of prints. */

import { expect, test } from "vitest";
import { causeWord, gapText, isOurs } from "../../src/store/causes";
import { isUnheardKey, keyOfUnheard, standsBetween, unheardWord } from "../../src/store/unheard";

test("each cause that leaves no prints has its word, others have none", () => {
  const words = Array.from({ length: 9 }, (_, cause) => unheardWord(cause));
  const none = ["", "", "", ""];
  expect(words).toEqual(["not heard", "link down", "venue silent", ...none, "not recorded", ""]);
});

test("each cause has its word, and several gaps that are told as one have theirs", () => {
  const words = Array.from({ length: 8 }, (_, cause) => causeWord(cause));
  expect(new Set(words).size).toBe(8);
  expect(words).not.toContain("no data");
  expect(causeWord(8)).toBe("no data");
  expect(causeWord(null)).toBe("several gaps within");
});

test("only what nobody listened to and what was not recorded lies with us", () => {
  const ours = Array.from({ length: 9 }, (_, cause) => cause).filter(isOurs);
  expect(ours).toEqual([0, 7]);
});

test("a span is told with its length, and none is shorter than nothing", () => {
  expect(gapText(1, 4_200)).toBe("link down 4.2 s");
  expect(gapText(7, -1_000)).toBe("not recorded 0.0 s");
});

test("a span stands where its middle lies, from one print up to the next", () => {
  const span = { from: 10, to: 20 };
  expect(standsBetween(span, 15, 25), "the older print is of its middle").toBe(true);
  expect(standsBetween(span, 5, 15), "it stands behind the print of its middle").toBe(false);
  expect(standsBetween(span, 12, 30), "its begin is older than both").toBe(true);
  expect(standsBetween(span, 16, 30)).toBe(false);
  expect(standsBetween(span, 13, 18), "half as far apart as it is long").toBe(true);
  expect(standsBetween(span, 13, 17), "prints go on in it").toBe(false);
});

test("the row of a span is none of a print, whatever its time", () => {
  for (const at of [0, 1_784_505_600_000.4]) expect(isUnheardKey(keyOfUnheard(at))).toBe(true);
  expect(keyOfUnheard(1_000)).not.toBe(keyOfUnheard(2_000));
  for (const key of [0, 7, -0.5, -1, -5_000, -2e9]) expect(isUnheardKey(key)).toBe(false);
});
