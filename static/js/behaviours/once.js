// A form is sent once: while its answer is awaited another click on one of its buttons does nothing. After ten seconds a
// page may be sent again, because somebody may have stopped it (`wait:long` says so); a script's request ends by itself.
// A form[data-download] leaves the page as it is.
{
  const SOON = 500, LONG = 10_000;
  const waits = new Map();
  const isPost = (form, button) => (button.getAttribute("formmethod") ?? form.method).toLowerCase() === "post";

  function settle(form) {
    const { button, timers } = waits.get(form) ?? { timers: [] };
    timers.forEach(clearTimeout);
    button?.removeAttribute("aria-busy");
    waits.delete(form);
  }

  function wait(event) {
    const { target: form, submitter: button } = event;
    const soon = setTimeout(() => button.setAttribute("aria-busy", "true"), SOON);
    const long = setTimeout(() => {
      if (event.defaultPrevented) return;
      settle(form);
      document.dispatchEvent(new Event("wait:long"));
    }, LONG);
    waits.set(form, { button, timers: [soon, long] });
  }

  addEventListener("submit", (event) => {
    const { target: form, submitter: button } = event;
    if (!button || !isPost(form, button) || form.hasAttribute("data-download")) return;
    if (!waits.has(form)) return wait(event);
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  addEventListener("pageshow", () => [...waits.keys()].forEach(settle));
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => settle(ctx.sourceElement));
}
