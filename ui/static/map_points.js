// The papers on the map, as arrays with an element for each, and what is told of a few of them.

// Fetches where the papers are; `areas` are the ids of the legend, in its order.
export async function load(areas) {
  const raw = await (await fetch("map/points")).json();
  const numbers = new Map(areas.map((id, number) => [id, number]));
  const other = numbers.get("") ?? 0;
  const own = raw.names.map((topic) => numbers.get(topic.split("/")[0]) ?? other);
  const count = raw.keys.length;
  const points = {
    count,
    keys: raw.keys,
    rows: new Map(raw.keys.map((key, row) => [key, row])),
    x: Float32Array.from(raw.x),
    y: Float32Array.from(raw.y),
    years: Uint16Array.from(raw.years),
    area: Uint8Array.from(raw.topics, (topics) => (topics.length ? own[topics[0]] : other)),
    labels: raw.labels,
    // Papers that are shown; the legend and the years take some away.
    shown: new Uint8Array(count).fill(1),
    // The rows of the papers under a topic or below it.
    under(topic) {
      const below = raw.names.map((name) => `${name}/`.startsWith(`${topic}/`));
      const rows = [];
      raw.topics.forEach((topics, row) => topics.some((one) => below[one]) && rows.push(row));
      return rows;
    },
  };
  points.grid = grid(points);
  return points;
}

// The box around all papers: left, top, width and height. One paper alone has some room, too.
export function bounds({ count, x, y }) {
  const ends = (values) => {
    let low = Infinity, high = -Infinity;
    for (let row = 0; row < count; row++) (low = Math.min(low, values[row])), (high = Math.max(high, values[row]));
    const room = Math.max(0, 0.1 - (high - low));
    return [low - room / 2, high - low + room];
  };
  const [left, wide] = ends(x), [top, high] = ends(y);
  return [left, top, wide, high];
}

// Cells of a square grid with the rows in each: rows of cell c are rows[starts[c]] to rows[starts[c + 1]].
function grid({ count, x, y }) {
  const side = Math.max(1, Math.ceil(Math.sqrt(count / 2)));
  const at = (value) => Math.max(0, Math.min(side - 1, Math.floor(((value + 1) / 2) * side)));
  const starts = new Uint32Array(side * side + 1), rows = new Uint32Array(count);
  for (let row = 0; row < count; row++) starts[at(y[row]) * side + at(x[row]) + 1]++;
  for (let cell = 0; cell < side * side; cell++) starts[cell + 1] += starts[cell];
  const next = starts.slice();
  for (let row = 0; row < count; row++) rows[next[at(y[row]) * side + at(x[row])]++] = row;
  return { at, side, starts, rows };
}

// The row of the paper shown that is nearest to a place, no farther than `radius`; -1 if there is none.
export function nearest({ grid: { at, side, starts, rows }, x, y, shown }, px, py, radius) {
  let best = -1, least = radius * radius;
  for (let line = at(py - radius); line <= at(py + radius); line++) {
    const end = starts[line * side + at(px + radius) + 1];
    for (let place = starts[line * side + at(px - radius)]; place < end; place++) {
      const row = rows[place], apart = (x[row] - px) ** 2 + (y[row] - py) ** 2;
      if (shown[row] && apart <= least) [best, least] = [row, apart];
    }
  }
  return best;
}

// How many papers are shown within a box, and the rows of those nearest to its middle, nearest first;
// of all papers, or of those that are 1 in `lit`.
export function within({ count, x, y, shown }, [left, top, right, bottom], most, lit) {
  const cx = (left + right) / 2, cy = (top + bottom) / 2, rows = [], apart = [];
  let number = 0;
  for (let row = 0; row < count; row++) {
    if (!shown[row] || (lit && !lit[row]) || x[row] < left || x[row] > right || y[row] < top || y[row] > bottom) continue;
    number++;
    const far = (x[row] - cx) ** 2 + (y[row] - cy) ** 2;
    if (rows.length === most && far >= apart[most - 1]) continue;
    let place = rows.length < most ? rows.length : most - 1;
    for (; place > 0 && apart[place - 1] > far; place--) [rows[place], apart[place]] = [rows[place - 1], apart[place - 1]];
    [rows[place], apart[place]] = [row, far];
  }
  return { number, rows };
}

// What is told of papers, by key: asked for once, for several at a time.
export class Titles {
  #known = new Map();

  get(key) {
    return this.#known.get(key);
  }

  // Resolves when these are known, as far as they can be.
  async want(keys) {
    const missing = keys.filter((key) => !this.#known.has(key));
    if (!missing.length) return;
    const answer = await fetch(`map/titles?keys=${missing}`);
    if (answer.ok) for (const paper of await answer.json()) this.#known.set(paper.key, paper);
  }
}
