"use strict";

const byId = (id) => document.getElementById(id);
let chosenRequest = null;
let chosenStore = null;

/** An element with a class and children, which are text unless they are elements. */
function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.map((child) => (child instanceof Node ? child : String(child ?? ""))));
  return made;
}

const row = (...cells) => element("tr", "", ...cells.map((cell) =>
  cell instanceof Node && cell.tagName === "TD" ? cell : element("td", "", cell)));
const number = (value) => element("td", "number", value);
const size = (bytes) => bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB`
  : bytes >= 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${bytes} B`;
const seconds = (ms) => ms >= 86400000 ? `${(ms / 86400000).toFixed(1)} d`
  : ms >= 3600000 ? `${(ms / 3600000).toFixed(1)} h` : `${(ms / 1000).toFixed(1)} s`;

function fill(id, rows, empty) {
  const body = byId(id);
  body.replaceChildren(...(rows.length ? rows : [element("tr", "", (() => {
    const cell = element("td", "empty", empty);
    cell.colSpan = 9;
    return cell;
  })())]));
}

/** A row that does something when it is chosen, with the mouse or the keyboard. */
function choice(made, isChosen, choose) {
  made.classList.add("choice");
  made.tabIndex = 0;
  made.setAttribute("aria-selected", isChosen);
  made.addEventListener("click", choose);
  made.addEventListener("keydown", (event) => { if (event.key === "Enter") choose(); });
  return made;
}

async function ask(path, options) {
  const response = await fetch(`/_edge/${path}`, options);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}

const post = (path, body) => act(() => ask(path, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body ?? {}),
}));

/** Changes something, and shows what has become of it. */
async function act(change) {
  try {
    await change();
    await show();
  } catch (error) {
    problem(error.message);
  }
}

function problem(text) {
  byId("problem").textContent = text ?? "";
  byId("problem").hidden = !text;
}

function showRequests(state) {
  fill("requests", state.requests.map((request) => {
    const status = number(request.status);
    status.classList.add(request.status >= 500 ? "bad" : "good");
    const pop = element("td", "pop", request.pop);
    const made = row(number(request.id), request.app, pop, `${request.method} ${request.uri}`,
      status, number(request.took_ms.toFixed(2)), number(request.calls.length),
      number(size(request.memory)));
    const key = `${request.app} ${request.id}`;
    return choice(made, key === chosenRequest, () => { chosenRequest = key; showRequests(state); });
  }), "None yet.");
  const chosen = state.requests.find((r) => `${r.app} ${r.id}` === chosenRequest);
  if (chosen) showRequest(chosen);
}

function showRequest(request) {
  const calls = element("tbody", "", ...request.calls.map((call) => {
    const made = row(element("code", "", call.operation), call.store, element("code", "", call.key),
      number(call.bytes_sent ? size(call.bytes_sent) : ""),
      number(call.bytes_received ? size(call.bytes_received) : ""));
    if (call.error) made.append(element("td", "bad", call.error));
    return made;
  }));
  const table = element("table", "", element("thead", "",
    row("call", "store", "key", "sent", "received")), calls);
  const printed = request.printed.map((line) =>
    element("pre", line.stream === "stderr" ? "bad" : "", line.text));
  byId("request").replaceChildren(
    element("p", "mono", `${request.method} ${request.uri}`),
    ...(request.failure ? [element("p", "bad", request.failure)] : []),
    request.calls.length ? table : element("p", "empty", "It has called nothing."),
    ...printed);
}

function showStores(state) {
  fill("stores", state.stores.map((store) => {
    const linked = state.apps.flatMap((app) => app.stores
      .filter((link) => link.id === store.id)
      .map((link) => state.apps.length > 1 ? `${app.name}: ${link.name}` : link.name));
    const made = row(number(store.id), store.name, number(store.byod ? "" : size(store.size)),
      number(store.revision), linked.join(", "));
    return choice(made, store.id === chosenStore, () => {
      chosenStore = store.id;
      act(() => Promise.resolve());
    });
  }), "None.");
}

async function showStore() {
  if (chosenStore === null) {
    byId("store").replaceChildren();
    return;
  }
  const store = await ask(`store?id=${chosenStore}`);
  const rows = store.entries.map((entry) => row(element("code", "", entry.key), entry.datatype,
    element("code", "", entry.value),
    entry.lagging.length ? element("span", "bad", `not yet in ${entry.lagging.join(", ")}`) : ""));
  byId("store").replaceChildren(
    element("p", "", `${store.count} keys`),
    element("table", "", element("tbody", "", ...rows)));
}

function showCaches(state) {
  byId("caches").replaceChildren(...state.pops.flatMap((pop) => {
    const cache = state.caches[pop];
    const rows = cache.entries.map((entry) => {
      const evict = element("button", "", "Evict");
      evict.addEventListener("click", () => post("evict", { pop, key: entry.key }));
      return row(element("code", "", entry.key), element("code", "", entry.value),
        number(entry.ttl_ms === null ? "for ever" : seconds(entry.ttl_ms)), evict);
    });
    const all = element("button", "", "Evict all");
    all.addEventListener("click", () => post("evict", { pop }));
    const title = element("p", "", `${state.is_local ? "" : `${pop}: `}${cache.count} entries `, all);
    return [title, element("table", "", element("tbody", "", ...rows))];
  }));
}

async function show() {
  const state = await ask("state");
  document.body.classList.toggle("one-pop", state.pops.length === 1);
  const ahead = state.ahead_ms ? ` (${seconds(state.ahead_ms)} ahead)` : "";
  byId("clock").textContent = new Date(state.now_ms).toISOString().replace("T", " ") + ahead;
  showRequests(state);
  if (!state.stores.some((store) => store.id === chosenStore)) chosenStore = null;
  showStores(state);
  await showStore();
  fill("writes", state.on_their_way.map((write) => row(write.pop, number(write.store),
    element("code", "", write.key),
    write.arrives_at_ms === null ? "when released" : `in ${seconds(write.arrives_at_ms - state.now_ms)}`)),
  "Every location has everything.");
  showCaches(state);
  byId("faults").replaceChildren(...state.faults.map((fault) => element("li", "", fault)));
  const operations = byId("fault").elements.operation;
  if (!operations.options.length) {
    operations.append(...["cache-sync", ...state.operations].map((name) => new Option(name)));
  }
  problem(null);
}

for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () => post("clock", { advance_ms: Number(button.dataset.advance) }));
}
for (const button of document.querySelectorAll("[data-post]")) {
  button.addEventListener("click", () =>
    post(button.dataset.post, JSON.parse(button.dataset.body ?? "{}")));
}
byId("fault").addEventListener("submit", (event) => {
  event.preventDefault();
  const { operation, error, probability, after } = event.target.elements;
  post("faults", {
    ...(operation.value === "cache-sync" ? {} : { operation: operation.value }),
    error: error.value,
    probability: Number(probability.value),
    after_the_effect: after.checked,
  });
});
byId("clear-faults").addEventListener("click", () => act(() => ask("faults", { method: "DELETE" })));

(async function follow() {
  try {
    await show();
  } catch (error) {
    problem(`The server does not answer: ${error.message}`);
  }
  setTimeout(follow, document.hidden ? 5000 : 1000);
})();
