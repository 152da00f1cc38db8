// Parts of a view that need a script of their own: <div data-island="graph"> is brought to life by graph.js.

// Returns the functions that take the islands down again.
export async function islands(view, atlas) {
  const found = [...view.querySelectorAll("[data-island]")];
  return Promise.all(
    found.map(async (element) => {
      const island = await import(`./${element.dataset.island}.js`);
      return island.mount(element, atlas);
    }),
  );
}
