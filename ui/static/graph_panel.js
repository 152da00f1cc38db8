// What stands beside a graph: the chosen node, how it is joined, and the ways on from it.

// Fills the panel with what the list below the picture says of a node.
export function tell(panel, element, drawing, node, { pinned }) {
  const entry = element.querySelector(`#graph-${node.number}`);
  const parts = [...entry.children].filter((part) => !part.matches(".links")).map((part) => part.cloneNode(true));
  panel.replaceChildren(...parts, actions(drawing, node), ...joined(node, JSON.parse(element.dataset.words)));
  panel.dataset.area = entry.dataset.area;
  panel.classList.toggle("pinned", pinned);
}

function joined(node, words) {
  const groups = new Map();
  for (const line of node.lines) {
    const outward = line.source === node;
    const word = words[line.kind][outward ? 0 : 1];
    if (!groups.has(word)) groups.set(word, []);
    groups.get(word).push(outward ? line.target : line.source);
  }
  return [...groups].map(([word, others]) => {
    const told = made("p", "links");
    told.append(Object.assign(made("span", "quiet"), { textContent: `${word} ` }));
    others.forEach((other, place) => {
      const link = Object.assign(made("a"), { href: `#graph-${other.number}` });
      link.dataset.to = other.number;
      link.append(Object.assign(made("bdi"), { textContent: other.label.textContent }));
      told.append(...(place ? [", ", link] : [link]));
    });
    return told;
  });
}

function actions(drawing, node) {
  const row = made("p", "row");
  const [kind, name] = [node.element.dataset.kind, node.id.slice(node.id.indexOf(":") + 1)];
  const centre = drawing.nodes[drawing.svg.dataset.centre];
  const now = new URLSearchParams(location.search);
  const add = (words, address) => row.append(Object.assign(made("a", "button small"), { textContent: words, href: `?${address}` }));

  if (["paper", "topic", "entity", "author"].includes(kind)) {
    const own = node.element.getAttribute("href").slice(1);
    add(`Open the ${node.element.dataset.word}`, own);
  }
  // Paths and lines of work are what they are; only a neighbourhood grows.
  const grows = ["paper", "entity", "find"].some((name) => now.has(name));
  if (grows && node !== centre && !now.getAll("expand").includes(node.id)) {
    const address = without(now, ["x", "y", "zoom", "moved"]);
    address.append("expand", node.id);
    address.set("at", node.id);
    add("Expand here", address);
  }
  const start = ["paper", "topic", "entity"].includes(kind);
  if (start && node !== centre) {
    const address = new URLSearchParams({ view: "graph", [kind]: name });
    for (const choice of ["kind", "depth", "most", "layout"]) now.getAll(choice).forEach((value) => address.append(choice, value));
    add("Centre here", address);
  }
  if (centre && start && node !== centre) {
    add("Path from the middle", new URLSearchParams({ view: "graph", from: centre.id, to: node.id }));
  }
  if (kind === "paper" && now.get("lineage") !== name) add("Line of work", new URLSearchParams({ view: "graph", lineage: name }));
  return row;
}

function without(params, names) {
  const rest = new URLSearchParams(params);
  names.forEach((name) => rest.delete(name));
  return rest;
}

function made(tag, name = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  return element;
}
