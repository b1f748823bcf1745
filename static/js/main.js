// Attaches behaviours to the elements that name them, and keeps htmx from ever turning text into code.
const behaviour = (() => {
  "use strict";

  const known = new Map();
  const attached = new WeakMap();

  function attach(element) {
    const done = attached.get(element) ?? new Set();
    attached.set(element, done);
    for (const name of element.dataset.behaviour.split(" ")) {
      if (!known.has(name) || done.has(name)) continue;
      done.add(name);
      known.get(name)(element);
    }
  }

  function attachWithin(root) {
    if (root.matches?.("[data-behaviour]")) attach(root);
    root.querySelectorAll("[data-behaviour]").forEach(attach);
  }

  function refuse() {
    throw new Error("Text is never run as code here.");
  }

  htmx.registerExtension("inert", { init: (api) => api.initSecurity(null, refuse, refuse) });
  document.addEventListener("DOMContentLoaded", () => attachWithin(document));
  document.addEventListener("htmx:after:process", (event) => attachWithin(event.target));

  return (name, attachTo) => known.set(name, attachTo);
})();
