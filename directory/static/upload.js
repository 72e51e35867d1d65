"use strict";
// Shows how far an upload has come; without this file the form is sent as any other.

watch();

function watch() {
  const words = document.querySelector("[data-upload]");
  const form = words.closest("form");
  form.addEventListener("submit", (event) => {
    const chosen = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    if (!chosen.length) return;
    event.preventDefault();
    const box = status(form);
    const large = chosen.filter((file) => file.size > Number(words.dataset.most));
    if (large.length) {
      say(box, `${words.dataset.large} ${large.map((file) => file.name).join(", ")}`);
      return;
    }
    send(form, words, event.submitter, box);
  });
}

function status(form) {
  let box = form.querySelector("[data-upload-status]");
  if (!box) {
    box = document.createElement("div");
    box.dataset.uploadStatus = "";
    box.className = "notice notice-info";
    box.tabIndex = -1;
    box.append(document.createElement("p"));
    box.firstChild.setAttribute("role", "status");
    form.querySelector(".buttons").before(box);
  }
  return box;
}

function say(box, text) {
  box.querySelector("progress")?.remove();
  box.firstChild.textContent = text;
  box.focus();
}

function send(form, words, button, box) {
  const body = new FormData(form);
  if (button && button.name) body.append(button.name, button.value);
  const buttons = [...form.querySelectorAll("button")];
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", words.dataset.sending);
  say(box, words.dataset.sending);
  box.append(bar);
  const release = (text) => {
    buttons.forEach((one) => { one.disabled = false; });
    if (text) say(box, text);
  };
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    box.firstChild.textContent = words.dataset.checking;
  });
  request.addEventListener("error", () => release(words.dataset.failed));
  request.addEventListener("load", () => {
    if ((request.getResponseHeader("Content-Type") || "").startsWith("application/json")) {
      location.assign(JSON.parse(request.responseText).address);
    } else if (!show(request.responseText)) {
      release(words.dataset.failed);
    }
  });
  request.open("POST", location.pathname);
  request.setRequestHeader("Accept", "application/json");
  buttons.forEach((one) => { one.disabled = true; });
  request.send(body);
}

// Put a page that says what was wrong into the place of this one.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) return false;
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  if (main.querySelector("[data-upload]")) watch();
  (document.getElementById("error-summary") || main).focus();
  return true;
}
