"use strict";
// Everything works without this file; it only saves a step here and there.

const summary = document.getElementById("error-summary");
if (summary) summary.focus();

// A language that was chosen is kept even where a proxy answers with a page that cannot set a cookie.
for (const link of document.querySelectorAll("details.languages a[hreflang]")) {
  link.addEventListener("click", () => {
    document.cookie = `locale=${link.hreflang}; Max-Age=31536000; Path=/; SameSite=Lax`;
  });
}

for (const menu of document.querySelectorAll("details.languages")) {
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// On a wide screen the filters are open from the start.
const filters = document.querySelector("details.filters");
if (filters && window.matchMedia("(min-width: 62rem)").matches) filters.open = true;

// While somebody types into a search box, names and topics are suggested: a combobox with a list below it.
// Whatever goes wrong here, the box stays a plain search.
for (const box of document.querySelectorAll("[data-suggestions]")) {
  const input = box.querySelector("input[type=search]");
  const list = document.createElement("ul");
  const status = document.createElement("p");
  let asked = null;
  let timer = 0;

  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.dataset.label);
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  box.append(list, status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  const options = () => [...list.children];
  const active = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(number) {
    options().forEach((option, place) => option.setAttribute("aria-selected", String(place === number)));
    const option = options()[number];
    if (!option) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", option.id);
    return option.scrollIntoView({ block: "nearest" });
  }

  function show(suggestions) {
    list.replaceChildren(
      ...suggestions.map((suggestion, place) => {
        const option = document.createElement("li");
        const text = document.createElement("span");
        const kind = document.createElement("span");
        option.id = `${list.id}-${place}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.address = suggestion.address;
        option.addEventListener("mousedown", () => location.assign(suggestion.address));
        text.lang = suggestion.lang;
        text.dir = suggestion.dir;
        text.textContent = suggestion.text;
        kind.className = "meta";
        kind.textContent = suggestion.kind;
        option.append(text, " ", kind);
        return option;
      }),
    );
    list.hidden = !suggestions.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    status.textContent = suggestions.length ? box.dataset.some : box.dataset.none;
  }

  async function ask() {
    const text = input.value.trim();
    if (asked) asked.abort();
    if (!text) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.suggestions}?q=${encodeURIComponent(text)}`, { signal: asked.signal });
      if (answer.ok) show((await answer.json()).suggestions);
    } catch {
      close(); // a newer question is on its way, or there is no connection: nothing is lost
    }
    return undefined;
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    const last = options().length - 1;
    if (event.key === "ArrowDown") choose(active() >= last ? 0 : active() + 1);
    else if (event.key === "ArrowUp") choose(active() <= 0 ? last : active() - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active() >= 0) location.assign(options()[active()].dataset.address);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => setTimeout(close, 200));
}
