"use strict";
// Keeps what is typed each time that a field is left, in case the browser ends before the form is saved;
// without this file, a page is kept when it is saved.

const form = document.querySelector("form[data-keep]");
let query = location.search; // names what this page had kept before
let isBusy = false;
let isWanted = false;

async function keep() {
  isWanted = true;
  if (isBusy) return;
  isBusy = true;
  while (isWanted) {
    isWanted = false;
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.dataset.keep + query, { method: "POST", body, redirect: "error" });
      if (answer.ok) {
        const { kept } = await answer.json();
        query = kept ? `?unsaved=${kept}` : "";
        form.setAttribute("action", location.pathname + query);
      }
    } catch {
      // there is no connection: the next field that is left takes this one along
    }
  }
  isBusy = false;
}

if (form) form.addEventListener("change", keep);
