// Parts of a view that need a script of their own: <div data-island="graph"> is brought to life by graph.js.
// One that fails takes nothing else along: what the server sent is readable without it.

// Fetches the scripts that a view names, by name, before it is shown: what is seen can be used at once.
export async function scripts(html) {
  const page = document.createElement("template");
  page.innerHTML = html;
  const names = new Set([...page.content.querySelectorAll("[data-island]")].map(({ dataset }) => dataset.island));
  const found = [...names].map(async (name) => [name, await import(`./${name}.js`).catch((error) => ({ error }))]);
  return new Map(await Promise.all(found));
}

// Brings a view to life; returns what takes its parts down again.
export async function islands(view, found, atlas) {
  const parts = [...view.querySelectorAll("[data-island]")];
  const leave = await Promise.all(
    parts.map(async (element) => {
      try {
        const { mount, error } = found.get(element.dataset.island);
        if (error) throw error;
        return await mount(element, atlas);
      } catch (error) {
        console.error(error);
        atlas.say("A part of this page did not start. Load the page again.");
      }
    }),
  );
  return () => leave.forEach((one) => one?.());
}
