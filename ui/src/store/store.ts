/** What we know, as plain data; changed only by applying frames and states. */

export type * from "./types";
export { PART } from "./types";
