/** Finds a diamond on the heatmap by its colour, where the legend shows one in the corner. */

/** The middle of the largest hollow outline in the ask's colour within the plot, in CSS pixels. */
export function diamondOn(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector("[data-test=panel-heatmap] canvas");
    const ratio = devicePixelRatio;
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--ask").trim();
    const wanted = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    const isAsk = (x, y) => {
      const at = 4 * (y * width + x);
      return wanted.every((value, part) => Math.abs(data[at + part] - value) < 60);
    };
    const size = 9 * ratio;
    let best = null;
    for (let y = 40 * ratio; y < 0.6 * height; y += 1) {
      for (let x = size; x < 0.75 * width; x += 1) {
        for (let r = 4; r <= 13 * ratio; r += 1) {
          const corners = [
            [x - r, y],
            [x + r, y],
            [x, y - r],
            [x, y + r],
          ];
          if (!corners.every(([cx, cy]) => cy >= 0 && isAsk(Math.round(cx), Math.round(cy))))
            continue;
          const h = Math.round(r / 2);
          const sides = [
            [x - h, y - h],
            [x + h, y + h],
            [x + h, y - h],
            [x - h, y + h],
          ];
          const isHollow = ![x - h, x, x + h].some((ix) => isAsk(ix, y));
          if (!isHollow || !sides.some(([sx, sy]) => isAsk(sx, sy))) continue;
          if (best === null || r > best.r) best = { x, y, r };
        }
      }
    }
    return best === null ? null : { x: best.x / ratio, y: best.y / ratio };
  });
}
