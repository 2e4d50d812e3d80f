/** The last liquidations, in order. */

import type { ForcedData, ForcedSection } from "./types";
import { PART } from "./types";

/** As many as the host keeps. */
export const FORCED_CAPACITY = 1024;

interface Forced {
  readonly data: ForcedData;
  apply(section: ForcedSection): number;
  forget(): void;
}

/** None yet. */
export function createForced(): Forced {
  const capacity = FORCED_CAPACITY;
  const data = {
    capacity,
    first: 0,
    next: 0,
    at: new Float64Array(capacity),
    price: new Float64Array(capacity),
    size: new Float64Array(capacity),
    side: new Uint8Array(capacity),
  };
  const apply = (section: ForcedSection) => {
    for (let i = 0; i < section.n; i += 1) {
      const slot = data.next % capacity;
      data.at[slot] = section.at[i] ?? 0;
      data.price[slot] = section.price[i] ?? 0;
      data.size[slot] = section.size[i] ?? 0;
      data.side[slot] = section.side[i] ?? 0;
      data.next += 1;
    }
    data.first = Math.max(data.first, data.next - capacity);
    return PART.forced;
  };
  const forget = () => {
    data.first = data.next;
  };
  return { data, apply, forget };
}
