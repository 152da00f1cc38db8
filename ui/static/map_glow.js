// A soft ground in the colours of the areas, strong where their papers crowd: the map's continents.

const SIDE = 160; // Cells of the ground each way.
const EDGE = 14; // Cells around the outermost papers.
const WIDTH = 3; // Cells over which each paper glows, thrice.
const STRONGEST = 60; // Of 255.

// The ground of the papers shown, with its place and size on the map.
export function glow({ x, y, area, shown, count }, colours, { left, right, top, bottom }) {
  const extent = Math.max(right - left, bottom - top, 0.1);
  const cell = extent / (SIDE - 2 * EDGE), size = SIDE * cell;
  const place = { left: (left + right - size) / 2, top: (top + bottom - size) / 2, size };
  const heats = colours.map(() => new Float32Array(SIDE * SIDE));
  for (let row = 0; row < count; row++) {
    if (!shown[row]) continue;
    const column = Math.floor((x[row] - place.left) / cell), line = Math.floor((y[row] - place.top) / cell);
    heats[area[row]][line * SIDE + column]++;
  }
  for (const heat of heats) for (let time = 0; time < 3; time++) blur(heat);
  const image = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const context = image.getContext("2d", { willReadFrequently: true });
  const shades = colours.map((colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data;
  });
  // The middle of the cells that have any says what is much: the same picture for few papers and many.
  const totals = heats[0].map((_, at) => heats.reduce((sum, heat) => sum + heat[at], 0));
  const much = totals.filter((total) => total > 0.01).sort().at(-1 - Math.floor(totals.filter((t) => t > 0.01).length / 20)) || 1;
  const pixels = context.createImageData(SIDE, SIDE);
  for (let at = 0; at < SIDE * SIDE; at++) {
    if (totals[at] < 1e-4) continue;
    for (let colour = 0; colour < 3; colour++) {
      pixels.data[4 * at + colour] = shades.reduce((sum, shade, number) => sum + shade[colour] * heats[number][at], 0) / totals[at];
    }
    pixels.data[4 * at + 3] = STRONGEST * Math.min(1, totals[at] / much) ** 0.6;
  }
  context.putImageData(pixels, 0, 0);
  return { image, ...place };
}

// Spreads every cell over its neighbours, along the lines and then along the columns; thrice is nearly a normal curve.
function blur(heat) {
  const line = new Float32Array(SIDE);
  for (const [step, next] of [[1, SIDE], [SIDE, 1]]) {
    for (let first = 0, lines = 0; lines < SIDE; lines++, first += next) {
      let sum = 0;
      for (let at = -WIDTH; at < SIDE; at++) {
        if (at + WIDTH < SIDE) sum += heat[first + (at + WIDTH) * step];
        if (at - WIDTH > 0) sum -= heat[first + (at - WIDTH - 1) * step];
        if (at >= 0) line[at] = sum / (2 * WIDTH + 1);
      }
      for (let at = 0; at < SIDE; at++) heat[first + at * step] = line[at];
    }
  }
}
