/** How figures and times are written, the same in chrome and on canvas. */

export * from "./numbers";
export * from "./spans";
export * from "./times";
export * from "./units";
