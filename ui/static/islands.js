// Parts of a view that need a script of their own: <div data-island="graph"> is brought to life by graph.js.

// Returns what takes the islands down again. One that fails takes nothing else along: what the
// server sent is readable without it.
export async function islands(view, atlas) {
  const found = [...view.querySelectorAll("[data-island]")];
  const leave = await Promise.all(
    found.map(async (element) => {
      try {
        const island = await import(`./${element.dataset.island}.js`);
        return await island.mount(element, atlas);
      } catch (error) {
        console.error(error);
        atlas.say("A part of this page did not start. Load the page again.");
      }
    }),
  );
  return () => leave.forEach((one) => one?.());
}
