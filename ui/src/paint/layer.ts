/** A canvas in CSS pixels whose bitmap follows the device's pixel ratio. */

export interface Layer {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  /** Size in CSS pixels. */
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
}

/** A canvas on the page; an opaque one is cheaper and begins black. */
export function createLayer(kind: "opaque" | "clear", className: string): Layer {
  const canvas = document.createElement("canvas");
  canvas.className = className;
  return { canvas, context: contextOf(canvas, kind), width: 0, height: 0, ratio: 1 };
}

/** A bitmap that is never on the page. */
export function createBitmap(
  width: number,
  height: number,
  kind: "opaque" | "clear",
): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return contextOf(canvas, kind);
}

function contextOf(canvas: HTMLCanvasElement, kind: "opaque" | "clear"): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", { alpha: kind === "clear" });
  if (context === null) throw new Error("This webview cannot draw: it has no 2D canvas.");
  return context;
}

/** Gives the layer a size; says whether its bitmap was made anew, and is blank. */
export function fitLayer(layer: Layer, width: number, height: number, ratio: number): boolean {
  const deviceWidth = Math.max(1, Math.round(width * ratio));
  const deviceHeight = Math.max(1, Math.round(height * ratio));
  const { canvas } = layer;
  const isSame = canvas.width === deviceWidth && canvas.height === deviceHeight;
  if (isSame && layer.ratio === ratio && layer.width === width) return false;
  canvas.width = deviceWidth;
  canvas.height = deviceHeight;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  layer.width = width;
  layer.height = height;
  layer.ratio = ratio;
  layer.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return true;
}
