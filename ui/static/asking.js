// Asks the server, by the functions of the page's one Gradio component.
//
// Gradio's own caller drops what the server says when it refuses: that one asks too often, that it
// is busy, that one is no longer signed in.

const PATH = "gradio_api/component_server/";

// `line` is the server's own; `signIn` is true where one has to sign in anew.
class Refused extends Error {
  constructor(status, line) {
    super(line);
    this.signIn = status === 401;
  }
}

// Returns what the server's function `name` returns.
export async function ask(name, data) {
  const frame = window.gradio_config.components.find((one) => one.props.elem_id === "atlas");
  const body = JSON.stringify({ data, component_id: frame.id, fn_name: name, session_hash: "atlas" });
  const headers = { "Content-Type": "application/json" };
  let answer;
  try {
    answer = await fetch(new URL(PATH, document.baseURI), { method: "POST", headers, body });
  } catch {
    throw new Refused(0, "The server did not answer: it is stopped, or out of reach.");
  }
  if (answer.ok) return answer.json();
  const plain = answer.headers.get("Content-Type")?.startsWith("text/plain");
  const line = plain ? (await answer.text()).trim() : "The server could not answer.";
  throw new Refused(answer.status, line.charAt(0).toUpperCase() + line.slice(1));
}

// The page that tells of a refusal.
export function told(refused) {
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.setAttribute("role", "alert");
  const head = document.createElement("h1");
  head.textContent = refused.signIn ? "Signed out" : "No answer";
  const line = document.createElement("p");
  line.textContent = refused.signIn ? "You are no longer signed in." : refused.message;
  const next = document.createElement("a");
  if (refused.signIn) {
    next.href = `login?next=${encodeURIComponent(location.search)}`;
    next.textContent = "Sign in";
  } else {
    next.href = "?";
    next.id = "atlas-again";
    next.textContent = "Try again";
  }
  const links = document.createElement("p");
  links.append(next);
  notice.append(head, line, links);
  return { title: head.textContent, html: notice.outerHTML };
}

// Shows who is signed in, where there are accounts: a link to sign out by.
export function account(link) {
  const user = window.gradio_config.username;
  link.hidden = !user;
  link.textContent = user || "";
  link.setAttribute("aria-label", `Account: ${user}`);
}
