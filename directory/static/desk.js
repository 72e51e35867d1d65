"use strict";
// Keys for the list of applications. Whoever does not want them switches them off in the help, and the browser remembers.

const table = document.querySelector("table[data-keys]");
const help = document.getElementById("keys");
const OFF = "desk-keys-off";

function isOff() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

function remember(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // a browser that keeps nothing asks again
  }
}

if (help) {
  const rows = table ? [...table.querySelectorAll("tbody tr[data-reference]")] : [];
  const links = rows.map((row) => row.querySelector("th a"));
  const button = document.getElementById("keys-button");
  const box = document.getElementById("keys-on");

  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const goTo = (place) => links.length && links[Math.max(0, Math.min(place, links.length - 1))].focus();
  const tick = (row) => row && row.querySelector("input[name=chosen]");

  function assign() {
    const deed = document.getElementById("deed");
    const row = rows[here()];
    if (!deed || !deed.querySelector("option[value=assign]")) return;
    if (!table.querySelector("input[name=chosen]:checked")) {
      if (!row) return;
      tick(row).checked = true;
    }
    deed.value = "assign";
    deed.form.requestSubmit();
  }

  const keys = {
    j: () => goTo(here() + 1),
    k: () => goTo(here() < 0 ? 0 : here() - 1),
    o: () => here() >= 0 && links[here()].click(),
    x: () => {
      const one = tick(rows[here()]);
      if (one) one.checked = !one.checked;
    },
    a: assign,
    "/": () => document.getElementById("q").focus(),
    "?": () => help.showModal(),
  };

  box.checked = !isOff();
  box.addEventListener("change", () => remember(!box.checked));
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  }
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (field || event.ctrlKey || event.metaKey || event.altKey || help.open || isOff()) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
