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
