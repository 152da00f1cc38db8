// What the tests of hostile papers ask the page.
({
  // Returns what is in the view and may be in none.
  audit() {
    const LEADS = new Set("href xlink:href src action formaction data srcdoc poster background ping".split(" "));
    const SAFE = /^($|[?#]|https?:\/\/[^/]|(export|compare|feeds)\/)/;
    const view = document.querySelector("#atlas-view");
    const wrong = [];
    const banned =
      "script, iframe, frame, object, embed, img, base, link, meta, style, template, portal," +
      " video, audio, animate, set, foreignObject, annotation-xml, semantics, maction";
    for (const one of view.querySelectorAll(banned)) wrong.push(`element ${brief(one)}`);
    for (const one of view.querySelectorAll("*")) {
      for (const { name, value } of one.attributes) {
        if (/^on/i.test(name)) wrong.push(`${name} of ${brief(one)}`);
        if (name === "style" && /url\(|expression|fixed/i.test(value)) wrong.push(`style ${value}`);
        if (LEADS.has(name.toLowerCase()) && !SAFE.test(value)) wrong.push(`${name} of ${brief(one)}`);
      }
      const mathml = one.namespaceURI.endsWith("MathML");
      if (mathml !== Boolean(one.closest("math"))) wrong.push(`stray ${brief(one)}`);
    }
    if (window.pwned !== undefined) wrong.push("something ran");
    // Gradio cuts off what is too wide for the page, so the page itself never scrolls.
    const page = document.querySelector("#atlas");
    if (page.scrollWidth > page.clientWidth) {
      const beyond = (one) => Math.max(one.getBoundingClientRect().right, one.scrollWidth) > innerWidth + 1;
      wrong.push(`${page.scrollWidth} px wide: ${[...view.querySelectorAll("*")].filter(beyond).map(brief).pop()}`);
    }
    return wrong;

    function brief(one) {
      return one.outerHTML.slice(0, 160);
    }
  },

  // Returns how many texts stand beside marks of direction, and those that these turned about.
  turned() {
    const MARKS = /[\u202a-\u202e\u2066-\u2069\u0590-\u08ff]/;
    const walk = document.createTreeWalker(document.querySelector("#atlas-view"), NodeFilter.SHOW_TEXT);
    const turned = [];
    let seen = 0;
    while (walk.nextNode()) {
      const node = walk.currentNode;
      const at = node.data.search(/[A-Za-z0-9]{2}/);
      const own = node.parentElement.closest("bdi");
      if (at < 0 || MARKS.test((own || node).textContent)) continue;
      const [first, second] = [place(node, at), place(node, at + 1)];
      if (!first.width || first.top !== second.top) continue;
      seen += 1;
      if (second.left < first.left) turned.push(node.data.slice(0, 80));
    }
    return { seen, turned };

    function place(node, at) {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      return range.getBoundingClientRect();
    }
  },
})
