"use strict";
// Lets a passkey answer in place of what is typed. Without this file the forms work as they stand.

for (const box of document.querySelectorAll("[data-passkey]")) {
  const form = box.closest("form");
  const button = box.querySelector("button");
  const status = box.querySelector("[role=status]");
  const field = form.elements[box.dataset.field];
  const isMade = "makes" in box.dataset;

  // Old browsers read no options from JSON, and a page that is not secure has no passkeys.
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON || !navigator.credentials) continue;
  box.hidden = false;
  document.querySelector("[data-passkey-else]")?.remove();
  window.addEventListener("pageshow", () => { field.value = ""; });

  async function options() {
    const token = form.querySelector("input[name$=csrf_token]");
    const body = new URLSearchParams(token ? { csrf_token: token.value } : {});
    const answer = await fetch(box.dataset.passkey, { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  async function credential() {
    const asked = await options();
    if (isMade) return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
  }

  async function start() {
    const empty = box.dataset.needs.split(" ").map((name) => form.elements[name]).find((input) => input && !input.value);
    if (empty) {
      status.textContent = box.dataset.missing;
      empty.focus();
      return;
    }
    button.disabled = true;
    status.textContent = box.dataset.working;
    try {
      field.value = JSON.stringify((await credential()).toJSON());
      HTMLFormElement.prototype.submit.call(form); // a field that is kept on the page could be called “submit”
    } catch (error) {
      status.textContent = error.name === "InvalidStateError" ? box.dataset.known : box.dataset.failed;
      button.disabled = false;
      button.focus();
    }
  }

  button.addEventListener("click", start);
  if (isMade) {
    form.addEventListener("submit", (event) => { // by the Enter key
      event.preventDefault();
      if (!button.disabled) start();
    });
  }
}
